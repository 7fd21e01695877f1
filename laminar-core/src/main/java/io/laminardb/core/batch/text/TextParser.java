package io.laminardb.core.batch.text;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.time.TimeUnits;
import java.nio.charset.StandardCharsets;

/**
 * Reads values from ASCII bytes. Each {@code parse} method answers whether the whole range {@code
 * [from, to)} is such a value, and leaves it in {@link #longValue}, {@link #doubleValue} or {@link
 * #decimalLow} and {@link #decimalHigh}; after {@code false} these mean nothing. Nothing is trimmed.
 * Nothing is allocated, but for a DOUBLE of more than 15 digits or a far exponent.
 */
public final class TextParser {
  private static final double[] POWERS = new double[23];

  static {
    double power = 1;
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = power;
      power *= 10;
    }
  }

  /** The number, days, units of time or (0 and 1) boolean read last. */
  public long longValue;

  /** The DOUBLE or REAL read last. */
  public double doubleValue;

  /** The low 8 bytes of the unscaled DECIMAL read last. */
  public long decimalLow;

  /** The high 8 bytes of the unscaled DECIMAL read last. */
  public long decimalHigh;

  private int cursor; // behind what the last sub-parser took
  private long nanoOfDay;
  private int fractionDigits;
  private long offsetSeconds;

  /** A 64-bit integer with an optional sign. */
  public boolean parseLong(byte[] bytes, int from, int to) {
    int i = from;
    boolean negative = false;
    if (i < to && (bytes[i] == '-' || bytes[i] == '+')) {
      negative = bytes[i] == '-';
      i++;
    }
    if (i == to) {
      return false;
    }
    long value = 0; // kept negative: that side reaches one further
    for (int digits = 0; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      if (digits >= 18) {
        if (value < Long.MIN_VALUE / 10 || value * 10 < Long.MIN_VALUE + digit) {
          return false;
        }
      }
      value = value * 10 - digit;
      digits += value != 0 ? 1 : 0;
    }
    if (!negative && value == Long.MIN_VALUE) {
      return false;
    }
    longValue = negative ? value : -value;
    return true;
  }

  /** An integer that fits the (integer) type. */
  public boolean parseInteger(byte[] bytes, int from, int to, DataType type) {
    if (!parseLong(bytes, from, to)) {
      return false;
    }
    long value = longValue;
    return switch (type.kind()) {
      case TINYINT -> value == (byte) value;
      case SMALLINT -> value == (short) value;
      case INTEGER -> value == (int) value;
      default -> true;
    };
  }

  /** A decimal number, perhaps with an exponent, or {@code NaN}, {@code Infinity} in any case. */
  public boolean parseDouble(byte[] bytes, int from, int to) {
    int i = from;
    boolean negative = false;
    if (i < to && (bytes[i] == '-' || bytes[i] == '+')) {
      negative = bytes[i] == '-';
      i++;
    }
    if (i < to && (bytes[i] | 0x20) >= 'a') {
      return parseNotFinite(bytes, i, to, negative);
    }
    long mantissa = 0;
    int digits = 0; // that count: without leading zeros
    int seen = 0;
    int exponent = 0;
    boolean point = false;
    for (; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit >= 0 && digit <= 9) {
        seen++;
        if (digits < 18) {
          mantissa = mantissa * 10 + digit;
          digits += mantissa != 0 ? 1 : 0;
          exponent -= point ? 1 : 0;
        } else {
          digits++;
          exponent += point ? 0 : 1;
        }
      } else if (bytes[i] == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    if (seen == 0) {
      return false;
    }
    if (i < to) {
      if ((bytes[i] | 0x20) != 'e' || !parseLong(bytes, i + 1, to)) {
        return false;
      }
      if (longValue < -100_000 || longValue > 100_000) {
        exponent = longValue < 0 ? -100_000 : 100_000;
      } else {
        exponent += (int) longValue;
      }
    }
    if (digits <= 18 && mantissa <= 1L << 53 && exponent >= -22 && exponent <= 22) {
      // Both factors are exact, so the one rounding below is the right one.
      double value = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
      doubleValue = negative ? -value : value;
    } else {
      doubleValue =
          Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
    }
    return true;
  }

  private boolean parseNotFinite(byte[] bytes, int from, int to, boolean negative) {
    if (is(bytes, from, to, "nan")) {
      doubleValue = Double.NaN;
    } else if (is(bytes, from, to, "infinity") || is(bytes, from, to, "inf")) {
      doubleValue = negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    } else {
      return false;
    }
    return true;
  }

  /** {@code true, t, yes, y, 1} or {@code false, f, no, n, 0}, in any case. */
  public boolean parseBoolean(byte[] bytes, int from, int to) {
    int first = from < to ? bytes[from] | 0x20 : 0;
    if (to - from == 1) {
      longValue = first == 't' || first == 'y' || bytes[from] == '1' ? 1 : 0;
      return longValue == 1 || first == 'f' || first == 'n' || bytes[from] == '0';
    }
    longValue = is(bytes, from, to, "true") || is(bytes, from, to, "yes") ? 1 : 0;
    return longValue == 1 || is(bytes, from, to, "false") || is(bytes, from, to, "no");
  }

  /**
   * A number rounded half away from zero to {@code type}'s scale; false also if it has more digits
   * than the type's precision.
   */
  public boolean parseDecimal(byte[] bytes, int from, int to, DataType type) {
    int i = from;
    boolean negative = false;
    if (i < to && (bytes[i] == '-' || bytes[i] == '+')) {
      negative = bytes[i] == '-';
      i++;
    }
    decimalLow = 0;
    decimalHigh = 0;
    int digits = 0;
    int behindPoint = 0;
    int significant = 0;
    int dropped = 0;
    boolean point = false;
    boolean roundUp = false;
    for (; i < to; i++) {
      int digit = bytes[i] - '0';
      if (bytes[i] == '.' && !point) {
        point = true;
      } else if (digit < 0 || digit > 9) {
        return false;
      } else if (point && behindPoint == type.scale()) {
        roundUp = dropped == 0 ? digit >= 5 : roundUp;
        dropped++;
      } else {
        digits++;
        behindPoint += point ? 1 : 0;
        significant += significant > 0 || digit != 0 ? 1 : 0;
        if (significant > type.precision()) {
          return false;
        }
        timesTenPlus(digit);
      }
    }
    int zeros = type.scale() - behindPoint;
    if (digits + dropped == 0 || (significant > 0 && significant + zeros > type.precision())) {
      return false;
    }
    for (int k = 0; k < zeros; k++) {
      timesTenPlus(0);
    }
    return (!roundUp || addOne(type.precision())) && signDecimal(negative);
  }

  private void timesTenPlus(int digit) {
    long low = decimalLow * 10;
    decimalHigh =
        decimalHigh * 10
            + Math.multiplyHigh(decimalLow, 10)
            + (decimalLow >> 63 & 10); // the signed product, corrected to the unsigned one
    decimalLow = low + digit;
    decimalHigh += Long.compareUnsigned(decimalLow, low) < 0 ? 1 : 0;
  }

  /** Adds one in the last place; false if that makes one digit too many. */
  private boolean addOne(int precision) {
    long low = decimalLow + 1;
    long high = decimalHigh + (low == 0 ? 1 : 0);
    decimalLow = 1;
    decimalHigh = 0;
    for (int i = 0; i < precision; i++) {
      timesTenPlus(0);
    }
    boolean tooMany = low == decimalLow && high == decimalHigh;
    decimalLow = low;
    decimalHigh = high;
    return !tooMany;
  }

  private boolean signDecimal(boolean negative) {
    if (negative) {
      decimalLow = -decimalLow;
      decimalHigh = ~decimalHigh + (decimalLow == 0 ? 1 : 0);
    }
    return true;
  }

  /** {@code yyyy-mm-dd} as days since the epoch; a year may have a sign and up to 6 digits. */
  public boolean parseDate(byte[] bytes, int from, int to) {
    return takeDate(bytes, from, to) && cursor == to;
  }

  /** {@code hh:mm[:ss[.fraction]]} as microseconds since midnight, further digits cut off. */
  public boolean parseTime(byte[] bytes, int from, int to) {
    if (!takeTime(bytes, from, to) || cursor != to) {
      return false;
    }
    longValue = nanoOfDay / 1000;
    return true;
  }

  /**
   * A date, or a date and a time behind {@code T} or a blank, perhaps with {@code Z} or an offset
   * such as {@code +02:00}, as a count of {@code type}'s unit since the epoch, in UTC where an offset
   * is given. Digits beyond the type's precision are cut off.
   *
   * @param type a TIMESTAMP, or BIGINT for epoch milliseconds
   */
  public boolean parseTimestamp(byte[] bytes, int from, int to, DataType type) {
    if (!takeDate(bytes, from, to)) {
      return false;
    }
    long days = longValue;
    nanoOfDay = 0;
    offsetSeconds = 0;
    fractionDigits = 0;
    if (cursor < to) {
      int separator = bytes[cursor];
      boolean takesTime = separator == 'T' || separator == ' ' || separator == 't';
      if (!takesTime || !takeTime(bytes, cursor + 1, to) || !takeOffset(bytes, to)) {
        return false;
      }
    }
    return toUnits(days, type);
  }

  /** Digits of the fraction of a second read last, trailing zeros included. */
  public int fractionDigits() {
    return fractionDigits;
  }

  private boolean toUnits(long days, DataType type) {
    long unitNanos = type.nanosPerUnit();
    long nanos = nanoOfDay;
    if (type.isTimestamp()) {
      nanos -= nanos % pow10(9 - type.precision());
    }
    long seconds = days * 86_400 - offsetSeconds + nanos / TimeUnits.NANOS_PER_SECOND;
    long perSecond = TimeUnits.NANOS_PER_SECOND / unitNanos;
    longValue = seconds * perSecond + nanos % TimeUnits.NANOS_PER_SECOND / unitNanos;
    return Math.abs(seconds) < Long.MAX_VALUE / perSecond;
  }

  private static long pow10(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= 10;
    }
    return power;
  }

  private boolean takeDate(byte[] bytes, int from, int to) {
    int i = from;
    boolean negative = i < to && bytes[i] == '-';
    boolean signed = negative || (i < to && bytes[i] == '+');
    i += signed ? 1 : 0;
    int start = i;
    long year = 0;
    while (i < to && i - start < 6 && isDigit(bytes[i])) {
      year = year * 10 + bytes[i++] - '0';
    }
    if (i - start < 4 || to - i < 6 || bytes[i] != '-' || bytes[i + 3] != '-') {
      return false;
    }
    int month = twoDigits(bytes, i + 1);
    int day = twoDigits(bytes, i + 4);
    year = negative ? -year : year;
    if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) {
      return false;
    }
    longValue = epochDay(year, month, day);
    cursor = i + 6;
    return true;
  }

  private boolean takeTime(byte[] bytes, int from, int to) {
    if (to - from < 5 || bytes[from + 2] != ':') {
      return false;
    }
    int hour = twoDigits(bytes, from);
    int minute = twoDigits(bytes, from + 3);
    int second = 0;
    long fraction = 0;
    int digits = 0;
    int i = from + 5;
    if (to - i >= 3 && bytes[i] == ':') {
      second = twoDigits(bytes, i + 1);
      i += 3;
      if (i < to && (bytes[i] == '.' || bytes[i] == ',')) {
        int start = ++i;
        for (; i < to && isDigit(bytes[i]); i++) {
          if (digits < 9) {
            fraction = fraction * 10 + bytes[i] - '0';
            digits++;
          }
        }
        if (i == start) {
          return false;
        }
      }
    }
    fractionDigits = digits;
    nanoOfDay =
        (hour * 3600L + minute * 60L + second) * TimeUnits.NANOS_PER_SECOND
            + fraction * pow10(9 - digits);
    cursor = i;
    return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  }

  /** Nothing, {@code Z}, or {@code +hh[[:]mm]} up to the end. */
  private boolean takeOffset(byte[] bytes, int to) {
    int i = cursor;
    int length = to - i;
    if (length == 0 || (length == 1 && (bytes[i] | 0x20) == 'z')) {
      return true;
    }
    boolean colon = length == 6 && bytes[i + 3] == ':';
    if ((bytes[i] != '+' && bytes[i] != '-') || (length != 3 && length != 5 && !colon)) {
      return false;
    }
    int hours = twoDigits(bytes, i + 1);
    int minutes = length == 3 ? 0 : twoDigits(bytes, to - 2);
    offsetSeconds = (hours * 3600L + minutes * 60L) * (bytes[i] == '-' ? -1 : 1);
    return hours >= 0 && hours <= 18 && minutes >= 0 && minutes < 60;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static int twoDigits(byte[] bytes, int at) {
    int tens = bytes[at] - '0';
    int ones = bytes[at + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
  }

  private static int daysOfMonth(long year, int month) {
    return switch (month) {
      case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  /** Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
  static long epochDay(long year, int month, int day) {
    // Years begin in March here, so that the leap day is the last of its year.
    long marchYear = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(marchYear, 400L);
    long yearOfEra = marchYear - era * 400;
    long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
  }

  private static boolean is(byte[] bytes, int from, int to, String lowerCase) {
    if (to - from != lowerCase.length()) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if ((bytes[i] | 0x20) != lowerCase.charAt(i - from)) {
        return false;
      }
    }
    return true;
  }
}
