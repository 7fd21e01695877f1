package io.laminardb.core.operator.window;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.aggregate.AggregateState;
import io.laminardb.core.operator.aggregate.EmittedRow;
import io.laminardb.core.operator.aggregate.SessionShape;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;

/**
 * The sessions of all keys. The row of a key holds its first session itself; further ones hang on it
 * as detached rows of the same layout, linked by address. The words of {@link SessionShape} say
 * which session it is; an id of 0 says that the row holds none. Ids tell in which order sessions
 * began. One thread.
 */
final class SessionTable {
  static final int SCAN_ROWS = 512;

  private static final int KEPT_KEYS = 4096;

  private final KeyedTable table;
  private final long scanRows;
  private final int[] found = new int[1];
  private final RowLayout layout;
  private final int firstOffset;
  private final int lastOffset;
  private final int idOffset;
  private final int nextOffset;
  private final int headOffset;
  private final long gap;
  private final SessionWheel ends;
  private final StartCounts starts;
  private final EmittedRow emitted; // with EVERY, else null
  private final OpenSessionsByKey byKey; // where keys have watermarks of their own, else null
  private long unswept; // rows of keys without a session that the last sweep had to leave
  private long sessions;
  private long nextId = 1;

  /**
   * @param emitted with EVERY, else null
   * @param byKey where keys have watermarks of their own, else null
   * @param scanRows room for {@link #SCAN_ROWS} addresses, the caller's
   */
  SessionTable(
      AggregateState state,
      RowLayout layout,
      EmittedRow emitted,
      OpenSessionsByKey byKey,
      long gap,
      long scanRows) {
    this.byKey = byKey;
    this.emitted = emitted;
    this.scanRows = scanRows;
    this.table = state.groups();
    this.layout = layout;
    this.gap = gap;
    int words = layout.countOffset() + 8;
    this.firstOffset = words + SessionShape.FIRST;
    this.lastOffset = words + SessionShape.LAST;
    this.idOffset = words + SessionShape.ID;
    this.nextOffset = words + SessionShape.NEXT;
    this.headOffset = words + SessionShape.HEAD;
    this.ends = new SessionWheel(this, state.heap(), gap);
    this.starts = new StartCounts(gap);
  }

  long first(long node) {
    return Memory.getLong(node + firstOffset);
  }

  long last(long node) {
    return Memory.getLong(node + lastOffset);
  }

  /** When a session ends: its last row and the gap. */
  long end(long node) {
    return Memory.getLong(node + lastOffset) + gap;
  }

  long id(long node) {
    return Memory.getLong(node + idOffset);
  }

  long next(long node) {
    return Memory.getLong(node + nextOffset);
  }

  /** The row of the key that {@code node} belongs to. */
  long head(long node) {
    return Memory.getLong(node + headOffset);
  }

  /** The id of the next session to begin. */
  long nextId() {
    return nextId;
  }

  void nextId(long id) {
    nextId = id;
  }

  /** Sessions that are open. */
  long size() {
    return sessions;
  }

  /** The first session from {@code node} on that a row at {@code time} touches, or 0. */
  long touching(long node, long time) {
    for (long at = node; at != 0; at = next(at)) {
      if (id(at) != 0 && time >= first(at) - gap && time <= last(at) + gap) {
        return at;
      }
    }
    return 0;
  }

  /** A row for one more session of the key whose row is {@code head}; it holds none yet. */
  long place(long head) {
    if (id(head) == 0 && layout.count(head) == 0) {
      return head;
    }
    long node = table.allocateDetached();
    for (int offset = RowLayout.KEY_OFFSET; offset < layout.countOffset(); offset += 8) {
      Memory.putLong(node + offset, Memory.getLong(head + offset));
    }
    layout.zero(node);
    Memory.putLong(node + nextOffset, next(head));
    Memory.putLong(node + headOffset, head);
    Memory.putLong(head + nextOffset, node);
    return node;
  }

  /** Begins a session in a row from {@link #place}. */
  void open(long node, long head, long first, long last) {
    Memory.putLong(node + firstOffset, first);
    Memory.putLong(node + lastOffset, last);
    Memory.putLong(node + idOffset, nextId++);
    opened(node, head);
  }

