package io.laminardb.core.operator.scalar;

import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Casts between numbers, booleans and texts. A floating point number becomes an integer by rounding
 * half to even, a DECIMAL or a text by rounding half away from zero, as in DuckDB. Texts may have
 * blanks around them.
 */
public final class Conversions {
  private Conversions() {}

  /** A failed CAST, with its expression. */
  public static LaminarException failed(LaminarException failure, String expression) {
    String problem = failure.problem();
    String sentence = problem.endsWith(".") ? problem.substring(0, problem.length() - 1) : problem;
    LaminarException told =
        new LaminarException(failure.code(), sentence + " in " + expression + ".", failure);
    return failure.mend() == null ? told : told.mend(failure.mend());
  }

  public static boolean toBoolean(BigDecimal value) {
    return value.signum() != 0;
  }

  /** true, t, yes, y, 1 and false, f, no, n, 0, whatever their case. */
  public static boolean toBoolean(Utf8 text) {
    String word = text.toString().strip().toLowerCase(java.util.Locale.ROOT);
    return switch (word) {
      case "true", "t", "yes", "y", "1" -> true;
      case "false", "f", "no", "n", "0" -> false;
      default -> throw Failures.cast(text, "BOOLEAN");
    };
  }

  public static int toTinyint(long value) {
    return (int) inRange(value, Byte.MIN_VALUE, Byte.MAX_VALUE, "TINYINT");
  }

  public static int toTinyint(double value) {
    return (int) inRange(whole(value, "TINYINT"), Byte.MIN_VALUE, Byte.MAX_VALUE, "TINYINT");
  }

  public static int toTinyint(BigDecimal value) {
    return (int) inRange(whole(value, "TINYINT"), Byte.MIN_VALUE, Byte.MAX_VALUE, "TINYINT");
  }

  public static int toTinyint(Utf8 text) {
    return (int) inRange(whole(text, "TINYINT"), Byte.MIN_VALUE, Byte.MAX_VALUE, "TINYINT");
  }

  public static int toSmallint(long value) {
    return (int) inRange(value, Short.MIN_VALUE, Short.MAX_VALUE, "SMALLINT");
  }

  public static int toSmallint(double value) {
    return (int) inRange(whole(value, "SMALLINT"), Short.MIN_VALUE, Short.MAX_VALUE, "SMALLINT");
  }

  public static int toSmallint(BigDecimal value) {
    return (int) inRange(whole(value, "SMALLINT"), Short.MIN_VALUE, Short.MAX_VALUE, "SMALLINT");
  }

  public static int toSmallint(Utf8 text) {
    return (int) inRange(whole(text, "SMALLINT"), Short.MIN_VALUE, Short.MAX_VALUE, "SMALLINT");
  }

