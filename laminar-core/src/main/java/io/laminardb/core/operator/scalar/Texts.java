package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.util.Locale;

/**
 * Text functions over UTF-8. Positions and lengths count code points from 1. A result that is a part
 * of an argument is a view of it; {@code buffer} then only carries the view.
 */
public final class Texts {
  private static final long LONGEST_RESULT = 64L << 20;

  private Texts() {}

  /** Code points. */
  public static int length(Utf8 text) {
    int count = 0;
    for (int i = 0; i < text.length; i++) {
      if ((Memory.getByte(text.address + i) & 0xc0) != 0x80) {
        count++;
      }
    }
    return count;
  }

  public static int octetLength(Utf8 text) {
    return text.length;
  }

  /** The byte at which code point {@code index} (from 0) begins, or the length. */
  static int byteOf(Utf8 text, long index) {
    int at = 0;
    for (long i = 0; i < index && at < text.length; i++) {
      at++;
      while (at < text.length && (Memory.getByte(text.address + at) & 0xc0) == 0x80) {
        at++;
      }
    }
    return at;
  }

  static Utf8 slice(Utf8Buffer buffer, Utf8 text, int from, int to) {
    return buffer.set(text.address + from, Math.max(0, to - from));
  }

  /** From a position to the end; a negative position counts from the end. */
  public static Utf8 substring(Utf8Buffer buffer, Utf8 text, int from) {
    long start = from > 0 ? from - 1L : from < 0 ? Math.max(0, (long) length(text) + from) : 0;
    return slice(buffer, text, byteOf(text, start), text.length);
  }

  /** As {@link #substring(Utf8Buffer, Utf8, int)}, {@code count} code points; backwards if negative. */
  public static Utf8 substring(Utf8Buffer buffer, Utf8 text, int from, int count) {
    long size = from < 0 || count < 0 ? length(text) : 0;
    long start = from > 0 ? from - 1L : from < 0 ? size + from : -1;
    long end = start + count;
    if (count < 0) {
      long swap = start;
      start = end;
      end = swap;
    }
    start = Math.max(0, start);
    end = Math.max(start, end);
    int first = byteOf(text, start);
    buffer.set(text.address + first, text.length - first);
    int length = byteOf(buffer, end - start);
    return buffer.set(text.address + first, length);
  }

  /** The first {@code count} code points; all but the last ones where negative. */
  public static Utf8 left(Utf8Buffer buffer, Utf8 text, int count) {
    long wanted = count >= 0 ? count : Math.max(0, (long) length(text) + count);
    return slice(buffer, text, 0, byteOf(text, wanted));
  }

  /** The last {@code count} code points; all but the first ones where negative. */
  public static Utf8 right(Utf8Buffer buffer, Utf8 text, int count) {
    long skipped = count >= 0 ? Math.max(0, (long) length(text) - count) : -(long) count;
    return slice(buffer, text, byteOf(text, skipped), text.length);
  }

  /** TRIM(BOTH | LEADING | TRAILING characters FROM text). */
  public static Utf8 trim(Utf8Buffer buffer, String side, Utf8 characters, Utf8 text) {
    return trim(buffer, text, characters, !side.equals("TRAILING"), !side.equals("LEADING"));
  }

  /** Without the blanks at both ends. */
  public static Utf8 trim(Utf8Buffer buffer, Utf8 text) {
    return trimBlanks(buffer, text, true, true);
  }

  public static Utf8 trim(Utf8Buffer buffer, Utf8 text, Utf8 characters) {
    return trim(buffer, text, characters, true, true);
  }

  public static Utf8 leftTrim(Utf8Buffer buffer, Utf8 text) {
    return trimBlanks(buffer, text, true, false);
  }

  public static Utf8 leftTrim(Utf8Buffer buffer, Utf8 text, Utf8 characters) {
    return trim(buffer, text, characters, true, false);
  }

  public static Utf8 rightTrim(Utf8Buffer buffer, Utf8 text) {
    return trimBlanks(buffer, text, false, true);
  }

  public static Utf8 rightTrim(Utf8Buffer buffer, Utf8 text, Utf8 characters) {
    return trim(buffer, text, characters, false, true);
  }

  private static Utf8 trimBlanks(Utf8Buffer buffer, Utf8 text, boolean left, boolean right) {
    int from = 0;
    int to = text.length;
    while (left && from < to && Memory.getByte(text.address + from) == ' ') {
      from++;
    }
    while (right && from < to && Memory.getByte(text.address + to - 1) == ' ') {
      to--;
    }
    return slice(buffer, text, from, to);
  }

  private static Utf8 trim(
      Utf8Buffer buffer, Utf8 text, Utf8 characters, boolean left, boolean right) {
    int from = 0;
    int to = text.length;
    while (left && from < to) {
      int end = from + widthAt(text, from);
      if (!hasCharacter(characters, text, from, end)) {
        break;
      }
      from = end;
    }
    while (right && from < to) {
      int start = to - 1;
      while (start > from && (Memory.getByte(text.address + start) & 0xc0) == 0x80) {
        start--;
      }
      if (!hasCharacter(characters, text, start, to)) {
        break;
      }
      to = start;
    }
    return slice(buffer, text, from, to);
  }

