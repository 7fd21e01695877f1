package io.laminardb.core.ring;

import io.laminardb.core.memory.Memory;

/** UTF-16 to UTF-8 off the heap, without allocation. */
final class Utf8Encoder {
  private Utf8Encoder() {}

  /** Bytes of {@code text} in UTF-8. */
  static long length(CharSequence text) {
    long bytes = 0;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (isPair(text, i, length)) {
        bytes += 4;
        i++;
      } else {
        bytes += Character.isSurrogate(c) ? 1 : 3;
      }
    }
    return bytes;
  }

  /** Writes {@link #length} bytes at {@code address}. */
  static void encode(CharSequence text, long address) {
    long at = address;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        Memory.putByte(at++, (byte) c);
      } else if (c < 0x800) {
        Memory.putByte(at++, (byte) (0xc0 | c >> 6));
        Memory.putByte(at++, (byte) (0x80 | c & 0x3f));
      } else if (isPair(text, i, length)) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        Memory.putByte(at++, (byte) (0xf0 | point >> 18));
        Memory.putByte(at++, (byte) (0x80 | point >> 12 & 0x3f));
        Memory.putByte(at++, (byte) (0x80 | point >> 6 & 0x3f));
        Memory.putByte(at++, (byte) (0x80 | point & 0x3f));
      } else if (Character.isSurrogate(c)) {
        Memory.putByte(at++, (byte) '?');
      } else {
        Memory.putByte(at++, (byte) (0xe0 | c >> 12));
        Memory.putByte(at++, (byte) (0x80 | c >> 6 & 0x3f));
        Memory.putByte(at++, (byte) (0x80 | c & 0x3f));
      }
    }
  }

  private static boolean isPair(CharSequence text, int index, int length) {
    return Character.isHighSurrogate(text.charAt(index))
        && index + 1 < length
        && Character.isLowSurrogate(text.charAt(index + 1));
  }
}
