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

  /**
   * The first time in units that is not before a watermark: rows before it are late. Its special values
   * stay themselves.
   */
  public static long notBefore(long watermarkNs, long nanosPerUnit) {
    return watermarkNs == Watermark.END || watermarkNs == Watermark.NONE
        ? watermarkNs
        : ceiling(watermarkNs, nanosPerUnit);
  }

  /**
   * When a span is over, rounded up to a grain, so that many ends are one.
   *
   * @return Long.MAX_VALUE where that is more than a long holds
   */
  public static long endOf(long startNs, long spanNs, long grainNs) {
    long end = startNs + spanNs;
    return end < 0 ? Long.MAX_VALUE : ceiling(end, grainNs) * grainNs;
  }

  private static long ceiling(long dividend, long divisor) {
    return -Math.floorDiv(-dividend, divisor);
  }
}
