package io.laminardb.internal.row;

import io.laminardb.core.memory.Memory;

/** Writes Java strings as UTF-8 off the heap. An unpaired surrogate becomes {@code ?}. */
final class Utf8Encoder {
  private Utf8Encoder() {}

  /** Bytes that {@link #encode} writes; at most three a char. */
  static long length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (isPair(text, i)) {
        bytes += 4;
        i++;
      } else {
        bytes++;
      }
    }
    return bytes;
  }

  /** Writes {@code text} to {@code address}, where there must be room, and returns its bytes. */
  static int encode(String text, long address) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        return i + encodeRest(text, i, address + i);
      }
      Memory.putByte(address + i, (byte) c);
    }
    return length;
  }

  private static int encodeRest(String text, int index, long address) {
    long at = address;
    int length = text.length();
    for (int i = index; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        Memory.putByte(at++, (byte) c);
      } else if (c < 0x800) {
        Memory.putByte(at++, (byte) (0xc0 | c >> 6));
        Memory.putByte(at++, (byte) (0x80 | c & 0x3f));
      } else if (!Character.isSurrogate(c)) {
        Memory.putByte(at++, (byte) (0xe0 | c >> 12));
        Memory.putByte(at++, (byte) (0x80 | c >> 6 & 0x3f));
        Memory.putByte(at++, (byte) (0x80 | c & 0x3f));
      } else if (isPair(text, i)) {
        int codePoint = Character.toCodePoint(c, text.charAt(++i));
        Memory.putByte(at++, (byte) (0xf0 | codePoint >> 18));
        Memory.putByte(at++, (byte) (0x80 | codePoint >> 12 & 0x3f));
        Memory.putByte(at++, (byte) (0x80 | codePoint >> 6 & 0x3f));
        Memory.putByte(at++, (byte) (0x80 | codePoint & 0x3f));
      } else {
        Memory.putByte(at++, (byte) '?');
      }
    }
    return (int) (at - address);
  }

  private static boolean isPair(String text, int index) {
    return index + 1 < text.length()
        && Character.isSurrogatePair(text.charAt(index), text.charAt(index + 1));
  }
}
