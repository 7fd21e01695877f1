package io.laminardb.core.operator.join;

import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What an ASOF join of rows in the order of time keeps. Both sides wait in a queue until the
 * watermarks say that nothing before them is to come. Of rows that were taken it keeps, looking
 * backward, the last right row of each key; looking ahead, the left rows of each key in a list, until
 * a right row comes. One thread.
 */
final class AsofState implements AutoCloseable {
  private static final RowLayout LAYOUT = RowLayout.plain(JoinKey.WORDS, new int[] {0}, Run.WORDS);
  private static final int COUNT = RowLayout.KEY_OFFSET + 8 * JoinKey.WORDS;
  private static final int LAST = COUNT + 8; // looking backward the last right row, else a run
  private static final int MIN_ANSWERED = 1024;

  private static final int KEPT = 2; // tag of a section; 0 and 1 are rows that wait, by port

  private final boolean backward;
  private final BufferAllocator allocator;
  private final StateHeap heap;
  private final AsofRows[] rows;
  private final TimeQueue[] waiting;
  private final KeyedTable table;
  private final TimeQueue order; // left rows of all lists; or keys, by when to look at their row
  private long answered; // left rows in the order that have left their lists
  private final List<Restored> restored = new ArrayList<>();

  AsofState(AsofSpec spec, BufferAllocator allocator) {
    this.backward = spec.comparison().isBackward();
    this.allocator = allocator;
    this.heap = new StateHeap(allocator);
    this.rows =
        new AsofRows[] {
          new AsofRows(new RowCodec(spec.left()), heap),
          new AsofRows(new RowCodec(spec.right()), heap)
        };
    this.waiting = new TimeQueue[] {new TimeQueue(allocator), new TimeQueue(allocator)};
    this.table = new KeyedTable(LAYOUT, heap, allocator);
    this.order = new TimeQueue(allocator);
  }

  AsofRows rows(int port) {
    return rows[port];
  }

  /** Rows of a port that wait to be taken. */
  TimeQueue waiting(int port) {
    return waiting[port];
  }

  // ---- looking backward: the last right row of each key

  /** The last right row of the key of {@code block}, or 0. */
  long last(long block) {
    long entry = table.find(block);
    return entry == 0 ? 0 : Memory.getLong(entry + LAST);
  }

  /**
   * Makes a right row the last of its key, unless a later one is already: left rows to come are behind
   * both.
   *
   * @param forgotten whether {@link #forget} will be called
   */
  void setLast(long block, boolean forgotten) {
    long entry = table.findOrInsert(block);
    long old = Memory.getLong(entry + LAST);
    if (old != 0 && AsofRows.time(old) > AsofRows.time(block)) {
      rows[JoinType.RIGHT_PORT].free(block);
      return;
    }
    Memory.putLong(entry + LAST, block);
    if (old != 0) {
      rows[JoinType.RIGHT_PORT].free(old);
    } else if (forgotten) {
      order.push(AsofRows.time(block), entry);
    }
  }

  /** Forgets last rows from before {@code time}; those of a key that goes on, some time later. */
  void forget(long time) {
    while (!order.isEmpty() && order.headTime() < time) {
      long entry = order.headValue();
      order.pop();
      long last = Memory.getLong(entry + LAST);
      if (AsofRows.time(last) < time) {
        rows[JoinType.RIGHT_PORT].free(last);
        table.remove(entry);
      } else {
        order.push(AsofRows.time(last), entry);
      }
    }
  }

  // ---- looking ahead: left rows in lists

  /** Puts a left row into its key's list, which is in the order of time. */
  void append(long block) {
    long time = AsofRows.time(block);
    Run.add(run(table.findOrInsert(block)), time, block, heap);
    order.push(time, block);
  }

  /** The entry of the list of a key, or 0. */
  long list(long block) {
    return table.find(block);
  }

  private static long run(long entry) {
    return entry + COUNT;
  }

  /** The first row of a list. */
  static long first(long entry) {
    return Run.row(run(entry), 0);
  }

