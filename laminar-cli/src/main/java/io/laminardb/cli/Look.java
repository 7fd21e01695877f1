package io.laminardb.cli;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * How output looks: with colours or without, with lines of Unicode or of ASCII. Immutable.
 *
 * @param color whether to write ANSI colours
 * @param unicode whether the reader shows more than ASCII
 */
record Look(boolean color, boolean unicode) {
  static final Look PLAIN = new Look(false, false);

  private static final String RESET = "\u001b[0m";

  /**
   * What suits standard output: colours only on a terminal, and never where {@code NO_COLOR} is set.
   */
  static Look of(boolean terminal, Map<String, String> environment) {
    boolean color =
        terminal
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    String encoding = System.getProperty("native.encoding", Charset.defaultCharset().name());
    return new Look(color, StandardCharsets.UTF_8.name().equalsIgnoreCase(encoding));
  }

  String bold(String text) {
    return paint("1", text);
  }

  String dim(String text) {
    return paint("2", text);
  }

  String red(String text) {
    return paint("31", text);
  }

  String green(String text) {
    return paint("32", text);
  }

  String cyan(String text) {
    return paint("36", text);
  }

  private String paint(String style, String text) {
    return color && !text.isEmpty() ? "\u001b[" + style + "m" + text + RESET : text;
  }

  /** Between two columns. */
  String columnLine() {
    return unicode ? "│" : "|";
  }

  /** Below the names of columns. */
  String rowLine() {
    return unicode ? "─" : "-";
  }

  /** Where the two cross. */
  String cross() {
    return unicode ? "┼" : "+";
  }

  /** Between two words of one line. */
  String dot() {
    return unicode ? "·" : "-";
  }
}
