package io.laminardb.sql.parser;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.sql.parser.impl.LaminarParserImplConstants;
import io.laminardb.sql.parser.impl.LaminarParserImplTokenManager;
import io.laminardb.sql.parser.impl.SimpleCharStream;
import io.laminardb.sql.parser.impl.Token;
import io.laminardb.sql.parser.impl.TokenMgrError;
import java.io.StringReader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into tokens by the generated lexer. Comments are gone; positions count characters, a
 * tab is one; {@code \n}, {@code \r\n} and a lone {@code \r} end a line.
 */
final class SqlLexer {
  private final String sql;
  private final int[] lineStarts;

  private SqlLexer(String sql) {
    this.sql = sql;
    this.lineStarts = lineStarts(sql);
  }

  /**
   * All tokens of {@code sql}; the last one is the end, placed right after the last real token.
   *
   * @throws LaminarException SYNTAX_ERROR where the text is no token
   */
  static List<SqlToken> tokens(String sql) {
    return new SqlLexer(sql).run();
  }

  private List<SqlToken> run() {
    CharStream characters = new CharStream(sql);
    LaminarParserImplTokenManager lexer =
        new LaminarParserImplTokenManager(characters, LaminarParserImplConstants.DQID);
    List<SqlToken> tokens = new ArrayList<>();
    int end = 0;
    while (true) {
      Token raw;
      try {
        raw = lexer.getNextToken();
      } catch (TokenMgrError e) {
        throw unreadable(end);
      }
      if (raw.kind == LaminarParserImplConstants.EOF) {
        refuseSlashes(end, sql.length());
        tokens.add(end(tokens));
        return tokens;
      }
      SqlToken token = token(tokens.size(), raw);
      refuseSlashes(end, token.begin);
      end = token.end;
      refuse(token);
      SqlToken last = tokens.isEmpty() ? null : tokens.get(tokens.size() - 1);
      if (last != null && isRestOfNumber(last, token)) {
        tokens.set(tokens.size() - 1, number(last, token));
      } else {
        tokens.add(token);
      }
    }
  }

  /** Whether a word touches the number before it: Calcite takes it for another name, an alias. */
  private static boolean isRestOfNumber(SqlToken last, SqlToken token) {
    return last.end == token.begin
        && (token.image.startsWith("_")
            || Character.isUnicodeIdentifierStart(token.image.codePointAt(0)))
        && (last.kind == LaminarParserImplConstants.UNSIGNED_INTEGER_LITERAL
            || last.kind == LaminarParserImplConstants.DECIMAL_NUMERIC_LITERAL
            || last.kind == LaminarParserImplConstants.APPROX_NUMERIC_LITERAL);
  }

  /** {@code 1_000_000}, {@code 0x1F} or {@code 0b101}, of which the lexer made two tokens. */
  private SqlToken number(SqlToken first, SqlToken rest) {
    String digits = digits(first, rest);
    if (digits == null) {
      throw error(first.position(), "The number " + first.image + rest.image + " cannot be read.")
          .mend(
              "Write digits, as in 1_000, 0x1F or 1.5e3, and a blank between a number and a word.")
          .in(sql);
    }
    SqlToken number = new SqlToken(first.index, first.kind, digits, first.begin, rest.end);
    number.beginLine = first.beginLine;
    number.beginColumn = first.beginColumn;
    number.endLine = rest.endLine;
    number.endColumn = rest.endColumn;
    return number;
  }

  /** The number in decimal digits; null where the two are none. */
  private static String digits(SqlToken first, SqlToken rest) {
    String text = rest.image;
    if (first.kind != LaminarParserImplConstants.UNSIGNED_INTEGER_LITERAL) {
      return null;
    } else if (text.matches("(_[0-9]+)+")) {
      return first.image + text.replace("_", "");
    } else if (first.image.equals("0") && text.matches("[xX](_?[0-9a-fA-F]+)+")) {
      return new BigInteger(text.substring(1).replace("_", ""), 16).toString();
    } else if (first.image.equals("0") && text.matches("[bB](_?[01]+)+")) {
      return new BigInteger(text.substring(1).replace("_", ""), 2).toString();
    }
    return null;
  }

  /**
   * Calcite takes {@code //} for a comment, and would leave out what DuckDB divides by.
   *
   * @param from what stands between two tokens: blanks and comments
   */
  private void refuseSlashes(int from, int to) {
    for (int at = from; at < to; at++) {
      if (sql.startsWith("--", at)) {
        int line = sql.indexOf('\n', at);
        at = line < 0 ? to : line;
      } else if (sql.startsWith("/*", at)) {
        int closed = sql.indexOf("*/", at + 2);
        at = closed < 0 ? to : closed + 1;
      } else if (sql.startsWith("//", at)) {
        throw new LaminarException(ErrorCode.SYNTAX_ERROR, "// has no meaning here.")
            .at(place(at))
            .mend("Comments begin with --; integers divide as integers: a / b.")
            .in(sql);
      }
    }
  }

