package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Utf8;
import java.util.Locale;

/** A unit that times are cut to and split into: DATE_TRUNC, DATE_PART, FLOOR and CEIL. */
public final class TimeUnit {
  private byte[] lastName;
  private String unit = "";

  /** The start of the unit a point lies in, in its own unit of time. */
  public long floor(Utf8 name, long value, long unitsPerSecond) {
    prepare(name);
    return floor(unit, value, unitsPerSecond);
  }

  /** As {@link #floor(Utf8, long, long)} of a point before the name. */
  public long floor(long value, long unitsPerSecond, Utf8 name) {
    return floor(name, value, unitsPerSecond);
  }

  /** A field of a point of time by its name. */
  public long part(Utf8 name, long value, long unitsPerSecond) {
    prepare(name);
    return part(unit, value, unitsPerSecond);
  }

  /** How many boundaries of a unit lie between two points of time; negative when going back. */
  public long between(Utf8 name, long from, long fromUnits, long to, long toUnits) {
    prepare(name);
    long units = Math.max(fromUnits, toUnits);
    long first = Times.rescale(from, fromUnits, units);
    long second = Times.rescale(to, toUnits, units);
    return index(unit, second, units) - index(unit, first, units);
  }

  /** The number of a unit, counted from any beginning. */
  private static long index(String unit, long value, long unitsPerSecond) {
    long day = unitsPerSecond * Calendar.SECONDS_PER_DAY;
    return switch (unit) {
      case "NANOSECOND" -> Times.rescale(value, unitsPerSecond, 1_000_000_000);
      case "MICROSECOND" -> Times.rescale(value, unitsPerSecond, 1_000_000);
      case "MILLISECOND" -> Times.rescale(value, unitsPerSecond, 1_000);
      case "SECOND" -> Math.floorDiv(value, unitsPerSecond);
      case "MINUTE" -> Math.floorDiv(value, 60 * unitsPerSecond);
      case "HOUR" -> Math.floorDiv(value, 3600 * unitsPerSecond);
      case "DAY", "DOW", "DOY" -> Math.floorDiv(value, day);
      case "WEEK" -> Math.floorDiv(Math.floorDiv(value, day) + 3, 7L);
      case "MONTH" -> Times.year(value, unitsPerSecond) * 12 + Times.month(value, unitsPerSecond);
      case "QUARTER" ->
          Times.year(value, unitsPerSecond) * 4 + Times.quarter(value, unitsPerSecond);
      case "YEAR" -> Times.year(value, unitsPerSecond);
      case "ISOYEAR" -> Times.isoyear(value, unitsPerSecond);
      case "DECADE" -> Times.decade(value, unitsPerSecond);
      case "CENTURY" -> Math.floorDiv(Times.year(value, unitsPerSecond), 100L); // as it is cut
      case "MILLENNIUM" -> Math.floorDiv(Times.year(value, unitsPerSecond), 1000L);
      default -> throw unknown(unit);
    };
  }

  private void prepare(Utf8 name) {
    if (lastName == null || !LikePattern.same(lastName, name)) {
      unit = canonical(name.toString());
      lastName = LikePattern.bytes(name);
    }
  }

  /** The name in capitals and singular. */
  String canonical(Utf8 name) {
    prepare(name);
    return unit;
  }

  /** Whether a unit is shorter than a day. */
  boolean isShort(Utf8 name) {
    return isShort(canonical(name));
  }

  /** Whether a unit, by any of its names, is shorter than a day. */
  public static boolean isShort(String name) {
    return switch (canonical(name)) {
      case "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND", "NANOSECOND" -> true;
      default -> false;
    };
  }

  /** The name in capitals and singular. */
  private static String canonical(String name) {
    String upper = name.strip().toUpperCase(Locale.ROOT);
    return switch (upper) {
      case "Y", "YR", "YRS", "YEARS" -> "YEAR";
      case "MON", "MONS", "MONTHS" -> "MONTH";
      case "D", "DAYS", "DAYOFMONTH" -> "DAY";
      case "H", "HR", "HRS", "HOURS" -> "HOUR";
      case "MIN", "MINS", "MINUTES" -> "MINUTE";
      case "S", "SEC", "SECS", "SECONDS" -> "SECOND";
      case "MS", "MSEC", "MILLISECONDS" -> "MILLISECOND";
      case "US", "USEC", "MICROSECONDS" -> "MICROSECOND";
      case "NANOSECONDS" -> "NANOSECOND";
      case "W", "WEEKS", "WEEKOFYEAR" -> "WEEK";
      case "QUARTERS" -> "QUARTER";
      case "DECADES" -> "DECADE";
      case "CENTURIES" -> "CENTURY";
      case "MILLENNIA", "MILLENNIUMS" -> "MILLENNIUM";
      case "DAYOFWEEK", "WEEKDAY" -> "DOW";
      case "DAYOFYEAR" -> "DOY";
      default -> upper;
    };
  }

