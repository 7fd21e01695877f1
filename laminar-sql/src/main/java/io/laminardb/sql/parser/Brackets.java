package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Turns DuckDB's spellings of nested values and of lambdas into ones the grammar has, token by token:
 *
 * <ul>
 *   <li>{@code [1, 2]} is {@code ARRAY[1, 2]};
 *   <li>{@code a[2:3]} is {@code a[ARRAY_BOUNDS(2, 3)]}, without a bound the first or last place;
 *   <li>{@code {'a': 1, b: 2}} is {@code NAMED_ROW('a', 1, 'b', 2)};
 *   <li>{@code STRUCT_PACK(a := 1)} is {@code NAMED_ROW('a', 1)};
 *   <li>{@code MAP {'a': 1}} is {@code MAP['a', 1]};
 *   <li>{@code x IN [1, 2]} is {@code x IN (1, 2)};
 *   <li>{@code [e for x in xs if c]} is as {@link Comprehensions} say;
 *   <li>{@code f(a, lambda x, y: e)} is {@code f(a, (x, y) -> e)};
 *   <li>{@code ->} that begins no lambda is the operator of JSON.
 * </ul>
 */
final class Brackets {
  /** Functions that take a lambda behind their first argument. */
  static final Set<String> LAMBDA_FUNCTIONS =
      Set.of(
          "LIST_TRANSFORM",
          "LIST_APPLY",
          "ARRAY_TRANSFORM",
          "ARRAY_APPLY",
          "LIST_FILTER",
          "ARRAY_FILTER",
          "LIST_REDUCE",
          "ARRAY_REDUCE",
          "ANY_MATCH",
          "ALL_MATCH",
          "NONE_MATCH");

  private static final String PACK = "STRUCT_PACK";

  /** What is open. */
  private enum Kind {
    PARENTHESIS,
    BRACKET,
    STRUCT,
    MAP,
    /** Behind IN. */
    LIST
  }

  private static final class Open {
    final Kind kind;
    final String owner;
    final int first; // in out: what stands behind the opening token
    boolean bounds; // of a slice

    Open(Kind kind, String owner, int first) {
      this.kind = kind;
      this.owner = owner;
      this.first = first;
    }
  }

  private final List<SqlToken> tokens;
  private final String sql;
  private final List<SqlToken> out = new ArrayList<>();
  private final Deque<Open> open = new ArrayDeque<>();

  private Brackets(List<SqlToken> tokens, String sql) {
    this.tokens = tokens;
    this.sql = sql;
  }

  /** Rewrites in place. */
  static void rewrite(List<SqlToken> tokens, String sql) {
    if (tokens.stream().anyMatch(Brackets::isOfInterest)) {
      Comprehensions.rewrite(tokens);
      List<SqlToken> rewritten = new Brackets(tokens, sql).run();
      tokens.clear();
      tokens.addAll(rewritten);
    }
  }

  private static boolean isOfInterest(SqlToken token) {
    return switch (token.kind) {
      case LBRACKET, LBRACE, LAMBDA -> true;
      default -> token.is("lambda") || token.is("STRUCT_PACK");
    };
  }

