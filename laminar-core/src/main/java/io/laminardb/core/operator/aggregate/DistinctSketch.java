package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateHeap;

/**
 * HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) over 64-bit hashes with 4,096 registers of a
 * byte: a standard error of 1.6 %. Until it has seen some 380 different values it is a hash set of
 * their <em>coupons</em>, 26 bits of the hash and how many zeros follow them, as in HyperLogLog++
 * (Heule, Nunkesser, Hall 2013), and counts those: exact but for values that share a coupon, fewer
 * than one in 170,000. The estimate of the registers is that of Ertl (2017, arXiv:1702.01284), which
 * needs no correction at either end.
 *
 * <p>The state is the view of a text that a row of state owns: nothing yet, the set, whose first word
 * of 32 bits counts its coupons, or the registers. One thread; an instance only holds scratch for
 * {@link #estimate}.
 */
public final class DistinctSketch {
  private static final int INDEX_BITS = 12;
  private static final int REGISTERS = 1 << INDEX_BITS;
  private static final int COUPON_BITS = 26;
  private static final int VALUE_BITS = 6;
  private static final int HASH_BITS = Long.SIZE - INDEX_BITS;
  private static final int FIRST_SLOTS = 8;
  private static final int MOST_SLOTS = 512;

  private final int[] counts = new int[HASH_BITS + 2]; // registers by value

  /** Takes in a value. */
  public static void add(long view, long hash, StateHeap heap) {
    long mixed = mix(hash);
    if (Memory.getInt(view) == REGISTERS) {
      raise(
          Memory.getLong(view + 8),
          (int) (mixed >>> HASH_BITS),
          zeros(mixed << INDEX_BITS, HASH_BITS));
      return;
    }
    int zeros = zeros(mixed << COUPON_BITS, Long.SIZE - COUPON_BITS);
    addCoupon(view, (int) (mixed >>> Long.SIZE - COUPON_BITS) << VALUE_BITS | zeros, heap);
  }

  /** Takes in all values of another sketch, which stays as it is. */
  public static void merge(long view, long other, StateHeap heap) {
    int length = Memory.getInt(other);
    long from = Memory.getLong(other + 8);
    if (length == REGISTERS) {
      if (Memory.getInt(view) != REGISTERS) {
        spread(view, heap);
      }
      long registers = Memory.getLong(view + 8);
      for (int i = 0; i < REGISTERS; i++) {
        raise(registers, i, Memory.getByte(from + i));
      }
      return;
    }
    for (int at = 4; at < length; at += 4) {
      int coupon = Memory.getInt(from + at);
      if (coupon != 0) {
        if (Memory.getInt(view) == REGISTERS) {
          raise(Memory.getLong(view + 8), coupon);
        } else {
          addCoupon(view, coupon, heap);
        }
      }
    }
  }

  /** About how many different values there were. */
  public long estimate(long view) {
    int length = Memory.getInt(view);
    if (length == 0) {
      return 0;
    }
    long at = Memory.getLong(view + 8);
    if (length != REGISTERS) {
      return Memory.getInt(at);
    }
    java.util.Arrays.fill(counts, 0);
    for (int i = 0; i < REGISTERS; i++) {
      counts[Memory.getByte(at + i)]++;
    }
    double z = REGISTERS * tau(1 - (double) counts[HASH_BITS + 1] / REGISTERS);
    for (int value = HASH_BITS; value >= 1; value--) {
      z = 0.5 * (z + counts[value]);
    }
    z += REGISTERS * sigma((double) counts[0] / REGISTERS);
    return Math.round((double) REGISTERS * REGISTERS / (2 * Math.log(2) * z));
  }

  private static double sigma(double share) {
    double x = share;
    double y = 1;
    double z = x;
    double before;
    do {
      x *= x;
      before = z;
      z += x * y;
      y += y;
    } while (z != before);
    return z;
  }

