package io.laminardb.core.operator.scalar;

import io.laminardb.core.time.TimeUnits;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Numeric functions. The last argument of what can overflow is the expression, for the message.
 * Rounding goes half away from zero, as in DuckDB and PostgreSQL.
 */
public final class Numbers {
  private static final String BIGINT = "BIGINT";
  private static final String INTEGER = "INTEGER";
  private static final long[] POWERS_OF_TEN = new long[19];

  static {
    long power = 1;
    for (int i = 0; i < POWERS_OF_TEN.length; i++) {
      POWERS_OF_TEN[i] = power;
      power *= 10;
    }
  }

  private Numbers() {}

  public static long add(long a, long b, String expression) {
    long sum = a + b;
    if (((a ^ sum) & (b ^ sum)) < 0) {
      throw Failures.overflow(BIGINT, expression);
    }
    return sum;
  }

  public static int add(int a, int b, String expression) {
    int sum = a + b;
    if (((a ^ sum) & (b ^ sum)) < 0) {
      throw Failures.overflow(INTEGER, expression);
    }
    return sum;
  }

  public static long subtract(long a, long b, String expression) {
    long difference = a - b;
    if (((a ^ b) & (a ^ difference)) < 0) {
      throw Failures.overflow(BIGINT, expression);
    }
    return difference;
  }

  public static int subtract(int a, int b, String expression) {
    int difference = a - b;
    if (((a ^ b) & (a ^ difference)) < 0) {
      throw Failures.overflow(INTEGER, expression);
    }
    return difference;
  }

  public static long multiply(long a, long b, String expression) {
    long product = a * b;
    if (Math.multiplyHigh(a, b) != product >> 63) {
      throw Failures.overflow(BIGINT, expression);
    }
    return product;
  }

  public static int multiply(int a, int b, String expression) {
    long product = (long) a * b;
    if ((int) product != product) {
      throw Failures.overflow(INTEGER, expression);
    }
    return (int) product;
  }

  /** Cuts toward zero. */
  public static long divide(long a, long b, String expression) {
    if (b == 0) {
      throw Failures.divisionByZero(expression);
    }
    if (b == -1 && a == Long.MIN_VALUE) {
      throw Failures.overflow(BIGINT, expression);
    }
    return a / b;
  }

  /** Cuts toward zero. */
  public static int divide(int a, int b, String expression) {
    if (b == 0) {
      throw Failures.divisionByZero(expression);
    }
    if (b == -1 && a == Integer.MIN_VALUE) {
      throw Failures.overflow(INTEGER, expression);
    }
    return a / b;
  }

  /** Has the sign of {@code a}. */
  public static long remainder(long a, long b, String expression) {
    if (b == 0) {
      throw Failures.divisionByZero(expression);
    }
    return a % b;
  }

  /** Has the sign of {@code a}. */
  public static int remainder(int a, int b, String expression) {
    if (b == 0) {
      throw Failures.divisionByZero(expression);
    }
    return a % b;
  }

  public static long negate(long a, String expression) {
    if (a == Long.MIN_VALUE) {
      throw Failures.overflow(BIGINT, expression);
    }
    return -a;
  }

  public static int negate(int a, String expression) {
    if (a == Integer.MIN_VALUE) {
      throw Failures.overflow(INTEGER, expression);
    }
    return -a;
  }

  public static int tinyint(int value, String expression) {
    if ((byte) value != value) {
      throw Failures.overflow("TINYINT", expression);
    }
    return value;
  }

  public static int tinyint(long value, String expression) {
    if ((byte) value != value) {
      throw Failures.overflow("TINYINT", expression);
    }
    return (int) value;
  }

  public static int smallint(int value, String expression) {
    if ((short) value != value) {
      throw Failures.overflow("SMALLINT", expression);
    }
    return value;
  }

  public static int smallint(long value, String expression) {
    if ((short) value != value) {
      throw Failures.overflow("SMALLINT", expression);
    }
    return (int) value;
  }

  public static int integer(long value, String expression) {
    if ((int) value != value) {
      throw Failures.overflow(INTEGER, expression);
    }
    return (int) value;
  }

  /** Equality of SQL: NaN equals NaN, -0.0 equals 0.0. */
  public static boolean same(double a, double b) {
    return a == b || a != a && b != b;
  }

  /** Order of SQL: NaN is greater than everything else. */
  public static boolean less(double a, double b) {
    return a < b || b != b && a == a;
  }

