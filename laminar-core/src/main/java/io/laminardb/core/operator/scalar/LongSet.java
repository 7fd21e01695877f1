package io.laminardb.core.operator.scalar;

/** An immutable set of whole numbers: a long IN list. Open addressing; allocation-free look-ups. */
public final class LongSet {
  private final long[] slots;
  private final boolean[] taken;
  private final int mask;

  public LongSet(long[] members) {
    int size = Integer.highestOneBit(Math.max(1, members.length)) << 2;
    mask = size - 1;
    slots = new long[size];
    taken = new boolean[size];
    for (long member : members) {
      int slot = slot(member);
      slots[slot] = member;
      taken[slot] = true;
    }
  }

  public boolean contains(long value) {
    return taken[slot(value)];
  }

  private int slot(long value) {
    long hash = value * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 32) & mask;
    while (taken[slot] && slots[slot] != value) {
      slot = slot + 1 & mask;
    }
    return slot;
  }
}
