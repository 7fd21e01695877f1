package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.state.KeySources;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowStore;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TimeQueue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows of the two inputs of a join by time, off the heap: the rows themselves, one table of the keys
 * of both sides, and a queue of each side's rows by time. What a key's entry says is the join's affair,
 * and it removes entries that say nothing any more.
 *
 * <p>The rows of a batch are taken all at once, step by step: their times, their keys, the entries of
 * these, copies. One thread.
 */
final class TimedSides implements AutoCloseable {
  private static final int ROW_WORDS = 3; // entry, time, flag

  /** What is said of a side. Immutable. */
  record Side(Schema schema, List<Integer> keys, int timeColumn, long scale, int[] columns) {}

  private final Side[] sides;
  private final KeySources[] keys = new KeySources[2];
  private final RowStore[] stores = new RowStore[2];
  private final int[] state = new int[2]; // where the words of a row begin that are ours
  private final TimeQueue[] queues = new TimeQueue[2];
  private final StateHeap heap;
  private final KeyedTable table;
  private final int entryState;

  // The rows of the batch under way
  private int[] selected = new int[0]; // which ones of the batch
  private long[] times = new long[0];
  private long[] entries =
      new long[0]; // of their keys; 0 of a row that matches nothing, for a NULL
  private long[] rows = new long[0];
  private int count;