  public static int abs(int value, String expression) {
    return value < 0 ? negate(value, expression) : value;
  }

  public static long abs(long value, String expression) {
    return value < 0 ? negate(value, expression) : value;
  }

  public static float abs(float value, String expression) {
    return Math.abs(value);
  }

  public static double abs(double value, String expression) {
    return Math.abs(value);
  }

  public static BigDecimal abs(BigDecimal value, String expression) {
    return value.abs();
  }

  public static int ceil(int value) {
    return value;
  }

  public static long ceil(long value) {
    return value;
  }

  public static float ceil(float value) {
    return (float) Math.ceil(value);
  }

  public static double ceil(double value) {
    return Math.ceil(value);
  }

  public static BigDecimal ceil(BigDecimal value) {
    return value.setScale(0, RoundingMode.CEILING);
  }

  public static int floor(int value) {
    return value;
  }

  public static long floor(long value) {
    return value;
  }

  public static float floor(float value) {
    return (float) Math.floor(value);
  }

  public static double floor(double value) {
    return Math.floor(value);
  }

  public static BigDecimal floor(BigDecimal value) {
    return value.setScale(0, RoundingMode.FLOOR);
  }

  public static int sign(long value) {
    return Long.signum(value);
  }

  public static int sign(double value) {
    return value > 0 ? 1 : value < 0 ? -1 : 0;
  }

  public static int sign(BigDecimal value) {
    return value.signum();
  }

  public static int round(int value) {
    return value;
  }

  public static long round(long value) {
    return value;
  }

  public static float round(float value) {
    return (float) round((double) value);
  }

  /** To a whole number, half away from zero. */
  public static double round(double value) {
    double whole = Math.rint(value);
    return Math.abs(value - whole) == 0.5
        ? whole + (Math.abs(whole) < Math.abs(value) ? Math.signum(value) : 0)
        : whole;
  }

  public static BigDecimal round(BigDecimal value) {
    return value.setScale(0, RoundingMode.HALF_UP);
  }

  public static int round(int value, int digits) {
    return Conversions.toInteger(round((long) value, digits));
  }

