package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowRun;
import io.laminardb.core.state.Spill;
import io.laminardb.core.state.SpillSpace;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;
import io.laminardb.core.state.TableSnapshot;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The groups of one window, one pane, or of a whole running aggregate: a table of groups, the tables
 * of its DISTINCTs and the heap that both refer to. Dropped as a whole. One thread.
 */
public final class AggregateState implements AutoCloseable {
  private static final int SPILLED = -1; // in place of a table

  /** Where a window or pane begins and ends, as windows are told apart; 0 without time. */
  public long start;

  public long end;

  /** The same as event times, in units of the time attribute: the first, and the one behind the last. */
  public long startTime;

  public long endTime;

  /** Rows whose result changed since it was last emitted; only for EMIT EVERY. */
  final LongList dirty = new LongList();

  /** How many of them an emission that is under way has done. */
  int dirtyAt;

  private final BufferAllocator allocator;
  private final StateHeap heap;
  private final KeyedTable groups;
  private final KeyedTable[] distincts;
  private RowRun spilled; // groups, in parts, that the table does not hold; null where it holds all
  private final Spill spill;
  private int[][] freeRows; // while a restore is under way

  /** A state that stays in memory. */
  public AggregateState(AggregateShape shape, BufferAllocator allocator) {
    this(shape, allocator, null);
  }

  /**
   * A state that spills when memory is short; its groups can be merged, and are never taken back.
   *
   * @param spill where to, or null for nowhere
   */
  public AggregateState(AggregateShape shape, BufferAllocator allocator, Spill spill) {
    this.allocator = allocator;
    this.spill = spill;
    heap = new StateHeap(allocator);
    groups = new KeyedTable(shape.groups(), heap, allocator);
    distincts = new KeyedTable[shape.distincts().size()];
    for (int i = 0; i < distincts.length; i++) {
      distincts[i] = new KeyedTable(shape.distincts().get(i), heap, allocator);
    }
    if (spill != null) {
      spillTo(newRun());
    }
  }

  /** An empty run for groups of this state. */
  RowRun newRun() {
    return new RowRun(groups.layout(), heap, allocator, spill);
  }

  /** Says which are the groups that the table does not hold. */
  void spillTo(RowRun run) {
    spilled = run;
    groups.overflow(run);
  }

  /** With EMIT EVERY: whether something has changed since the last emission. */
  public boolean hasDirty() {
    return dirty.size() > 0;
  }

  public KeyedTable groups() {
    return groups;
  }

  public KeyedTable distinct(int index) {
    return distincts[index];
  }

  public StateHeap heap() {
    return heap;
  }

  /**
   * Whether there are groups that the table does not hold, in parts that have to be merged: all of the
   * table's came before them, and until they are taken the table takes no other ones.
   */
  public boolean isSpilled() {
    return spilled != null && spilled.rows() > 0;
  }

  /** The groups that the table does not hold. */
  RowRun spilled() {
    return spilled;
  }

  /** Forgets the table's groups, and gives away those that it does not hold: the run is the caller's. */
  RowRun take() {
    RowRun taken = spilled;
    taken.flush(); // it refers to the heap
    groups.clear(Long.MAX_VALUE);
    heap.clear();
    spillTo(newRun());
    return taken;
  }

  /** Gives away what was restored and has nowhere to be spilled to; null where there is none. */
  RowRun takeHomeless() {
    RowRun taken = spill == null ? spilled : null;
    spilled = spill == null ? null : spilled;
    return taken;
  }

  /** Writes groups that the table does not hold to the store, where there are many; rows of them move. */
  public void flushIfLarge() {
    if (spilled != null) {
      spilled.flushIfLarge();
    }
  }

  /** Writes everything to the store; the memory is free. */
  public void spill() {
    spilled.addAll(groups, true);
    groups.clear(-1);
    heap.clear();
  }

  /** Rows of all tables, and those that were spilled: one for each part of a group. */
  public long rows() {
    long rows = groups.rows() + (spilled == null ? 0 : spilled.rows());
    for (KeyedTable distinct : distincts) {
      rows += distinct.rows();
    }
    return rows;
  }

