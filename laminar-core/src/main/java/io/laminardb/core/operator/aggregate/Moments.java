package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;

/**
 * Variances kept in rows of state as {@code [count][sum: high, low][sum of squares: high, low][not
 * finite]}.
 *
 * <p>A sum is the unevaluated sum of two doubles, after Dekker, so about 106 bits. Sums of integers
 * are thereby exact for as long as they stay below 2^105, and those of other values lose a part in
 * 10^31: values can be taken back, or sums merged in any order, and what is left is what the
 * remaining values alone would have given. Values beyond 10^139, whose squares could overflow,
 * count as not finite: while there is one, the variance is NaN.
 */
public final class Moments {
  /** The {@code long} words of a variance in a row of state. */
  public static final int WORDS = 6;

  private static final int SUM = 8;
  private static final int SQUARES = 24;
  private static final int NOT_FINITE = 40;
  private static final double LARGEST = 0x1p464;
  private static final double SPLITTER = 0x1p27 + 1;

  private Moments() {}

  /** Adds a value, or takes it back. */
  public static void add(long at, double value, int weight) {
    if (!(Math.abs(value) <= LARGEST)) {
      Memory.putLong(at + NOT_FINITE, Memory.getLong(at + NOT_FINITE) + weight);
      return;
    }
    double square = value * value;
    double lost = lostInProduct(value, value, square);
    count(at, weight);
    if (weight > 0) {
      addTo(at + SUM, value, 0);
      addTo(at + SQUARES, square, lost);
    } else {
      addTo(at + SUM, -value, 0);
      addTo(at + SQUARES, -square, -lost);
    }
  }

  /** Adds the values at {@code from} to those at {@code at}. */
  public static void merge(long at, long from) {
    Memory.putLong(
        at + NOT_FINITE, Memory.getLong(at + NOT_FINITE) + Memory.getLong(from + NOT_FINITE));
    count(at, Memory.getLong(from));
    addTo(at + SUM, Memory.getDouble(from + SUM), Memory.getDouble(from + SUM + 8));
    addTo(at + SQUARES, Memory.getDouble(from + SQUARES), Memory.getDouble(from + SQUARES + 8));
  }

  private static void count(long at, long more) {
    Memory.putLong(at, Memory.getLong(at) + more);
  }

  /** Adds {@code high + low} to the sum at {@code at}. */
  private static void addTo(long at, double high, double low) {
    double old = Memory.getDouble(at);
    double sum = old + high;
    double lost = lostInSum(old, high, sum) + (Memory.getDouble(at + 8) + low);
    double newHigh = sum + lost;
    Memory.putDouble(at, newHigh);
    Memory.putDouble(at + 8, lost - (newHigh - sum));
  }

  /** What {@code sum}, which is {@code a + b} rounded, lacks of their sum; after Knuth. */
  private static double lostInSum(double a, double b, double sum) {
    double part = sum - a;
    return (a - (sum - part)) + (b - part);
  }

  /** What {@code product}, which is {@code a * b} rounded, lacks of their product; after Dekker. */
  private static double lostInProduct(double a, double b, double product) {
    double aScaled = SPLITTER * a;
    double aHigh = aScaled - (aScaled - a);
    double aLow = a - aHigh;
    double bScaled = SPLITTER * b;
    double bHigh = bScaled - (bScaled - b);
    double bLow = b - bHigh;
    return ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow;
  }

  /** Whether there are values enough for a result. */
  public static boolean isNull(long at, boolean sample) {
    return Memory.getLong(at) + Memory.getLong(at + NOT_FINITE) < (sample ? 2 : 1);
  }

  /** The variance, of a sample or of the whole population. */
  public static double variance(long at, boolean sample) {
    if (Memory.getLong(at + NOT_FINITE) > 0) {
      return Double.NaN;
    }
    long count = Memory.getLong(at);
    if (count == 1) {
      return 0;
    }
    return spread(at, count) / ((double) count * (sample ? count - 1 : count));
  }

  /** The standard deviation, of a sample or of the whole population. */
  public static double deviation(long at, boolean sample) {
    return Math.sqrt(variance(at, sample));
  }

  /** {@code count} times the sum of squares, less the square of the sum; rounded at the end. */
  private static double spread(long at, double count) {
    double squares = Memory.getDouble(at + SQUARES);
    double times = count * squares;
    double timesLow =
        lostInProduct(count, squares, times) + count * Memory.getDouble(at + SQUARES + 8);
    double sum = Memory.getDouble(at + SUM);
    double sumLow = Memory.getDouble(at + SUM + 8);
    double square = sum * sum;
    double squareLow = lostInProduct(sum, sum, square) + (2 * sum + sumLow) * sumLow;
    double spread = times - square;
    double lost = lostInSum(times, -square, spread) + (timesLow - squareLow);
    return Math.max(0, spread + lost);
  }
}
