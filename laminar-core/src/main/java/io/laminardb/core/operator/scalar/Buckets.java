package io.laminardb.core.operator.scalar;

/**
 * Numbers as one of a few thousand buckets, for approximate quantiles: the sign, the exponent and
 * the upper 7 bits of the fraction of a DOUBLE. The numbers of buckets have the order of their values,
 * and {@link #value} is the one next to zero: less than 1/128 away from any other in it, and exact
 * for whole numbers up to 256. Below 1e-308 the distance is absolute.
 *
 * <p>So a multiset of buckets is a quantile sketch with a bounded relative error that can take values
 * back, after Masson, Rim, Lee: DDSketch (VLDB 2019), with buckets that grow linearly between powers
 * of two.
 */
public final class Buckets {
  private static final int DROPPED_BITS = 52 - 7;

  private Buckets() {}

  /** The bucket of a number; NaN has the last one. */
  public static long of(double value) {
    long bucket = Double.doubleToLongBits(Math.abs(value)) >>> DROPPED_BITS;
    return value < 0 ? ~bucket : bucket;
  }

  /** The number that stands for a bucket. */
  public static double value(long bucket) {
    return bucket < 0
        ? 0.0 - Double.longBitsToDouble(~bucket << DROPPED_BITS)
        : Double.longBitsToDouble(bucket << DROPPED_BITS);
  }
}
