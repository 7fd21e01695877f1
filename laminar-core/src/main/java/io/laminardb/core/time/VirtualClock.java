package io.laminardb.core.time;

import java.time.Duration;

/** A clock that moves when it is told to: tests and replays are its users. Any thread may read. */
public final class VirtualClock implements Clock {
  private volatile long nowNanos;

  public VirtualClock() {
    this(0);
  }

  public VirtualClock(long startEpochNanos) {
    nowNanos = startEpochNanos;
  }

  /** Moves the clock forward; one thread at a time. */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("a clock does not go back: " + by);
    }
    nowNanos = Math.addExact(nowNanos, by.toNanos());
  }

  @Override
  public long epochNanos() {
    return nowNanos;
  }
}