  public static long round(long value, int digits) {
    if (digits >= 0) {
      return value;
    }
    return digits < -18
        ? 0
        : Conversions.toBigint(BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP));
  }

  public static float round(float value, int digits) {
    return (float) round((double) value, digits);
  }

  /** To {@code digits} behind the point, or before it where negative; half away from zero. */
  public static double round(double value, int digits) {
    if (digits == 0) {
      return round(value);
    }
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return value;
    }
    if (digits > 0 && digits <= 18) {
      double power = POWERS_OF_TEN[digits];
      double scaled = value * power;
      double rounded = round(scaled) / power;
      return Double.isInfinite(scaled) || Double.isNaN(rounded) ? value : rounded;
    }
    if (digits < 0 && digits >= -18) {
      double power = POWERS_OF_TEN[-digits];
      return round(value / power) * power;
    }
    return digits < 0 ? 0 : value;
  }

  public static BigDecimal round(BigDecimal value, int digits) {
    return digits >= value.scale() ? value : value.setScale(digits, RoundingMode.HALF_UP);
  }

  public static int truncate(int value) {
    return value;
  }

  public static long truncate(long value) {
    return value;
  }

  public static float truncate(float value) {
    return (float) truncate((double) value);
  }

  /** Toward zero. */
  public static double truncate(double value) {
    return value < 0 ? Math.ceil(value) : Math.floor(value);
  }

  public static BigDecimal truncate(BigDecimal value) {
    return value.setScale(0, RoundingMode.DOWN);
  }

  public static int truncate(int value, int digits) {
    return (int) truncate((long) value, digits);
  }

  public static long truncate(long value, int digits) {
    if (digits >= 0) {
      return value;
    }
    return digits < -18 ? 0 : value / POWERS_OF_TEN[-digits] * POWERS_OF_TEN[-digits];
  }

  public static float truncate(float value, int digits) {
    return (float) truncate((double) value, digits);
  }

  /** Toward zero, to {@code digits} behind the point of the shortest decimal form of the number. */
  public static double truncate(double value, int digits) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return value;
    }
    return digits > 350
        ? value
        : BigDecimal.valueOf(value)
            .setScale(Math.max(digits, -350), RoundingMode.DOWN)
            .doubleValue();
  }

  public static BigDecimal truncate(BigDecimal value, int digits) {
    return digits >= value.scale() ? value : value.setScale(digits, RoundingMode.DOWN);
  }

  public static int mod(int a, int b, String expression) {
    return remainder(a, b, expression);
  }

  public static long mod(long a, long b, String expression) {
    return remainder(a, b, expression);
  }

  public static double mod(double a, double b, String expression) {
    return a % b;
  }

  public static BigDecimal mod(BigDecimal a, BigDecimal b, String expression) {
    if (b.signum() == 0) {
      throw Failures.divisionByZero(expression);
    }
    return a.remainder(b);
  }

  public static double sqrt(double value) {
    return value < 0 ? outOfRange("SQRT", value) : Math.sqrt(value);
  }

  public static double ln(double value) {
    return value <= 0 ? outOfRange("LN", value) : Math.log(value);
  }

  public static double log10(double value) {
    return value <= 0 ? outOfRange("LOG10", value) : Math.log10(value);
  }

  public static double log2(double value) {
    if (value <= 0) {
      return outOfRange("LOG2", value);
    }
    int exponent = Math.getExponent(value);
    return value == Math.scalb(1.0, exponent) ? exponent : Math.log(value) / Math.log(2);
  }

  /** The logarithm of {@code value} to {@code base}. */
  public static double log(double base, double value) {
    if (base <= 0 || base == 1) {
      return outOfRange("base of LOG", base);
    }
    if (base == 10) {
      return log10(value);
    }
    return base == 2
        ? log2(value)
        : value <= 0 ? outOfRange("LOG", value) : Math.log(value) / Math.log(base);
  }

  public static double asin(double value) {
    return Math.abs(value) > 1 ? outOfRange("ASIN", value) : Math.asin(value);
  }

  public static double acos(double value) {
    return Math.abs(value) > 1 ? outOfRange("ACOS", value) : Math.acos(value);
  }

  public static double cot(double value) {
    return 1 / Math.tan(value);
  }

  public static long bitAnd(long a, long b) {
    return a & b;
  }

  public static int bitAnd(int a, int b) {
    return a & b;
  }

  public static long bitOr(long a, long b) {
    return a | b;
  }

  public static int bitOr(int a, int b) {
    return a | b;
  }

  public static long bitXor(long a, long b) {
    return a ^ b;
  }

  public static int bitXor(int a, int b) {
    return a ^ b;
  }

  public static long bitNot(long a) {
    return ~a;
  }

  public static int bitNot(int a) {
    return ~a;
  }

  /** Fails where bits would be lost, as in DuckDB. */
  public static long shiftLeft(long a, int count, String expression) {
    if (a < 0 || count < 0) {
      throw Failures.argument("a shift of, or by, a negative number in " + expression + ".");
    }
    if (a != 0 && (count > 62 || a > Long.MAX_VALUE >> count)) {
      throw Failures.overflow(BIGINT, expression);
    }
    return a == 0 ? 0 : a << count;
  }

  /** As {@link #shiftLeft(long, int, String)}. */
  public static int shiftLeft(int a, int count, String expression) {
    return integer(shiftLeft((long) a, count, expression), expression);
  }

  /** TRUE, unless a subquery that stands for a value has more than one row. */
  public static boolean atMostOneRow(long rows) {
    if (rows > 1) {
      throw Failures.moreThanOneRow(rows);
    }
    return true;
  }

  /** Whether {@code after} is nearer to {@code value} than {@code before}, both being what they say. */
  public static boolean isNearer(long value, long before, long after) {
    return Long.compareUnsigned(after - value, value - before) < 0;
  }

  /** As above, of times with their units a second. */
  public static boolean isNearer(
      long value, long valueUnits, long before, long beforeUnits, long after, long afterUnits) {
    return isNearer(
        TimeUnits.toNanos(value, TimeUnits.NANOS_PER_SECOND / valueUnits),
        TimeUnits.toNanos(before, TimeUnits.NANOS_PER_SECOND / beforeUnits),
        TimeUnits.toNanos(after, TimeUnits.NANOS_PER_SECOND / afterUnits));
  }

  /** At least 0 and less than 1. */
  public static double random() {
    return java.util.concurrent.ThreadLocalRandom.current().nextDouble();
  }

  public static int bitCount(long a) {
    return Long.bitCount(a);
  }

  public static double pi() {
    return Math.PI;
  }

  public static boolean isNan(double value) {
    return Double.isNaN(value);
  }

  private static double outOfRange(String function, double value) {
    throw Failures.argument(function + " has no value for " + value + ".");
  }
}
