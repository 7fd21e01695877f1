package io.laminardb.internal.row;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.time.TimeUnits;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;

/** Between Java's times and the integers that TIMESTAMP, TIME and BIGINT columns hold. */
public final class Times {
  private static final int[] POWERS_OF_TEN = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};

  private Times() {}

  /**
   * A point in time in units of {@code type}, cut to its precision.
   *
   * @throws ArithmeticException if a column of this type cannot hold it
   */
  public static long toUnits(DataType type, long epochSecond, int nano) {
    long unitNanos = type.nanosPerUnit();
    long unitsPerSecond = TimeUnits.NANOS_PER_SECOND / unitNanos;
    long second = epochSecond;
    long fraction = nano / unitNanos;
    if (second < 0 && fraction > 0) { // so that the smallest value does not overflow on the way
      second++;
      fraction -= unitsPerSecond;
    }
    long units = Math.addExact(Math.multiplyExact(second, unitsPerSecond), fraction);
    return cut(type, units);
  }

  /** {@link #toUnits} of milliseconds since the epoch. */
  public static long millisToUnits(DataType type, long epochMillis) {
    return cut(
        type, Math.multiplyExact(epochMillis, TimeUnits.NANOS_PER_MILLI / type.nanosPerUnit()));
  }

  /** {@link #toUnits} of nanoseconds since the epoch. */
  public static long nanosToUnits(DataType type, long epochNanos) {
    return cut(type, Math.floorDiv(epochNanos, type.nanosPerUnit()));
  }

  /** Units of {@code type} as milliseconds, rounded down. */
  public static long toMillis(DataType type, long units) {
    return Math.floorDiv(units, TimeUnits.NANOS_PER_MILLI / type.nanosPerUnit());
  }

  /**
   * Units of {@code type} as nanoseconds.
   *
   * @throws ArithmeticException if they do not fit a long
   */
  public static long toNanos(DataType type, long units) {
    return Math.multiplyExact(units, type.nanosPerUnit());
  }

  /** Units of {@code type} as a point in time. */
  public static Instant toInstant(DataType type, long units) {
    long unitsPerSecond = TimeUnits.NANOS_PER_SECOND / type.nanosPerUnit();
    return Instant.ofEpochSecond(
        Math.floorDiv(units, unitsPerSecond),
        Math.floorMod(units, unitsPerSecond) * type.nanosPerUnit());
  }

  /** Units of {@code type} as they read (in UTC). */
  public static LocalDateTime toLocalDateTime(DataType type, long units) {
    long unitsPerSecond = TimeUnits.NANOS_PER_SECOND / type.nanosPerUnit();
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(units, unitsPerSecond),
        (int) (Math.floorMod(units, unitsPerSecond) * type.nanosPerUnit()),
        ZoneOffset.UTC);
  }

  /** A time of day as a TIME column holds it: microseconds, cut to the precision. */
  public static long toMicros(DataType type, LocalTime time) {
    long micros = time.toNanoOfDay() / TimeUnits.NANOS_PER_MICRO;
    return micros - micros % POWERS_OF_TEN[Math.max(0, 6 - type.precision())];
  }

  /** The time of day of a TIME column. */
  public static LocalTime toLocalTime(long micros) {
    return LocalTime.ofNanoOfDay(micros * TimeUnits.NANOS_PER_MICRO);
  }

  /** TIMESTAMP(0) is held in milliseconds: cuts what is below its precision. */
  private static long cut(DataType type, long units) {
    if (!type.isTimestamp() || type.precision() % 3 == 0 && type.precision() != 0) {
      return units;
    }
    int unitDigits = type.precision() <= 3 ? 3 : type.precision() <= 6 ? 6 : 9;
    return Math.subtractExact(
        units, Math.floorMod(units, POWERS_OF_TEN[unitDigits - type.precision()]));
  }
}
