package io.laminardb.core.operator.window;

import org.agrona.collections.Long2LongHashMap;

/**
 * How many open sessions began when, roughly: a counter for each span of time. Answers what the
 * earliest start may be. One thread.
 */
final class StartCounts {
  private final int shift; // a span is 2^shift units of time wide
  private final Long2LongHashMap counts = new Long2LongHashMap(0); // without the present span's
  private long present; // the span added to last: most sessions begin near each other
  private long presentCount;
  private long sessions;
  private long first; // no span before it has sessions; means nothing while there are none
  private long last;

  StartCounts(long gap) {
    this.shift = 63 - Long.numberOfLeadingZeros(Math.max(1, gap >> 5));
  }

  void add(long time) {
    long span = time >> shift;
    if (span != present) {
      turnTo(span);
    }
    first = sessions == 0 ? span : Math.min(first, span);
    last = sessions == 0 ? span : Math.max(last, span);
    presentCount++;
    sessions++;
  }

  private void turnTo(long span) {
    if (presentCount != 0) {
      counts.put(present, presentCount);
    }
    present = span;
    presentCount = counts.remove(span);
  }

  void remove(long time) {
    long span = time >> shift;
    sessions--;
    if (span == present) {
      presentCount--;
      return;
    }
    long left = counts.get(span) - 1;
    if (left == 0) {
      counts.remove(span);
    } else {
      counts.put(span, left);
    }
  }

  /** A time at or before every start; MAX_VALUE when there is none. */
  long earliest() {
    if (sessions == 0) {
      return Long.MAX_VALUE;
    }
    if (count(first) == 0) {
      first = (last - first) / 16 < counts.size() ? next() : least();
    }
    return first << shift;
  }

  private long count(long span) {
    return span == present ? presentCount : counts.get(span);
  }

  private long next() {
    long span = first;
    while (count(span) == 0) {
      span++;
    }
    return span;
  }

  private long least() {
    long least = presentCount == 0 ? Long.MAX_VALUE : present;
    Long2LongHashMap.KeyIterator keys = counts.keySet().iterator();
    while (keys.hasNext()) {
      least = Math.min(least, keys.nextValue());
    }
    return least;
  }
}
