package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * DECIMAL values as {@link BigDecimal}s, and as 16 bytes of little-endian two's complement in a
 * column. Results are rounded half up (away from zero) to the scale of their type.
 */
public final class Decimals {
  private static final BigInteger[] LIMITS = new BigInteger[39];

  static {
    for (int i = 0; i < LIMITS.length; i++) {
      LIMITS[i] = BigInteger.TEN.pow(i);
    }
  }

  private Decimals() {}

  /** Reads the 16 bytes at {@code address}. */
  public static BigDecimal read(long address, int scale) {
    return of(Memory.getLong(address), Memory.getLong(address + 8), scale);
  }

  /** The value of the two halves of an unscaled number. */
  public static BigDecimal of(long low, long high, int scale) {
    if (high == low >> 63) {
      return BigDecimal.valueOf(low, scale);
    }
    return new BigDecimal(
        BigInteger.valueOf(high).shiftLeft(64).or(new BigInteger(Long.toUnsignedString(low))),
        scale);
  }

  /** The low half of the unscaled value. */
  public static long low(BigDecimal value) {
    return value.unscaledValue().longValue();
  }

  /** The high half of the unscaled value. */
  public static long high(BigDecimal value) {
    return value.unscaledValue().shiftRight(64).longValue();
  }

  /** Writes the 16 bytes of a value, rounded to the scale of the column. */
  public static void write(long address, BigDecimal value, int scale) {
    BigInteger unscaled = value.setScale(scale, RoundingMode.HALF_UP).unscaledValue();
    long low = unscaled.longValue();
    Memory.putLong(address, low);
    Memory.putLong(
        address + 8, unscaled.bitLength() < 64 ? low >> 63 : unscaled.shiftRight(64).longValue());
  }

  /** Rounds to a type. */
  public static BigDecimal fit(BigDecimal value, int precision, int scale) {
    BigDecimal rounded = value.setScale(scale, RoundingMode.HALF_UP);
    if (isTooLarge(rounded, precision)) {
      throw Failures.cast(value.toPlainString(), "DECIMAL(" + precision + ", " + scale + ")");
    }
    return rounded;
  }

  static boolean isTooLarge(BigDecimal rounded, int precision) {
    return rounded.unscaledValue().abs().compareTo(LIMITS[Math.min(precision, 38)]) >= 0;
  }

  public static BigDecimal add(
      BigDecimal a, BigDecimal b, int precision, int scale, String expression) {
    return result(a.add(b), precision, scale, expression);
  }

  public static BigDecimal subtract(
      BigDecimal a, BigDecimal b, int precision, int scale, String expression) {
    return result(a.subtract(b), precision, scale, expression);
  }

  public static BigDecimal multiply(
      BigDecimal a, BigDecimal b, int precision, int scale, String expression) {
    return result(a.multiply(b), precision, scale, expression);
  }

  public static BigDecimal divide(
      BigDecimal a, BigDecimal b, int precision, int scale, String expression) {
    if (b.signum() == 0) {
      throw Failures.divisionByZero(expression);
    }
    return result(a.divide(b, scale, RoundingMode.HALF_UP), precision, scale, expression);
  }

  public static BigDecimal remainder(
      BigDecimal a, BigDecimal b, int precision, int scale, String expression) {
    if (b.signum() == 0) {
      throw Failures.divisionByZero(expression);
    }
    return result(a.remainder(b), precision, scale, expression);
  }

  private static BigDecimal result(BigDecimal exact, int precision, int scale, String expression) {
    BigDecimal rounded = exact.setScale(scale, RoundingMode.HALF_UP);
    if (isTooLarge(rounded, precision)) {
      throw Failures.overflow("DECIMAL(" + precision + ", " + scale + ")", expression);
    }
    return rounded;
  }
}
