package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;

/** How many values have each of their 64 bits set: BIT_AND and BIT_OR that can take values back. */
public final class BitCounts {
  /** Words of state. */
  public static final int WORDS = Long.SIZE;

  private BitCounts() {}

  /** Counts the bits of a value. */
  public static void add(long counts, long value, int weight) {
    for (long rest = value; rest != 0; rest &= rest - 1) {
      long at = counts + 8L * Long.numberOfTrailingZeros(rest);
      Memory.putLong(at, Memory.getLong(at) + weight);
    }
  }

  /** The bits that at least so many values have. */
  public static long atLeast(long counts, long least) {
    long bits = 0;
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if (Memory.getLong(counts + 8L * bit) >= least) {
        bits |= 1L << bit;
      }
    }
    return bits;
  }
}
