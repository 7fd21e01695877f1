package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
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
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The watermarks of keys, and for each key the list of its groups in open windows, which hangs together
 * by words of the groups' rows. One thread.
 */
final class OpenWindowsByKey implements AutoCloseable {
  /** Words of a group's row, behind the count: the bounds of its window, and the key's next group. */
  private static final int START = 8;

  private static final int END = 16;
  private static final int NEXT = 24;

  private static final int GREATEST = 0; // words of a key's row: its greatest time,
  private static final int FIRST = 8; // its first group,
  private static final int LEAST_END = 16; // and the least end of its groups' windows
  private static final long NO_MORE = 1;

  private final KeyTime time;
  private final long unitNs;
  private final BufferAllocator allocator;
  private final int groupWords; // where a group's words begin, in bytes
  private final RowLayout layout = KeyProbe.layout(3);
  private final int state = layout.countOffset();
  private final KeyProbe probe;
  private final StateHeap texts;
  private final KeyedTable keys;

  OpenWindowsByKey(KeyTime time, RowLayout groups, long unitNs, BufferAllocator allocator) {
    this.time = time;
    this.unitNs = unitNs;
    this.allocator = allocator;
    this.groupWords = groups.countOffset();
    this.probe = new KeyProbe(time.input(), indexes(time.columns()), allocator);
    this.texts = new StateHeap(allocator);
    this.keys = new KeyedTable(layout, texts, allocator);
  }

  private static int[] indexes(List<Integer> columns) {
    return columns.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The row of the key of a row. */
  long key(Batch batch, int row) {
    long known = keys.rows();
    long key = keys.findOrInsert(probe.look(batch, row));
    if (keys.rows() > known) {
      Memory.putLong(key + state + GREATEST, Long.MIN_VALUE);
      Memory.putLong(key + state + LEAST_END, Long.MAX_VALUE);
    }
    return key;
  }

  /** The watermark of a key; NONE before its first time. */
  long watermark(long key) {
    long units = Memory.getLong(key + state + GREATEST);
    if (units == Long.MIN_VALUE) {
      return Watermark.NONE;
    }
    long ns = Math.min(TimeUnits.toNanos(units, unitNs), Watermark.END - 1);
    return ns < Watermark.IDLE + 1 + time.delayNs() ? Watermark.IDLE + 1 : ns - time.delayNs();
  }

  /** Moves the watermark of a key with a row's time; false when it stays where it was. */
  boolean raise(long key, long units) {
    if (units <= Memory.getLong(key + state + GREATEST)) {
      return false;
    }
    Memory.putLong(key + state + GREATEST, units);
    return true;
  }

  /** The least end of the windows that a key has open. */
  long leastEnd(long key) {
    return Memory.getLong(key + state + LEAST_END);
  }

  void leastEnd(long key, long end) {
    Memory.putLong(key + state + LEAST_END, end);
  }

  /** The first group of a key, or 0. */
  long first(long key) {
    return Memory.getLong(key + state + FIRST);
  }

  /** The group behind one, or 0. */
  long next(long group) {
    long next = Memory.getLong(group + groupWords + NEXT);
    return next == NO_MORE ? 0 : next;
  }

  long start(long group) {
    return Memory.getLong(group + groupWords + START);
  }

  long end(long group) {
    return Memory.getLong(group + groupWords + END);
  }

  boolean isLinked(long group) {
    return Memory.getLong(group + groupWords + NEXT) != 0;
  }

  /** Enters a group of a window. */
  void link(long key, long group, long start, long end) {
    long first = first(key);
    Memory.putLong(group + groupWords + START, start);
    Memory.putLong(group + groupWords + END, end);
    Memory.putLong(group + groupWords + NEXT, first == 0 ? NO_MORE : first);
    Memory.putLong(key + state + FIRST, group);
    leastEnd(key, Math.min(leastEnd(key), end));
  }

  /** Takes the group behind {@code previous} out, or the first where that is 0. */
  void unlink(long key, long previous, long group) {
    long next = Memory.getLong(group + groupWords + NEXT);
    if (previous == 0) {
      Memory.putLong(key + state + FIRST, next == NO_MORE ? 0 : next);
    } else {
      Memory.putLong(previous + groupWords + NEXT, next);
    }
  }

  void remove(long key) {
    keys.remove(key);
  }

  /** Number of keys. */
  long size() {
    return keys.rows();
  }

  /** Lists the rows of some keys; see {@link KeyedTable#scan}. */
  long scan(long from, long targets, int max, int[] found) {
    return keys.scan(from, targets, max, found);
  }

  long bytes() {
    return keys.bytes() + texts.bytes() + probe.bytes();
  }

  /** Writes a section for each key group, each led by what cannot be bounds of a window. */
  void snapshot(StateWriter writer) {
    TableSnapshot rows = TableSnapshot.of(keys, allocator);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (rows.count(group) > 0) {
        writer.section(group);
        writer.putLong(1); // no window begins behind its end
        writer.putLong(0);
        for (int i = 0; i < rows.count(group); i++) {
          TableSnapshot.writeRow(keys, rows.row(group, i), writer);
        }
      }
    }
  }

  /** Reads what is left of a section of {@link #snapshot}; groups are to be linked again. */
  void restore(StateReader reader) {
    while (reader.hasMore()) {
      long key = TableSnapshot.readRow(keys, reader);
      Memory.putLong(key + state + FIRST, 0);
      leastEnd(key, Long.MAX_VALUE);
    }
  }

  /** Links a group that a restore has brought back, given its keys as a row of the output. */
  void relink(Batch output, int row, KeyProbe outputProbe, long group) {
    long key = keys.find(outputProbe.look(output, row));
    link(key, group, start(group), end(group));
  }

  /** A probe of the same keys in rows of the output. */
  KeyProbe outputProbe(Schema output) {
    return new KeyProbe(output, indexes(time.outputs()), allocator);
  }

  @Override
  public void close() {
    keys.close();
    texts.close();
    probe.close();
  }

  @Override
  public String toString() {
    return "keys " + Arrays.toString(indexes(time.columns()));
  }
}
