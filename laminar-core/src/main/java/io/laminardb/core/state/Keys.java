package io.laminardb.core.state;

import io.laminardb.core.batch.Column;
import io.laminardb.core.memory.Memory;

/**
 * Keys as 8-byte words, equal words meaning equal keys, and their hashes.
 *
 * <p>A text is a <em>view</em> of two words: its length in the low 32 bits of the first, then 12
 * bytes where it is that short, padded with zeros; of a longer one the first 4 bytes, and its address
 * in the second word. Only views of long texts need a look at the bytes to be compared.
 */
public final class Keys {
  /** The longest text that a view holds itself, in bytes. */
  public static final int INLINE_BYTES = Column.VIEW_BYTES;

  /** What a hash begins with. */
  public static final long SEED = 0x9E3779B97F4A7C15L;

  private static final long MULTIPLIER = 0xD6E8FEB86659FD93L;
  private static final long TEXT_MULTIPLIER = 0xA0761D6478BD642FL;
  private static final long READY = 1L << 48;
  private static final long NAN = 0x7ff8000000000000L;

  private Keys() {}

  /** The hash of what {@code hash} stands for, followed by {@code word}. */
  public static long mix(long hash, long word) {
    return fold(hash ^ word, MULTIPLIER);
  }

  /** Both halves of a product: high and low bits depend on all bits of the factors. */
  private static long fold(long x, long y) {
    return Math.multiplyHigh(x, y) ^ (x * y);
  }

  /** A hash ready for use: neither it nor its upper 16 bits are 0. */
  public static long finish(long hash) {
    return hash | READY;
  }

  /** The key group of a hash: its top 8 bits. */
  public static int group(long hash) {
    return (int) (hash >>> 56);
  }

  /** A DOUBLE as a word: -0.0 is 0.0 and every NaN the same. */
  public static long ofDouble(double value) {
    return value == 0 ? 0 : value != value ? NAN : Double.doubleToRawLongBits(value);
  }

  /** A DOUBLE as a word whose signed order is SQL's: NaN is the greatest, -0.0 equals 0.0. */
  public static long orderOfDouble(double value) {
    long bits = ofDouble(value);
    return bits ^ (bits >> 63 & Long.MAX_VALUE);
  }

  /** The DOUBLE that {@link #orderOfDouble} made into {@code word}. */
  public static double doubleOfOrder(long word) {
    return Double.longBitsToDouble(word ^ (word >> 63 & Long.MAX_VALUE));
  }

  /** The first 8 bytes of a text as a word whose signed order is theirs; ties need a look at the rest. */
  public static long orderOfText(long address, int length) {
    return Long.reverseBytes(first8(address, length)) ^ Long.MIN_VALUE;
  }

  /** The first word of a text's view. */
  public static long head(long address, int length) {
    return (length & 0xffffffffL) | first8(address, length) << 32;
  }

  /** The second word of a text's view; it points to the text where that is long. */
  public static long tail(long address, int length) {
    if (length > INLINE_BYTES) {
      return address;
    }
    if (length <= 4) {
      return 0;
    }
    long rest = length > 8 ? Memory.getInt(address + length - 4) & 0xffffffffL : 0;
    long last = length > 8 ? rest >>> ((INLINE_BYTES - length) << 3) : 0;
    return first8(address, length) >>> 32 | last << 32;
  }

  /**
   * Puts the view of a text to {@code view}.
   *
   * @param lastView the last address that 12 bytes can be read from; before it most texts take two
   *     loads and a mask
   */
  static void putView(long address, int length, long lastView, long view) {
    if (length > INLINE_BYTES || address > lastView) {
      Memory.putLong(view, head(address, length));
      Memory.putLong(view + 8, tail(address, length));
      return;
    }
    long first = Memory.getLong(address);
    long rest = Memory.getInt(address + 8) & 0xffffffffL;
    if (length < 8) {
      first &= (1L << (length << 3)) - 1;
      rest = 0;
    } else {
      rest &= (1L << ((length - 8) << 3)) - 1; // all of it where length is 12
    }
    Memory.putLong(view, length | first << 32);
    Memory.putLong(view + 8, first >>> 32 | rest << 32);
  }

