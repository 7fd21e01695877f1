package io.laminardb.core.state;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The greatest event time of each key, from which its watermark follows, and the least of those: a
 * table of keys and a binary heap over its rows, so that a row costs a look-up, and a step or two in
 * the heap when it is the slowest key's. A key that is removed holds nobody back. Whoever uses it may
 * have words of his own with each key. One thread.
 */
public final class KeyWatermarks implements AutoCloseable {
  private static final int GREATEST = 0; // words of a key's row, behind the count's place
  private static final int SEEN = 8; // when its last row came, by the clock
  private static final int PLACE = 16; // in the heap, from 1
  private static final int OWN_WORDS = 3;

  private final long unitNs;
  private final long delayNs;
  private final BufferAllocator allocator;
  private final RowLayout layout;
  private final int state;
  private final KeyProbe probe;
  private final StateHeap texts;
  private final KeyedTable keys;
  private long[] heap = new long[16]; // rows of keys, the slowest at 1
  private int size;

  /**
   * @param schema of the rows
   * @param columns that make up the key
   * @param unitNs nanoseconds of a unit of the time column
   * @param delayNs how far the watermark of a key trails its greatest time
   * @param words of the user's, with each key
   */
  public KeyWatermarks(
      Schema schema,
      List<Integer> columns,
      long unitNs,
      long delayNs,
      int words,
      BufferAllocator allocator) {
    this.unitNs = unitNs;
    this.delayNs = delayNs;
    this.allocator = allocator;
    this.layout = KeyProbe.layout(OWN_WORDS + words);
    this.state = layout.countOffset();
    this.probe = probe(schema, columns, allocator);
    this.texts = new StateHeap(allocator);
    this.keys = new KeyedTable(layout, texts, allocator);
  }

  private static KeyProbe probe(Schema schema, List<Integer> columns, BufferAllocator allocator) {
    return new KeyProbe(schema, columns.stream().mapToInt(Integer::intValue).toArray(), allocator);
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** Number of keys. */
  public int size() {
    return size;
  }

  /** Takes note of a row of event time {@code units}, and of when it came. */
  public void note(Batch batch, int row, long units, long nowEpochNs) {
    long key = key(batch, row);
    Memory.putLong(key + state + SEEN, nowEpochNs);
    raise(key, units);
  }

  /** The key of a row; a new one has no time yet, and words of 0. */
  public long key(Batch batch, int row) {
    long known = keys.rows();
    long key = keys.findOrInsert(probe.look(batch, row));
    if (keys.rows() > known) {
      Memory.putLong(key + state + GREATEST, Long.MIN_VALUE);
      push(key);
    }
    return key;
  }

  /** The key that a probe, of the same columns in rows of another schema, looks at; or 0. */
  public long find(long source) {
    return keys.find(source);
  }

  /** Moves the watermark of a key with a row's time; false when it stays where it was. */
  public boolean raise(long key, long units) {
    if (units <= greatest(key)) {
      return false;
    }
    Memory.putLong(key + state + GREATEST, units);
    sink(place(key));
    return true;
  }

  /** Moves the watermark of a key that is behind {@code watermarkNs} to there, or a little further. */
  public void overtake(long key, long watermarkNs) {
    raise(
        key,
        watermarkNs > Watermark.END - 1 - delayNs
            ? Long.MAX_VALUE
            : TimeUnits.notBefore(watermarkNs + delayNs, unitNs));
  }

  /** The watermark of a key; NONE before its first time. */
  public long watermark(long key) {
    long units = greatest(key);
    if (units == Long.MIN_VALUE) {
      return Watermark.NONE;
    }
    if (units == Long.MAX_VALUE) {
      return Watermark.END - 1;
    }
    long ns = Math.min(TimeUnits.toNanos(units, unitNs), Watermark.END - 1);
    return ns < Watermark.IDLE + 1 + delayNs ? Watermark.IDLE + 1 : ns - delayNs;
  }

  /** The least watermark of all keys; NONE without any. */
  public long least() {
    return size == 0 ? Watermark.NONE : watermark(heap[1]);
  }

  /** A key with the least watermark; there has to be one. */
  public long slowest() {
    return heap[1];
  }

  /** Forgets the {@link #slowest} key. */
  public void removeSlowest() {
    long key = heap[1];
    put(1, heap[size]);
    size--;
    if (size > 0) {
      sink(1);
    }
    keys.remove(key);
  }

  /** Whether {@link #forget} would forget one. */
  public boolean isSilent(long seenEpochNs) {
    return size > 0 && Memory.getLong(heap[1] + state + SEEN) < seenEpochNs;
  }

  /**
   * Forgets keys that hold the others back and have been silent since before {@code seenEpochNs}.
   *
   * @return the greatest watermark of those, NONE without any
   */
  public long forget(long seenEpochNs) {
    long forgotten = Watermark.NONE;
    while (isSilent(seenEpochNs)) {
      forgotten = least();
      removeSlowest();
    }
    return forgotten;
  }

  /** Where the user's words of a key lie. */
  public long words(long key) {
    return key + state + 8 * OWN_WORDS;
  }

  /** Key {@code index} of {@link #size}, in no order that means something. */
  public long get(int index) {
    return heap[index + 1];
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

  /** Memory held off the heap, in bytes. */
  public long bytes() {
    return keys.bytes() + texts.bytes() + probe.bytes();
  }

  /** All keys, with the user's words as they are. */
  public byte[] snapshot() {
    StateWriter writer = new StateWriter();
    TableSnapshot rows = TableSnapshot.of(keys, allocator);
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

  /** Takes the keys of a {@link #snapshot} in the place of those there are. */
  public void restore(byte[] bytes) {
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
    keys.close();
    texts.close();
    probe.close();
  }
}
