package io.laminardb.core.operator.join;

import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import io.laminardb.core.state.TimeQueue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What a join with a table as of event time keeps: rows of both sides that wait for the watermarks, and
 * of each key of the table its version, or all of them where rows from before may still be asked for.
 *
 * <p>A row that is marked is, of the table, the end of a version without a next one, and, of the other
 * side, one that is taken back. One thread.
 */
final class VersionState implements AutoCloseable {
  private static final RowLayout LAYOUT = RowLayout.plain(JoinKey.WORDS, new int[] {0}, Run.WORDS);
  private static final int RUN = RowLayout.KEY_OFFSET + 8 * JoinKey.WORDS;

  private static final int VERSIONS = 2; // tags of sections; 0 and 1 are rows that wait, by side
  private static final int DELETION = 3;

  private final boolean keepsHistory;
  private final BufferAllocator allocator;
  private final StateHeap heap;
  private final AsofRows[] rows;
  private final TimeQueue[] waiting;
  private final KeyedTable table;
  private final List<Restored> restored = new ArrayList<>();
  private long versions;
  private long deletion; // the last row of the table's input, when it took a version back; or 0

  VersionState(JoinSpec join, boolean keepsHistory, BufferAllocator allocator) {
    this.keepsHistory = keepsHistory;
    this.allocator = allocator;
    this.heap = new StateHeap(allocator);
    this.rows =
        new AsofRows[] {
          new AsofRows(new RowCodec(join.left()), heap),
          new AsofRows(new RowCodec(join.right()), heap)
        };
    this.waiting = new TimeQueue[] {new TimeQueue(allocator), new TimeQueue(allocator)};
    this.table = new KeyedTable(LAYOUT, heap, allocator);
  }

  AsofRows rows(int side) {
    return rows[side];
  }

  /** Rows of a side that wait to be taken. */
  TimeQueue waiting(int side) {
    return waiting[side];
  }

  /** Lets a row wait until it is taken. */
  void await(int side, long block) {
    waiting[side].push(AsofRows.time(block), block, 0);
  }

  /** A deletion that the very next row may show to be the first half of an update; or 0. */
  long deletion() {
    return deletion;
  }

  void deletion(long block) {
    deletion = block;
  }

  /** The version of the key of {@code block} that holds at its time, or 0. */
  long version(long block) {
    long entry = table.find(block);
    if (entry == 0) {
      return 0;
    }
    long run = entry + RUN;
    long time = AsofRows.time(block);
    int index = Run.count(run) - 1;
    if (time < Run.order(run, index)) {
      index = Run.firstFrom(run, time);
      boolean at = Run.order(run, index) == time;
      index = at ? index : index - 1;
    }
    long version = index < 0 ? 0 : Run.row(run, index);
    return version == 0 || AsofRows.isMarked(version) ? 0 : version;
  }

  /** Takes a version or the end of one in; those of a key come in the order of time. */
  void apply(long block) {
    boolean ends = AsofRows.isMarked(block);
    long entry = ends ? table.find(block) : table.findOrInsert(block);
    if (entry == 0) {
      rows[JoinType.RIGHT_PORT].free(block); // there is nothing to end
      return;
    }
    long run = entry + RUN;
    int count = Run.count(run);
    boolean replaces =
        count > 0 && (!keepsHistory || Run.order(run, count - 1) == AsofRows.time(block));
    if (replaces) {
      rows[JoinType.RIGHT_PORT].free(Run.row(run, count - 1));
      Run.remove(run, count - 1);
      versions--;
    }
    if (ends && Run.count(run) == 0) {
      rows[JoinType.RIGHT_PORT].free(block);
      Run.free(run, heap);
      table.remove(entry);
      return;
    }
    Run.add(run, AsofRows.time(block), block, heap);
    versions++;
  }

  long rowCount() {
    return versions + waiting[0].size() + waiting[1].size() + (deletion == 0 ? 0 : 1);
  }

  long bytes() {
    return heap.bytes() + table.bytes() + waiting[0].bytes() + waiting[1].bytes();
  }

  // ---- to bytes and back

  private record Kept(long arrival, long row) {}

  private record Restored(int tag, long arrival, long row) {}

  void snapshot(StateWriter writer) {
    for (int side = 0; side < 2; side++) {
      List<Kept> kept = new ArrayList<>();
      waiting[side].forEach((time, arrival, row, companion) -> kept.add(new Kept(arrival, row)));
      write(side, waiting[side].arrivals(), kept, writer);
    }
    List<Kept> kept = new ArrayList<>();
    TableSnapshot snapshot = TableSnapshot.of(table, allocator);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      for (int i = 0; i < snapshot.count(group); i++) {
        long run = snapshot.row(group, i) + RUN;
        for (int version = 0; version < Run.count(run); version++) {
          kept.add(new Kept(version, Run.row(run, version)));
        }
      }
    }
    write(VERSIONS, 0, kept, writer);
    if (deletion != 0) {
      write(DELETION, 0, List.of(new Kept(0, deletion)), writer);
    }
  }

  private static void write(int tag, long arrivals, List<Kept> rows, StateWriter writer) {
    List<List<Kept>> groups = new ArrayList<>();
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      groups.add(new ArrayList<>());
    }
    rows.forEach(row -> groups.get(AsofRows.keyGroup(row.row())).add(row));
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (!groups.get(group).isEmpty()) {
        writer.section(group);
        writer.putByte(tag);
        writer.putLong(arrivals);
        writer.putInt(groups.get(group).size());
        for (Kept row : groups.get(group)) {
          writer.putLong(row.arrival());
          writer.putByte(AsofRows.isMarked(row.row()) ? 1 : 0);
          AsofRows.write(row.row(), writer);
        }
      }
    }
  }

  /** Reads the rest of a section whose tag has been read. */
  void restore(int tag, StateReader reader) {
    int side = tag == JoinType.LEFT_PORT ? JoinType.LEFT_PORT : JoinType.RIGHT_PORT;
    long arrivals = reader.getLong();
    if (tag < VERSIONS) {
      waiting[side].arrivals(Math.max(waiting[side].arrivals(), arrivals));
    }
    for (int count = reader.getInt(); count > 0; count--) {
      long arrival = reader.getLong();
      boolean marked = reader.getByte() != 0;
      long row = rows[side].read(reader);
      if (marked) {
        AsofRows.mark(row);
      }
      restored.add(new Restored(tag, arrival, row));
    }
  }

  /** Ends a restore: rows are taken in again in their order. */
  void finishRestore() {
    restored.sort(
        Comparator.<Restored>comparingLong(row -> AsofRows.time(row.row()))
            .thenComparingLong(Restored::arrival));
    for (Restored row : restored) {
      switch (row.tag()) {
        case VERSIONS -> apply(row.row());
        case DELETION -> deletion = row.row();
        default ->
            waiting[row.tag()].restore(AsofRows.time(row.row()), row.arrival(), row.row(), 0);
      }
    }
    restored.clear();
  }

  @Override
  public void close() {
    waiting[0].close();
    waiting[1].close();
    table.close();
    heap.close();
  }
}
