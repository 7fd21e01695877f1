package io.laminardb.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Cuts SQL text at the semicolons that end statements, not at those in strings, quoted names and
 * comments. It knows no grammar: what is between two cuts is for the database to judge.
 */
final class StatementSplitter {
  /**
   * A statement.
   *
   * @param text from its first character to the last before the semicolon
   * @param line of its first character, from 1
   * @param column of its first character, from 1
   * @param closed whether a semicolon follows
   */
  record Piece(String text, int line, int column, boolean closed) {
    /** The text moved to its own place, so that errors in it name the line of the whole text. */
    String inPlace() {
      return "\n".repeat(line - 1) + " ".repeat(column - 1) + text;
    }

    /** The first word in upper case, or nothing; comments before it are skipped. */
    String firstWord() {
      int from = skipBlanksAndComments(text, 0);
      int to = from;
      while (to < text.length() && Character.isLetter(text.charAt(to))) {
        to++;
      }
      return text.substring(from, to).toUpperCase(Locale.ROOT);
    }
  }

  private StatementSplitter() {}

  /** The statements of {@code sql} in order; pieces without any word are left out. */
  static List<Piece> split(String sql) {
    List<Piece> pieces = new ArrayList<>();
    int start = 0;
    int at = 0;
    while (at < sql.length()) {
      if (sql.charAt(at) == ';') {
        add(pieces, sql, start, at, true);
        at++;
        start = at;
      } else {
        at = endOfToken(sql, at);
      }
    }
    add(pieces, sql, start, sql.length(), false);
    return pieces;
  }

  /** Whether every statement of {@code sql} has its semicolon and no string or comment is open. */
  static boolean isComplete(String sql) {
    List<Piece> pieces = split(sql);
    return pieces.isEmpty() || pieces.get(pieces.size() - 1).closed();
  }

  private static void add(List<Piece> pieces, String sql, int start, int end, boolean closed) {
    int first = skipBlanksAndComments(sql.substring(0, end), start);
    if (first >= end) {
      return;
    }
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < first; i++) {
      if (sql.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    String text = sql.substring(first, end).stripTrailing();
    pieces.add(new Piece(text, line, first - lineStart + 1, closed));
  }

  /** The index behind the string, quoted name, comment or single character at {@code at}. */
  private static int endOfToken(String sql, int at) {
    char c = sql.charAt(at);
    if (c == '\'' || c == '"' || c == '`') {
      return closing(sql, String.valueOf(c), at + 1);
    }
    if (startsLineComment(sql, at)) {
      return closing(sql, "\n", at);
    }
    return sql.startsWith("/*", at) ? closing(sql, "*/", at + 2) : at + 1;
  }

  private static int closing(String sql, String end, int from) {
    int found = sql.indexOf(end, from);
    return found < 0 ? sql.length() : found + end.length();
  }

  private static boolean startsLineComment(String sql, int at) {
    return sql.startsWith("--", at) || sql.startsWith("//", at);
  }

  /** An unclosed block comment is text: the rest is not complete, and the database says why. */
  private static int skipBlanksAndComments(String sql, int from) {
    int at = from;
    while (at < sql.length()) {
      if (Character.isWhitespace(sql.charAt(at))) {
        at++;
      } else if (startsLineComment(sql, at)) {
        at = closing(sql, "\n", at);
      } else if (sql.startsWith("/*", at) && sql.indexOf("*/", at + 2) >= 0) {
        at = closing(sql, "*/", at + 2);
      } else {
        return at;
      }
    }
    return at;
  }
}
