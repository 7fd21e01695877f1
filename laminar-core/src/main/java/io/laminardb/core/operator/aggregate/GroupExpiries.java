package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.TreeMap;

/**
 * When to forget groups that no row has touched for a time to live, in processing time. Two words of a
 * group's row say when it was touched and when it is looked at next; times are rounded up to a
 * sixteenth of the time to live, so that many groups share one. What is noted of a group that has gone
 * is passed over. One thread.
 */
public final class GroupExpiries {
  private static final int EXPIRIES_A_TTL = 16;

  private final long ttlNs;
  private final long grainNs;
  private final int touched; // where the two words are
  private final int due;
  private final TreeMap<Long, LongList> times = new TreeMap<>();
  private int at; // of the groups of the first time

  /**
   * @param ttlNs nanoseconds of processing time
   * @param offset where the two words are in a row
   */
  public GroupExpiries(long ttlNs, int offset) {
    this.ttlNs = ttlNs;
    grainNs = Math.max(1, ttlNs / EXPIRIES_A_TTL);
    touched = offset;
    due = offset + 8;
  }

  /** A row has come to a group. */
  public void touch(long group, long nowNs) {
    Memory.putLong(group + touched, nowNs);
    if (Memory.getLong(group + due) == 0) {
      lookAt(group, TimeUnits.endOf(nowNs, ttlNs, grainNs));
    }
  }

  private void lookAt(long group, long time) {
    Memory.putLong(group + due, time);
    times.computeIfAbsent(time, t -> new LongList()).add(group);
  }

  /** When the first group may be forgotten, or NONE. */
  public long firstNs() {
    return times.isEmpty() ? Watermark.NONE : times.firstKey();
  }

  /** The next group of a table that nothing has touched for the time to live, or 0; it is to be removed. */
  public long next(KeyedTable table, long nowNs) {
    while (!times.isEmpty() && times.firstKey() <= nowNs) {
      long time = times.firstKey();
      LongList groups = times.firstEntry().getValue();
      while (at < groups.size()) {
        long group = groups.get(at++);
        boolean isThere = Memory.getLong(group) != 0 && Memory.getLong(group + due) == time;
        long expiry =
            isThere ? TimeUnits.endOf(Memory.getLong(group + touched), ttlNs, grainNs) : 0;
        if (isThere && expiry <= nowNs) {
          return group;
        }
        if (isThere) {
          table.touch(group);
          lookAt(group, expiry);
        }
      }
      times.pollFirstEntry();
      at = 0;
    }
    return 0;
  }

  /**
   * Notes all groups of a table that was restored.
   *
   * @param room for an address
   */
  public void restored(KeyedTable table, long room, int[] found) {
    for (long from = 0; from >= 0; ) {
      from = table.scan(from, room, 1, found);
      if (found[0] == 1) {
        long group = Memory.getLong(room);
        if (Memory.getLong(group + due) != 0) { // else it is gone but for what was said of it
          lookAt(group, Memory.getLong(group + due));
        }
      }
    }
  }
}
