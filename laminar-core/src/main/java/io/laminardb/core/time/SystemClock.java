package io.laminardb.core.time;

import java.time.Instant;

/** The machine's clock, advanced by {@link System#nanoTime()} from one reading of the wall. */
final class SystemClock implements Clock {
  static final SystemClock INSTANCE = new SystemClock();

  private final long offsetNanos;

  private SystemClock() {
    Instant now = Instant.now();
    offsetNanos =
        now.getEpochSecond() * TimeUnits.NANOS_PER_SECOND + now.getNano() - System.nanoTime();
  }

  @Override
  public long epochNanos() {
    return offsetNanos + System.nanoTime();
  }
}
