package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A text that each match of a regular expression contains, and how far from a match's start it can be:
 * texts without it are told apart by their bytes, and the others searched only from where a match can
 * begin. Searched for as by R. N. Horspool, Practical Fast Searching in Strings (1980).
 */
final class RequiredText {
  /** Of a pattern that requires no text, or that was not understood. */
  static final RequiredText NONE = new RequiredText("", Integer.MAX_VALUE);

  private final byte[] bytes;
  private final int[] shifts; // by the byte below the last place: how far no place matches
  private final int mostBefore; // characters of a match before it

  private RequiredText(String text, int mostBefore) {
    this.bytes = text.getBytes(StandardCharsets.US_ASCII);
    this.mostBefore = mostBefore;
    this.shifts = new int[256];
    Arrays.fill(shifts, bytes.length);
    for (int i = 0; i + 1 < bytes.length; i++) {
      shifts[bytes[i]] = bytes.length - 1 - i;
    }
  }

  /**
   * The longest text that all matches contain as one piece, of the outermost parts of a pattern.
   *
   * @param pattern what {@link java.util.regex.Pattern} compiles without flags that change letters
   */
  static RequiredText of(String pattern) {
    return new Reader(pattern).read();
  }

  /** The byte where the text begins for the first time, or -1. */
  int find(Utf8 text) {
    int last = bytes.length - 1;
    if (last < 0) {
      return 0;
    }
    long end = text.address + text.length;
    long at = text.address + last;
    while (at < end) {
      byte below = Memory.getByte(at);
      if (below == bytes[last] && endsAt(at)) {
        return (int) (at - last - text.address);
      }
      at += shifts[below & 0xff];
    }
    return -1;
  }

  /** The first character of a text of ASCII at which a match can begin, the text found at {@code at}. */
  int earliestStart(int at) {
    return Math.max(0, at - mostBefore);
  }

  private boolean endsAt(long last) {
    long first = last - bytes.length + 1;
    for (int i = 0; i + 1 < bytes.length; i++) {
      if (Memory.getByte(first + i) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /** Reads a pattern that compiles, as far as it needs; gives up at what it does not know. */
  private static final class Reader {
    private static final int NO_LETTER = -1;

    private final String pattern;
    private int at;
    private boolean lost;

    // of the part read last
    private int letter; // the one character it matches, or NO_LETTER
    private int least; // times it is repeated
    private int most;

    // of the outermost sequence
    private final StringBuilder run = new StringBuilder();
    private int runStart;
    private RequiredText longest = NONE;

    Reader(String pattern) {
      this.pattern = pattern;
    }

    RequiredText read() {
      sequence(true);
      return lost || at < pattern.length() ? NONE : longest;
    }

    /** Reads up to a bar or the end of a group; answers the characters it matches at most. */
    private int sequence(boolean outermost) {
      int width = 0;
      while (!is('|') && !is(')') && at < pattern.length()) {
        int partWidth = part();
        repetition();
        if (outermost) {
          extendRun(width);
        }
        width = (int) Math.min(Integer.MAX_VALUE, width + (long) partWidth * most);
      }
      if (outermost) {
        endRun();
      }
      return width;
    }

    private void extendRun(int width) {
      if (letter == NO_LETTER || least != 1 || most != 1) {
        endRun();
        return;
      }
      if (run.length() == 0) {
        runStart = width;
      }
      run.append((char) letter);
    }

    private void endRun() {
      if (run.length() > longest.bytes.length) {
        longest = new RequiredText(run.toString(), runStart);
      }
      run.setLength(0);
    }

    /** Reads one part without its repetition; answers the characters it matches at most. */
    private int part() {
      char c = pattern.charAt(at++);
      letter = NO_LETTER;
      return switch (c) {
        case '(' -> group();
        case '[' -> characterClass();
        case '\\' -> escaped();
        case '.' -> 1;
        case '^', '$' -> 0;
        case '*', '+', '?', '{' -> giveUp();
        default -> letter(c);
      };
    }

    private int letter(char c) {
      if (c >= 128) {
        return giveUp();
      }
      letter = c;
      return 1;
    }

    private int group() {
      if (is('?')) {
        at++;
        if (!is(':')) {
          return giveUp();
        }
        at++;
      }
      int width = sequence(false);
      while (is('|')) {
        at++;
        width = Math.max(width, sequence(false));
      }
      at++;
      letter = NO_LETTER;
      return width;
    }

    private int characterClass() {
      if (is('^')) {
        at++;
      }
      do {
        if (at >= pattern.length() || is('[') || pattern.startsWith("&&", at)) {
          return giveUp();
        }
        if (pattern.charAt(at++) == '\\') {
          escaped();
        }
      } while (!is(']'));
      at++;
      letter = NO_LETTER;
      return 1;
    }

    private int escaped() {
      char c = pattern.charAt(at++);
      if ("dDwWsS".indexOf(c) >= 0) {
        return 1;
      }
      if ("bBAzZ".indexOf(c) >= 0) {
        return 0;
      }
      return Character.isLetterOrDigit(c) ? giveUp() : letter(c);
    }

    private void repetition() {
      least = 1;
      most = 1;
      if (is('*') || is('+')) {
        least = is('+') ? 1 : 0;
        most = Integer.MAX_VALUE;
      } else if (is('?')) {
        least = 0;
      } else if (is('{')) {
        int end = pattern.indexOf('}', at);
        String[] bounds = pattern.substring(at + 1, end).split(",", -1);
        String last = bounds[bounds.length - 1];
        least = Integer.parseInt(bounds[0]);
        most = last.isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(last);
        at = end;
      } else {
        return;
      }
      at++;
      if (is('?') || is('+')) {
        at++; // as few, or as many as possible
      }
    }

    private boolean is(char c) {
      return at < pattern.length() && pattern.charAt(at) == c;
    }

    private int giveUp() {
      lost = true;
      at = pattern.length();
      return 0;
    }
  }
}
