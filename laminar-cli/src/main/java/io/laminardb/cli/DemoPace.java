package io.laminardb.cli;

import java.util.concurrent.locks.LockSupport;

/** Holds a listener back until the rows it has seen are due. Used by one thread. */
final class DemoPace {
  private static final long LONGEST_WAIT_NS = 1_000_000_000;

  private final long totalRows;
  private final long durationNs;
  private long beganNs;
  private long rows;

  /** Spreads {@code totalRows} evenly over {@code durationNs}. */
  DemoPace(long totalRows, long durationNs) {
    this.totalRows = totalRows;
    this.durationNs = durationNs;
  }

  /** Counts {@code moreRows}, and waits until they are due or the thread is interrupted. */
  void await(long moreRows) {
    long nowNs = System.nanoTime();
    beganNs = rows == 0 ? nowNs : beganNs;
    rows += moreRows;
    long dueNs = beganNs + (long) ((double) rows / totalRows * durationNs);
    long waitNs = Math.min(dueNs - nowNs, LONGEST_WAIT_NS);
    if (waitNs > 0) {
      LockSupport.parkNanos(waitNs);
    }
  }
}