  /** Bytes of the code point that begins at byte {@code at}. */
  private static int widthAt(Utf8 text, int at) {
    int next = at + 1;
    while (next < text.length && (Memory.getByte(text.address + next) & 0xc0) == 0x80) {
      next++;
    }
    return next - at;
  }

  private static boolean hasCharacter(Utf8 characters, Utf8 text, int from, int to) {
    for (int at = 0; at < characters.length; ) {
      int width = widthAt(characters, at);
      if (width == to - from && Memory.equal(characters.address + at, text.address + from, width)) {
        return true;
      }
      at += width;
    }
    return false;
  }

  static boolean isAscii(Utf8 text) {
    int i = 0;
    for (; i + 8 <= text.length; i += 8) {
      if ((Memory.getLong(text.address + i) & 0x8080808080808080L) != 0) {
        return false;
      }
    }
    for (; i < text.length; i++) {
      if (Memory.getByte(text.address + i) < 0) {
        return false;
      }
    }
    return true;
  }

  public static Utf8 upper(Utf8Buffer buffer, Utf8 text) {
    return isAscii(text)
        ? shiftCase(buffer, text, 'a', 'z', -32)
        : buffer.setString(mapCodePoints(text, true));
  }

  public static Utf8 lower(Utf8Buffer buffer, Utf8 text) {
    return isAscii(text)
        ? shiftCase(buffer, text, 'A', 'Z', 32)
        : buffer.setString(mapCodePoints(text, false));
  }

  /** One code point for one, so that lengths stay. */
  private static String mapCodePoints(Utf8 text, boolean upper) {
    StringBuilder result = new StringBuilder(text.length);
    text.toString()
        .codePoints()
        .forEach(
            c ->
                result.appendCodePoint(
                    upper ? Character.toUpperCase(c) : Character.toLowerCase(c)));
    return result.toString();
  }

  private static Utf8 shiftCase(Utf8Buffer buffer, Utf8 text, int first, int last, int shift) {
    long to = buffer.reserve(Math.max(1, text.length));
    for (int i = 0; i < text.length; i++) {
      byte c = Memory.getByte(text.address + i);
      Memory.putByte(to + i, c >= first && c <= last ? (byte) (c + shift) : c);
    }
    buffer.length = text.length;
    return buffer;
  }

  /** The first letter of every word large, the others small. */
  public static Utf8 initcap(Utf8Buffer buffer, Utf8 text) {
    StringBuilder result = new StringBuilder(text.length);
    boolean inWord = false;
    String string = text.toString();
    for (int i = 0; i < string.length(); ) {
      int c = string.codePointAt(i);
      result.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
      inWord = Character.isLetterOrDigit(c);
      i += Character.charCount(c);
    }
    return buffer.setString(result.toString());
  }

  /** The operator ||. */
  public static Utf8 concat(Utf8Buffer buffer, Utf8 left, Utf8 right) {
    long length = (long) left.length + right.length;
    long to = buffer.reserve(size(length));
    Memory.copy(left.address, to, left.length);
    Memory.copy(right.address, to + left.length, right.length);
    buffer.length = (int) length;
    return buffer;
  }

  public static Utf8 leftPad(Utf8Buffer buffer, Utf8 text, int length) {
    return buffer.setString(pad(text, length, " ", true));
  }

  public static Utf8 leftPad(Utf8Buffer buffer, Utf8 text, int length, Utf8 with) {
    return buffer.setString(pad(text, length, with.toString(), true));
  }

  public static Utf8 rightPad(Utf8Buffer buffer, Utf8 text, int length) {
    return buffer.setString(pad(text, length, " ", false));
  }

  public static Utf8 rightPad(Utf8Buffer buffer, Utf8 text, int length, Utf8 with) {
    return buffer.setString(pad(text, length, with.toString(), false));
  }

  private static String pad(Utf8 text, int length, String with, boolean left) {
    String string = text.toString();
    int own = string.codePointCount(0, string.length());
    if (own >= length) {
      return string.substring(0, string.offsetByCodePoints(0, Math.max(0, length)));
    }
    if (with.isEmpty()) {
      return string;
    }
    size(length);
    StringBuilder padding = new StringBuilder();
    int[] filler = with.codePoints().toArray();
    for (int i = 0; i < length - own; i++) {
      padding.appendCodePoint(filler[i % filler.length]);
    }
    return left ? padding + string : string + padding;
  }

  /** Where {@code part} begins in {@code text}, or 0. */
  public static int position(Utf8 part, Utf8 text) {
    int at = indexOf(text, part, 0);
    if (at < 0) {
      return 0;
    }
    int count = 1;
    for (int i = 0; i < at; i++) {
      if ((Memory.getByte(text.address + i) & 0xc0) != 0x80) {
        count++;
      }
    }
    return count;
  }

  /** {@link #position} with the arguments the other way round. */
  public static int strpos(Utf8 text, Utf8 part) {
    return position(part, text);
  }