  /**
   * @param entryWords words of an entry behind the key
   */
  TimedSides(Side[] sides, List<Boolean> nullSafe, int entryWords, BufferAllocator allocator) {
    this.sides = sides.clone();
    boolean[] safe = new boolean[nullSafe.size()];
    for (int i = 0; i < safe.length; i++) {
      safe[i] = nullSafe.get(i);
    }
    heap = new StateHeap(allocator);
    try {
      for (int port = 0; port < 2; port++) {
        Side side = sides[port];
        int[] columns = side.keys().stream().mapToInt(Integer::intValue).toArray();
        keys[port] = new KeySources(side.schema(), columns, safe, allocator);
        stores[port] = new RowStore(side.schema(), side.columns(), ROW_WORDS, allocator);
        state[port] = stores[port].stateOffset();
        queues[port] = new TimeQueue(allocator);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    RowLayout layout = keys[0].format().layout(entryWords);
    entryState = layout.countOffset();
    table = new KeyedTable(layout, heap, allocator);
  }

  /** The finer unit of the times of both sides, in nanoseconds. */
  static long nanosPerUnit(DataType left, DataType right) {
    return Math.min(left.nanosPerUnit(), right.nanosPerUnit());
  }

  RowStore[] stores() {
    return stores;
  }

  KeyedTable table() {
    return table;
  }

  /** Where what an entry owns lies. */
  StateHeap heap() {
    return heap;
  }

  /** Where an entry's words behind the key begin. */
  long state(long entry) {
    return entry + entryState;
  }

  TimeQueue queue(int port) {
    return queues[port];
  }

  // ---- the rows of a batch

  /** Takes copies of the rows of a batch, but of those before {@code lateBefore}, which are late. */
  void take(int port, Batch batch, long lateBefore, OperatorContext context) {
    Side side = sides[port];
    ensure(batch.size());
    final Column column = batch.column(side.timeColumn());
    final boolean hasNulls = column.validityAddress() != 0;
    readTimes(column, batch, side.scale());
    int taken = 0;
    for (int row = batch.from(); row < batch.to(); row++) {
      long time = times[row - batch.from()];
      if (time < lateBefore) {
        context.lateRow(batch, row);
      } else {
        selected[taken] = row;
        times[taken++] = time;
      }
    }
    keys[port].read(batch, selected, taken, entries);
    for (int i = 0; hasNulls && i < taken; i++) {
      if (column.isNull(selected[i])) {
        entries[i] = 0;
      }
    }
    table.findOrInsert(entries, taken);
    stores[port].add(batch, selected, taken, rows);
    final int offset = state[port];
    for (int i = 0; i < taken; i++) {
      Memory.putLong(rows[i] + offset, entries[i]);
      Memory.putLong(rows[i] + offset + 8, times[i]);
      Memory.putLong(rows[i] + offset + 16, 0);
    }
    count = taken;
  }

  /** The times of all rows of a batch; a NULL is never late. */
  private void readTimes(Column column, Batch batch, long scale) {
    final long data = column.dataAddress() + ((long) batch.from() << 3);
    for (int i = 0; i < batch.size(); i++) {
      times[i] = JoinWatermarks.scaled(Memory.getLong(data + ((long) i << 3)), scale);
    }
    for (int i = 0; column.validityAddress() != 0 && i < batch.size(); i++) {
      times[i] = column.isNull(batch.from() + i) ? Long.MAX_VALUE : times[i];
    }
  }

  private void ensure(int size) {
    if (selected.length < size) {
      selected = new int[size];
      times = new long[size];
      entries = new long[size];
      rows = new long[size];
    }
  }

  /** Rows of the batch that were taken. */
  int count() {
    return count;
  }

  /** Which row of the batch one is. */
  int batchRow(int index) {
    return selected[index];
  }

  long time(int index) {
    return times[index];
  }

  /** The entry of the key of a row of the batch; 0 when it matches nothing, for a NULL. */
  long entry(int index) {
    return entries[index];
  }

  long row(int index) {
    return rows[index];
  }

  // ---- rows

  long entry(int port, long row) {
    return Memory.getLong(row + state[port]);
  }

  long time(int port, long row) {
    return Memory.getLong(row + state[port] + 8);
  }

  boolean isFlagged(int port, long row) {
    return Memory.getLong(row + state[port] + 16) != 0;
  }

  /** Flags a row; who does says what that means. */
  void flag(int port, long row) {
    Memory.putLong(row + state[port] + 16, 1);
  }

  long bytes() {
    long bytes = heap.bytes() + table.bytes();
    for (int port = 0; port < 2; port++) {
      bytes += stores[port].bytes() + queues[port].bytes() + keys[port].bytes();
    }
    return bytes;
  }

  // ---- to bytes and back

  /** A row as a snapshot has it. */
  record Kept(long time, long arrival, long row) {
    /** The order rows came in, time by time. */
    static final Comparator<Kept> ORDER =
        Comparator.comparingLong(Kept::time).thenComparingLong(Kept::arrival);
  }

  /** The rows of a queue. */
  static List<Kept> rowsOf(TimeQueue queue) {
    List<Kept> kept = new ArrayList<>();
    queue.forEach((time, arrival, row, companion) -> kept.add(new Kept(time, arrival, row)));
    return kept;
  }

  /**
   * Writes rows of a port with their keys, key group by key group.
   *
   * @param tag what each section begins with
   * @param number goes with each section
   */
  void write(int tag, int port, long number, List<Kept> kept, StateWriter writer) {
    List<List<Kept>> groups = new ArrayList<>();
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      groups.add(new ArrayList<>());
    }
    for (Kept row : kept) {
      groups.get(Keys.group(Memory.getLong(entry(port, row.row())))).add(row);
    }
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (!groups.get(group).isEmpty()) {
        writer.section(group);
        writer.putByte(tag);
        writer.putLong(number);
        writer.putInt(groups.get(group).size());
        for (Kept row : groups.get(group)) {
          writer.putLong(row.arrival());
          table.write(entry(port, row.row()), writer);
          stores[port].write(row.row(), writer);
        }
      }
    }
  }

  /** Reads the rows of a section behind its number. */
  List<Kept> read(int port, StateReader reader) {
    List<Kept> kept = new ArrayList<>();
    for (int rest = reader.getInt(); rest > 0; rest--) {
      long arrival = reader.getLong();
      long entry = table.findOrInsert(reader);
      long row = stores[port].read(reader);
      Memory.putLong(row + state[port], entry);
      kept.add(new Kept(time(port, row), arrival, row));
    }
    return kept;
  }

  @Override
  public void close() {
    for (int port = 0; port < 2; port++) {
      if (queues[port] != null) {
        queues[port].close();
      }
      if (stores[port] != null) {
        stores[port].close();
      }
      if (keys[port] != null) {
        keys[port].close();
      }
    }
    if (table != null) {
      table.close();
    }
    heap.close();
  }
}
