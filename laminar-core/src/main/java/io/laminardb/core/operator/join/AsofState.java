package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import io.laminardb.core.state.TimeQueue;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What an ASOF join of rows in the order of time keeps. Both sides wait in a queue until the
 * watermarks say that nothing before them is to come. Of rows that were taken it keeps, looking
 * backward, the last right row of each key; looking ahead, the left rows of each key in a list, until
 * a right row comes. One thread.
 *
 * <p>The entry of a key: how many of its rows wait, and its last right row or its list.
 */
final class AsofState implements AutoCloseable {
  /** Words of an entry behind the key. */
  static final int ENTRY_WORDS = 1 + Run.WORDS;

  private static final int KEPT_OFFSET = 8; // looking backward the last right row, else a run
  private static final int TIME_OFFSET = 16; // looking backward of that row
  private static final int MIN_ANSWERED = 1024;
  private static final int KEPT = 2; // tag of a section; 0 and 1 are rows that wait, by port

  private final boolean backward;
  private final boolean forgets; // last rows, when they are too old
  private final long tolerance;
  private final BufferAllocator allocator;
  private final TimedSides sides;
  private final TimeQueue order; // left rows of all lists; or keys, by when to look at their row
  private long lastRows; // looking backward, keys that have one
  private long answered; // left rows in the order that have left their lists
  private final List<Restored> restored = new ArrayList<>();

  /**
   * @param sides whose entries have {@link #ENTRY_WORDS}; borrowed
   */
  AsofState(AsofSpec spec, TimedSides sides, BufferAllocator allocator) {
    this.backward = spec.comparison().isBackward();
    this.forgets = backward && spec.tolerance() != AsofSpec.NO_TOLERANCE;
    this.tolerance = spec.tolerance();
    this.allocator = allocator;
    this.sides = sides;
    this.order = new TimeQueue(allocator);
  }

  // ---- rows that wait

  /** Lets rows of the stretch that is being taken in, {@code [from, to)}, wait to be taken. */
  void await(int port, int from, int to) {
    sides.push(port, from, to);
    for (int i = from; i < to; i++) {
      addWaiting(sides.entry(i), 1);
    }
  }

  /** A row does not wait any more: the owner has answered it, or it is kept elsewhere. */
  private void addWaiting(long entry, int change) {
    long waiting = sides.state(entry);
    Memory.putLong(waiting, Memory.getLong(waiting) + change);
  }

  private void removeIfEmpty(long entry) {
    long state = sides.state(entry);
    if ((Memory.getLong(state) | Memory.getLong(state + KEPT_OFFSET)) == 0) {
      if (!backward) {
        Run.free(state + KEPT_OFFSET, sides.heap());
      }
      sides.table().remove(entry);
    }
  }

  // ---- looking backward: the last right row of each key

  /** Takes a left row that waits; the last right row of its key that is near enough, or 0. */
  long takeLeft(long row, long time, long entry) {
    addWaiting(entry, -1);
    long state = sides.state(entry);
    long last = Memory.getLong(state + KEPT_OFFSET);
    sides.stores()[JoinType.LEFT_PORT].doom(row);
    if (last == 0) {
      removeIfEmpty(entry);
    } else if (forgets && time - Memory.getLong(state + TIME_OFFSET) > tolerance) {
      return 0;
    }
    return last;
  }

  /**
   * Makes a right row that waits the last of its key, unless a later one is already: left rows to come
   * are behind both.
   */
  void setLast(long row, long time, long entry) {
    addWaiting(entry, -1);
    putLast(entry, row, time);
  }

  private void putLast(long entry, long row, long time) {
    long state = sides.state(entry);
    long old = Memory.getLong(state + KEPT_OFFSET);
    if (old != 0 && Memory.getLong(state + TIME_OFFSET) > time) {
      sides.stores()[JoinType.RIGHT_PORT].doom(row);
      return;
    }
    Memory.putLong(state + KEPT_OFFSET, row);
    Memory.putLong(state + TIME_OFFSET, time);
    if (old != 0) {
      sides.stores()[JoinType.RIGHT_PORT].doom(old);
      return;
    }
    lastRows++;
    if (forgets) {
      order.push(time, entry, 0);
    }
  }

  /** Forgets last rows from before {@code time}; those of a key that goes on, some time later. */
  void forget(long time) {
    while (forgets && !order.isEmpty() && order.headTime() < time) {
      long entry = order.headValue();
      order.pop();
      long state = sides.state(entry);
      long lastTime = Memory.getLong(state + TIME_OFFSET);
      if (lastTime < time) {
        sides.stores()[JoinType.RIGHT_PORT].doom(Memory.getLong(state + KEPT_OFFSET));
        Memory.putLong(state + KEPT_OFFSET, 0);
        lastRows--;
        removeIfEmpty(entry);
      } else {
        order.push(lastTime, entry, 0);
      }
    }
  }