  /** Takes the first row off its list, whose entry goes with the last one. */
  void removeFirst(long entry) {
    long run = run(entry);
    AsofRows.mark(Run.row(run, 0));
    answered++;
    Run.removeFirst(run);
    if (Run.count(run) == 0) {
      Run.free(run, heap);
      table.remove(entry);
    }
  }

  /** The earliest left row of all lists, or 0. Frees those that are no longer in one. */
  long earliest() {
    while (!order.isEmpty()) {
      long block = order.headValue();
      if (!isAnswered(block)) {
        if (answered > MIN_ANSWERED && answered > order.size() / 2) {
          order.removeIf(this::freeAnswered);
          answered = 0;
        }
        return block;
      }
      order.pop();
      answered--;
      rows[JoinType.LEFT_PORT].free(block);
    }
    return 0;
  }

  private boolean freeAnswered(long block) {
    boolean free = isAnswered(block);
    if (free) {
      rows[JoinType.LEFT_PORT].free(block);
    }
    return free;
  }

  private static boolean isAnswered(long block) {
    return AsofRows.isMarked(block);
  }

  // ---- all

  long rowCount() {
    long kept = backward ? table.rows() : order.size() - answered;
    return kept + waiting[0].size() + waiting[1].size();
  }

  long bytes() {
    return heap.bytes() + table.bytes() + order.bytes() + waiting[0].bytes() + waiting[1].bytes();
  }

  private record Kept(long time, long arrival, long row) {}

  private record Restored(int tag, long time, long arrival, long row) {}

  void snapshot(StateWriter writer) {
    for (int port = 0; port < 2; port++) {
      List<Kept> kept = new ArrayList<>();
      waiting[port].forEach((time, arrival, row) -> kept.add(new Kept(time, arrival, row)));
      write(port, waiting[port].arrivals(), kept, writer);
    }
    List<Kept> kept = new ArrayList<>();
    if (backward) {
      TableSnapshot snapshot = TableSnapshot.of(table, allocator);
      for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
        for (int i = 0; i < snapshot.count(group); i++) {
          long last = Memory.getLong(snapshot.row(group, i) + LAST);
          kept.add(new Kept(AsofRows.time(last), 0, last));
        }
      }
    } else {
      order.forEach(
          (time, arrival, row) -> {
            if (!isAnswered(row)) {
              kept.add(new Kept(time, arrival, row));
            }
          });
    }
    write(KEPT, 0, kept, writer);
  }

  private static void write(int tag, long arrivals, List<Kept> rows, StateWriter writer) {
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      int keyGroup = group;
      List<Kept> ofGroup =
          rows.stream().filter(row -> AsofRows.keyGroup(row.row()) == keyGroup).toList();
      if (!ofGroup.isEmpty()) {
        writer.section(group);
        writer.putByte(tag);
        writer.putLong(arrivals);
        writer.putInt(ofGroup.size());
        for (Kept row : ofGroup) {
          writer.putLong(row.arrival());
          AsofRows.write(row.row(), writer);
        }
      }
    }
  }

  /** Reads the rest of a section whose tag has been read. */
  void restore(int tag, StateReader reader) {
    int port = tag < KEPT ? tag : backward ? JoinType.RIGHT_PORT : JoinType.LEFT_PORT;
    long arrivals = reader.getLong();
    if (tag < KEPT) {
      waiting[port].arrivals(Math.max(waiting[port].arrivals(), arrivals));
    }
    for (int count = reader.getInt(); count > 0; count--) {
      long arrival = reader.getLong();
      long row = rows[port].read(reader);
      restored.add(new Restored(tag, AsofRows.time(row), arrival, row));
    }
  }

  /** Ends a restore: rows are taken again in their order. */
  void finishRestore(boolean forgotten) {
    restored.sort(Comparator.comparingLong(Restored::time).thenComparingLong(Restored::arrival));
    for (Restored row : restored) {
      if (row.tag() < KEPT) {
        waiting[row.tag()].restore(row.time(), row.arrival(), row.row());
      } else if (backward) {
        setLast(row.row(), forgotten);
      } else {
        append(row.row());
      }
    }
    restored.clear();
  }

  @Override
  public void close() {
    waiting[0].close();
    waiting[1].close();
    order.close();
    table.close();
    heap.close();
  }
}