  public static int toInteger(long value) {
    return (int) inRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE, "INTEGER");
  }

  public static int toInteger(double value) {
    return (int) inRange(whole(value, "INTEGER"), Integer.MIN_VALUE, Integer.MAX_VALUE, "INTEGER");
  }

  public static int toInteger(BigDecimal value) {
    return (int) inRange(whole(value, "INTEGER"), Integer.MIN_VALUE, Integer.MAX_VALUE, "INTEGER");
  }

  public static int toInteger(Utf8 text) {
    return (int) inRange(whole(text, "INTEGER"), Integer.MIN_VALUE, Integer.MAX_VALUE, "INTEGER");
  }

  public static long toBigint(double value) {
    return whole(value, "BIGINT");
  }

  public static long toBigint(BigDecimal value) {
    return whole(value, "BIGINT");
  }

  public static long toBigint(Utf8 text) {
    return whole(text, "BIGINT");
  }

  /** Fails where a finite number would become infinite. */
  public static float toReal(double value) {
    float result = (float) value;
    if (Float.isInfinite(result) && !Double.isInfinite(value)) {
      throw Failures.cast(value, "REAL");
    }
    return result;
  }

  public static float toReal(Utf8 text) {
    return (float) number(text, "REAL");
  }

  public static double toDouble(Utf8 text) {
    return number(text, "DOUBLE");
  }

  public static BigDecimal toDecimal(long value, int precision, int scale) {
    return Decimals.fit(BigDecimal.valueOf(value), precision, scale);
  }

  public static BigDecimal toDecimal(double value, int precision, int scale) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw Failures.cast(value, "DECIMAL(" + precision + ", " + scale + ")");
    }
    return Decimals.fit(BigDecimal.valueOf(value), precision, scale);
  }

  public static BigDecimal toDecimal(Utf8 text, int precision, int scale) {
    String type = "DECIMAL(" + precision + ", " + scale + ")";
    BigDecimal value = decimal(text, type).setScale(scale, RoundingMode.HALF_UP);
    if (Decimals.isTooLarge(value, precision)) {
      throw Failures.cast(text, type);
    }
    return value;
  }

  public static Utf8 toText(Utf8Buffer buffer, boolean value) {
    return buffer.setString(value ? "true" : "false");
  }

  /** Decimal digits, written without a detour over the heap. */
  public static Utf8 toText(Utf8Buffer buffer, long value) {
    long start = buffer.reserve(20);
    long at = start + 20;
    long rest = value;
    do {
      Memory.putByte(--at, (byte) ('0' + Math.abs((int) (rest % 10))));
      rest /= 10;
    } while (rest != 0);
    if (value < 0) {
      Memory.putByte(--at, (byte) '-');
    }
    buffer.set(at, (int) (start + 20 - at));
    return buffer;
  }

  public static Utf8 toText(Utf8Buffer buffer, float value) {
    return buffer.setString(NumberTexts.of(value));
  }

  public static Utf8 toText(Utf8Buffer buffer, double value) {
    return buffer.setString(NumberTexts.of(value));
  }

  public static Utf8 toText(Utf8Buffer buffer, BigDecimal value) {
    return buffer.setString(value.toPlainString());
  }

  private static long inRange(long value, long min, long max, String type) {
    if (value < min || value > max) {
      throw Failures.cast(value, type);
    }
    return value;
  }

  private static long whole(double value, String type) {
    double rounded = Math.rint(value);
    if (!(rounded >= -0x1p63 && rounded < 0x1p63)) {
      throw Failures.cast(value, type);
    }
    return (long) rounded;
  }

  private static long whole(BigDecimal value, String type) {
    BigDecimal rounded = value.setScale(0, RoundingMode.HALF_UP);
    if (rounded.unscaledValue().bitLength() > 63) {
      throw Failures.cast(value.toPlainString(), type);
    }
    return rounded.longValue();
  }

  /** Digits with a sign are read in place; everything else takes the long way. */
  private static long whole(Utf8 text, String type) {
    long at = text.address;
    long end = at + text.length;
    boolean negative = at < end && Memory.getByte(at) == '-';
    if (negative) {
      at++;
    }
    if (at == end || end - at > 18) {
      return wholeSlowly(text, type);
    }
    long value = 0;
    for (; at < end; at++) {
      int digit = Memory.getByte(at) - '0';
      if (digit < 0 || digit > 9) {
        return wholeSlowly(text, type);
      }
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  private static long wholeSlowly(Utf8 text, String type) {
    BigDecimal rounded = decimal(text, type).setScale(0, RoundingMode.HALF_UP);
    if (rounded.unscaledValue().bitLength() > 63) {
      throw Failures.cast(text, type);
    }
    return rounded.longValue();
  }

  private static BigDecimal decimal(Utf8 text, String type) {
    try {
      BigDecimal value = new BigDecimal(text.toString().strip());
      if (Math.abs((long) value.precision() - value.scale()) > 400) {
        if (value.signum() == 0 || value.scale() > 0) {
          return BigDecimal.ZERO;
        }
        throw Failures.cast(text, type);
      }
      return value;
    } catch (NumberFormatException e) {
      throw Failures.cast(text, type);
    }
  }

  private static double number(Utf8 text, String type) {
    String word = text.toString().strip();
    switch (word.toLowerCase(java.util.Locale.ROOT)) {
      case "nan":
        return Double.NaN;
      case "inf", "infinity", "+inf", "+infinity":
        return Double.POSITIVE_INFINITY;
      case "-inf", "-infinity":
        return Double.NEGATIVE_INFINITY;
      default:
        break;
    }
    if (word.isEmpty() || !isDecimal(word)) {
      throw Failures.cast(text, type);
    }
    try {
      double value = type.equals("REAL") ? Float.parseFloat(word) : Double.parseDouble(word);
      if (Double.isInfinite(value)) {
        throw Failures.cast(text, type);
      }
      return value;
    } catch (NumberFormatException e) {
      throw Failures.cast(text, type);
    }
  }

  /** Java also reads hexadecimal numbers and suffixes such as 1f. */
  private static boolean isDecimal(String word) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (!(c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E')) {
        return false;
      }
    }
    return true;
  }
}