  // ---- looking ahead: left rows in lists

  /** Puts a left row that waits into its key's list, which is in the order of time. */
  void append(long row, long time, long entry) {
    addWaiting(entry, -1);
    putInList(entry, row, time);
  }

  private void putInList(long entry, long row, long time) {
    Run.add(list(entry), time, row, sides.heap());
    order.push(time, row, entry);
  }

  private long list(long entry) {
    return sides.state(entry) + KEPT_OFFSET;
  }

  /** The first left row of the list of a key, or 0. */
  long first(long entry) {
    return Run.count(list(entry)) == 0 ? 0 : Run.row(list(entry), 0);
  }

  /** Takes the first row off its list; it is kept until {@link #earliest} comes to it. */
  void removeFirst(long entry) {
    long list = list(entry);
    sides.flag(Run.row(list, 0));
    answered++;
    Run.removeFirst(list);
    if (Run.count(list) == 0) {
      removeIfEmpty(entry);
    }
  }

  /** Takes a right row that waits, when it has answered all it can. */
  void takeRight(long row, long entry) {
    addWaiting(entry, -1);
    sides.stores()[JoinType.RIGHT_PORT].doom(row);
    removeIfEmpty(entry);
  }

  /** The earliest left row of all lists, or 0. Frees those that are no longer in one. */
  long earliest() {
    while (!order.isEmpty()) {
      long row = order.headValue();
      if (!isAnswered(row)) {
        if (answered > MIN_ANSWERED && answered > order.size() / 2) {
          order.removeIf(this::freeAnswered);
          answered = 0;
        }
        return row;
      }
      order.pop();
      answered--;
      sides.stores()[JoinType.LEFT_PORT].doom(row);
    }
    return 0;
  }

  private boolean freeAnswered(long row) {
    boolean free = isAnswered(row);
    if (free) {
      sides.stores()[JoinType.LEFT_PORT].doom(row);
    }
    return free;
  }

  private boolean isAnswered(long row) {
    return sides.isFlagged(row);
  }

  // ---- all

  long rowCount() {
    long kept = backward ? lastRows : order.size() - answered;
    return kept + sides.queue(0).size() + sides.queue(1).size();
  }

  long bytes() {
    return sides.bytes() + order.bytes();
  }

  private record Restored(int tag, TimedSides.Kept kept) {}

  private int port(int tag) {
    return tag < KEPT ? tag : backward ? JoinType.RIGHT_PORT : JoinType.LEFT_PORT;
  }

  void snapshot(StateWriter writer) {
    for (int port = 0; port < 2; port++) {
      TimeQueue queue = sides.queue(port);
      sides.write(port, port, queue.arrivals(), TimedSides.rowsOf(queue), writer);
    }
    List<TimedSides.Kept> kept = new ArrayList<>();
    if (backward) {
      TableSnapshot snapshot = TableSnapshot.of(sides.table(), allocator);
      for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
        for (int i = 0; i < snapshot.count(group); i++) {
          long entry = snapshot.row(group, i);
          long last = Memory.getLong(sides.state(entry) + KEPT_OFFSET);
          if (last != 0) {
            long time = Memory.getLong(sides.state(entry) + TIME_OFFSET);
            kept.add(new TimedSides.Kept(time, 0, last, entry));
          }
        }
      }
    } else {
      for (TimedSides.Kept row : TimedSides.rowsOf(order)) {
        if (!isAnswered(row.row())) {
          kept.add(row);
        }
      }
    }
    sides.write(KEPT, port(KEPT), 0, kept, writer);
  }

  /** Reads the rest of a section whose tag has been read. */
  void restore(int tag, StateReader reader) {
    long arrivals = reader.getLong();
    if (tag < KEPT) {
      sides.queue(tag).arrivals(Math.max(sides.queue(tag).arrivals(), arrivals));
    }
    sides.read(port(tag), reader).forEach(row -> restored.add(new Restored(tag, row)));
  }

  /** Ends a restore: rows are taken again in their order. */
  void finishRestore() {
    restored.sort((a, b) -> TimedSides.Kept.ORDER.compare(a.kept(), b.kept()));
    for (Restored one : restored) {
      TimedSides.Kept kept = one.kept();
      long entry = kept.entry();
      if (one.tag() < KEPT) {
        sides.queue(one.tag()).restore(kept.time(), kept.arrival(), kept.row(), entry);
        addWaiting(entry, 1);
      } else if (backward) {
        putLast(entry, kept.row(), kept.time());
      } else {
        putInList(entry, kept.row(), kept.time());
      }
    }
    restored.clear();
  }

  @Override
  public void close() {
    order.close();
  }
}
