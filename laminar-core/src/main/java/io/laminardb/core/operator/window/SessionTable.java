package io.laminardb.core.operator.window;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.aggregate.AggregateState;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;

/**
 * The sessions of all keys. The row of a key holds its first session itself; further ones hang on it
 * as detached rows of the same layout, linked by address. Behind a row's count stand {@code [first
 * time][last time][id][next][row of
 * the key]}; an id of 0 says that the row holds no session. Ids tell in which order
 * sessions began. One thread.
 */
final class SessionTable {
  static final int SCAN_ROWS = 512;

  private static final int KEPT_KEYS = 4096;

  private final KeyedTable table;
  private final long scanRows;
  private final int[] found = new int[1];
  private final RowLayout layout;
  private final int firstOffset;
  private final int idOffset;
  private final int nextOffset;
  private final int headOffset;
  private final long gap;
  private final TimeBuckets ends;
  private final StartCounts starts;
  private long emptyKeys; // rows of keys without a session
  long nextId = 1;
  private long sessions;

  /** {@code scanRows} is room for {@link #SCAN_ROWS} addresses, the caller's. */
  SessionTable(AggregateState state, RowLayout layout, long gap, long scanRows) {
    this.scanRows = scanRows;
    this.table = state.groups();
    this.layout = layout;
    this.gap = gap;
    this.firstOffset = layout.countOffset() + 8;
    this.idOffset = firstOffset + 16;
    this.nextOffset = firstOffset + 24;
    this.headOffset = firstOffset + 32;
    this.ends = new TimeBuckets(gap / 32);
    this.starts = new StartCounts(gap / 32);
  }

  long first(long node) {
    return Memory.getLong(node + firstOffset);
  }

  long last(long node) {
    return Memory.getLong(node + firstOffset + 8);
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

  /** Sessions that are open. */
  long size() {
    return sessions;
  }

  long bytes() {
    return ends.size() * 24;
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

  /** Begins a session of the key whose row is {@code head}. */
  long begin(long head, long time) {
    long node = head;
    if (id(head) == 0 && next(head) == 0 && head(head) != 0) {
      emptyKeys--; // the key had a session before
    }
    if (id(head) != 0 || layout.count(head) != 0) {
      node = table.allocateDetached();
      for (int offset = RowLayout.KEY_OFFSET; offset < layout.countOffset(); offset += 8) {
        Memory.putLong(node + offset, Memory.getLong(head + offset));
      }
      layout.zero(node);
      Memory.putLong(node + nextOffset, next(head));
      Memory.putLong(head + nextOffset, node);
    }
    Memory.putLong(node + firstOffset, time);
    Memory.putLong(node + firstOffset + 8, time);
    Memory.putLong(node + idOffset, nextId++);
    Memory.putLong(node + headOffset, head);
    sessions++;
    register(node);
    return node;
  }

  private void register(long node) {
    ends.add(last(node) + gap, node, id(node));
    starts.add(first(node));
  }

  /** Lets a session reach to {@code time}. */
  void extend(long node, long time) {
    if (time > last(node)) {
      Memory.putLong(node + firstOffset + 8, time);
    } else if (time < first(node)) {
      starts.remove(first(node));
      starts.add(time);
      Memory.putLong(node + firstOffset, time);
    }
  }

  /** Sets the bounds back to what they were before a row that failed. */
  void restoreBounds(long node, long first, long last) {
    starts.remove(first(node));
    starts.add(first);
    Memory.putLong(node + firstOffset, first);
    Memory.putLong(node + firstOffset + 8, last);
  }

  /** Gives {@code node} the bounds and the age of both; {@code other} is then to be dropped. */
  void absorb(long node, long other) {
    starts.remove(first(node));
    starts.remove(first(other));
    Memory.putLong(node + firstOffset, Math.min(first(node), first(other)));
    Memory.putLong(node + firstOffset + 8, Math.max(last(node), last(other)));
    Memory.putLong(node + idOffset, Math.min(id(node), id(other)));
    Memory.putLong(other + idOffset, 0);
    sessions--;
    register(node);
  }

  /** Ends a session: its row holds none any more. */
  void end(long node) {
    starts.remove(first(node));
    Memory.putLong(node + idOffset, 0);
    sessions--;
  }

  /** Frees the row of an ended session, and the key's with its last one. */
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
    if (id(head) == 0 && next(head) == 0) {
      emptyKeys++; // kept for the key's next session, but not for ever
    }
  }

  /** Removes the rows of keys without a session, once they are more than those with one. */
  void sweep() {
    if (emptyKeys <= sessions + KEPT_KEYS) {
      return;
    }
    emptyKeys = 0;
    for (long at = 0; at >= 0; ) {
      at = table.scan(at, scanRows, SCAN_ROWS, found);
      for (int i = 0; i < found[0]; i++) {
        long head = Memory.getLong(scanRows + 8L * i);
        if (id(head) == 0 && next(head) == 0) {
          table.remove(head);
        }
      }
    }
  }

  /** Whether a key has sessions, or rows that something is still to be said of. */
  boolean isInUse(long head) {
    return id(head) != 0 || next(head) != 0;
  }

  /** Whether an entry of a bucket still speaks of a session. */
  private boolean holds(long node, long id) {
    return id(node) == id;
  }

  /** Lists {@code [end][node][id]} of sessions that end at or before {@code target}, in order. */
  void due(long target, LongList due) {
    LongList bucket;
    while ((bucket = ends.firstUpTo(target)) != null) {
      boolean isBoundary = ends.firstBucket() == ends.bucketOf(target);
      int kept = takeDue(bucket, target, due);
      if (isBoundary) {
        if (kept == 0) {
          ends.removeFirst();
        }
        break;
      }
      ends.removeFirst();
    }
    TimeBuckets.sort(due);
  }

  /** Moves what is due to {@code due}, keeps later entries of this bucket, registers others anew. */
  private int takeDue(LongList bucket, long target, LongList due) {
    int kept = 0;
    int size = bucket.size();
    long number = ends.firstBucket();
    for (int i = 0; i < size; i += 3) {
      long time = bucket.get(i);
      long node = bucket.get(i + 1);
      long id = bucket.get(i + 2);
      if (time <= target) {
        if (!holds(node, id)) {
          continue;
        }
        time = last(node) + gap;
        if (time <= target) {
          due.add(time);
          due.add(node);
          due.add(id);
          continue;
        }
        if (ends.bucketOf(time) != number) {
          ends.add(time, node, id);
          continue;
        }
      }
      bucket.set(kept, time);
      bucket.set(kept + 1, node);
      bucket.set(kept + 2, id);
      kept += 3;
    }
    ends.dropFromFirst((size - kept) / 3);
    bucket.truncate(kept);
    return kept;
  }

  /** A time at or before the start of every open session; MAX_VALUE when there is none. */
  long earliestStart() {
    return starts.earliest();
  }

  /** Enters a session that a restore has put in its place. */
  void restored(long node) {
    if (id(node) != 0) {
      sessions++;
      register(node);
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

  /** Says that nothing hangs on a restored row of a key yet. */
  void restoredHead(long head) {
    relink(head, head, 0);
  }
}
