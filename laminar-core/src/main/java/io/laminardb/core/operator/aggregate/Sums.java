package io.laminardb.core.operator.aggregate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Sums kept in rows of state. */
public final class Sums {
  private static final double TWO_64 = 18446744073709551616.0;
  private static final BigInteger[] POWERS = new BigInteger[77];

  static {
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = BigInteger.TEN.pow(i);
    }
  }

  private static final long LIMIT_LOW = POWERS[38].longValue(); // of 38 digits
  private static final long LIMIT_HIGH = POWERS[38].shiftRight(64).longValue();

  private Sums() {}

  /** Adds {@code value} to the sum {@code sum}; {@code call} names the sum when it overflows. */
  public static long addExact(long sum, long value, String call) {
    try {
      return Math.addExact(sum, value); // the processor's own overflow flag
    } catch (ArithmeticException e) {
      throw overflow(call);
    }
  }

  private static LaminarException overflow(String call) {
    return new LaminarException(
            ErrorCode.EXPRESSION_FAILED, call + " does not fit into its type: overflow.")
        .mend("Sum over a CAST to DECIMAL(38) or DOUBLE.");
  }

  /** Adds the 128-bit number of two words to the one at {@code at}. */
  public static void addWide(long at, long low, long high) {
    long oldLow = Memory.getLong(at);
    long newLow = oldLow + low;
    Memory.putLong(at, newLow);
    long carry = Long.compareUnsigned(newLow, oldLow) < 0 ? 1 : 0;
    Memory.putLong(at + 8, Memory.getLong(at + 8) + high + carry);
  }

  /** Subtracts a 128-bit number from the one at {@code at}. */
  public static void subtractWide(long at, long low, long high) {
    long oldLow = Memory.getLong(at);
    Memory.putLong(at, oldLow - low);
    long borrow = Long.compareUnsigned(oldLow, low) < 0 ? 1 : 0;
    Memory.putLong(at + 8, Memory.getLong(at + 8) - high - borrow);
  }

  /** Adds or, for a negative weight, subtracts a 128-bit number. */
  public static void addWide(long at, long low, long high, int weight) {
    if (weight > 0) {
      addWide(at, low, high);
    } else {
      subtractWide(at, low, high);
    }
  }

  /** Fails when adding a number to the 128-bit sum at {@code at} would overflow. */
  public static void checkWide(long at, long low, long high, int weight, String call) {
    long oldLow = Memory.getLong(at);
    long oldHigh = Memory.getLong(at + 8);
    long addLow = weight > 0 ? low : -low;
    long addHigh = weight > 0 ? high : ~high + (low == 0 ? 1 : 0);
    long carry = Long.compareUnsigned(oldLow + addLow, oldLow) < 0 ? 1 : 0;
    long newHigh = oldHigh + addHigh + carry;
    if (((oldHigh ^ newHigh) & (addHigh ^ newHigh)) < 0) {
      throw overflow(call);
    }
  }

  /** Fails when adding a number to the 128-bit sum at {@code at} would make it no BIGINT. */
  public static void checkLong(long at, long low, long high, int weight, String call) {
    long oldLow = Memory.getLong(at);
    long newLow = weight > 0 ? oldLow + low : oldLow - low;
    boolean carries =
        weight > 0
            ? Long.compareUnsigned(newLow, oldLow) < 0
            : Long.compareUnsigned(oldLow, low) < 0;
    long oldHigh = Memory.getLong(at + 8);
    long newHigh =
        weight > 0 ? oldHigh + high + (carries ? 1 : 0) : oldHigh - high - (carries ? 1 : 0);
    if (newHigh != newLow >> 63) {
      throw overflow(call);
    }
  }

  /** Fails when adding a number to the 128-bit sum at {@code at} would give it more than 38 digits. */
  public static void checkDigits(long at, long low, long high, int weight, String call) {
    checkWide(at, low, high, weight, call);
    long newLow = Memory.getLong(at) + (weight > 0 ? low : -low);
    long carry = Long.compareUnsigned(newLow, Memory.getLong(at)) < 0 ? 1 : 0;
    long newHigh =
        Memory.getLong(at + 8) + (weight > 0 ? high : ~high + (low == 0 ? 1 : 0)) + carry;
    boolean negative = newHigh < 0;
    long absHigh = negative ? ~newHigh + (newLow == 0 ? 1 : 0) : newHigh;
    long absLow = negative ? -newLow : newLow;
    int order = Long.compareUnsigned(absHigh, LIMIT_HIGH);
    if (order > 0 || order == 0 && Long.compareUnsigned(absLow, LIMIT_LOW) >= 0) {
      throw overflow(call);
    }
  }

  /** The 128-bit sum at {@code at} as a BIGINT. */
  public static long wideAsLong(long at, String call) {
    long low = Memory.getLong(at);
    if (Memory.getLong(at + 8) != low >> 63) {
      throw overflow(call);
    }
    return low;
  }

  /** The 128-bit sum at {@code at} as a DOUBLE. */
  public static double wideAsDouble(long at) {
    return wideAsDouble(Memory.getLong(at), Memory.getLong(at + 8));
  }

  /** A 128-bit number as a DOUBLE. */
  public static double wideAsDouble(long low, long high) {
    if (high == low >> 63) {
      return low;
    }
    return high * TWO_64 + (double) (low >>> 1) * 2 + (low & 1);
  }

  /** The mean of a 128-bit sum of unscaled decimals, as a DOUBLE. */
  public static double wideMean(long at, long count, int scale) {
    double mean = wideAsDouble(at) / count;
    return scale == 0 ? mean : new BigDecimal(wide(at), scale).doubleValue() / count;
  }

  static BigInteger wide(long at) {
    return BigInteger.valueOf(Memory.getLong(at + 8))
        .shiftLeft(64)
        .add(new BigInteger(Long.toUnsignedString(Memory.getLong(at))));
  }

  /**
   * Writes the 128-bit sum at {@code at} to a DECIMAL's 16 bytes.
   *
   * @param toPrecision digits that are allowed
   */
  public static void emitSum(
      long at, int scale, long to, int toPrecision, int toScale, String call) {
    if (scale == toScale && toPrecision == 38 && isSmall(at)) {
      Memory.putLong(to, Memory.getLong(at));
      Memory.putLong(to + 8, Memory.getLong(at + 8));
      return;
    }
    emit(new BigDecimal(wide(at), scale), to, toPrecision, toScale, call);
  }

  /** Fails when the 128-bit sum at {@code at} has more than {@code precision} digits. */
  public static void checkPrecision(long at, int precision, String call) {
    if (!isSmall(at) && wide(at).abs().compareTo(POWERS[precision]) >= 0) {
      throw overflow(call);
    }
  }

  private static boolean isSmall(long at) {
    return Memory.getLong(at + 8) == Memory.getLong(at) >> 63;
  }

  /** Writes a 128-bit sum over a count to a DECIMAL's 16 bytes, rounded half up. */
  public static void emitMean(
      long at, int scale, long count, long to, int toPrecision, int toScale, String call) {
    BigDecimal sum = new BigDecimal(wide(at), scale);
    BigDecimal mean = sum.divide(BigDecimal.valueOf(count), toScale, RoundingMode.HALF_UP);
    emit(mean, to, toPrecision, toScale, call);
  }

  private static void emit(BigDecimal value, long to, int precision, int scale, String call) {
    BigInteger unscaled = value.setScale(scale, RoundingMode.HALF_UP).unscaledValue();
    if (unscaled.abs().compareTo(POWERS[precision]) >= 0) {
      throw overflow(call);
    }
    Memory.putLong(to, unscaled.longValue());
    Memory.putLong(to + 8, unscaled.shiftRight(64).longValue());
  }

  /** The low word of a decimal's unscaled value. */
  public static long low(BigDecimal value) {
    return value.unscaledValue().longValue();
  }

  /** The high word of a decimal's unscaled value. */
  public static long high(BigDecimal value) {
    return value.unscaledValue().shiftRight(64).longValue();
  }

  /**
   * Adds a DOUBLE to a sum that can take values back: {@code [sum][what rounding lost][NaN][+inf]
   * [-inf]}, after Neumaier's variant of Kahan's summation.
   */
  public static void addDouble(long at, double value, int weight) {
    if (value - value != 0) {
      long counter = at + (value != value ? 16 : value > 0 ? 24 : 32);
      Memory.putLong(counter, Memory.getLong(counter) + weight);
      return;
    }
    addFinite(at, weight > 0 ? value : -value);
  }

  private static void addFinite(long at, double value) {
    double sum = Memory.getDouble(at);
    double next = sum + value;
    double lost = Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
    Memory.putDouble(at, next);
    Memory.putDouble(at + 8, Memory.getDouble(at + 8) + lost);
  }

  /** Adds the sum at {@code from} to the one at {@code at}. */
  public static void mergeDouble(long at, long from) {
    addFinite(at, Memory.getDouble(from));
    addFinite(at, Memory.getDouble(from + 8));
    for (int i = 16; i <= 32; i += 8) {
      Memory.putLong(at + i, Memory.getLong(at + i) + Memory.getLong(from + i));
    }
  }

  /** The value of a sum that can take values back. */
  public static double doubleSum(long at) {
    boolean plus = Memory.getLong(at + 24) > 0;
    boolean minus = Memory.getLong(at + 32) > 0;
    if (Memory.getLong(at + 16) > 0 || (plus && minus)) {
      return Double.NaN;
    }
    double sum = Memory.getDouble(at);
    double whole = sum + Memory.getDouble(at + 8);
    return plus
        ? Double.POSITIVE_INFINITY
        : minus ? Double.NEGATIVE_INFINITY : whole == whole ? whole : sum;
  }
}
