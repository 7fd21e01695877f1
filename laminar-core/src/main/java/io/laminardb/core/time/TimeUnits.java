package io.laminardb.core.time;

/** Conversions between a column's time unit and event time, saturating instead of overflowing. */
public final class TimeUnits {
  public static final long NANOS_PER_MICRO = 1_000L;
  public static final long NANOS_PER_MILLI = 1_000_000L;
  public static final long NANOS_PER_SECOND = 1_000_000_000L;

  private TimeUnits() {}

  /** {@code value} units of {@code nanosPerUnit} as nanoseconds; clamped to what a long holds. */
  public static long toNanos(long value, long nanosPerUnit) {
    long nanos = value * nanosPerUnit;
    long high = Math.multiplyHigh(value, nanosPerUnit);
    if (high == nanos >> 63) {
      return nanos;
    }
    return value < 0 ? Long.MIN_VALUE + 2 : Long.MAX_VALUE - 1;
  }

  /** Nanoseconds as units, rounded down; the special values of {@link Watermark} stay themselves. */
  public static long fromNanos(long nanos, long nanosPerUnit) {
    if (nanos == Watermark.END || nanos <= Watermark.IDLE) {
      return nanos;
    }
    return Math.floorDiv(nanos, nanosPerUnit);
  }
}
