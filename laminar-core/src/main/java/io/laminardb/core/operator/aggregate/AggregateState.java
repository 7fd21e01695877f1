package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.OperatorContext;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The groups of one window, one pane, or of a whole running aggregate: a table of groups, the tables
 * of its DISTINCTs and the heap that both refer to. Dropped as a whole. One thread.
 */
public final class AggregateState implements AutoCloseable {
  /** Where a window or pane begins and ends, as windows are told apart; 0 without time. */
  public long start;

  public long end;

  /** The same as event times, in units of the time attribute: the first, and the one behind the last. */
  public long startTime;

  public long endTime;

  private static final LongPredicate NONE_KEPT = row -> false;

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

  /** A state that stays in memory, and that checkpoints copy whole. */
  public AggregateState(AggregateShape shape, BufferAllocator allocator) {
    this(shape, allocator, null, false);
  }

  /**
   * A state that spills when memory is short; its groups can be merged, and are never taken back.
   *
   * @param spill where to, or null for nowhere
   * @param tracked whether checkpoints are to copy only what has changed
   */
  public AggregateState(
      AggregateShape shape, BufferAllocator allocator, Spill spill, boolean tracked) {
    this(shape, allocator, spill, null, tracked);
    if (spill != null) {
      spillTo(newRun());
    }
  }

  private AggregateState(
      AggregateShape shape,
      BufferAllocator allocator,
      Spill spill,
      Spill rowSpill,
      boolean tracked) {
    this.allocator = allocator;
    this.spill = spill;
    heap = new StateHeap(allocator);
    groups = new KeyedTable(shape.groups(), heap, allocator, tracked, rowSpill);
    distincts = new KeyedTable[shape.distincts().size()];
    for (int i = 0; i < distincts.length; i++) {
      distincts[i] = new KeyedTable(shape.distincts().get(i), heap, allocator, tracked, rowSpill);
    }
  }

  /**
   * A state whose groups are there as long as rows make them up; when memory is short those that no row came
   * to last leave, and come back when one comes.
   *
   * @param spill where to, or null for nowhere
   */
  static AggregateState running(AggregateShape shape, OperatorContext context, Spill spill) {
    return new AggregateState(shape, context.allocator(), null, spill, context.tracksChanges());
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

  /**
   * Lets groups leave that no row came to last, where memory is short; addresses of rows end.
   *
   * @param isKept of the address of a group: whether it has to stay
   */
  void keepRoom(LongPredicate isKept) {
    for (int i = 0; i <= distincts.length; i++) {
      table(i).keepRoom(i == 0 ? isKept : NONE_KEPT);
    }
  }

  /** Lets all groups leave that may, and frees their memory; addresses of rows end. */
  void leaveAll(LongPredicate isKept) {
    long left = 0;
    for (int i = 0; i <= distincts.length; i++) {
      table(i).leaveAll(i == 0 ? isKept : NONE_KEPT);
      left += table(i).rowsInMemory();
    }
    if (left == 0) {
      heap.clear();
    }
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

  /** Whether rows are still to be copied as they were: until then {@link #clear} takes its time. */
  public boolean isBeingCopied() {
    boolean copied = groups.isBeingCopied();
    for (KeyedTable distinct : distincts) {
      copied |= distinct.isBeingCopied();
    }
    return copied;
  }

  /** Writes what belongs to no key group, into the present section. */
  public void writeHeader(StateWriter writer) {
    for (int i = 0; i <= distincts.length; i++) {
      TablePages.writeHeader(table(i), writer);
    }
  }

  /** The table of groups, or that of the DISTINCT before. */
  private KeyedTable table(int index) {
    return index == 0 ? groups : distincts[index - 1];
  }

  /** Writes a section for each page of the tables, once their headers were written. */
  public void writePages(StateWriter writer) {
    for (int i = 0; i <= distincts.length; i++) {
      TablePages.writeAll(table(i), writer);
    }
    if (spilled != null) {
      spilled.write(
          writer,
          () -> {
            writer.putLong(start);
            writer.putLong(end);
          });
    }
  }

  /** Reads what {@link #writeHeader} wrote; {@link TablePages#read} reads the pages that follow. */
  public void readHeader(StateReader reader) {
    for (int i = 0; i <= distincts.length; i++) {
      TablePages.readHeader(table(i), reader);
    }
  }

  /** Reads a section of groups that the table does not hold, from behind its bounds. */
  public void readSpilled(StateReader reader) {
    if (spilled == null) {
      spilled =
          new RowRun(groups.layout(), heap, allocator, new Spill(SpillSpace.onHeap(allocator)));
    }
    spilled.restore(reader);
  }

  /** Ends a restore; {@code emitted} is null but with EMIT EVERY. */
  public void finishRestore(EmittedRow emitted) {
    for (int i = 0; i <= distincts.length; i++) {
      TablePages.finish(table(i));
    }
    if (emitted != null) {
      findDirty(emitted);
    }
  }

  /** Changed groups are in memory; in which order they are told must not depend on where. */
  private void findDirty(EmittedRow emitted) {
    List<Long> found = new ArrayList<>();
    groups.forEach(
        row -> {
          if (emitted.isDirty(row)) {
            found.add(row);
          }
        });
    found.sort(
        Comparator.<Long>comparingInt(row -> Keys.group(Memory.getLong(row)))
            .thenComparingInt(groups::placeOf));
    found.forEach(dirty::add);
  }

  /** The source of a value of a DISTINCT: the key of its group's row, then the value's words. */
  static long distinctHash(long row, RowLayout groups, long source, long valueHash) {
    long hash = Memory.getLong(row);
    Memory.copy(row + RowLayout.KEY_OFFSET, source + RowLayout.KEY_OFFSET, 8L * groups.keyWords());
    long mixed = Keys.finish(Keys.mix(valueHash, hash));
    return (mixed & 0x00ff_ffff_ffff_ffffL) | (hash & 0xff00_0000_0000_0000L) | 1;
  }
}
