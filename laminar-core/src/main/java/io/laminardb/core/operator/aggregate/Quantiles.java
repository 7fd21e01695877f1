package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.OrderedMultiset;

/**
 * Exact quantiles over a ranked multiset that is not empty. A continuous one lies between the two
 * values at the ranks around {@code (n - 1) * fraction}, a discrete one is the first value that at
 * least {@code fraction} of all values do not exceed.
 */
public final class Quantiles {
  private Quantiles() {}

  /** The entry of the discrete quantile. */
  public static long discrete(
      OrderedMultiset.Type type, long root, double fraction, boolean descending) {
    long count = type.size(root);
    long rank = Math.max(1, count - (long) Math.floor(count - count * fraction)) - 1;
    return entry(type, root, count, rank, descending);
  }

  private static long entry(
      OrderedMultiset.Type type, long root, long count, long rank, boolean descending) {
    return type.atRank(root, descending ? count - 1 - rank : rank) + OrderedMultiset.KEY;
  }

  /** The continuous quantile of numbers that {@link Keys#orderOfDouble} made words. */
  public static double ofDoubles(long root, double fraction, boolean descending) {
    OrderedMultiset.Type type = OrderedMultiset.Type.RANKED_WORD;
    long count = type.size(root);
    double rank = (count - 1) * fraction;
    double low = doubleAt(root, count, (long) Math.floor(rank), descending);
    double part = rank - Math.floor(rank);
    return part == 0
        ? low
        : between(low, doubleAt(root, count, (long) Math.ceil(rank), descending), part);
  }

  private static double doubleAt(long root, long count, long rank, boolean descending) {
    return Keys.doubleOfOrder(
        Memory.getLong(entry(OrderedMultiset.Type.RANKED_WORD, root, count, rank, descending)));
  }

  private static double between(double low, double high, double part) {
    return low == high ? low : low * (1 - part) + high * part;
  }

  /** The continuous quantile of integers. */
  public static double ofIntegers(long root, double fraction, boolean descending) {
    OrderedMultiset.Type type = OrderedMultiset.Type.RANKED_WORD;
    long count = type.size(root);
    double rank = (count - 1) * fraction;
    long low = Memory.getLong(entry(type, root, count, (long) Math.floor(rank), descending));
    long high = Memory.getLong(entry(type, root, count, (long) Math.ceil(rank), descending));
    return between(low, high, rank - Math.floor(rank));
  }

  /** The continuous quantile of times, to the unit before it. */
  public static long ofTimes(long root, double fraction, boolean descending) {
    OrderedMultiset.Type type = OrderedMultiset.Type.RANKED_WORD;
    long count = type.size(root);
    double rank = (count - 1) * fraction;
    long low = Memory.getLong(entry(type, root, count, (long) Math.floor(rank), descending));
    long high = Memory.getLong(entry(type, root, count, (long) Math.ceil(rank), descending));
    return low + (long) Math.floor((high - low) * (rank - Math.floor(rank)));
  }

  /** The continuous quantile of DECIMALs. */
  public static double ofDecimals(long root, double fraction, boolean descending, double scale) {
    OrderedMultiset.Type type = OrderedMultiset.Type.RANKED_WIDE;
    long count = type.size(root);
    double rank = (count - 1) * fraction;
    double low = wideAt(entry(type, root, count, (long) Math.floor(rank), descending), scale);
    double high = wideAt(entry(type, root, count, (long) Math.ceil(rank), descending), scale);
    return between(low, high, rank - Math.floor(rank));
  }

  private static double wideAt(long key, double scale) {
    return Sums.wideAsDouble(Memory.getLong(key), Memory.getLong(key + 8)) / scale;
  }
}