  /** Enters a session whose bounds and id are set. */
  void opened(long node, long head) {
    Memory.putLong(node + headOffset, head);
    entered(node);
  }

  private void entered(long node) {
    sessions++;
    starts.add(first(node));
    ends.add(node);
    if (byKey != null) {
      byKey.link(node, end(node));
    }
  }

  private void left(long node) {
    starts.remove(first(node));
    Memory.putLong(node + idOffset, 0);
    sessions--;
    if (byKey != null) {
      byKey.unlink(node);
    }
  }

  /** Lets a session reach to {@code time}. */
  void extend(long node, long time) {
    if (time > last(node)) {
      Memory.putLong(node + lastOffset, time);
    } else if (time < first(node)) {
      moveStart(node, time);
    }
  }

  private void moveStart(long node, long first) {
    starts.remove(first(node));
    starts.add(first);
    Memory.putLong(node + firstOffset, first);
  }

  /** Sets bounds that lie within the present ones. */
  void shrink(long node, long first, long last) {
    if (first != first(node)) {
      moveStart(node, first);
    }
    if (last != last(node)) {
      Memory.putLong(node + lastOffset, last);
      ends.add(node); // it ends earlier than the wheel thinks
    }
  }

  /** Gives {@code node} the bounds and the age of both; {@code other} is a session no more. */
  void absorb(long node, long other) {
    long id = Math.min(id(node), id(other));
    left(other);
    moveStart(node, Math.min(first(node), first(other)));
    Memory.putLong(node + lastOffset, Math.max(last(node), last(other)));
    if (id != id(node)) {
      Memory.putLong(node + idOffset, id);
      ends.add(node); // its entry went by the other id
    }
  }

  /** Closes a session: its row holds none any more. */
  void close(long node) {
    left(node);
  }

  /** Frees a row without a session; that of a key stays for its next one, but not for ever. */
  void free(long node) {
    long head = head(node);
    if (node != head) {
      long before = head;
      while (next(before) != node) {
        before = next(before);
      }
      Memory.putLong(before + nextOffset, next(node));
      Memory.putLong(node + idOffset, 0);
      table.freeDetached(node);
    }
  }

  /** Removes the rows of keys without a session, once they are more than those with one. */
  void sweep() {
    if (table.rows() - sessions <= Math.max(sessions, unswept) + KEPT_KEYS) {
      return;
    }
    for (long at = 0; at >= 0; ) {
      at = table.scan(at, scanRows, SCAN_ROWS, found);
      for (int i = 0; i < found[0]; i++) {
        long head = Memory.getLong(scanRows + 8L * i);
        if (!isInUse(head)) {
          table.remove(head);
        }
      }
    }
    unswept = Math.max(0, table.rows() - sessions);
  }

  /** Whether a key has sessions, or rows that something is still to be said of. */
  boolean isInUse(long head) {
    return id(head) != 0 || next(head) != 0 || (emitted != null && emitted.isEmitted(head));
  }

  /** Forgets everything, once there are no sessions; the rows of keys are gone. */
  void clear() {
    ends.clear();
    unswept = 0;
  }

  /**
   * Closes the next session that has ended at or before {@code target}, by end, then id, and returns
   * its row, which the caller frees; or 0.
   */
  long closeNext(long target) {
    long node = ends.next(target);
    if (node != 0) {
      close(node);
    }
    return node;
  }

  /** A time at or before the start of every open session; MAX_VALUE when there is none. */
  long earliestStart() {
    return starts.earliest();
  }

  /** Enters a session that a restore has put in its place. */
  void restored(long node) {
    if (id(node) != 0) {
      entered(node);
    }
  }

  /** Hangs a restored row on its key's row, behind those that hang there. */
  void append(long head, long node) {
    long lastNode = head;
    while (next(lastNode) != 0) {
      lastNode = next(lastNode);
    }
    Memory.putLong(lastNode + nextOffset, node);
    relink(node, head, 0);
  }

  /** Links a row whose state was released again. */
  void relink(long node, long head, long next) {
    Memory.putLong(node + nextOffset, next);
    Memory.putLong(node + headOffset, head);
  }
}
