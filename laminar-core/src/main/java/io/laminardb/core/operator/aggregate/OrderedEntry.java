package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import io.laminardb.core.state.Keys;
import java.math.BigDecimal;

/**
 * What an aggregate with ORDER BY keeps of a row, as bytes whose unsigned order is that of the rows:
 * first the keys, then the value that is wanted, then, where there are keys, in four bytes where the
 * value begins. So rows of equal keys are in the order of their values, and equal bytes are rows
 * that nobody can tell apart: an ordered multiset of them can take any row back.
 *
 * <p>A key is a byte that sorts NULL, then 8 or 16 bytes of a number, greatest first, or a text with
 * its zeros escaped and two zeros at the end; descending ones have all bits turned. A value is {@link
 * #VALUE} or {@link #NULL}, then a number in as many bytes as its type has, also where it is NULL, or
 * a text as in a key. NaN is the greatest number.
 *
 * <p>One thread; writes into a buffer of its caller, valid until the next {@link #start}.
 */
public final class OrderedEntry {
  /** A greater value comes first. */
  public static final int DESCENDING = 1;

  /** NULL comes before all values. */
  public static final int NULLS_FIRST = 2;

  /** Stands before a value. */
  public static final byte VALUE = 1;

  /** Stands in the place of a value. */
  public static final byte NULL = 2;

  private static final int WORD = 8;
  private static final int START_BYTES = 4;

  private final Utf8Buffer buffer;
  private long base;
  private int length;
  private int valueStart;

  /** A writer into a buffer of its caller. */
  public OrderedEntry(Utf8Buffer buffer) {
    this.buffer = buffer;
  }

  /** Begins another entry. */
  public void start() {
    length = 0;
    valueStart = 0;
  }

  /** Appends a key that is NULL. */
  public void nullKey(int flags) {
    putByte((flags & NULLS_FIRST) != 0 ? 0 : 1);
    valueStart = length;
  }

  /** Appends an integer, a time or a number of days. */
  public void key(long value, int flags) {
    present(flags);
    putKeyWord(value ^ Long.MIN_VALUE, flags);
  }

  public void key(double value, int flags) {
    key(Keys.orderOfDouble(value), flags);
  }

  public void key(boolean value, int flags) {
    key(value ? 1L : 0L, flags);
  }

  public void key(BigDecimal value, int flags) {
    present(flags);
    putKeyWord(Sums.high(value) ^ Long.MIN_VALUE, flags);
    putKeyWord(Sums.low(value), flags);
  }

  public void key(Utf8 value, int flags) {
    present(flags);
    putText(value, (flags & DESCENDING) != 0 ? 0xff : 0);
    valueStart = length;
  }

  private void present(int flags) {
    putByte((flags & NULLS_FIRST) != 0 ? 1 : 0);
  }

  private void putKeyWord(long word, int flags) {
    room(WORD);
    Memory.putLong(base + length, Long.reverseBytes((flags & DESCENDING) != 0 ? ~word : word));
    length += WORD;
    valueStart = length;
  }

  /**
   * Sets the value to NULL.
   *
   * @param width bytes of its type, 0 where they differ
   */
  public void nullValue(int width) {
    putByte(NULL);
    room(width);
    Memory.fill(base + length, width, (byte) 0);
    length += width;
  }

  /** Sets the value to an integer, a time or a number of days of {@code width} bytes. */
  public void value(long value, int width) {
    putByte(VALUE);
    long word = value << (WORD - width << 3) ^ Long.MIN_VALUE;
    room(WORD);
    Memory.putLong(base + length, Long.reverseBytes(word));
    length += width;
  }

  public void value(double value, int width) {
    value(Keys.orderOfDouble(value), width);
  }

  public void value(float value, int width) {
    int bits = value == 0 ? 0 : Float.floatToIntBits(value);
    value((long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)), width);
  }

  public void value(boolean value, int width) {
    putByte(VALUE);
    putByte(value ? 1 : 0);
  }

  public void value(BigDecimal value, int width) {
    value(Sums.high(value), WORD);
    room(WORD);
    Memory.putLong(base + length, Long.reverseBytes(Sums.low(value)));
    length += WORD;
  }

  public void value(Utf8 value, int width) {
    putByte(VALUE);
    putText(value, 0);
  }

  /**
   * Ends the entry.
   *
   * @param keyed whether there are keys
   */
  public Utf8 result(boolean keyed) {
    room(START_BYTES);
    if (keyed) {
      Memory.putInt(base + length, Integer.reverseBytes(valueStart));
      length += START_BYTES;
    }
    buffer.length = length;
    return buffer;
  }

  /** Where the value of an entry begins, from the entry's start. */
  static int valueStart(long entry, int length, boolean keyed) {
    return keyed ? Integer.reverseBytes(Memory.getInt(entry + length - START_BYTES)) : 0;
  }

  /** Where the value of an entry ends, from the entry's start. */
  static int valueEnd(int length, boolean keyed) {
    return keyed ? length - START_BYTES : length;
  }

  private void putByte(int value) {
    room(1);
    Memory.putByte(base + length++, (byte) value);
  }

  private void putText(Utf8 text, int flip) {
    room(2 * text.length + 2);
    long at = base + length;
    for (int i = 0; i < text.length; i++) {
      byte value = Memory.getByte(text.address + i);
      Memory.putByte(at++, (byte) (value ^ flip));
      if (value == 0) {
        Memory.putByte(at++, (byte) (0xff ^ flip));
      }
    }
    Memory.putByte(at++, (byte) flip);
    Memory.putByte(at++, (byte) flip);
    length = (int) (at - base);
  }

  private void room(int bytes) {
    base = buffer.grow(length + Math.max(bytes, WORD), length);
  }
}
