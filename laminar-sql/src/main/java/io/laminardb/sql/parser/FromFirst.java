package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns queries that begin with FROM into ones the grammar has, token by token: {@code FROM t} is {@code
 * SELECT * FROM t}, and {@code FROM t SELECT a WHERE c} is {@code SELECT a FROM t WHERE c}.
 */
final class FromFirst {
  private final List<SqlToken> tokens;
  private final List<SqlToken> out = new ArrayList<>();

  private FromFirst(List<SqlToken> tokens) {
    this.tokens = tokens;
  }

  /** The same tokens in the grammar's order. */
  static List<SqlToken> rewritten(List<SqlToken> tokens) {
    boolean any = false;
    for (int i = 0; i < tokens.size() && !any; i++) {
      any = beginsQuery(tokens, i, 0);
    }
    if (!any) {
      return tokens;
    }
    FromFirst rewriting = new FromFirst(tokens);
    rewriting.add(0, tokens.size());
    return rewriting.out;
  }

  /** Whether a query begins with the FROM at {@code i}, in what begins at {@code start}. */
  private static boolean beginsQuery(List<SqlToken> tokens, int i, int start) {
    if (tokens.get(i).kind != FROM) {
      return false;
    }
    if (i == start) {
      return true;
    }
    return switch (tokens.get(i - 1).kind) {
      case LPAREN -> i < 2 || isQueryOwner(tokens.get(i - 2));
      case UNION, INTERSECT, EXCEPT -> true;
      case ALL -> i >= 2 && isSetOperation(tokens.get(i - 2).kind);
      case RPAREN -> isBehindWith(tokens, i - 1);
      default -> false;
    };
  }

  private static boolean isSetOperation(int kind) {
    return kind == UNION || kind == INTERSECT || kind == EXCEPT;
  }

  /** Whether a parenthesis behind the token may hold a query: it is no name of a function. */
  private static boolean isQueryOwner(SqlToken token) {
    return token.kind != IDENTIFIER && token.kind != TRIM;
  }

  /** Whether the parenthesis that closes at {@code close} is the last query of WITH. */
  private static boolean isBehindWith(List<SqlToken> tokens, int close) {
    int depth = 0;
    for (int i = close; i >= 0; i--) {
      SqlToken token = tokens.get(i);
      depth += token.kind == RPAREN ? 1 : token.kind == LPAREN ? -1 : 0;
      if (depth < 0 || depth == 0 && (token.kind == SELECT || token.kind == FROM)) {
        return false;
      }
      if (depth == 0 && token.kind == WITH) {
        return i == 0 || tokens.get(i - 1).kind == LPAREN || tokens.get(i - 1).kind == AS;
      }
    }
    return false;
  }

  private void add(int from, int to) {
    for (int i = from; i < to; i++) {
      SqlToken token = tokens.get(i);
      if (!beginsQuery(tokens, i, 0)) {
        out.add(token);
        continue;
      }
      int end = end(i + 1, to, true);
      int rest = end;
      if (end < to && tokens.get(end).kind == SELECT) {
        rest = end(end + 1, to, false);
        out.add(tokens.get(end));
        add(end + 1, rest);
      } else {
        out.add(token.copy(SELECT, "SELECT"));
        out.add(token.copy(STAR, "*"));
      }
      out.add(token);
      add(i + 1, end);
      i = rest - 1;
    }
  }

  /** Where the clause that goes on at {@code from} ends. */
  private int end(int from, int to, boolean atSelect) {
    int depth = 0;
    for (int i = from; i < to; i++) {
      int kind = tokens.get(i).kind;
      depth += kind == LPAREN ? 1 : kind == RPAREN ? -1 : 0;
      boolean ends =
          switch (kind) {
            case WHERE,
                GROUP,
                HAVING,
                QUALIFY,
                WINDOW,
                ORDER,
                LIMIT,
                OFFSET,
                FETCH,
                UNION,
                INTERSECT ->
                true;
            case EXCEPT -> tokens.get(i - 1).kind != STAR;
            case SELECT -> atSelect;
            default -> false;
          };
      if (depth < 0 || depth == 0 && ends) {
        return i;
      }
    }
    return to;
  }
}