  private SqlToken token(int index, Token raw) {
    int begin = lineStarts[raw.beginLine - 1] + raw.beginColumn - 1;
    int end = begin + raw.image.length();
    int kind =
        raw.kind == LaminarParserImplConstants.TICK_QUOTED_IDENTIFIER
            ? LaminarParserImplConstants.BACK_QUOTED_IDENTIFIER
            : raw.kind;
    SqlToken token = new SqlToken(index, kind, raw.image, begin, end);
    token.beginLine = raw.beginLine;
    token.beginColumn = raw.beginColumn;
    token.endLine = raw.endLine;
    token.endColumn = raw.endColumn;
    return token;
  }

  private SqlToken end(List<SqlToken> tokens) {
    SqlToken end =
        new SqlToken(tokens.size(), LaminarParserImplConstants.EOF, "", sql.length(), sql.length());
    SqlToken last = tokens.isEmpty() ? null : tokens.get(tokens.size() - 1);
    end.beginLine = last == null ? 1 : last.endLine;
    end.beginColumn = last == null ? 1 : last.endColumn + 1;
    end.endLine = end.beginLine;
    end.endColumn = end.beginColumn;
    return end;
  }

  private void refuse(SqlToken token) {
    switch (token.kind) {
      case LaminarParserImplConstants.QUOTE ->
          throw error(token.position(), "This string is not closed.")
              .mend("End it with ' and write a quote inside it twice: ''.")
              .in(sql);
      case LaminarParserImplConstants.DOUBLE_QUOTE ->
          throw error(token.position(), "This quoted name is empty or not closed.")
              .mend("Write names as \"name\", on one line.")
              .in(sql);
      case LaminarParserImplConstants.HINT_BEG ->
          throw new LaminarException(
                  ErrorCode.NOT_SUPPORTED, "Optimizer hints (/*+ .. */) are not supported.")
              .at(token.position())
              .mend("Remove the hint, or write a comment as /* .. */.")
              .in(sql);
      case LaminarParserImplConstants.COMMENT_END ->
          throw error(token.position(), "Found \"*/\" outside of a comment.").in(sql);
      default -> {
        // a token of the grammar
      }
    }
  }

  /** No token starts after {@code end}: an open comment, an open quote, or a strange character. */
  private LaminarException unreadable(int end) {
    int at = skipBlanksAndComments(end);
    if (at >= sql.length()) {
      return error(place(sql.length() - 1), "The text ends inside a token.").in(sql);
    }
    if (sql.startsWith("/*", at)) {
      return error(place(at), "This comment is not closed.").mend("End it with */.").in(sql);
    }
    if (sql.charAt(at) == '`') {
      return error(place(at), "This quoted name is empty or not closed.")
          .mend("Write names as `name`, on one line.")
          .in(sql);
    }
    int character = sql.codePointAt(at);
    String shown =
        Character.isISOControl(character)
            ? String.format("U+%04X", character)
            : "\"" + Character.toString(character) + "\"";
    return error(place(at), "Found the character " + shown + ", which has no meaning here.")
        .mend("Put it in quotes if it belongs to a string or a name.")
        .in(sql);
  }

  private int skipBlanksAndComments(int from) {
    int at = from;
    while (at < sql.length()) {
      if (" \t\n\r\f".indexOf(sql.charAt(at)) >= 0) {
        at++;
      } else if (sql.startsWith("--", at) || sql.startsWith("//", at)) {
        while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
          at++;
        }
      } else if (sql.startsWith("/*", at) && sql.indexOf("*/", at + 2) >= 0) {
        at = sql.indexOf("*/", at + 2) + 2;
      } else {
        return at;
      }
    }
    return at;
  }

  private SourcePosition place(int offset) {
    int line = 1;
    while (line < lineStarts.length && lineStarts[line] <= offset) {
      line++;
    }
    return SourcePosition.at(line, offset - lineStarts[line - 1] + 1);
  }

  private static LaminarException error(SourcePosition position, String problem) {
    return new LaminarException(ErrorCode.SYNTAX_ERROR, problem).at(position);
  }

  private static int[] lineStarts(String sql) {
    List<Integer> starts = new ArrayList<>();
    starts.add(0);
    for (int i = 0; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (c == '\n' || (c == '\r' && !(i + 1 < sql.length() && sql.charAt(i + 1) == '\n'))) {
        starts.add(i + 1);
      }
    }
    return starts.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Counts a tab as one column, so that columns are characters. */
  private static final class CharStream extends SimpleCharStream {
    CharStream(String sql) {
      super(new StringReader(sql), 1, 1, Math.max(4096, sql.length() + 1));
      setTabSize(1);
    }
  }
}
