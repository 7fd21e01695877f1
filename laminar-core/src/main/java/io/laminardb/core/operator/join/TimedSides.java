package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
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
 * <p>The rows of a batch are taken a stretch at a time, step by step: their times, their keys, the
 * entries of these, copies. One thread.
 */
final class TimedSides implements AutoCloseable {
  private static final int ROW_WORDS = 1; // the time; entry and flag share the word in front
  private static final long FLAG = 1L << 63; // no address has this bit
  private static final int STRETCH_ROWS = 256; // what is taken at once stays in the nearest cache

  /** What is said of a side. Immutable. */
  record Side(Schema schema, List<Integer> keys, int timeColumn, long scale, int[] columns) {}

  private final Side[] sides;
  private final KeySources[] keys = new KeySources[2];
  private final RowStore[] stores = new RowStore[2];
  private final int[] state = new int[2]; // where the words of a row begin that are ours
  private final TimeQueue[] queues = new TimeQueue[2];
  private final BufferAllocator allocator;
  private final RowLayout layout; // of the entries
  private StateHeap heap;
  private KeyedTable table;
  private final int entryState;
  private final boolean tracesRows;

  // The rows of the stretch under way
  private final int[] selected = new int[STRETCH_ROWS]; // which ones of the batch
  private final long[] times = new long[STRETCH_ROWS];
  private final long[] entries = new long[STRETCH_ROWS]; // of their keys; 0 of a row with a NULL
  private final long[] rows = new long[STRETCH_ROWS];
  private int count;
  private int next = -1; // the row of the batch on loan where the next stretch begins, or -1