  private List<SqlToken> run() {
    open.push(new Open(Kind.PARENTHESIS, "", 0));
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      switch (token.kind) {
        case LPAREN -> {
          if (word(i - 1).equals(PACK)) {
            SqlToken name = out.remove(out.size() - 1);
            out.add(name.copy(IDENTIFIER, "NAMED_ROW"));
          }
          push(Kind.PARENTHESIS, word(i - 1), token);
        }
        case LBRACKET -> {
          if (kind(i + 1) == RBRACKET && (isOperandExpected(i) || kind(i - 1) == ARRAY)) {
            empty(i);
            i++;
            break;
          }
          if (kind(i - 1) == IN) {
            push(Kind.LIST, "", token.copy(LPAREN, "("));
            break;
          }
          if (isOperandExpected(i)) {
            out.add(token.copy(ARRAY, "ARRAY"));
          }
          push(Kind.BRACKET, "", token);
        }
        case LBRACE -> brace(i, token);
        case RPAREN, RBRACKET, RBRACE -> close(token);
        case COLON -> {
          if (kind(i + 1) == EQ && packs(i)) {
            i++;
          } else {
            colon(i, token);
          }
        }
        case COMMA -> {
          out.add(token);
          if (open.peek().kind == Kind.STRUCT) {
            name(i + 1);
          }
        }
        case LAMBDA -> out.add(isLambda(i) ? token : token.copy(JSON_ARROW, token.image));
        default -> {
          int done = isLambdaWord(i) ? lambda(i) : 0;
          if (done == 0) {
            out.add(token);
          }
          i += Math.max(0, done - 1);
        }
      }
    }
    return out;
  }

  /** An array without elements has a type only where it is cast: from JSON. */
  private void empty(int i) {
    SqlToken token = tokens.get(i);
    boolean cast =
        kind(i + 2) == INFIX_CAST || kind(i + 2) == AS && open.peek().owner.endsWith("CAST");
    if (!cast) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH, "the type of an array without elements is not known here.")
          .mend("Write CAST([] AS INT ARRAY).")
          .at(token.position())
          .in(sql);
    }
    if (kind(i - 1) == ARRAY) {
      out.remove(out.size() - 1);
    }
    out.add(token.copy(QUOTED_STRING, "'[]'"));
  }

  private void push(Kind kind, String owner, SqlToken token) {
    out.add(token);
    open.push(new Open(kind, owner, out.size()));
  }

  /** An opening brace; those of patterns stay. */
  private void brace(int i, SqlToken token) {
    if (kind(i - 1) == MAP && (kind(i + 1) == RBRACE || hasColon(i))) {
      push(Kind.MAP, "", token.copy(LBRACKET, "["));
    } else if (isOperandExpected(i) && kind(i + 2) == COLON) {
      out.add(token.copy(IDENTIFIER, "NAMED_ROW"));
      push(Kind.STRUCT, "", token.copy(LPAREN, "("));
      name(i + 1);
    } else {
      push(Kind.PARENTHESIS, "", token);
    }
  }

  private boolean hasColon(int from) {
    for (int i = from + 1; i < tokens.size() && kind(i) != RBRACE; i++) {
      if (kind(i) == COLON) {
        return true;
      }
    }
    return false;
  }

  /** The name of a field in a text. */
  private void name(int i) {
    if (i + 1 >= tokens.size() || kind(i + 1) != COLON) {
      return;
    }
    SqlToken name = tokens.get(i);
    String image = name.image;
    if (name.isQuotedName()) {
      image = image.substring(1, image.length() - 1);
    } else if (!name.isWord()) {
      return;
    }
    tokens.set(i, name.copy(QUOTED_STRING, "'" + image.replace("'", "''") + "'"));
  }

  private void close(SqlToken token) {
    Open closed = open.size() > 1 ? open.pop() : open.peek();
    if (closed.kind == Kind.BRACKET && closed.bounds) {
      if (out.get(out.size() - 1).kind == COMMA) {
        out.add(token.copy(MINUS, "-"));
        out.add(token.copy(UNSIGNED_INTEGER_LITERAL, "1"));
      }
      out.add(token.copy(RPAREN, ")"));
    }
    out.add(
        switch (closed.kind) {
          case STRUCT, LIST -> token.copy(RPAREN, ")");
          case MAP -> token.copy(RBRACKET, "]");
          default -> token;
        });
  }

  /** Writes the name before {@code :=} as that of a field; false where it is none. */
  private boolean packs(int i) {
    if (!open.peek().owner.equals(PACK) || out.size() == open.peek().first) {
      return false;
    }
    SqlToken name = out.remove(out.size() - 1);
    String image = TokenCursor.text(name).replace("'", "''");
    out.add(name.copy(QUOTED_STRING, "'" + image + "'"));
    out.add(tokens.get(i).copy(COMMA, ","));
    return true;
  }

  private void colon(int i, SqlToken token) {
    Open in = open.peek();
    switch (in.kind) {
      case STRUCT, MAP -> out.add(token.copy(COMMA, ","));
      case BRACKET -> {
        boolean first = out.size() == in.first;
        in.bounds = true;
        out.add(in.first, token.copy(LPAREN, "("));
        out.add(in.first, token.copy(IDENTIFIER, "ARRAY_BOUNDS"));
        if (first) {
          out.add(token.copy(UNSIGNED_INTEGER_LITERAL, "1"));
        }
        out.add(token.copy(COMMA, ","));
      }
      default -> out.add(token);
    }
  }

  /** Whether the arrow at {@code i} stands behind the parameters of a lambda. */
  private boolean isLambda(int i) {
    if (!LAMBDA_FUNCTIONS.contains(open.peek().owner)) {
      return false;
    }
    if (kind(i - 1) != RPAREN) {
      return kind(i - 2) == COMMA;
    }
    int at = i - 2;
    while (at > 0
        && (tokens.get(at).isWord() || tokens.get(at).isQuotedName() || kind(at) == COMMA)) {
      at--;
    }
    return kind(at) == LPAREN && kind(at - 1) == COMMA;
  }

  private boolean isLambdaWord(int i) {
    return tokens.get(i).is("lambda")
        && kind(i - 1) == COMMA
        && LAMBDA_FUNCTIONS.contains(open.peek().owner);
  }

  /**
   * Adds the parameters of {@code lambda x, y:} and the arrow.
   *
   * @return how many tokens are done; 0 if it is none
   */
  private int lambda(int i) {
    int at = i + 1;
    while (tokens.size() > at
        && kind(at) != COLON
        && (tokens.get(at).isWord() || kind(at) == COMMA)) {
      at++;
    }
    if (kind(at) != COLON) {
      return 0;
    }
    out.add(tokens.get(i).copy(LPAREN, "("));
    out.addAll(tokens.subList(i + 1, at));
    out.add(tokens.get(at).copy(RPAREN, ")"));
    out.add(tokens.get(at).copy(LAMBDA, "->"));
    return at + 1 - i;
  }

  /** Whether what stands before {@code i} wants an operand behind it. */
  private boolean isOperandExpected(int i) {
    if (i == 0) {
      return true;
    }
    return switch (kind(i - 1)) {
      case LPAREN,
          COMMA,
          LBRACKET,
          COLON,
          LAMBDA,
          EQ,
          NE,
          NE2,
          LT,
          GT,
          LE,
          GE,
          PLUS,
          MINUS,
          STAR,
          SLASH,
          CONCAT,
          INFIX_OPERATOR,
          SELECT,
          DISTINCT,
          ALL,
          AND,
          OR,
          NOT,
          IN,
          WHEN,
          THEN,
          ELSE,
          CASE,
          WHERE,
          HAVING,
          ON,
          BY,
          VALUES,
          BETWEEN,
          SET,
          FROM ->
          kind(i - 1) != FROM || kind(i - 2) == DISTINCT;
      default -> false;
    };
  }

  private int kind(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).kind : EOF;
  }

  private String word(int i) {
    return i >= 0 && tokens.get(i).isWord() ? tokens.get(i).image.toUpperCase(Locale.ROOT) : "";
  }
}