  /** Memory held, in bytes. */
  public long bytes() {
    long bytes = groups.bytes() + heap.bytes() + (spilled == null ? 0 : spilled.bytes());
    for (KeyedTable distinct : distincts) {
      bytes += distinct.bytes();
    }
    return bytes;
  }

  /** Forgets everything; keeps what memory is small enough to be kept for the next window. */
  public void clear(long keepBytes) {
    if (spilled != null) {
      spilled.clear();
    }
    groups.clear(keepBytes);
    for (KeyedTable distinct : distincts) {
      distinct.clear(keepBytes);
    }
    heap.clear();
    dirty.clear();
    dirtyAt = 0;
  }

  @Override
  public void close() {
    clear(-1);
  }

  /** Writes what belongs to no key group, into the present section. */
  public void writeHeader(StateWriter writer) {
    for (int i = 0; i <= distincts.length; i++) {
      TableSnapshot.writeHeader(table(i), writer);
    }
  }

  /** The table of groups, or that of the DISTINCT before. */
  private KeyedTable table(int index) {
    return index == 0 ? groups : distincts[index - 1];
  }

  /** Writes a section for each page that has rows, each led by start and end. */
  public void writeGroups(StateWriter writer) {
    for (int i = 0; i <= distincts.length; i++) {
      KeyedTable table = table(i);
      for (int page = 0; page < TablePages.count(table); page++) {
        int rows = TablePages.rows(table, page);
        if (rows > 0) {
          writer.section(StateWriter.ANY_KEY_GROUP);
          writer.putLong(start);
          writer.putLong(end);
          writer.putInt(i);
          TablePages.write(table, page, rows, writer);
        }
      }
    }
    if (spilled != null) {
      spilled.write(
          writer,
          () -> {
            writer.putLong(start);
            writer.putLong(end);
            writer.putInt(SPILLED);
          });
    }
  }

  /** Reads what {@link #writeHeader} wrote. */
  public void readHeader(StateReader reader) {
    freeRows = new int[1 + distincts.length][];
    for (int i = 0; i <= distincts.length; i++) {
      freeRows[i] = TableSnapshot.readHeader(table(i), reader);
    }
  }

  /** Reads a section of {@link #writeGroups}, from behind its bounds. */
  public void readGroup(StateReader reader) {
    int table = reader.getInt();
    if (table != SPILLED) {
      TablePages.read(table(table), reader);
      return;
    }
    if (spilled == null) {
      spilled =
          new RowRun(groups.layout(), heap, allocator, new Spill(SpillSpace.onHeap(allocator)));
    }
    spilled.restore(reader);
  }

  /** Ends a restore; {@code emitted} is null but with EMIT EVERY. */
  public void finishRestore(EmittedRow emitted) {
    int[] none = new int[0];
    for (int i = 0; i <= distincts.length; i++) {
      TableSnapshot.finish(table(i), freeRows == null ? none : freeRows[i]);
    }
    freeRows = null;
    if (emitted != null) {
      findDirty(emitted);
    }
  }

  private void findDirty(EmittedRow emitted) {
    TableSnapshot all = TableSnapshot.of(groups, allocator);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      for (int i = 0; i < all.count(group); i++) {
        if (emitted.isDirty(all.row(group, i))) {
          dirty.add(all.row(group, i));
        }
      }
    }
  }

  /** The source of a value of a DISTINCT: the key of its group's row, then the value's words. */
  static long distinctHash(long row, RowLayout groups, long source, long valueHash) {
    long hash = Memory.getLong(row);
    Memory.copy(row + RowLayout.KEY_OFFSET, source + RowLayout.KEY_OFFSET, 8L * groups.keyWords());
    long mixed = Keys.finish(Keys.mix(valueHash, hash));
    return (mixed & 0x00ff_ffff_ffff_ffffL) | (hash & 0xff00_0000_0000_0000L) | 1;
  }
}