  /**
   * @param entryWords words of an entry behind the key
   * @param tracesRows whether rows are asked for their entry or time, or flagged
   */
  TimedSides(
      Side[] sides,
      List<Boolean> nullSafe,
      int entryWords,
      boolean tracesRows,
      BufferAllocator allocator) {
    this.sides = sides.clone();
    this.tracesRows = tracesRows;
    this.allocator = allocator;
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
    layout = keys[0].format().layout(entryWords);
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

  /** Loads the entries of the first rows of a queue, that stand in order. */
  void prefetchEntries(TimeQueue queue, int count) {
    if (count > 0) {
      table.prefetchRows(TimeQueue.companionAddress(queue.first()), TimeQueue.NEXT, count);
    }
  }

  // ---- the rows of a stretch

  /**
   * Takes copies of the next rows of a batch, but of those before {@code lateBefore}, which are late.
   * Those of the stretch before are forgotten here.
   *
   * @return false at the batch's end: the next call is about another one
   */
  boolean take(int port, Batch batch, long lateBefore, OperatorContext context) {
    final int from = next < 0 ? batch.from() : next;
    final int to = Math.min(batch.to(), from + STRETCH_ROWS);
    count = 0;
    if (from == to) {
      next = -1;
      return false;
    }
    final Side side = sides[port];
    final Column column = batch.column(side.timeColumn());
    final boolean hasNulls = readTimes(column, from, to, side.scale());
    int taken = 0;
    for (int row = from; row < to; row++) {
      long time = times[row - from];
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
    for (int i = 0; tracesRows && i < taken; i++) {
      trace(port, rows[i], entries[i], times[i]);
    }
    count = taken;
    next = to;
    return true;
  }

  /** The times of rows of a batch, and whether some are NULL; such a row is never late. */
  private boolean readTimes(Column column, int from, int to, long scale) {
    final long data = column.dataAddress() + ((long) from << 3);
    for (int i = 0; i < to - from; i++) {
      times[i] = JoinWatermarks.scaled(Memory.getLong(data + ((long) i << 3)), scale);
    }
    boolean hasNulls = false;
    for (int i = 0; column.validityAddress() != 0 && i < to - from; i++) {
      if (column.isNull(from + i)) {
        times[i] = Long.MAX_VALUE;
        hasNulls = true;
      }
    }
    return hasNulls;
  }

  /** Lets rows of the stretch, {@code [from, to)}, stand in their side's queue. */
  void push(int port, int from, int to) {
    queues[port].push(times, rows, entries, from, to);
  }

  /** Rows of the stretch that were taken. */
  int count() {
    return count;
  }

  /** Which row of the batch one of the stretch is. */
  int batchRow(int index) {
    return selected[index];
  }

  long time(int index) {
    return times[index];
  }

  /** The entry of the key of a row of the stretch; 0 when it matches nothing, for a NULL. */
  long entry(int index) {
    return entries[index];
  }

  long row(int index) {
    return rows[index];
  }

  /** The first row of the stretch from {@code index} on that matches nothing, or the end. */
  int firstWithoutEntry(int index) {
    int at = index;
    while (at < count && entries[at] != 0) {
      at++;
    }
    return at;
  }

  // ---- rows, where they are traced

  private void trace(int port, long row, long entry, long time) {
    Memory.putLong(row, entry);
    Memory.putLong(row + state[port], time);
  }

  long entry(long row) {
    return Memory.getLong(row) & ~FLAG;
  }

  long time(int port, long row) {
    return Memory.getLong(row + state[port]);
  }

  boolean isFlagged(long row) {
    return (Memory.getLong(row) & FLAG) != 0;
  }

  /** Flags a row; who does says what that means. */
  void flag(long row) {
    Memory.putLong(row, Memory.getLong(row) | FLAG);
  }

  // ---- new memory for the rows there are

  /** Says in the entry of its key that a row stands there; the entry owns what lies in the heap. */
  interface Placing {
    void place(int port, long time, long row, long entry, StateHeap heap);
  }

  /**
   * Moves rows, keys and queues into memory of the size they need now, and gives back what they lay in. Between
   * batches, where rows are traced and none is doomed.
   *
   * @param placing is told of each row, those of a side by time, ties by arrival
   * @return false where there is no room for a copy: nothing has changed
   */
  boolean shrink(Placing placing) {
    RowStore[] newStores = new RowStore[2];
    TimeQueue[] newQueues = {new TimeQueue(allocator), new TimeQueue(allocator)};
    StateHeap newHeap = new StateHeap(allocator);
    KeyedTable newTable = new KeyedTable(layout, newHeap, allocator);
    try {
      for (int port = 0; port < 2; port++) {
        newStores[port] = new RowStore(stores[port].format(), ROW_WORDS, allocator);
        try (TimeQueue sorted = new TimeQueue(allocator)) {
          queues[port].forEach(sorted::restore);
          for (; !sorted.isEmpty(); sorted.pop()) {
            long row = newStores[port].copy(sorted.headValue());
            long entry = newTable.findOrInsert(sorted.headCompanion());
            Memory.putLong(row, entry | Memory.getLong(row) & FLAG);
            placing.place(port, sorted.headTime(), row, entry, newHeap);
            newQueues[port].restore(sorted.headTime(), sorted.headArrival(), row, entry);
          }
        }
        newQueues[port].arrivals(queues[port].arrivals());
      }
    } catch (LaminarException e) {
      closeAll(newStores, newQueues, newTable, newHeap);
      if (e.code() == ErrorCode.MEMORY_BUDGET_EXCEEDED) {
        return false;
      }
      throw e;
    }
    closeAll(stores, queues, table, heap);
    System.arraycopy(newStores, 0, stores, 0, 2);
    System.arraycopy(newQueues, 0, queues, 0, 2);
    table = newTable;
    heap = newHeap;
    return true;
  }

  private static void closeAll(
      RowStore[] stores, TimeQueue[] queues, KeyedTable table, StateHeap heap) {
    for (int port = 0; port < 2; port++) {
      if (queues[port] != null) {
        queues[port].close();
      }
      if (stores[port] != null) {
        stores[port].close();
      }
    }
    if (table != null) {
      table.close();
    }
    heap.close();
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
  record Kept(long time, long arrival, long row, long entry) {
    /** The order rows came in, time by time. */
    static final Comparator<Kept> ORDER =
        Comparator.comparingLong(Kept::time).thenComparingLong(Kept::arrival);
  }

  /** The rows of a queue. */
  static List<Kept> rowsOf(TimeQueue queue) {
    List<Kept> kept = new ArrayList<>();
    queue.forEach((time, arrival, row, entry) -> kept.add(new Kept(time, arrival, row, entry)));
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
      if (!tracesRows) {
        trace(port, row.row(), row.entry(), row.time());
      }
      groups.get(Keys.group(Memory.getLong(row.entry()))).add(row);
    }
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (!groups.get(group).isEmpty()) {
        writer.section(group);
        writer.putByte(tag);
        writer.putLong(number);
        writer.putInt(groups.get(group).size());
        for (Kept row : groups.get(group)) {
          writer.putLong(row.arrival());
          table.write(row.entry(), writer);
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
      Memory.putLong(row, entry | Memory.getLong(row) & FLAG);
      kept.add(new Kept(time(port, row), arrival, row, entry));
    }
    return kept;
  }

  @Override
  public void close() {
    closeAll(stores, queues, table, heap);
    for (KeySources each : keys) {
      if (each != null) {
        each.close();
      }
    }
  }
}
