package io.laminardb.core.operator.window;

import org.agrona.collections.Long2LongHashMap;

/**
 * How many open sessions began when, roughly: a counter for each span of time. Answers what the
 * earliest start may be. One thread.
 */
final class StartCounts {
  private final long width;
  private final Long2LongHashMap counts = new Long2LongHashMap(0);
  private long first; // no span before it has sessions; means nothing while there are none
  private long last;

  StartCounts(long width) {
    this.width = Math.max(1, width);
  }

  void add(long time) {
    long span = Math.floorDiv(time, width);
    first = counts.isEmpty() ? span : Math.min(first, span);
    last = counts.isEmpty() ? span : Math.max(last, span);
    counts.put(span, counts.get(span) + 1);
  }

  void remove(long time) {
    long span = Math.floorDiv(time, width);
    long left = counts.get(span) - 1;
    if (left == 0) {
      counts.remove(span);
    } else {
      counts.put(span, left);
    }
  }

  /** A time at or before every start; MAX_VALUE when there is none. */
  long earliest() {
    if (counts.isEmpty()) {
      return Long.MAX_VALUE;
    }
    if (counts.get(first) == 0) {
      first = (last - first) / 16 < counts.size() ? next() : least();
    }
    return first * width;
  }

  private long next() {
    long span = first;
    while (counts.get(span) == 0) {
      span++;
    }
    return span;
  }

  private long least() {
    long least = Long.MAX_VALUE;
    Long2LongHashMap.KeyIterator keys = counts.keySet().iterator();
    while (keys.hasNext()) {
      least = Math.min(least, keys.nextValue());
    }
    return least;
  }
}