  /** As {@link #putView}, to behind the hash of the text, which is finished. */
  static void putHashedView(long address, int length, long lastView, long target) {
    putView(address, length, lastView, target + 8);
    long head = Memory.getLong(target + 8);
    Memory.putLong(target, finish(mixText(SEED, head, Memory.getLong(target + 16))));
  }

  /** The first up to 8 bytes of a text, zeros behind its end; reads nothing behind it. */
  private static long first8(long address, int length) {
    if (length >= 8) {
      return Memory.getLong(address);
    }
    if (length >= 4) {
      long last = Memory.getInt(address + length - 4) & 0xffffffffL;
      return (Memory.getInt(address) & 0xffffffffL) | last << ((length - 4) << 3);
    }
    if (length == 0) {
      return 0;
    }
    // Of one byte all three are the same, of two the last two.
    int middle = length >>> 1;
    return (Memory.getByte(address) & 0xffL)
        | (Memory.getByte(address + middle) & 0xffL) << (middle << 3)
        | (Memory.getByte(address + length - 1) & 0xffL) << ((length - 1) << 3);
  }

  /** The length of the text whose view begins with {@code head}. */
  public static int length(long head) {
    return (int) head;
  }

  /** Whether the text of this view lies elsewhere. */
  public static boolean isLong(long head) {
    return (int) head > INLINE_BYTES;
  }

  /** Where the bytes are of the text whose view lies at {@code view}. */
  public static long bytes(long view) {
    return isLong(Memory.getLong(view)) ? Memory.getLong(view + 8) : view + 4;
  }

  /** The hash of what {@code hash} stands for, followed by a text. */
  public static long mixText(long hash, long head, long tail) {
    if (isLong(head)) {
      return mixBytes(hash ^ head, tail, (int) head);
    }
    // One product of both words; the first factor is not 0, since no short length looks like a
    // seed.
    return fold(hash ^ head, tail ^ TEXT_MULTIPLIER);
  }

  private static long mixBytes(long seed, long address, int length) {
    long hash = seed;
    for (int i = 0; i + 8 <= length; i += 8) {
      hash = mix(hash, Memory.getLong(address + i));
    }
    return mix(hash, Memory.getLong(address + length - 8));
  }

  /** Whether two views stand for the same text. */
  public static boolean sameText(long head, long tail, long otherHead, long otherTail) {
    return head == otherHead
        && (tail == otherTail || (isLong(head) && Memory.equal(tail, otherTail, (int) head)));
  }

  /** Code point order of the texts whose views lie at two addresses. */
  public static int compareTexts(long view, long otherView) {
    return compareTexts(
        Memory.getLong(view),
        Memory.getLong(view + 8),
        Memory.getLong(otherView),
        Memory.getLong(otherView + 8));
  }

  /** Code point order of the texts that two views stand for. */
  public static int compareTexts(long head, long tail, long otherHead, long otherTail) {
    int first = Integer.reverseBytes((int) (head >>> 32));
    int otherFirst = Integer.reverseBytes((int) (otherHead >>> 32));
    if (first != otherFirst) {
      return Integer.compareUnsigned(first, otherFirst);
    }
    long rest = isLong(head) ? Memory.getLong(tail + 4) : tail;
    long otherRest = isLong(otherHead) ? Memory.getLong(otherTail + 4) : otherTail;
    if (rest != otherRest) {
      return Long.compareUnsigned(Long.reverseBytes(rest), Long.reverseBytes(otherRest));
    }
    if (!isLong(head) || !isLong(otherHead)) {
      return Integer.compare(length(head), length(otherHead)); // what is padding is not longer
    }
    return Memory.compare(
        tail + INLINE_BYTES,
        length(head) - INLINE_BYTES,
        otherTail + INLINE_BYTES,
        length(otherHead) - INLINE_BYTES);
  }
}
