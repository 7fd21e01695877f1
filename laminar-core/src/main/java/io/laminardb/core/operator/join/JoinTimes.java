package io.laminardb.core.operator.join;

import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.time.TimeUnits;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys of a join by a time that is part of them, so that they can be forgotten when no row of that
 * time can come any more. Keys are addresses of entries, their lowest bit says of which port. One
 * thread.
 */
final class JoinTimes {
  private final long nanosPerUnit;
  private final TreeMap<Long, LongList> times = new TreeMap<>();
  private long lastTime;
  private LongList last; // the keys of the time added to last

  JoinTimes(long nanosPerUnit) {
    this.nanosPerUnit = nanosPerUnit;
  }

  void add(long time, long entry, int port) {
    if (last == null || lastTime != time) {
      last = times.computeIfAbsent(time, t -> new LongList());
      lastTime = time;
    }
    last.add(entry | port);
  }

  static long entry(long key) {
    return key & ~1L;
  }

  static int port(long key) {
    return (int) key & 1;
  }

  boolean isEmpty() {
    return times.isEmpty();
  }

  /** The first time in nanoseconds; there must be one. */
  long firstNs() {
    return TimeUnits.toNanos(times.firstKey(), nanosPerUnit);
  }

  /** The keys of the first time. */
  LongList first() {
    Map.Entry<Long, LongList> first = times.firstEntry();
    return first.getValue();
  }

  void removeFirst() {
    LongList gone = times.pollFirstEntry().getValue();
    last = gone == last ? null : last;
  }

  void clear() {
    times.clear();
    last = null;
  }
}
