package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.math.BigDecimal;

/**
 * Date and time functions without time zones. A TIMESTAMP is a number of units since the epoch with
 * its {@code unitsPerSecond} (1,000, 1,000,000 or 1,000,000,000), a DATE a number of days, a TIME one
 * of microseconds since midnight.
 */
public final class Times {
  private static final long MILLIS_PER_DAY = 86_400_000;
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private Times() {}

  // Conversions.

  /** The same point in another unit, rounded down. */
  public static long rescale(long value, long from, long to) {
    return from >= to ? Math.floorDiv(value, from / to) : exact(value, to / from, "TIMESTAMP");
  }

  public static long toMillis(long value, long unitsPerSecond) {
    return Math.floorDiv(value, unitsPerSecond / 1000);
  }

  public static long toMicros(long value, long unitsPerSecond) {
    return rescale(value, unitsPerSecond, 1_000_000);
  }

  public static long toNanos(long value, long unitsPerSecond) {
    return rescale(value, unitsPerSecond, 1_000_000_000);
  }

  /** Milliseconds since the epoch of a number of seconds (precision 0) or milliseconds (3). */
  public static long toTimestampLtz(long number, int precision) {
    return switch (precision) {
      case 0 -> Math.multiplyExact(number, 1000L);
      case 3 -> number;
      default ->
          throw Failures.argument(
              "TO_TIMESTAMP_LTZ takes 0 for seconds or 3 for milliseconds, not " + precision + ".");
    };
  }

  /** Whole seconds since the epoch of a text such as {@code 2024-02-29 12:34:56}. */
  public static long unixTime(Utf8 text) {
    return Math.floorDiv(toTimestamp(text), 1000L);
  }

