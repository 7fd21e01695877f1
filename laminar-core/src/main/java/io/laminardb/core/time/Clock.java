package io.laminardb.core.time;

/** Where processing time comes from. Event time never comes from a clock. */
public interface Clock {
  /** Wall-clock time in nanoseconds since the epoch. */
  long epochNanos();

  /** The machine's clock. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
