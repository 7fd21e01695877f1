package io.laminardb.core.memory;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Raw access to off-heap memory: the one class that does it, so that another mechanism can replace
 * it on a JDK that asks for that. Addresses come from Arrow buffers, checked once per batch by the
 * caller; nothing is checked here. Values are little-endian, as Arrow lays them out.
 */
public final class Memory {
  static {
    if (!MemoryUtil.LITTLE_ENDIAN) {
      throw new ExceptionInInitializerError("LaminarDB needs a little-endian machine");
    }
  }

  private Memory() {}

  public static byte getByte(long address) {
    return MemoryUtil.getByte(address);
  }

  public static void putByte(long address, byte value) {
    MemoryUtil.putByte(address, value);
  }

  public static short getShort(long address) {
    return MemoryUtil.getShort(address);
  }

  public static void putShort(long address, short value) {
    MemoryUtil.putShort(address, value);
  }

  public static int getInt(long address) {
    return MemoryUtil.getInt(address);
  }

  public static void putInt(long address, int value) {
    MemoryUtil.putInt(address, value);
  }

  public static long getLong(long address) {
    return MemoryUtil.getLong(address);
  }

  public static void putLong(long address, long value) {
    MemoryUtil.putLong(address, value);
  }

  public static float getFloat(long address) {
    return Float.intBitsToFloat(MemoryUtil.getInt(address));
  }

  public static void putFloat(long address, float value) {
    MemoryUtil.putInt(address, Float.floatToRawIntBits(value));
  }

  public static double getDouble(long address) {
    return Double.longBitsToDouble(MemoryUtil.getLong(address));
  }

  public static void putDouble(long address, double value) {
    MemoryUtil.putLong(address, Double.doubleToRawLongBits(value));
  }

  /** The bit at {@code index} of the bitmap at {@code address}, least significant bit first. */
  public static boolean getBit(long address, int index) {
    return (MemoryUtil.getByte(address + (index >>> 3)) >> (index & 7) & 1) != 0;
  }

  public static void setBit(long address, int index) {
    long at = address + (index >>> 3);
    MemoryUtil.putByte(at, (byte) (MemoryUtil.getByte(at) | 1 << (index & 7)));
  }

  public static void clearBit(long address, int index) {
    long at = address + (index >>> 3);
    MemoryUtil.putByte(at, (byte) (MemoryUtil.getByte(at) & ~(1 << (index & 7))));
  }

  /** Clears the bits {@code [from, to)}. */
  public static void clearBits(long address, int from, int to) {
    int bit = from;
    for (; bit < to && (bit & 7) != 0; bit++) {
      clearBit(address, bit);
    }
    fill(address + (bit >> 3), to - bit >> 3, (byte) 0);
    for (bit += to - bit & ~7; bit < to; bit++) {
      clearBit(address, bit);
    }
  }

  /** As {@link #copy}, for short ones: a call into the JDK's costs more than they do. */
  public static void copyShort(long from, long to, int length) {
    if (length > 32) {
      copy(from, to, length);
      return;
    }
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      putLong(to + i, getLong(from + i));
    }
    for (; i < length; i++) {
      putByte(to + i, getByte(from + i));
    }
  }

  /** Copies {@code length} bytes; the ranges do not overlap. */
  public static void copy(long from, long to, long length) {
    MemoryUtil.copyMemory(from, to, length);
  }

  /** Copies {@code length} bytes; the ranges may overlap. */
  public static void move(long from, long to, long length) {
    MemoryUtil.copyMemory(from, to, length); // memmove, as HotSpot has it
  }

  /** Copies {@code length} bytes of {@code from}, starting at {@code index}, off the heap. */
  public static void copyFromHeap(byte[] from, int index, long to, int length) {
    MemoryUtil.copyToMemory(from, index, to, length);
  }

  /** The four bytes on the heap that begin with {@code from[index]}; as unchecked as those off it. */
  public static int getInt(byte[] from, int index) {
    return MemoryUtil.getInt(from, index);
  }

  /** As {@link #getInt(byte[], int)}, of eight bytes. */
  public static long getLong(byte[] from, int index) {
    return MemoryUtil.getLong(from, index);
  }

  /** Copies {@code length} bytes onto the heap, to {@code index} of {@code to}. */
  public static void copyToHeap(long from, byte[] to, int index, int length) {
    MemoryUtil.copyFromMemory(from, to, index, length);
  }

  public static void fill(long address, long length, byte value) {
    MemoryUtil.setMemory(address, length, value);
  }

  /** Whether two ranges of {@code length} bytes hold the same bytes. */
  public static boolean equal(long left, long right, int length) {
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      if (getLong(left + i) != getLong(right + i)) {
        return false;
      }
    }
    for (; i < length; i++) {
      if (getByte(left + i) != getByte(right + i)) {
        return false;
      }
    }
    return true;
  }

  /** Unsigned lexicographic order of two byte ranges: the code point order of UTF-8 texts. */
  public static int compare(long left, int leftLength, long right, int rightLength) {
    int common = Math.min(leftLength, rightLength);
    int i = 0;
    for (; i + 8 <= common; i += 8) {
      long l = getLong(left + i);
      long r = getLong(right + i);
      if (l != r) {
        return Long.compareUnsigned(Long.reverseBytes(l), Long.reverseBytes(r));
      }
    }
    for (; i < common; i++) {
      int difference = (getByte(left + i) & 0xff) - (getByte(right + i) & 0xff);
      if (difference != 0) {
        return difference;
      }
    }
    return Integer.compare(leftLength, rightLength);
  }
}