  /** A field by its canonical name. */
  public static long part(String unit, long value, long unitsPerSecond) {
    return switch (unit) {
      case "YEAR" -> Times.year(value, unitsPerSecond);
      case "QUARTER" -> Times.quarter(value, unitsPerSecond);
      case "MONTH" -> Times.month(value, unitsPerSecond);
      case "WEEK" -> Times.week(value, unitsPerSecond);
      case "DAY" -> Times.day(value, unitsPerSecond);
      case "HOUR" -> Times.hour(value, unitsPerSecond);
      case "MINUTE" -> Times.minute(value, unitsPerSecond);
      case "SECOND" -> Times.second(value, unitsPerSecond);
      case "MILLISECOND" -> Times.millisecond(value, unitsPerSecond);
      case "MICROSECOND" -> Times.microsecond(value, unitsPerSecond);
      case "NANOSECOND" -> Times.nanosecond(value, unitsPerSecond);
      case "DOW" -> Times.dow(value, unitsPerSecond);
      case "ISODOW" -> Times.isodow(value, unitsPerSecond);
      case "DOY" -> Times.doy(value, unitsPerSecond);
      case "ISOYEAR" -> Times.isoyear(value, unitsPerSecond);
      case "DECADE" -> Times.decade(value, unitsPerSecond);
      case "CENTURY" -> Times.century(value, unitsPerSecond);
      case "MILLENNIUM" -> Times.millennium(value, unitsPerSecond);
      case "EPOCH" -> Times.epoch(value, unitsPerSecond);
      default -> throw unknown(unit);
    };
  }

  /** The start of a unit by its canonical name. */
  public static long floor(String unit, long value, long unitsPerSecond) {
    long day = unitsPerSecond * Calendar.SECONDS_PER_DAY;
    return switch (unit) {
      case "NANOSECOND" -> value;
      case "MICROSECOND" -> cut(value, Math.max(1, unitsPerSecond / 1_000_000));
      case "MILLISECOND" -> cut(value, unitsPerSecond / 1000);
      case "SECOND" -> cut(value, unitsPerSecond);
      case "MINUTE" -> cut(value, 60 * unitsPerSecond);
      case "HOUR" -> cut(value, 3600 * unitsPerSecond);
      case "DAY", "DOW", "DOY" -> cut(value, day);
      default -> floorDays(unit, Math.floorDiv(value, day)) * day;
    };
  }

  /** The start of the next unit, unless a point is the start of one. */
  public static long ceil(String unit, long value, long unitsPerSecond) {
    long start = floor(unit, value, unitsPerSecond);
    if (start == value) {
      return value;
    }
    long day = unitsPerSecond * Calendar.SECONDS_PER_DAY;
    return switch (unit) {
      case "MICROSECOND" -> start + Math.max(1, unitsPerSecond / 1_000_000);
      case "MILLISECOND" -> start + unitsPerSecond / 1000;
      case "SECOND" -> start + unitsPerSecond;
      case "MINUTE" -> start + 60 * unitsPerSecond;
      case "HOUR" -> start + 3600 * unitsPerSecond;
      case "DAY", "DOW", "DOY" -> start + day;
      case "WEEK" -> start + 7 * day;
      default -> Calendar.plusMonths(Math.floorDiv(start, day), months(unit)) * day;
    };
  }

  private static int months(String unit) {
    return switch (unit) {
      case "MONTH" -> 1;
      case "QUARTER" -> 3;
      case "YEAR" -> 12;
      case "DECADE" -> 120;
      case "CENTURY" -> 1200;
      case "MILLENNIUM" -> 12_000;
      default -> throw unknown(unit);
    };
  }

  private static long floorDays(String unit, long days) {
    if (unit.equals("WEEK")) {
      return days - Calendar.isoDayOfWeek(days) + 1;
    }
    long date = Calendar.date(days);
    long year = Calendar.year(date);
    int month = Calendar.month(date);
    return switch (unit) {
      case "MONTH" -> Calendar.days(year, month, 1);
      case "QUARTER" -> Calendar.days(year, (month - 1) / 3 * 3 + 1, 1);
      case "YEAR" -> Calendar.days(year, 1, 1);
      case "DECADE" -> Calendar.days(Math.floorDiv(year, 10L) * 10, 1, 1);
      case "CENTURY" -> Calendar.days(Math.floorDiv(year, 100L) * 100, 1, 1);
      case "MILLENNIUM" -> Calendar.days(Math.floorDiv(year, 1000L) * 1000, 1, 1);
      default -> throw unknown(unit);
    };
  }

  private static long cut(long value, long size) {
    return Math.floorDiv(value, size) * size;
  }

  private static RuntimeException unknown(String unit) {
    return Failures.argument("'" + unit + "' is no unit of time.");
  }
}