  static int indexOf(Utf8 text, Utf8 part, int from) {
    for (int at = from; at + part.length <= text.length; at++) {
      if (Memory.equal(text.address + at, part.address, part.length)) {
        return at;
      }
    }
    return -1;
  }

  public static boolean contains(Utf8 text, Utf8 part) {
    return indexOf(text, part, 0) >= 0;
  }

  public static boolean startsWith(Utf8 text, Utf8 part) {
    return text.length >= part.length && Memory.equal(text.address, part.address, part.length);
  }

  public static boolean endsWith(Utf8 text, Utf8 part) {
    return text.length >= part.length
        && Memory.equal(text.address + text.length - part.length, part.address, part.length);
  }

  public static Utf8 replace(Utf8Buffer buffer, Utf8 text, Utf8 part, Utf8 with) {
    int at = part.length == 0 ? -1 : indexOf(text, part, 0);
    if (at < 0) {
      return slice(buffer, text, 0, text.length);
    }
    int length = 0;
    int from = 0;
    buffer.reserve(Math.max(1, text.length));
    while (at >= 0) {
      long to = buffer.grow(size((long) length + at - from + with.length), length);
      Memory.copy(text.address + from, to + length, at - from);
      Memory.copy(with.address, to + length + at - from, with.length);
      length += at - from + with.length;
      from = at + part.length;
      at = indexOf(text, part, from);
    }
    long to = buffer.grow(size((long) length + text.length - from), length);
    Memory.copy(text.address + from, to + length, text.length - from);
    buffer.length = length + text.length - from;
    return buffer;
  }

  public static Utf8 reverse(Utf8Buffer buffer, Utf8 text) {
    long to = buffer.reserve(Math.max(1, text.length));
    for (int at = 0; at < text.length; ) {
      int width = widthAt(text, at);
      Memory.copy(text.address + at, to + text.length - at - width, width);
      at += width;
    }
    buffer.length = text.length;
    return buffer;
  }

  public static Utf8 repeat(Utf8Buffer buffer, Utf8 text, long count) {
    long times = Math.max(0, count);
    if (text.length > 0 && times > LONGEST_RESULT / text.length) {
      size(LONGEST_RESULT + 1);
    }
    int length = text.length == 0 ? 0 : (int) (text.length * times);
    long to = buffer.reserve(Math.max(1, length));
    for (int at = 0; at < length; at += text.length) {
      Memory.copy(text.address, to + at, text.length);
    }
    buffer.length = length;
    return buffer;
  }

  /** Part {@code index} (from 1; negative from the end) between separators; empty if there is none. */
  public static Utf8 splitPart(Utf8Buffer buffer, Utf8 text, Utf8 separator, int index) {
    if (separator.length == 0) { // every character is a part
      int from = index > 0 ? index : length(text) + 1 + index;
      return index == 0 || from < 1 ? slice(buffer, text, 0, 0) : substring(buffer, text, from, 1);
    }
    int wanted = index;
    if (index < 0) {
      int parts = 1;
      for (int at = indexOf(text, separator, 0); at >= 0; parts++) {
        at = indexOf(text, separator, at + separator.length);
      }
      wanted = parts + 1 + index;
    }
    int from = 0;
    for (int part = 1; wanted > 0; part++) {
      int at = indexOf(text, separator, from);
      if (part == wanted) {
        return slice(buffer, text, from, at < 0 ? text.length : at);
      }
      if (at < 0) {
        break;
      }
      from = at + separator.length;
    }
    return slice(buffer, text, 0, 0);
  }

  /** The first code point as a number; 0 for an empty text. */
  public static int ascii(Utf8 text) {
    return text.length == 0 ? 0 : text.toString().codePointAt(0);
  }

  public static Utf8 chr(Utf8Buffer buffer, int codePoint) {
    if (!Character.isValidCodePoint(codePoint)
        || codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
      throw Failures.argument("CHR has no character for " + codePoint + ".");
    }
    return buffer.setString(Character.toString(codePoint));
  }

  public static Utf8 toHex(Utf8Buffer buffer, long value) {
    return buffer.setString(Long.toHexString(value).toUpperCase(Locale.ROOT));
  }

  /** Every character that is in {@code from} becomes the one at the same place of {@code to}. */
  public static Utf8 translate(Utf8Buffer buffer, Utf8 text, Utf8 from, Utf8 to) {
    int[] sources = from.toString().codePoints().toArray();
    int[] targets = to.toString().codePoints().toArray();
    StringBuilder result = new StringBuilder(text.length);
    text.toString()
        .codePoints()
        .forEach(
            c -> {
              int i = 0;
              while (i < sources.length && sources[i] != c) {
                i++;
              }
              if (i == sources.length) {
                result.appendCodePoint(c);
              } else if (i < targets.length) {
                result.appendCodePoint(targets[i]);
              }
            });
    return buffer.setString(result.toString());
  }

  static int size(long bytes) {
    if (bytes > LONGEST_RESULT) {
      throw Failures.argument("a text of " + bytes + " bytes is longer than 64 MiB.");
    }
    return (int) Math.max(1, bytes);
  }
}