  /** Microseconds since midnight. */
  public static long makeTime(int hour, int minute, double second) {
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || !(second >= 0 && second < 60)) {
      throw Failures.argument("there is no time " + hour + ":" + minute + ":" + second + ".");
    }
    return (hour * 3600L + minute * 60L) * 1_000_000 + Math.round(second * 1e6);
  }

  /** Microseconds since the epoch. */
  public static long makeTimestamp(
      long year, int month, int day, int hour, int minute, double second) {
    return makeDate(year, month, day) * 86_400_000_000L + makeTime(hour, minute, second);
  }

  public static int toDate(long value, long unitsPerSecond) {
    return (int) Math.floorDiv(value, unitsPerSecond * Calendar.SECONDS_PER_DAY);
  }

  public static long toTime(long value, long unitsPerSecond) {
    long ofDay = Math.floorMod(value, unitsPerSecond * Calendar.SECONDS_PER_DAY);
    return unitsPerSecond >= 1_000_000
        ? ofDay / (unitsPerSecond / 1_000_000)
        : ofDay * (1_000_000 / unitsPerSecond);
  }

  public static long ofDate(int days, long unitsPerSecond) {
    return exact(days, unitsPerSecond * Calendar.SECONDS_PER_DAY, "TIMESTAMP");
  }

  /** Without the digits behind {@code precision}. */
  public static long cutTime(long micros, int precision) {
    long unit = 1;
    for (int i = precision; i < 6; i++) {
      unit *= 10;
    }
    return micros / unit * unit;
  }

  /** The multiple of {@code unit} at or before a point. */
  public static long cut(long value, long unit) {
    return Math.floorDiv(value, unit) * unit;
  }

  /** From seconds since the epoch. */
  public static long ofSeconds(double seconds, long unitsPerSecond) {
    double units = Math.rint(seconds * unitsPerSecond);
    if (!(units >= -0x1p63 && units < 0x1p63)) {
      throw Failures.cast(seconds, "TIMESTAMP");
    }
    return (long) units;
  }

  /** TO_TIMESTAMP of seconds since the epoch, in milliseconds. */
  public static long toTimestamp(long seconds) {
    return exact(seconds, 1000, "TIMESTAMP");
  }

  /** TO_TIMESTAMP of seconds since the epoch, in milliseconds. */
  public static long toTimestamp(double seconds) {
    return ofSeconds(seconds, 1000);
  }

  /** TO_TIMESTAMP of seconds since the epoch, in milliseconds. */
  public static long toTimestamp(BigDecimal seconds) {
    return ofSeconds(seconds.doubleValue(), 1000);
  }

  /** TO_TIMESTAMP of a text of ISO 8601, in milliseconds. */
  public static long toTimestamp(Utf8 text) {
    return TimeTexts.toTimestamp(text, 1000);
  }

  /** Seconds since the epoch as a text of date and time. */
  public static Utf8 fromUnixTime(Utf8Buffer buffer, long seconds) {
    return TimeTexts.timestamp(buffer, exact(seconds, 1000, "TIMESTAMP"), 1000, 3);
  }

  private static long exact(long a, long b, String type) {
    long product = a * b;
    if (Math.multiplyHigh(a, b) != product >> 63) {
      throw Failures.cast(a, type);
    }
    return product;
  }

  // Arithmetic.

  public static long plusMillis(long value, long millis, long unitsPerSecond, String expression) {
    return Numbers.add(
        value, Numbers.multiply(millis, unitsPerSecond / 1000, expression), expression);
  }

  public static long plusMonths(long value, long months, long unitsPerSecond, String expression) {
    long unitsPerDay = unitsPerSecond * Calendar.SECONDS_PER_DAY;
    long days = Math.floorDiv(value, unitsPerDay);
    long moved = Calendar.plusMonths(days, inRange(months, expression));
    return Numbers.add(
        Numbers.multiply(moved, unitsPerDay, expression), value - days * unitsPerDay, expression);
  }

  /**
   * A date or time moved by months of the calendar, or the last there is on the way.
   *
   * @param unitsPerDay of the value: 1 of days since 1970
   */
  public static long movedByMonths(long value, int months, long unitsPerDay) {
    long days = Math.floorDiv(value, unitsPerDay);
    long moved = Calendar.plusMonths(days, months);
    long start = moved * unitsPerDay;
    long result = start + (value - days * unitsPerDay);
    boolean beyond = Math.multiplyHigh(moved, unitsPerDay) != start >> 63 || result < start;
    return beyond ? (months < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : result;
  }

  public static int plusMillisDate(int days, long millis, String expression) {
    return Numbers.integer(
        Numbers.add(days, Math.floorDiv(millis, MILLIS_PER_DAY), expression), expression);
  }

  public static int plusMonthsDate(int days, long months, String expression) {
    return Numbers.integer(Calendar.plusMonths(days, inRange(months, expression)), expression);
  }

  /** Goes around at midnight. */
  public static long plusMillisTime(long micros, long millis, String expression) {
    return Math.floorMod(micros + millis % MILLIS_PER_DAY * 1000, MICROS_PER_DAY);
  }

  private static long inRange(long months, String expression) {
    if (Math.abs(months) > 12_000_000) {
      throw Failures.overflow("TIMESTAMP", expression);
    }
    return months;
  }

  public static long millisBetween(long from, long to, long unitsPerSecond, String expression) {
    return Numbers.subtract(to, from, expression) / (unitsPerSecond / 1000);
  }

  /** Whole months from one point to another. */
  public static long monthsBetween(long from, long to, long unitsPerSecond, String expression) {
    long unitsPerDay = unitsPerSecond * Calendar.SECONDS_PER_DAY;
    long first = Calendar.date(Math.floorDiv(from, unitsPerDay));
    long second = Calendar.date(Math.floorDiv(to, unitsPerDay));
    long months =
        (Calendar.year(second) - Calendar.year(first)) * 12
            + Calendar.month(second)
            - Calendar.month(first);
    long firstRest = Calendar.day(first) * unitsPerDay + Math.floorMod(from, unitsPerDay);
    long secondRest = Calendar.day(second) * unitsPerDay + Math.floorMod(to, unitsPerDay);
    if (months > 0 && secondRest < firstRest) {
      return months - 1;
    }
    return months < 0 && secondRest > firstRest ? months + 1 : months;
  }

  // Fields. Each takes a point of time.

  private static long days(long value, long unitsPerSecond) {
    return Math.floorDiv(value, unitsPerSecond * Calendar.SECONDS_PER_DAY);
  }

  private static long secondOfDay(long value, long unitsPerSecond) {
    return Math.floorMod(Math.floorDiv(value, unitsPerSecond), Calendar.SECONDS_PER_DAY);
  }

  public static long year(long value, long unitsPerSecond) {
    return Calendar.year(Calendar.date(days(value, unitsPerSecond)));
  }

  public static long quarter(long value, long unitsPerSecond) {
    return (month(value, unitsPerSecond) + 2) / 3;
  }

  public static long month(long value, long unitsPerSecond) {
    return Calendar.month(Calendar.date(days(value, unitsPerSecond)));
  }

  public static long day(long value, long unitsPerSecond) {
    return Calendar.day(Calendar.date(days(value, unitsPerSecond)));
  }

  /** ISO 8601: weeks begin on Monday, week 1 has the first Thursday. */
  public static long week(long value, long unitsPerSecond) {
    return Calendar.isoWeek(days(value, unitsPerSecond));
  }

  public static long isoyear(long value, long unitsPerSecond) {
    return Calendar.isoYear(days(value, unitsPerSecond));
  }

  /** 0 is Sunday, 6 Saturday. */
  public static long dow(long value, long unitsPerSecond) {
    return Calendar.isoDayOfWeek(days(value, unitsPerSecond)) % 7;
  }

  /** 1 is Monday, 7 Sunday. */
  public static long isodow(long value, long unitsPerSecond) {
    return Calendar.isoDayOfWeek(days(value, unitsPerSecond));
  }

  public static long doy(long value, long unitsPerSecond) {
    return Calendar.dayOfYear(days(value, unitsPerSecond));
  }

  public static long decade(long value, long unitsPerSecond) {
    return Math.floorDiv(year(value, unitsPerSecond), 10L);
  }

  public static long century(long value, long unitsPerSecond) {
    long year = year(value, unitsPerSecond);
    return year > 0 ? (year + 99) / 100 : -((-year) / 100 + 1);
  }

  public static long millennium(long value, long unitsPerSecond) {
    long year = year(value, unitsPerSecond);
    return year > 0 ? (year + 999) / 1000 : -((-year) / 1000 + 1);
  }

  public static long hour(long value, long unitsPerSecond) {
    return secondOfDay(value, unitsPerSecond) / 3600;
  }

  public static long minute(long value, long unitsPerSecond) {
    return secondOfDay(value, unitsPerSecond) / 60 % 60;
  }

  public static long second(long value, long unitsPerSecond) {
    return secondOfDay(value, unitsPerSecond) % 60;
  }

  /** Seconds of the minute in milliseconds. */
  public static long millisecond(long value, long unitsPerSecond) {
    return Math.floorMod(value, 60 * unitsPerSecond) / (unitsPerSecond / 1000);
  }

  /** Seconds of the minute in microseconds. */
  public static long microsecond(long value, long unitsPerSecond) {
    long ofMinute = Math.floorMod(value, 60 * unitsPerSecond);
    return unitsPerSecond >= 1_000_000
        ? ofMinute / (unitsPerSecond / 1_000_000)
        : ofMinute * (1_000_000 / unitsPerSecond);
  }

  /** Seconds of the minute in nanoseconds. */
  public static long nanosecond(long value, long unitsPerSecond) {
    return Math.floorMod(value, 60 * unitsPerSecond) * (1_000_000_000 / unitsPerSecond);
  }

  /** Whole seconds since 1970. */
  public static long epoch(long value, long unitsPerSecond) {
    return Math.floorDiv(value, unitsPerSecond);
  }

  /** The last day of the month, as a DATE. */
  public static int lastDay(long value, long unitsPerSecond) {
    long date = Calendar.date(days(value, unitsPerSecond));
    long year = Calendar.year(date);
    int month = Calendar.month(date);
    return (int) Calendar.days(year, month, Calendar.daysOfMonth(year, month));
  }

  public static int makeDate(long year, int month, int day) {
    if (month < 1
        || month > 12
        || Math.abs(year) > 999_999
        || day < 1
        || day > Calendar.daysOfMonth(year, month)) {
      throw Failures.argument("there is no date " + year + "-" + month + "-" + day + ".");
    }
    return (int) Calendar.days(year, month, day);
  }

  /** Start of the window of {@code size} units that a point belongs to. */
  public static long windowStart(long value, long size, long offset) {
    return Math.floorDiv(value - offset, size) * size + offset;
  }

  /** End of the window of {@code size} units that a point belongs to. */
  public static long windowEnd(long value, long size, long offset) {
    return windowStart(value, size, offset) + size;
  }

  /** The last instant of a window that ends there. */
  public static long windowTime(long end) {
    return end - 1;
  }

  /** The English name of the day of the week. */
  public static Utf8 dayName(Utf8Buffer buffer, long value, long units) {
    return buffer.setString(TimeNames.DAYS[(int) isodow(value, units) - 1]);
  }

  /** The English name of the month. */
  public static Utf8 monthName(Utf8Buffer buffer, long value, long units) {
    return buffer.setString(TimeNames.MONTHS[(int) month(value, units) - 1]);
  }
}