  private static double tau(double share) {
    if (share == 0 || share == 1) {
      return 0;
    }
    double x = share;
    double y = 1;
    double z = 1 - x;
    double before;
    do {
      x = Math.sqrt(x);
      before = z;
      y *= 0.5;
      z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
  }

  /** Leading zeros of the upper {@code bits} bits, and one. */
  private static int zeros(long word, int bits) {
    return Math.min(Long.numberOfLeadingZeros(word), bits) + 1;
  }

  private static void addCoupon(long view, int coupon, StateHeap heap) {
    int length = Memory.getInt(view);
    if (length == 0) {
      grow(view, FIRST_SLOTS, heap);
    } else {
      int slots = length >> 2;
      int count = Memory.getInt(Memory.getLong(view + 8));
      if (count + 1 > slots * 3 / 4) {
        if (contains(Memory.getLong(view + 8), slots, coupon)) {
          return;
        }
        if (slots == MOST_SLOTS) {
          spread(view, heap);
          raise(Memory.getLong(view + 8), coupon);
          return;
        }
        grow(view, slots * 2, heap);
      }
    }
    insert(Memory.getLong(view + 8), Memory.getInt(view) >> 2, coupon);
  }

  private static int slot(int coupon, int slots) {
    return 1 + Integer.remainderUnsigned(coupon * 0x9E3779B1, slots - 1);
  }

  private static boolean contains(long set, int slots, int coupon) {
    int slot = slot(coupon, slots);
    while (true) {
      int present = Memory.getInt(set + 4L * slot);
      if (present == coupon || present == 0) {
        return present != 0;
      }
      slot = slot + 1 == slots ? 1 : slot + 1;
    }
  }

  private static void insert(long set, int slots, int coupon) {
    int slot = slot(coupon, slots);
    while (true) {
      int present = Memory.getInt(set + 4L * slot);
      if (present == coupon) {
        return;
      }
      if (present == 0) {
        Memory.putInt(set + 4L * slot, coupon);
        Memory.putInt(set, Memory.getInt(set) + 1);
        return;
      }
      slot = slot + 1 == slots ? 1 : slot + 1;
    }
  }

  private static void grow(long view, int slots, StateHeap heap) {
    int length = Memory.getInt(view);
    long old = Memory.getLong(view + 8);
    long set = heap.allocate(4 * slots);
    Memory.fill(set, 4L * slots, (byte) 0);
    for (int at = 4; at < length; at += 4) {
      int coupon = Memory.getInt(old + at);
      if (coupon != 0) {
        insert(set, slots, coupon);
      }
    }
    replace(view, set, 4 * slots, heap);
  }

  /** From coupons to registers. */
  private static void spread(long view, StateHeap heap) {
    int length = Memory.getInt(view);
    long old = Memory.getLong(view + 8);
    long registers = heap.allocate(REGISTERS);
    Memory.fill(registers, REGISTERS, (byte) 0);
    for (int at = 4; at < length; at += 4) {
      int coupon = Memory.getInt(old + at);
      if (coupon != 0) {
        raise(registers, coupon);
      }
    }
    replace(view, registers, REGISTERS, heap);
  }

  private static void replace(long view, long block, int length, StateHeap heap) {
    int oldLength = Memory.getInt(view);
    if (oldLength > 0) {
      heap.free(Memory.getLong(view + 8), oldLength);
    }
    Memory.putLong(view, length);
    Memory.putLong(view + 8, block);
  }

  /** A coupon says the register, and what follows it in the hash. */
  private static void raise(long registers, int coupon) {
    int bits = COUPON_BITS - INDEX_BITS;
    int rest = coupon >>> VALUE_BITS & (1 << bits) - 1;
    int zeros = coupon & (1 << VALUE_BITS) - 1;
    int value = rest == 0 ? bits + zeros : Integer.numberOfLeadingZeros(rest) - (32 - bits) + 1;
    raise(registers, coupon >>> Integer.SIZE - INDEX_BITS, value);
  }

  private static void raise(long registers, int index, int value) {
    if (Memory.getByte(registers + index) < value) {
      Memory.putByte(registers + index, (byte) value);
    }
  }

  /** Spreads a hash over all bits; the finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
  private static long mix(long hash) {
    long mixed = (hash ^ hash >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return mixed ^ mixed >>> 31;
  }
}
