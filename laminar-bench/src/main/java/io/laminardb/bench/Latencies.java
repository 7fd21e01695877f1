package io.laminardb.bench;

import org.HdrHistogram.Histogram;

/** Latencies of results, in nanoseconds; one thread at a time. */
final class Latencies {
  private static final long HIGHEST_NS = 10_000_000_000L;

  /** Since the cause was due. */
  final Histogram sinceDue = new Histogram(HIGHEST_NS, 3);

  /** Since the cause was pushed. */
  final Histogram sincePush = new Histogram(HIGHEST_NS, 3);

  void record(long sinceDueNs, long sincePushNs) {
    sinceDue.recordValue(clamp(sinceDueNs));
    sincePush.recordValue(clamp(sincePushNs));
  }

  private static long clamp(long ns) {
    return Math.max(0, Math.min(ns, HIGHEST_NS));
  }
}
