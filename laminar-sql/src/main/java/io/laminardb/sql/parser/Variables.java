package io.laminardb.sql.parser;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.sql.parser.impl.LaminarParserImplConstants;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code ${NAME}} and {@code ${NAME:-default}} inside string literals. It works on the
 * images of tokens, so that nothing else moves. A {@code ${} that no name follows is plain text.
 */
final class Variables {
  private static final Pattern REFERENCE =
      Pattern.compile(
          "\\$\\{([A-Za-z_][A-Za-z0-9_.-]*?)(?::-([^}]*))?(\\}|$|(?=[^A-Za-z0-9_.}:-]))");

  private final Function<String, String> lookup;

  /**
   * @param lookup gives the value of a variable, or null when it is not set
   */
  Variables(Function<String, String> lookup) {
    this.lookup = requireNonNull(lookup, "lookup");
  }

  /** The image of {@code token} with its variables replaced, if it is a string literal. */
  String replacedImage(SqlToken token, String sql) {
    if (!isString(token.kind) || token.image.indexOf("${") < 0) {
      return token.image;
    }
    Matcher matcher = REFERENCE.matcher(token.image);
    StringBuilder replaced = new StringBuilder();
    int copied = 0;
    while (matcher.find()) {
      replaced.append(token.image, copied, matcher.start());
      replaced.append(escaped(value(matcher, token, sql), token.kind));
      copied = matcher.end();
    }
    return replaced.append(token.image, copied, token.image.length()).toString();
  }

  private String value(Matcher matcher, SqlToken token, String sql) {
    String name = matcher.group(1);
    if (!"}".equals(matcher.group(3))) {
      throw new LaminarException(
              ErrorCode.SYNTAX_ERROR, "The variable reference \"${" + name + "\" is not closed.")
          .at(position(token, matcher.start(), matcher.end()))
          .mend("Write ${" + name + "} or ${" + name + ":-default}.")
          .in(sql);
    }
    String value = lookup.apply(name);
    if (value != null) {
      return value;
    }
    if (matcher.group(2) != null) {
      return matcher.group(2).replace("''", "'");
    }
    throw new LaminarException(
            ErrorCode.VARIABLE_NOT_SET, "The variable \"" + name + "\" has no value.")
        .at(position(token, matcher.start(), matcher.end()))
        .mend("Set it, or give a default: ${" + name + ":-default}.")
        .in(sql);
  }

  /** Where {@code image[from, to)} stands; the part is within one line, the token may not be. */
  private static SourcePosition position(SqlToken token, int from, int to) {
    int line = token.beginLine;
    int column = token.beginColumn;
    for (int i = 0; i < from; i++) {
      if (token.image.charAt(i) == '\n') {
        line++;
        column = 1;
      } else {
        column++;
      }
    }
    return new SourcePosition(line, column, line, column + to - from - 1);
  }

  private static String escaped(String value, int kind) {
    String quoted = value.replace("'", "''");
    return kind == LaminarParserImplConstants.C_STYLE_ESCAPED_STRING_LITERAL
            || kind == LaminarParserImplConstants.UNICODE_STRING_LITERAL
        ? quoted.replace("\\", "\\\\")
        : quoted;
  }

  private static boolean isString(int kind) {
    return kind == LaminarParserImplConstants.QUOTED_STRING
        || kind == LaminarParserImplConstants.PREFIXED_STRING_LITERAL
        || kind == LaminarParserImplConstants.C_STYLE_ESCAPED_STRING_LITERAL
        || kind == LaminarParserImplConstants.UNICODE_STRING_LITERAL;
  }
}
