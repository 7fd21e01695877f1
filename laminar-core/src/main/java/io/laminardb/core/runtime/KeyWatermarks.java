package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyProbe;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.Arrays;

/**
 * The greatest event time of each key of a source, and the least of those: a table of keys and a binary
 * heap over its rows, so that a row costs a look-up, and a step or two in the heap when it is the
 * slowest key's. A key that is forgotten as it is silent holds nobody back. The reactor's thread.
 */
final class KeyWatermarks implements AutoCloseable {
  private static final int GREATEST = 0; // words of a key's row, behind the count's place
  private static final int SEEN = 8; // when its last row came, by the clock
  private static final int PLACE = 16; // in the heap, from 1

  private final SourceOptions options;
  private final ReactorContext context;
  private final RowLayout layout = KeyProbe.layout(3);
  private final int state = layout.countOffset();
  private final KeyProbe probe;
  private final StateHeap texts;
  private final KeyedTable keys;
  private long[] heap = new long[16]; // rows of keys, the slowest at 1
  private int size;

  KeyWatermarks(SourceOptions options, ReactorContext context) {
    this.options = options;
    this.context = context;
    this.probe =
        new KeyProbe(
            options.schema(),
            options.watermarkKey().stream().mapToInt(Integer::intValue).toArray(),
            context.allocator);
    this.texts = new StateHeap(context.allocator);
    this.keys = new KeyedTable(layout, texts, context.allocator);
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Takes note of a row of event time {@code units}. */
  void note(Batch batch, int row, long units, long nowEpochNs) {
    long known = keys.rows();
    long key = keys.findOrInsert(probe.look(batch, row));
    Memory.putLong(key + state + SEEN, nowEpochNs);
    if (keys.rows() > known) {
      Memory.putLong(key + state + GREATEST, units);
      push(key);
    } else if (units > greatest(key)) {
      Memory.putLong(key + state + GREATEST, units);
      sink(place(key));
    }
  }

  /** The least watermark of all keys; NONE without any. */
  long least() {
    if (size == 0) {
      return Watermark.NONE;
    }
    long unit = options.schema().field(options.timeColumn()).type().nanosPerUnit();
    long ns = Math.min(TimeUnits.toNanos(greatest(heap[1]), unit), Watermark.END - 1);
    return ns < Watermark.IDLE + 1 + options.delayNs()
        ? Watermark.IDLE + 1
        : ns - options.delayNs();
  }

  /** Whether {@link #forget} would forget one. */
  boolean isSilent(long seenEpochNs) {
    return size > 0 && Memory.getLong(heap[1] + state + SEEN) < seenEpochNs;
  }

  /**
   * Forgets keys that hold the others back and have been silent since before {@code seenEpochNs}.
   *
   * @return the greatest watermark of those, NONE without any
   */
  long forget(long seenEpochNs) {
    long forgotten = Watermark.NONE;
    while (isSilent(seenEpochNs)) {
      forgotten = least();
      long key = heap[1];
      put(1, heap[size]);
      size--;
      if (size > 0) {
        sink(1);
      }
      keys.remove(key);
    }
    return forgotten;
  }

  private long greatest(long key) {
    return Memory.getLong(key + state + GREATEST);
  }

  private int place(long key) {
    return (int) Memory.getLong(key + state + PLACE);
  }

  private void put(int place, long key) {
    heap[place] = key;
    Memory.putLong(key + state + PLACE, place);
  }

  private void push(long key) {
    if (++size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    int at = size;
    while (at > 1 && greatest(heap[at / 2]) > greatest(key)) {
      put(at, heap[at / 2]);
      at /= 2;
    }
    put(at, key);
  }

  private void sink(int from) {
    long key = heap[from];
    int at = from;
    while (2 * at <= size) {
      int least = 2 * at;
      if (least < size && greatest(heap[least + 1]) < greatest(heap[least])) {
        least++;
      }
      if (greatest(heap[least]) >= greatest(key)) {
        break;
      }
      put(at, heap[least]);
      at = least;
    }
    put(at, key);
  }

  byte[] snapshot() {
    StateWriter writer = new StateWriter();
    TableSnapshot rows = TableSnapshot.of(keys, context.allocator);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (rows.count(group) > 0) {
        writer.section(group);
        for (int i = 0; i < rows.count(group); i++) {
          TableSnapshot.writeRow(keys, rows.row(group, i), writer);
        }
      }
    }
    return writer.toBytes();
  }

  void restore(byte[] bytes) {
    clear();
    StateReader reader = new StateReader(bytes);
    while (reader.hasSection()) {
      reader.section();
      while (reader.hasMore()) {
        push(TableSnapshot.readRow(keys, reader));
      }
    }
  }

  private void clear() {
    keys.clear(0);
    texts.clear();
    size = 0;
  }

  @Override
  public void close() {
    clear();
    probe.close();
  }
}
