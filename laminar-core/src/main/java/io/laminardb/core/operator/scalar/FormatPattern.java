package io.laminardb.core.operator.scalar;

import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of FORMAT, {@code {:8.2f}} as in Python and the C++ library fmt, or of PRINTF, {@code
 * %8.2f} as in C: texts, and places for arguments between them. Immutable.
 */
final class FormatPattern {
  /**
   * A text, or a place.
   *
   * @param text as it is written; null for a place
   * @param argument which one stands there, from 0
   * @param spec how; null for a text
   */
  record Piece(String text, int argument, FormatSpec spec) {}

  private static final String WIDEST = "1000000";

  private final String pattern;
  private final List<Piece> pieces = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private int at;
  private int nextArgument; // -1 where arguments are numbered

  private FormatPattern(String pattern) {
    this.pattern = pattern;
  }

  /** Reads a pattern of FORMAT. */
  static List<Piece> ofBraces(String pattern) {
    return new FormatPattern(pattern).braces();
  }

  /** Reads a pattern of PRINTF. */
  static List<Piece> ofPercents(String pattern) {
    return new FormatPattern(pattern).percents();
  }

  private List<Piece> braces() {
    while (at < pattern.length()) {
      char c = pattern.charAt(at++);
      if ((c == '{' || c == '}') && peek() == c) {
        text.append(c);
        at++;
      } else if (c == '{') {
        int argument = argument(number());
        FormatSpec spec = accept(':') ? bracesSpec() : FormatSpec.PLAIN;
        if (!accept('}')) {
          throw unreadable("a place ends with }");
        }
        place(argument, spec);
      } else if (c == '}') {
        throw unreadable("a } that is no end is written }}");
      } else {
        text.append(c);
      }
    }
    return finished();
  }

  /** {@code [[fill]align][sign][#][0][width][group][.precision][type]}. */
  private FormatSpec bracesSpec() {
    FormatSpec spec = FormatSpec.PLAIN;
    if (at + 1 < pattern.length() && "<>^=".indexOf(pattern.charAt(at + 1)) >= 0) {
      spec = spec.aligned(pattern.charAt(at), pattern.charAt(at + 1));
      at += 2;
    } else if (at < pattern.length() && "<>^=".indexOf(peek()) >= 0) {
      spec = spec.aligned(' ', pattern.charAt(at++));
    }
    if (peek() == '+' || peek() == '-' || peek() == ' ') {
      spec = spec.signed(pattern.charAt(at++));
    }
    spec = accept('#') ? spec.alternate() : spec;
    spec = accept('0') ? spec.aligned('0', '=') : spec;
    spec = spec.wide(Math.max(0, number()));
    if (accept('t')) {
      spec = spec.grouped(peek());
      at++;
    } else if (peek() == ',' || peek() == '_' || peek() == '\'') {
      spec = spec.grouped(pattern.charAt(at++));
    }
    return typed(precision(spec));
  }

  private List<Piece> percents() {
    while (at < pattern.length()) {
      char c = pattern.charAt(at++);
      if (c != '%') {
        text.append(c);
      } else if (accept('%')) {
        text.append('%');
      } else {
        percent();
      }
    }
    return finished();
  }

  /** {@code [n$][flags][width][.precision][length]type}, behind the percent sign. */
  private void percent() {
    int start = at;
    int place = peek() == '0' ? -1 : number();
    boolean numbered = place >= 0 && accept('$');
    if (!numbered) {
      at = start;
    }
    FormatSpec spec = FormatSpec.PLAIN.ofBits().aligned(' ', '>');
    boolean left = false;
    for (; at < pattern.length() && "-+ #0,_'".indexOf(peek()) >= 0; at++) {
      char flag = peek();
      left |= flag == '-';
      spec =
          switch (flag) {
            case '-' -> spec.aligned(' ', '<');
            case '+' -> spec.signed(flag);
            case ' ' -> spec.sign() == '+' ? spec : spec.signed(flag);
            case '#' -> spec.alternate();
            case '0' -> left ? spec : spec.aligned('0', '=');
            default -> spec.grouped(flag);
          };
    }
    spec = precision(spec.wide(Math.max(0, number())));
    while ("hlLjzt".indexOf(peek()) >= 0) {
      at++;
    }
    char type = peek();
    if (!Character.isLetter(type)) {
      throw unreadable("behind % stands a type, as in %d, and %% is a percent sign");
    }
    int argument = argument(numbered ? place - 1 : -1);
    place(argument, typed(spec));
  }

  private FormatSpec precision(FormatSpec spec) {
    return accept('.') ? spec.precise(Math.max(0, number())) : spec;
  }

  private FormatSpec typed(FormatSpec spec) {
    if (!Character.isLetter(peek())) {
      return spec;
    }
    char type = pattern.charAt(at++);
    return switch (type) {
      case 'i', 'u', 'n', 'L' -> spec.typed('d');
      case 'd', 'x', 'X', 'o', 'b', 'B', 'c', 'f', 'F', 'e', 'E', 'g', 'G', 's' -> spec.typed(type);
      default -> throw unreadable("there is no type " + type);
    };
  }

  /** The argument of a place that names it, or the next. */
  private int argument(int named) {
    boolean first = pieces.stream().noneMatch(piece -> piece.spec != null);
    if (!first && named >= 0 == nextArgument >= 0) {
      throw unreadable("either all arguments are numbered or none");
    }
    if (named >= 0) {
      nextArgument = -1;
      return named;
    }
    return nextArgument++;
  }

  private void place(int argument, FormatSpec spec) {
    literal();
    pieces.add(new Piece(null, argument, spec));
  }

  private void literal() {
    if (text.length() > 0) {
      pieces.add(new Piece(text.toString(), 0, null));
      text.setLength(0);
    }
  }

  private List<Piece> finished() {
    literal();
    return List.copyOf(pieces);
  }

  private char peek() {
    return at < pattern.length() ? pattern.charAt(at) : '\0';
  }

  private boolean accept(char c) {
    if (peek() != c || at >= pattern.length()) {
      return false;
    }
    at++;
    return true;
  }

  /** A number, or -1 where there is none. */
  private int number() {
    int start = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    if (at - start >= WIDEST.length()) {
      throw unreadable("numbers are below " + WIDEST);
    }
    return at == start ? -1 : Integer.parseInt(pattern.substring(start, at));
  }

  private LaminarException unreadable(String why) {
    return Failures.argument(
        "cannot format with '" + Failures.shortened(pattern) + "': " + why + ".");
  }
}
