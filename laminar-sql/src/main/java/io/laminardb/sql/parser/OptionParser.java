package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Reads {@code (name = value, ...)}. A name may be dotted, and any word may be part of it. */
final class OptionParser {
  /** About the range of a DOUBLE. */
  private static final int MAX_EXPONENT = 400;

  private OptionParser() {}

  /** The list at the cursor, which stands at its parenthesis. */
  static Options list(TokenCursor cursor) {
    cursor.expectSymbol(LPAREN, "\"(\"");
    List<Options.Option> options = new ArrayList<>();
    if (cursor.acceptSymbol(RPAREN)) {
      return Options.NONE;
    }
    Map<String, SourcePosition> seen = new TreeMap<>();
    do {
      Options.Option option = option(cursor);
      SourcePosition first =
          seen.putIfAbsent(option.name().toLowerCase(Locale.ROOT), option.namePosition());
      if (first != null) {
        throw cursor
            .error(
                ErrorCode.INVALID_OPTION,
                option.namePosition(),
                "The option \"" + option.name() + "\" is given twice, first at " + first + ".")
            .mend("Remove one of the two.")
            .in(cursor.sql);
      }
      options.add(option);
    } while (cursor.acceptSymbol(COMMA));
    cursor.expectSymbol(RPAREN, "\",\" or \")\"");
    return new Options(options);
  }

  private static Options.Option option(TokenCursor cursor) {
    SqlToken first = cursor.peek();
    String name = name(cursor, "an option name");
    SourcePosition namePosition = cursor.since(first);
    cursor.expectSymbol(EQ, "\"=\" after the option name");
    return new Options.Option(name, namePosition, value(cursor));
  }

  /** A dotted name such as {@code schema.registry.url}; quoted parts are taken as they are. */
  static String name(TokenCursor cursor, String what) {
    StringBuilder name = new StringBuilder(part(cursor, what));
    while (cursor.isSymbol(DOT) || cursor.isSymbol(MINUS)) {
      name.append(cursor.peek().image);
      cursor.moveTo(cursor.index() + 1);
      name.append(part(cursor, "the rest of the option name"));
    }
    return name.toString();
  }

  private static String part(TokenCursor cursor, String what) {
    SqlToken token = cursor.peek();
    if (token.kind == QUOTED_STRING) {
      return cursor.string(what);
    }
    if (!token.isWord() && !token.isQuotedName()) {
      throw cursor.expected(what, List.of());
    }
    cursor.moveTo(cursor.index() + 1);
    return TokenCursor.text(token);
  }

  /** A literal or a bare word. */
  static OptionValue value(TokenCursor cursor) {
    SqlToken first = cursor.peek();
    Object value = read(cursor, first);
    return new OptionValue(value, cursor.since(first));
  }

  private static Object read(TokenCursor cursor, SqlToken first) {
    if (first.kind == QUOTED_STRING) {
      return cursor.string("a value");
    }
    if (first.kind == MINUS || first.kind == PLUS || isNumber(first)) {
      return number(cursor);
    }
    if (first.is("INTERVAL") && !isEndOfValue(cursor.peek(1))) {
      return Intervals.read(cursor);
    }
    if (cursor.accept("TRUE")) {
      return Boolean.TRUE;
    }
    if (cursor.accept("FALSE")) {
      return Boolean.FALSE;
    }
    if (first.is("NULL") || !(first.isWord() || first.isQuotedName())) {
      throw cursor.expected(
          "a value: a string, a number, TRUE, FALSE, an INTERVAL or a word", List.of());
    }
    cursor.moveTo(cursor.index() + 1);
    return new Identifier(TokenCursor.text(first), first.isQuotedName(), first.position());
  }

  private static boolean isEndOfValue(SqlToken token) {
    return token.isEnd() || token.kind == COMMA || token.kind == RPAREN;
  }

  private static Object number(TokenCursor cursor) {
    boolean negative = cursor.acceptSymbol(MINUS);
    if (!negative) {
      cursor.acceptSymbol(PLUS);
    }
    SqlToken digits = cursor.peek();
    if (!isNumber(digits)) {
      throw cursor.expected("a number", List.of());
    }
    cursor.moveTo(cursor.index() + 1);
    BigDecimal number;
    try {
      number = new BigDecimal(digits.image);
    } catch (NumberFormatException e) {
      throw outOfRange(cursor, digits);
    }
    if (Math.abs((long) number.precision() - number.scale()) > MAX_EXPONENT) {
      throw outOfRange(cursor, digits);
    }
    BigDecimal signed = negative ? number.negate() : number;
    boolean isLong =
        digits.kind == UNSIGNED_INTEGER_LITERAL && signed.toBigInteger().bitLength() < Long.SIZE;
    return isLong ? (Object) signed.longValueExact() : signed;
  }

  private static LaminarException outOfRange(TokenCursor cursor, SqlToken digits) {
    return cursor.error(
        ErrorCode.SYNTAX_ERROR,
        digits.position(),
        SyntaxErrors.shown(digits) + " is out of the range of numbers.");
  }

  private static boolean isNumber(SqlToken token) {
    return token.kind == UNSIGNED_INTEGER_LITERAL
        || token.kind == DECIMAL_NUMERIC_LITERAL
        || token.kind == APPROX_NUMERIC_LITERAL;
  }
}
