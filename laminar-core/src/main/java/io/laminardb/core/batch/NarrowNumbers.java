package io.laminardb.core.batch;

import io.laminardb.core.memory.Memory;

/**
 * Numbers as their differences from the first one, each in as few whole bytes as the widest needs: none,
 * 1, 2 or 4. Times that rise, counters, small amounts and lengths of texts become a quarter of what they
 * were, or less. A DOUBLE that is a decimal of few digits is the quotient of a whole number and a power of
 * ten, and taken for that number: it comes back bit for bit, or the column is left as it is. (After
 * Afroozeh, Kuffo and Boncz, "ALP: Adaptive Lossless floating-Point Compression", 2023, with one power for
 * a column and no exceptions.) One thread; {@code static} methods any.
 */
final class NarrowNumbers {
  /** The first number, 8 bytes. */
  static final int HEADER = 8;

  private static final int MAX_DECIMALS = 6;
  private static final int SAMPLE = 16;
  private static final int BLOCK = 256;

  private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

  /** A double that is added to this has no digits behind the point any more. */
  private static final double ROUNDING = 3L << 51;

  private long[] values = new long[Batch.DEFAULT_CAPACITY];
  private int count;
  private int width;
  private int decimals;

  /**
   * Takes values of a column of fixed width; false where narrow numbers would not be shorter.
   *
   * @param address of the first one
   */
  boolean take(DataType.Kind kind, long address, int rows) {
    begin(rows);
    switch (kind) {
      case BIGINT, TIME, TIMESTAMP, TIMESTAMP_LTZ -> takeLongs(address);
      case INTEGER, DATE -> takeInts(address);
      case DOUBLE -> {
        if (!takeDecimals(address)) {
          return false;
        }
      }
      default -> {
        return false;
      }
    }
    width = widthOfDifferences();
    return width < kind.width();
  }

  /** Takes the lengths of texts, which never need more than 4 bytes. */
  void takeLengths(long offsets, int rows) {
    begin(rows);
    int start = Memory.getInt(offsets);
    for (int i = 0; i < rows; i++) {
      int end = Memory.getInt(offsets + 4L * (i + 1));
      values[i] = end - start;
      start = end;
    }
    width = widthOfDifferences();
  }

  private void begin(int rows) {
    count = rows;
    decimals = 0;
    if (values.length < rows) {
      values = new long[rows];
    }
  }

  private void takeLongs(long address) {
    for (int i = 0; i < count; i++) {
      values[i] = Memory.getLong(address + 8L * i);
    }
  }

  private void takeInts(long address) {
    for (int i = 0; i < count; i++) {
      values[i] = Memory.getInt(address + 4L * i);
    }
  }

  private boolean takeDecimals(long address) {
    while (!areDecimals(address, 0, Math.min(SAMPLE, count))) {
      if (++decimals > MAX_DECIMALS) {
        return false;
      }
    }
    for (int from = 0; from < count; from += BLOCK) {
      if (!areDecimals(address, from, Math.min(count, from + BLOCK))) {
        return false;
      }
    }
    return true;
  }

  private boolean areDecimals(long address, int from, int to) {
    double power = POWERS[decimals];
    long different = 0;
    for (int i = from; i < to; i++) {
      double value = Memory.getDouble(address + 8L * i);
      long whole = (long) (value * power + ROUNDING - ROUNDING);
      values[i] = whole;
      different |= Double.doubleToRawLongBits(whole / power) ^ Double.doubleToRawLongBits(value);
    }
    return different == 0;
  }

  private int widthOfDifferences() {
    long base = values[0];
    long changes = 0; // where a bit differs from the one above it, in any difference
    for (int i = 0; i < count; i++) {
      long difference = values[i] - base;
      changes |= difference ^ difference << 1;
    }
    int bits = Long.SIZE - Long.numberOfLeadingZeros(changes);
    return bits == 0 ? 0 : bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
  }

  /** Bytes of one difference of what was taken: 0, 1, 2 or 4; 8 for what is too wide to be written. */
  int width() {
    return width;
  }

  /** Which power of ten the numbers were divided by, where they are DOUBLE. */
  int decimals() {
    return decimals;
  }

  /**
   * Writes what was taken.
   *
   * @return how many bytes
   */
  long write(long address) {
    long base = values[0];
    Memory.putLong(address, base);
    long at = address + HEADER;
    switch (width) {
      case 1 -> {
        for (int i = 0; i < count; i++) {
          Memory.putByte(at + i, (byte) (values[i] - base));
        }
      }
      case 2 -> {
        for (int i = 0; i < count; i++) {
          Memory.putShort(at + 2L * i, (short) (values[i] - base));
        }
      }
      case 4 -> {
        for (int i = 0; i < count; i++) {
          Memory.putInt(at + 4L * i, (int) (values[i] - base));
        }
      }
      default -> {} // they are all the same
    }
    return length(count, width);
  }

  /** How many bytes so many numbers take; negative for a width there is not. */
  static long length(int rows, int width) {
    return switch (width) {
      case 0, 1, 2, 4 -> HEADER + (long) rows * width;
      default -> -1;
    };
  }

  /** Reads values of a column back; false where they cannot have been written. */
  static boolean read(
      DataType.Kind kind, long address, int width, int decimals, int rows, long target) {
    if (decimals < 0 || decimals > (kind == DataType.Kind.DOUBLE ? MAX_DECIMALS : 0)) {
      return false;
    }
    double power = POWERS[decimals];
    for (int i = 0; i < rows; i++) {
      long value = value(address, width, i);
      switch (kind) {
        case BIGINT, TIME, TIMESTAMP, TIMESTAMP_LTZ -> Memory.putLong(target + 8L * i, value);
        case INTEGER, DATE -> Memory.putInt(target + 4L * i, (int) value);
        case DOUBLE -> Memory.putDouble(target + 8L * i, value / power);
        default -> {
          return false;
        }
      }
    }
    return true;
  }

  /** Reads lengths back, as offsets (rows + 1) from 0 on. */
  static void readLengths(long address, int width, int rows, long offsets) {
    int offset = 0;
    Memory.putInt(offsets, 0);
    for (int i = 0; i < rows; i++) {
      offset += (int) value(address, width, i);
      Memory.putInt(offsets + 4L * (i + 1), offset);
    }
  }

  private static long value(long address, int width, int index) {
    long at = address + HEADER + (long) index * width;
    return Memory.getLong(address)
        + switch (width) {
          case 1 -> Memory.getByte(at);
          case 2 -> Memory.getShort(at);
          case 4 -> Memory.getInt(at);
          default -> 0;
        };
  }
}
