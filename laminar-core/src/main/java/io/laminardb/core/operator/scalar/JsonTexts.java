package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** Values as JSON, from their texts. */
public final class JsonTexts {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };
  private static final int LONGEST_ESCAPE = 6;

  private JsonTexts() {}

  /** A text in quotes, with what JSON wants escaped escaped. */
  public static Utf8 quote(Utf8Buffer buffer, Utf8 text) {
    long start = buffer.reserve(LONGEST_ESCAPE * text.length + 2);
    long at = start;
    Memory.putByte(at++, (byte) '"');
    for (int i = 0; i < text.length; i++) {
      byte c = Memory.getByte(text.address + i);
      byte escape = escape(c);
      if (escape != 0) {
        Memory.putByte(at++, (byte) '\\');
        Memory.putByte(at++, escape);
        if (escape == 'u') {
          Memory.putByte(at++, (byte) '0');
          Memory.putByte(at++, (byte) '0');
          Memory.putByte(at++, HEX[c >> 4]);
          Memory.putByte(at++, HEX[c & 15]);
        }
      } else {
        Memory.putByte(at++, c);
      }
    }
    Memory.putByte(at++, (byte) '"');
    buffer.length = (int) (at - start);
    return buffer;
  }

  /** What follows the backslash; 0 for a byte that stands for itself. */
  private static byte escape(byte c) {
    return switch (c) {
      case '"', '\\' -> c;
      case '\b' -> 'b';
      case '\f' -> 'f';
      case '\n' -> 'n';
      case '\r' -> 'r';
      case '\t' -> 't';
      default -> c >= 0 && c < ' ' ? (byte) 'u' : 0;
    };
  }

  /** The text of a number; in quotes where JSON has no such number, as NaN. */
  public static Utf8 number(Utf8Buffer buffer, Utf8 text) {
    byte last = Memory.getByte(text.address + text.length - 1);
    return last >= '0' && last <= '9' ? text : quote(buffer, text);
  }
}
