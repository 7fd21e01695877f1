package io.laminardb.core.batch.nested;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/**
 * Writes an ARRAY, MAP or ROW as bytes, item by item. Values are equal where their bytes are, and
 * ordered as their bytes are when compared without sign: NULL behind everything, a shorter ARRAY
 * before a longer one that begins with it, NaN behind all numbers.
 *
 * <p>An item is a mark, {@link #VALUE} or {@link #NULL}, and a value. A value of fixed width takes
 * that width whatever its mark: numbers big-endian with the sign bit turned, a BOOLEAN in a byte;
 * negative floating-point numbers with all bits turned, and zero without sign. A text or binary ends
 * with two zero bytes, and a zero byte in it is followed by 255; it is left out where it is NULL. An
 * ARRAY is its elements and {@link #END}; a MAP keys and values in the order of keys, and {@link
 * #END}; a ROW its fields. So the bytes of a nested value within another are those it has alone.
 *
 * <p>One thread. {@link #start} begins anew; the result is valid until then.
 */
public final class NestedWriter implements AutoCloseable {
  /** What stands behind the last item. */
  public static final byte END = 0;

  /** The mark of an item that is not NULL. */
  public static final byte VALUE = 1;

  /** The mark of an item that is NULL. */
  public static final byte NULL = 2;

  private static final int FIRST_BYTES = 64;

  private final Utf8Buffer buffer;
  private long base;
  private int capacity;
  private int length;

  /**
   * @param buffer takes the bytes, and is closed with this
   */
  public NestedWriter(Utf8Buffer buffer) {
    this.buffer = buffer;
  }

  /** Begins another value. */
  public NestedWriter start() {
    length = 0;
    return this;
  }

  /** Bytes so far. */
  public int length() {
    return length;
  }

  /** Where the bytes start; moves as they grow. */
  public long address() {
    return base;
  }

  /** Forgets what was written behind {@code newLength}. */
  public void truncate(int newLength) {
    length = newLength;
  }

  /** What has been written. */
  public Utf8 result() {
    reserve(0);
    buffer.address = base;
    buffer.length = length;
    return buffer;
  }

  /** The mark of a value that is written next by another call, or {@link #END}. */
  public NestedWriter mark(byte mark) {
    reserve(1);
    Memory.putByte(base + length++, mark);
    return this;
  }

  /** A NULL of a type. */
  public NestedWriter putNull(DataType type) {
    int width = Math.max(0, NestedBytes.width(type));
    reserve(1 + width);
    Memory.putByte(base + length, NULL);
    Memory.fill(base + length + 1, width, (byte) 0);
    length += 1 + width;
    return this;
  }

  /** As {@link #putNull(DataType)}, by the bytes the type takes; 0 where they differ. */
  public NestedWriter putNull(int width) {
    reserve(1 + width);
    Memory.putByte(base + length, NULL);
    Memory.fill(base + length + 1, width, (byte) 0);
    length += 1 + width;
    return this;
  }

  public NestedWriter putBoolean(boolean value) {
    reserve(2);
    Memory.putByte(base + length, VALUE);
    Memory.putByte(base + length + 1, value ? (byte) 1 : 0);
    length += 2;
    return this;
  }

  /**
   * An integer, date, time or timestamp.
   *
   * @param width of its type
   */
  public NestedWriter putLong(long value, int width) {
    reserve(9);
    Memory.putByte(base + length, VALUE);
    long shifted = value << 64 - 8 * width ^ Long.MIN_VALUE;
    Memory.putLong(base + length + 1, Long.reverseBytes(shifted));
    length += 1 + width;
    return this;
  }

  public NestedWriter putDouble(double value) {
    long bits = value == 0 ? 0 : Double.doubleToLongBits(value);
    return putLong(bits ^ bits >> 63 & Long.MAX_VALUE, 8);
  }

  public NestedWriter putFloat(float value) {
    int bits = value == 0 ? 0 : Float.floatToIntBits(value);
    return putLong(bits ^ bits >> 31 & Integer.MAX_VALUE, 4);
  }

  /** The unscaled value of a DECIMAL. */
  public NestedWriter putDecimal(long low, long high) {
    reserve(17);
    Memory.putByte(base + length, VALUE);
    Memory.putLong(base + length + 1, Long.reverseBytes(high ^ Long.MIN_VALUE));
    Memory.putLong(base + length + 9, Long.reverseBytes(low));
    length += 17;
    return this;
  }

  /** A VARCHAR or VARBINARY. */
  public NestedWriter putText(Utf8 text) {
    return putText(text.address, text.length);
  }

  /** As {@link #putText(Utf8)}. */
  public NestedWriter putText(long address, int bytes) {
    int zeros = 0;
    for (int i = 0; i < bytes; i++) {
      zeros += Memory.getByte(address + i) == 0 ? 1 : 0;
    }
    reserve(3 + bytes + zeros);
    Memory.putByte(base + length++, VALUE);
    if (zeros == 0) {
      Memory.copy(address, base + length, bytes);
      length += bytes;
    } else {
      for (int i = 0; i < bytes; i++) {
        byte next = Memory.getByte(address + i);
        Memory.putByte(base + length++, next);
        if (next == 0) {
          Memory.putByte(base + length++, (byte) 255);
        }
      }
    }
    Memory.putShort(base + length, (short) 0);
    length += 2;
    return this;
  }

  /** A VARCHAR or VARBINARY that is on the heap. */
  public NestedWriter putText(byte[] text) {
    reserve(3 + 2 * text.length);
    Memory.putByte(base + length++, VALUE);
    for (byte next : text) {
      Memory.putByte(base + length++, next);
      if (next == 0) {
        Memory.putByte(base + length++, (byte) 255);
      }
    }
    Memory.putShort(base + length, (short) 0);
    length += 2;
    return this;
  }

  /** An ARRAY, MAP or ROW. */
  public NestedWriter putNested(Utf8 value) {
    return mark(VALUE).append(value.address, value.length);
  }

  /** Items as they are elsewhere. */
  public NestedWriter append(long address, long bytes) {
    int count = Math.toIntExact(bytes);
    reserve(count);
    Memory.copy(address, base + length, count);
    length += count;
    return this;
  }

  /** Items as they are on the heap. */
  public NestedWriter append(byte[] items, int from, int bytes) {
    reserve(bytes);
    Memory.copyFromHeap(items, from, base + length, bytes);
    length += bytes;
    return this;
  }

  /** Makes room for more bytes, so that they do not move {@link #address}. */
  void room(int bytes) {
    reserve(bytes);
  }

  private void reserve(int bytes) {
    if (length + (long) bytes + 8 > capacity) {
      grow(length + (long) bytes + 8);
    }
  }

  private void grow(long needed) {
    int wanted = Math.toIntExact(Math.max(FIRST_BYTES, needed));
    base = buffer.grow(wanted, length);
    capacity = wanted; // the buffer has more, and gives it without moving
  }

  @Override
  public void close() {
    buffer.close();
    capacity = 0;
  }
}
