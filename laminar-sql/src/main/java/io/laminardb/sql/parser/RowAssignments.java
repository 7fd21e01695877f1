package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;

/** Turns {@code SET (a, b) = (x, y)} into {@code SET a = x, b = y}, token by token. */
final class RowAssignments {
  private RowAssignments() {}

  /** The tokens of an UPDATE, or of what stands behind DO UPDATE, in the grammar's spelling. */
  static List<SqlToken> rewritten(List<SqlToken> tokens, String sql) {
    List<SqlToken> out = new ArrayList<>();
    boolean assignments = false;
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      boolean begins =
          depth == 0
              && i > 0
              && token.kind == LPAREN
              && (tokens.get(i - 1).kind == SET || assignments && tokens.get(i - 1).kind == COMMA);
      if (begins) {
        i = assign(tokens, i, out, sql);
        continue;
      }
      depth += token.kind == LPAREN ? 1 : token.kind == RPAREN ? -1 : 0;
      assignments = depth == 0 && token.kind == SET || assignments && token.kind != WHERE;
      out.add(token);
    }
    return out;
  }

  /**
   * Adds the assignments of a list of columns.
   *
   * @return the last token of them
   */
  private static int assign(List<SqlToken> tokens, int open, List<SqlToken> out, String sql) {
    int close = closing(tokens, open);
    int values = close + 1;
    if (values >= tokens.size() || tokens.get(values).kind != EQ) {
      throw failed(tokens.get(open), sql);
    }
    SqlToken equal = tokens.get(values++);
    if (values < tokens.size() && tokens.get(values).kind == ROW) {
      values++;
    }
    if (values >= tokens.size() || tokens.get(values).kind != LPAREN) {
      throw failed(tokens.get(open), sql);
    }
    int end = closing(tokens, values);
    List<List<SqlToken>> names = parts(tokens, open, close);
    List<List<SqlToken>> given = parts(tokens, values, end);
    boolean query = !given.get(0).isEmpty() && given.get(0).get(0).kind == SELECT;
    if (query || names.size() != given.size()) {
      throw failed(tokens.get(open), sql);
    }
    for (int i = 0; i < names.size(); i++) {
      if (i > 0) {
        out.add(equal.copy(COMMA, ","));
      }
      out.addAll(names.get(i));
      out.add(equal.copy(EQ, "="));
      out.addAll(given.get(i));
    }
    return end;
  }

  private static LaminarException failed(SqlToken place, String sql) {
    return new LaminarException(
            ErrorCode.NOT_SUPPORTED, "a list of columns takes a list of as many values.")
        .at(place.position())
        .mend("Write SET (a, b) = (1, 2), or assign each column by itself.")
        .in(sql);
  }

  /** The parenthesis that closes the one at {@code open}; the last token where none does. */
  private static int closing(List<SqlToken> tokens, int open) {
    int depth = 0;
    for (int i = open; i < tokens.size(); i++) {
      int kind = tokens.get(i).kind;
      depth += kind == LPAREN ? 1 : kind == RPAREN ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return tokens.size() - 1;
  }

  /** What stands between the commas in a parenthesis. */
  private static List<List<SqlToken>> parts(List<SqlToken> tokens, int open, int close) {
    List<List<SqlToken>> parts = new ArrayList<>(List.of(new ArrayList<>()));
    int depth = 0;
    for (SqlToken token : tokens.subList(open + 1, close)) {
      depth +=
          switch (token.kind) {
            case LPAREN, LBRACKET, LBRACE -> 1;
            case RPAREN, RBRACKET, RBRACE -> -1;
            default -> 0;
          };
      if (depth == 0 && token.kind == COMMA) {
        parts.add(new ArrayList<>());
      } else {
        parts.get(parts.size() - 1).add(token);
      }
    }
    return parts;
  }
}
