package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/**
 * Reads JSON (RFC 8259) where it lies, off the heap, without allocating. Positions are bytes from the
 * beginning of the text. One thread.
 */
final class JsonScanner {
  private static final int DEEPEST = 512;
  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private long address;
  private int end;
  private int at;

  /** Looks at a text. */
  void open(Utf8 text) {
    address = text.address;
    end = text.length;
    at = 0;
  }

  int at() {
    return at;
  }

  void at(int position) {
    at = position;
  }

  /** The byte at the position, or 0 at the end. */
  byte peek() {
    return at < end ? Memory.getByte(address + at) : 0;
  }

  void skipBlanks() {
    while (at < end) {
      byte c = Memory.getByte(address + at);
      if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
        return;
      }
      at++;
    }
  }

  /** Whether the text is one JSON value and nothing else. */
  boolean isValid() {
    at = 0;
    skipBlanks();
    boolean valid = skipValue(0);
    skipBlanks();
    return valid && at == end;
  }

  /** Passes over the value at the position. */
  boolean skipValue() {
    return skipValue(0);
  }

  private boolean skipValue(int depth) {
    if (depth > DEEPEST) {
      return false;
    }
    return switch (peek()) {
      case '{' -> skipMembers(depth, '}', true);
      case '[' -> skipMembers(depth, ']', false);
      case '"' -> skipText();
      case 't' -> skipWord(TRUE);
      case 'f' -> skipWord(FALSE);
      case 'n' -> skipWord(NULL);
      default -> skipNumber();
    };
  }

  private boolean skipMembers(int depth, char close, boolean keys) {
    at++;
    skipBlanks();
    if (peek() == close) {
      at++;
      return true;
    }
    while (true) {
      skipBlanks();
      if (keys && !(skipText() && skipColon())) {
        return false;
      }
      if (!skipValue(depth + 1)) {
        return false;
      }
      skipBlanks();
      byte c = peek();
      at++;
      if (c == close) {
        return true;
      }
      if (c != ',') {
        return false;
      }
    }
  }

  /** Moves from an opening bracket or the end of a member to the next member, if there is one. */
  boolean next() {
    skipBlanks();
    if (peek() == ']' || peek() == '}') {
      return false;
    }
    at++; // the bracket or the comma
    skipBlanks();
    return peek() != ']' && peek() != '}';
  }

  /** Passes over the colon behind a key, and the blanks around it. */
  boolean skipColon() {
    skipBlanks();
    if (peek() != ':') {
      return false;
    }
    at++;
    skipBlanks();
    return true;
  }

  /** Passes over a text in quotes. */
  boolean skipText() {
    if (peek() != '"') {
      return false;
    }
    at++;
    while (at < end) {
      byte c = Memory.getByte(address + at++);
      if (c == '"') {
        return true;
      }
      if (c >= 0 && c < ' ' || c == '\\' && !skipEscape()) {
        return false;
      }
    }
    return false;
  }

  private boolean skipEscape() {
    byte c = peek();
    at++;
    if (c != 'u') {
      return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r'
          || c == 't';
    }
    for (int i = 0; i < 4; i++, at++) {
      if (Character.digit(peek(), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private boolean skipWord(byte[] word) {
    for (byte c : word) {
      if (peek() != c) {
        return false;
      }
      at++;
    }
    return true;
  }

  private boolean skipNumber() {
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else if (!skipDigits()) {
      return false;
    }
    if (peek() == '.') {
      at++;
      if (!skipDigits()) {
        return false;
      }
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      return skipDigits();
    }
    return true;
  }

  private boolean skipDigits() {
    int first = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    return at > first;
  }

  /** Whether the text in quotes at the position means {@code key}; passes over it. */
  boolean isKey(byte[] key, Utf8Buffer buffer) {
    int from = at;
    skipText();
    decode(from, at, buffer);
    return LikePattern.same(key, buffer);
  }

  /** What the text in quotes in {@code [from, to)} means. */
  Utf8 decode(int from, int to, Utf8Buffer buffer) {
    long out = buffer.reserve(Math.max(1, to - from));
    int length = 0;
    for (int i = from + 1; i < to - 1; i++) {
      byte c = Memory.getByte(address + i);
      if (c != '\\') {
        Memory.putByte(out + length++, c);
        continue;
      }
      c = Memory.getByte(address + ++i);
      if (c == 'u') {
        int unit = hex(i + 1);
        i += 4;
        boolean pair =
            Character.isHighSurrogate((char) unit)
                && i + 6 < to - 1
                && Memory.getByte(address + i + 1) == '\\'
                && Memory.getByte(address + i + 2) == 'u'
                && Character.isLowSurrogate((char) hex(i + 3));
        int codePoint = unit;
        if (pair) {
          codePoint = Character.toCodePoint((char) unit, (char) hex(i + 3));
          i += 6;
        } else if (Character.isSurrogate((char) unit)) {
          codePoint = 0xfffd;
        }
        length = put(out, length, codePoint);
      } else {
        Memory.putByte(out + length++, unescaped(c));
      }
    }
    buffer.length = length;
    return buffer;
  }

  private int hex(int from) {
    int value = 0;
    for (int i = from; i < from + 4; i++) {
      value = value << 4 | Character.digit(Memory.getByte(address + i), 16);
    }
    return value;
  }

  private static byte unescaped(byte c) {
    return switch (c) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> c;
    };
  }

  private static int put(long out, int length, int codePoint) {
    int at = length;
    if (codePoint < 0x80) {
      Memory.putByte(out + at++, (byte) codePoint);
    } else if (codePoint < 0x800) {
      Memory.putByte(out + at++, (byte) (0xc0 | codePoint >> 6));
      Memory.putByte(out + at++, (byte) (0x80 | codePoint & 0x3f));
    } else {
      if (codePoint < 0x10000) {
        Memory.putByte(out + at++, (byte) (0xe0 | codePoint >> 12));
      } else {
        Memory.putByte(out + at++, (byte) (0xf0 | codePoint >> 18));
        Memory.putByte(out + at++, (byte) (0x80 | codePoint >> 12 & 0x3f));
      }
      Memory.putByte(out + at++, (byte) (0x80 | codePoint >> 6 & 0x3f));
      Memory.putByte(out + at++, (byte) (0x80 | codePoint & 0x3f));
    }
    return at;
  }

  /** The value in {@code [from, to)} without the blanks between its parts. */
  Utf8 compact(int from, int to, Utf8Buffer buffer) {
    long out = buffer.reserve(Math.max(1, to - from));
    int length = 0;
    boolean inText = false;
    for (int i = from; i < to; i++) {
      byte c = Memory.getByte(address + i);
      if (inText && c == '\\') {
        Memory.putByte(out + length++, c);
        c = Memory.getByte(address + ++i);
      } else if (c == '"') {
        inText = !inText;
      } else if (!inText && (c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
        continue;
      }
      Memory.putByte(out + length++, c);
    }
    buffer.length = length;
    return buffer;
  }
}
