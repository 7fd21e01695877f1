package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import java.util.Arrays;

/**
 * LIKE and ILIKE: {@code %} stands for any text, {@code _} for one code point. Remembers the last
 * pattern, so that a constant one is prepared once.
 */
public final class LikePattern {
  private static final int ANY = -1;
  private static final int ONE = -2;

  private byte[] lastPattern;
  private byte[] lastEscape = {};
  private boolean lastFold;
  private int[] tokens = {}; // code points, ANY and ONE

  public boolean like(Utf8 text, Utf8 pattern) {
    prepare(pattern, null, false);
    return matches(text, false);
  }

  public boolean like(Utf8 text, Utf8 pattern, Utf8 escape) {
    prepare(pattern, escape, false);
    return matches(text, false);
  }

  public boolean ilike(Utf8 text, Utf8 pattern) {
    prepare(pattern, null, true);
    return matches(text, true);
  }

  public boolean ilike(Utf8 text, Utf8 pattern, Utf8 escape) {
    prepare(pattern, escape, true);
    return matches(text, true);
  }

  public boolean notLike(Utf8 text, Utf8 pattern) {
    return !like(text, pattern);
  }

  public boolean notLike(Utf8 text, Utf8 pattern, Utf8 escape) {
    return !like(text, pattern, escape);
  }

  public boolean notIlike(Utf8 text, Utf8 pattern) {
    return !ilike(text, pattern);
  }

  public boolean notIlike(Utf8 text, Utf8 pattern, Utf8 escape) {
    return !ilike(text, pattern, escape);
  }

  private void prepare(Utf8 pattern, Utf8 escape, boolean fold) {
    boolean known =
        lastPattern != null
            && fold == lastFold
            && same(lastPattern, pattern)
            && (escape == null ? lastEscape.length == 0 : same(lastEscape, escape));
    if (!known) {
      lastPattern = bytes(pattern);
      lastEscape = escape == null ? new byte[0] : bytes(escape);
      lastFold = fold;
      tokens = parse(pattern.toString(), escape == null ? "" : escape.toString(), fold);
    }
  }

  private static int[] parse(String pattern, String escape, boolean fold) {
    if (escape.codePointCount(0, escape.length()) > 1) {
      throw Failures.argument("ESCAPE '" + escape + "' is not one character.");
    }
    int escapeChar = escape.isEmpty() ? -3 : escape.codePointAt(0);
    int[] points = pattern.codePoints().toArray();
    int[] result = new int[points.length];
    int count = 0;
    for (int i = 0; i < points.length; i++) {
      int c = points[i];
      if (c == escapeChar) {
        if (++i == points.length) {
          throw Failures.argument("the LIKE pattern '" + pattern + "' ends with its escape.");
        }
        result[count++] = fold ? fold(points[i]) : points[i];
      } else if (c == '%') {
        if (count == 0 || result[count - 1] != ANY) {
          result[count++] = ANY;
        }
      } else {
        result[count++] = c == '_' ? ONE : fold ? fold(c) : c;
      }
    }
    return Arrays.copyOf(result, count);
  }

  /** Greedy, going back to the last {@code %} only: linear in most cases, never exponential. */
  private boolean matches(Utf8 text, boolean fold) {
    int at = 0;
    int token = 0;
    int anyToken = -1;
    int anyAt = 0;
    while (at < text.length) {
      int width = width(Memory.getByte(text.address + at));
      if (token < tokens.length && tokens[token] == ANY) {
        anyToken = token++;
        anyAt = at;
      } else if (token < tokens.length
          && (tokens[token] == ONE || tokens[token] == codePoint(text, at, width, fold))) {
        token++;
        at += width;
      } else if (anyToken >= 0) {
        token = anyToken + 1;
        anyAt += width(Memory.getByte(text.address + anyAt));
        at = anyAt;
      } else {
        return false;
      }
    }
    while (token < tokens.length && tokens[token] == ANY) {
      token++;
    }
    return token == tokens.length;
  }

  private static int codePoint(Utf8 text, int at, int width, boolean fold) {
    int first = Memory.getByte(text.address + at);
    if (width == 1) {
      return fold ? fold(first) : first;
    }
    int point = first & (0xff >> (width + 1));
    for (int i = 1; i < width && at + i < text.length; i++) {
      point = point << 6 | Memory.getByte(text.address + at + i) & 0x3f;
    }
    return fold ? fold(point) : point;
  }

  private static int width(byte first) {
    return first >= 0 ? 1 : (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : 4;
  }

  private static int fold(int codePoint) {
    return codePoint < 128
        ? codePoint >= 'A' && codePoint <= 'Z' ? codePoint + 32 : codePoint
        : Character.toLowerCase(Character.toUpperCase(codePoint));
  }

  static byte[] bytes(Utf8 text) {
    byte[] bytes = new byte[text.length];
    Memory.copyToHeap(text.address, bytes, 0, text.length);
    return bytes;
  }

  static boolean same(byte[] bytes, Utf8 text) {
    if (bytes.length != text.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != Memory.getByte(text.address + i)) {
        return false;
      }
    }
    return true;
  }
}
