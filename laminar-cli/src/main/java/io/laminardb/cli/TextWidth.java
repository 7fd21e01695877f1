package io.laminardb.cli;

import org.jline.utils.WCWidth;

/** Text in cells of a terminal: an ideograph takes two, a combining mark none. */
final class TextWidth {
  private TextWidth() {}

  /** The cells {@code text} takes; control characters count none. */
  static int of(String text) {
    int cells = 0;
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      cells += Math.max(0, WCWidth.wcwidth(character));
      i += Character.charCount(character);
    }
    return cells;
  }

  static String padRight(String text, int cells) {
    return text + " ".repeat(Math.max(0, cells - of(text)));
  }

  static String padLeft(String text, int cells) {
    return " ".repeat(Math.max(0, cells - of(text))) + text;
  }

  /** The beginning of {@code text} that fits; sequences that set colours take no cells and stay. */
  static String cut(String text, int cells) {
    StringBuilder kept = new StringBuilder();
    int used = 0;
    boolean full = false;
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      if (character == '\u001b') {
        int end = text.indexOf('m', i);
        int next = end < 0 ? text.length() : end + 1;
        kept.append(text, i, next);
        i = next;
        continue;
      }
      int width = Math.max(0, WCWidth.wcwidth(character));
      full |= used + width > cells;
      if (!full) {
        kept.appendCodePoint(character);
        used += width;
      }
      i += Character.charCount(character);
    }
    return kept.toString();
  }

  /** The cells {@code text} takes when it may hold sequences that set colours. */
  static int ofColored(String text) {
    return of(text.replaceAll("\u001b\\[[0-9;]*m", ""));
  }
}
