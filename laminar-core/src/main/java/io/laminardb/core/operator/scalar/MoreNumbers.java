package io.laminardb.core.operator.scalar;

/** Functions of number theory, of floating point and of buckets. */
public final class MoreNumbers {
  private MoreNumbers() {}

  /** The greatest common divisor, never negative; 0 of two zeros. */
  public static long gcd(long a, long b, String expression) {
    long left = a;
    long right = b;
    while (right != 0) {
      long rest = left % right;
      left = right;
      right = rest;
    }
    if (left == Long.MIN_VALUE) {
      throw Failures.overflow("BIGINT", expression);
    }
    return Math.abs(left);
  }

  /** The least common multiple, never negative; 0 with a zero. */
  public static long lcm(long a, long b, String expression) {
    if (a == 0 || b == 0) {
      return 0;
    }
    long multiple = Numbers.multiply(a / gcd(a, b, expression), b, expression);
    if (multiple == Long.MIN_VALUE) {
      throw Failures.overflow("BIGINT", expression);
    }
    return Math.abs(multiple);
  }

  public static long factorial(int n, String expression) {
    if (n < 0) {
      throw Failures.argument("FACTORIAL takes no negative number, such as " + n + ".");
    }
    long product = 1;
    for (int i = 2; i <= n; i++) {
      product = Numbers.multiply(product, i, expression);
    }
    return product;
  }

  /** Shifts to the right, keeping the sign; by more bits than there are gives 0 or -1. */
  public static long shiftRight(long value, int bits) {
    if (bits < 0) {
      throw Failures.argument("a shift takes no negative number of bits, such as " + bits + ".");
    }
    return value >> Math.min(bits, Long.SIZE - 1);
  }

  public static boolean isInfinite(double value) {
    return Double.isInfinite(value);
  }

  public static boolean isFinite(double value) {
    return Double.isFinite(value);
  }

  /** Whether the sign bit is set, as it is of -0. */
  public static boolean signBit(double value) {
    return Double.doubleToRawLongBits(value) < 0;
  }

  /** To the next even whole number away from zero. */
  public static double even(double value) {
    double away = value < 0 ? Math.floor(value) : Math.ceil(value);
    return away % 2 == 0 ? away : away + Math.copySign(1, away);
  }

  public static double asinh(double value) {
    double magnitude = Math.abs(value);
    double result =
        magnitude > 1e8
            ? Math.log(magnitude) + Math.log(2)
            : Math.log1p(magnitude + magnitude * magnitude / (1 + Math.hypot(1, magnitude)));
    return Math.copySign(result, value);
  }

  /** NaN below 1. */
  public static double acosh(double value) {
    if (value > 1e8) {
      return Math.log(value) + Math.log(2);
    }
    double above = value - 1;
    return Math.log1p(above + Math.sqrt(above * above + 2 * above));
  }

  /** Fails outside -1 to 1. */
  public static double atanh(double value) {
    if (value < -1 || value > 1) {
      throw Failures.argument("ATANH takes a number from -1 to 1, not " + value + ".");
    }
    return 0.5 * Math.log1p(2 * value / (1 - value));
  }

  public static double e() {
    return Math.E;
  }

  /**
   * WIDTH_BUCKET of the SQL standard: in which of {@code count} equal parts of {@code [low, high)} a
   * number lies, from 1; 0 below and {@code count + 1} above. The bounds may go down.
   */
  public static int widthBucket(double value, double low, double high, int count) {
    if (count <= 0) {
      throw Failures.argument(
          "WIDTH_BUCKET takes a positive number of buckets, not " + count + ".");
    }
    if (!(Math.abs(high - low) > 0) || Double.isInfinite(high - low) || Double.isNaN(value)) {
      throw Failures.argument(
          "WIDTH_BUCKET takes a number and two bounds that differ, not "
              + value
              + ", "
              + low
              + " and "
              + high
              + ".");
    }
    double part = (value - low) / (high - low);
    if (part < 0) {
      return 0;
    }
    return part >= 1 ? Math.addExact(count, 1) : (int) (part * count) + 1;
  }
}
