package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code [e FOR x IN xs IF c]} is {@code LIST_TRANSFORM(LIST_FILTER(xs, x -> c), x -> e)}, token by token;
 * without IF there is no LIST_FILTER.
 */
final class Comprehensions {
  private final List<SqlToken> tokens;

  private Comprehensions(List<SqlToken> tokens) {
    this.tokens = tokens;
  }

  /** Rewrites in place, the inner ones first. */
  static void rewrite(List<SqlToken> tokens) {
    Comprehensions all = new Comprehensions(tokens);
    for (int i = tokens.size() - 1; i >= 0; i--) {
      if (tokens.get(i).kind == LBRACKET) {
        all.rewrite(i);
      }
    }
  }

  private void rewrite(int open) {
    int loop = next(open + 1, "FOR");
    if (loop < 0 || loop == open + 1 || loop + 2 >= tokens.size()) {
      return;
    }
    SqlToken variable = tokens.get(loop + 1);
    int close = next(loop, "]");
    if (close < 0 || !tokens.get(loop + 2).is("IN")) {
      return;
    }
    int condition = next(loop, "IF");
    int end = condition < 0 ? close : condition;
    List<SqlToken> elements = tokens.subList(loop + 3, end);
    if (condition >= 0) {
      elements = call("LIST_FILTER", elements, variable, condition + 1, close);
    }
    List<SqlToken> all = call("LIST_TRANSFORM", elements, variable, open + 1, loop);
    tokens.subList(open, close + 1).clear();
    tokens.addAll(open, all);
  }

  /** The call {@code function(list, variable -> tokens[from, to))}. */
  private List<SqlToken> call(
      String function, List<SqlToken> list, SqlToken variable, int from, int to) {
    SqlToken place = tokens.get(from);
    List<SqlToken> call = new ArrayList<>();
    call.add(place.copy(IDENTIFIER, function));
    call.add(place.copy(LPAREN, "("));
    call.addAll(list);
    call.add(place.copy(COMMA, ","));
    call.add(variable.copy(variable.kind, variable.image));
    call.add(place.copy(LAMBDA, "->"));
    call.addAll(tokens.subList(from, to));
    call.add(tokens.get(to - 1).copy(RPAREN, ")"));
    return call;
  }

  /** Where a word, or the end, of the bracket stands in which {@code from} is; or -1. */
  private int next(int from, String what) {
    int depth = 0;
    for (int i = from; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      switch (token.kind) {
        case LPAREN, LBRACKET, LBRACE -> depth++;
        case RPAREN, RBRACKET, RBRACE -> depth--;
        default -> {
          // stands in between
        }
      }
      boolean ends = depth < 0;
      if (ends || depth == 0 && token.is(what)) {
        return ends == what.equals("]") ? i : -1;
      }
    }
    return -1;
  }
}
