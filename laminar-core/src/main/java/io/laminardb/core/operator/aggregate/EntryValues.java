package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import io.laminardb.core.state.Keys;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Reads the value of an {@link OrderedEntry} that has keys. */
public final class EntryValues {
  private EntryValues() {}

  private static long at(Utf8 entry) {
    return entry.address + OrderedEntry.valueStart(entry.address, entry.length, true);
  }

  /** Whether the value is NULL. */
  public static boolean isNull(Utf8 entry) {
    return Memory.getByte(at(entry)) == OrderedEntry.NULL;
  }

  /** An integer, a time or a number of days of {@code width} bytes. */
  public static long longValue(Utf8 entry, int width) {
    return word(at(entry) + 1, width);
  }

  private static long word(long at, int width) {
    long word = 0;
    for (int i = 0; i < width; i++) {
      word = word << 8 | Memory.getByte(at + i) & 0xffL;
    }
    int unused = 8 - width << 3;
    return (word ^ 1L << (width << 3) - 1) << unused >> unused;
  }

  public static double doubleValue(Utf8 entry) {
    return Keys.doubleOfOrder(longValue(entry, 8));
  }

  public static float floatValue(Utf8 entry) {
    int bits = (int) longValue(entry, 4);
    return Float.intBitsToFloat(bits ^ (bits >> 31 & Integer.MAX_VALUE));
  }

  public static boolean booleanValue(Utf8 entry) {
    return Memory.getByte(at(entry) + 1) != 0;
  }

  public static BigDecimal decimalValue(Utf8 entry, int scale) {
    long at = at(entry) + 1;
    byte[] bytes = new byte[16];
    Memory.copyToHeap(at, bytes, 0, bytes.length);
    bytes[0] ^= (byte) 0x80;
    return new BigDecimal(new BigInteger(bytes), scale);
  }

  /** A text, in {@code buffer}. */
  public static Utf8 textValue(Utf8Buffer buffer, Utf8 entry) {
    long from = at(entry) + 1;
    long end = entry.address + OrderedEntry.valueEnd(entry.length, true) - 2;
    buffer.reserve((int) (end - from) + 1);
    buffer.length = copyText(from, end, buffer.address);
    return buffer;
  }

  /** Copies a text without what escapes its zeros; returns its length. */
  static int copyText(long from, long end, long to) {
    long at = to;
    for (long i = from; i < end; i++) {
      byte value = Memory.getByte(i);
      Memory.putByte(at++, value);
      if (value == 0) {
        i++;
      }
    }
    return (int) (at - to);
  }
}
