package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;

/**
 * Variances kept in rows of state as {@code [count][mean][sum of squared distances][not finite]},
 * after Welford, and Chan for merging.
 */
public final class Moments {
  private static final int MEAN = 8;
  private static final int SQUARES = 16;
  private static final int NOT_FINITE = 24;

  private Moments() {}

  /** Adds a value, or takes it back. */
  public static void add(long at, double value, int weight) {
    if (value - value != 0) {
      Memory.putLong(at + NOT_FINITE, Memory.getLong(at + NOT_FINITE) + weight);
      return;
    }
    long count = Memory.getLong(at) + weight;
    double mean = Memory.getDouble(at + MEAN);
    double squares = Memory.getDouble(at + SQUARES);
    double distance = value - mean;
    Memory.putLong(at, count);
    if (weight > 0) {
      mean += distance / count;
      squares += distance * (value - mean);
    } else if (count == 0) {
      mean = 0;
      squares = 0;
    } else {
      mean -= distance / count;
      squares = count == 1 ? 0 : Math.max(0, squares - distance * (value - mean));
    }
    Memory.putDouble(at + MEAN, mean);
    Memory.putDouble(at + SQUARES, squares);
  }

  /** Adds the values at {@code from} to those at {@code at}. */
  public static void merge(long at, long from) {
    Memory.putLong(
        at + NOT_FINITE, Memory.getLong(at + NOT_FINITE) + Memory.getLong(from + NOT_FINITE));
    long more = Memory.getLong(from);
    if (more == 0) {
      return;
    }
    long old = Memory.getLong(at);
    long count = old + more;
    double distance = Memory.getDouble(from + MEAN) - Memory.getDouble(at + MEAN);
    Memory.putLong(at, count);
    Memory.putDouble(at + MEAN, Memory.getDouble(at + MEAN) + distance * more / count);
    Memory.putDouble(
        at + SQUARES,
        Memory.getDouble(at + SQUARES)
            + Memory.getDouble(from + SQUARES)
            + distance * distance * ((double) old * more / count));
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
    return Memory.getDouble(at + SQUARES) / (sample ? count - 1 : count);
  }

  /** The standard deviation, of a sample or of the whole population. */
  public static double deviation(long at, boolean sample) {
    return Math.sqrt(variance(at, sample));
  }
}
