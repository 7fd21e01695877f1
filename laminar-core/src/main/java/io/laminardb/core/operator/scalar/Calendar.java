package io.laminardb.core.operator.scalar;

/** The proleptic Gregorian calendar on numbers: days since 1970-01-01 to and from year, month, day. */
final class Calendar {
  static final long SECONDS_PER_DAY = 86_400;

  private Calendar() {}

  /** Days since the epoch; the year begins in March in here, so that leap days come last. */
  static long days(long year, int month, int day) {
    long y = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(y, 400L);
    long yearOfEra = y - era * 400;
    long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
  }

  /** Year, month (1..12) and day packed as {@code year << 16 | month << 8 | day}. */
  static long date(long days) {
    long z = days + 719_468;
    long era = Math.floorDiv(z, 146_097L);
    long dayOfEra = z - era * 146_097;
    long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long shifted = (5 * dayOfYear + 2) / 153;
    long day = dayOfYear - (153 * shifted + 2) / 5 + 1;
    long month = shifted < 10 ? shifted + 3 : shifted - 9;
    long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    return year << 16 | month << 8 | day;
  }

  static long year(long date) {
    return date >> 16;
  }

  static int month(long date) {
    return (int) (date >> 8 & 0xff);
  }

  static int day(long date) {
    return (int) (date & 0xff);
  }

  static int daysOfMonth(long year, int month) {
    if (month == 2) {
      return isLeap(year) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  static boolean isLeap(long year) {
    return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
  }

  /** Days moved by months; the day is cut to the length of the month. */
  static long plusMonths(long days, long months) {
    long date = date(days);
    long count = Math.addExact(year(date) * 12 + month(date) - 1, months);
    long year = Math.floorDiv(count, 12L);
    int month = (int) Math.floorMod(count, 12L) + 1;
    return days(year, month, Math.min(day(date), daysOfMonth(year, month)));
  }

  /** 1 is Monday, 7 Sunday. */
  static int isoDayOfWeek(long days) {
    return (int) Math.floorMod(days + 3, 7L) + 1;
  }

  static int dayOfYear(long days) {
    return (int) (days - days(year(date(days)), 1, 1)) + 1;
  }

  /** The year that most days of the ISO week belong to. */
  static long isoYear(long days) {
    return year(date(days - isoDayOfWeek(days) + 4));
  }

  static int isoWeek(long days) {
    long thursday = days - isoDayOfWeek(days) + 4;
    return (dayOfYear(thursday) - 1) / 7 + 1;
  }
}
