package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns operators of DuckDB and PostgreSQL into ones the grammar has, token by token:
 *
 * <ul>
 *   <li>{@code |}, {@code &}, {@code <<}, {@code >>}, {@code ||} and GLOB are operators of the grammar's
 *       own, which bind as DuckDB's do;
 *   <li>{@code ~a} is an operator with a number before it that means nothing;
 *   <li>{@code a ~ b} is {@code a RLIKE b}, {@code a ~~ b} is LIKE, {@code a ~~* b} is ILIKE, and with a
 *       {@code !} they are NOT;
 *   <li>{@code a == b} is {@code a = b}.
 * </ul>
 */
final class InfixOperators {
  private final List<SqlToken> tokens;
  private final List<SqlToken> out;

  private InfixOperators(List<SqlToken> tokens) {
    this.tokens = tokens;
    this.out = new ArrayList<>(tokens.size());
  }

  /** The same tokens with operators that the grammar knows. */
  static List<SqlToken> rewritten(List<SqlToken> tokens) {
    return tokens.stream().anyMatch(InfixOperators::isOfInterest)
        ? new InfixOperators(tokens).run()
        : tokens;
  }

  private static boolean isOfInterest(SqlToken token) {
    return switch (token.kind) {
      case INFIX_OPERATOR, VERTICAL_BAR, AMPERSAND, LEFTSHIFT, CONCAT, GT, EQ -> true;
      default -> token.is("GLOB");
    };
  }

  private List<SqlToken> run() {
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      switch (token.kind) {
        case PATTERN -> i = addPattern(i);
        case VERTICAL_BAR, AMPERSAND, LEFTSHIFT, CONCAT ->
            out.add(token.copy(INFIX_OPERATOR, token.image));
        case INFIX_OPERATOR -> addInfix(i);
        case GT -> {
          boolean shift = isTwice(i) && beginsOperand(i + 2);
          out.add(shift ? twice(i, INFIX_OPERATOR, ">>") : token);
          i += shift ? 1 : 0;
        }
        case EQ -> {
          out.add(isTwice(i) ? twice(i, EQ, "=") : token);
          i += isTwice(i) ? 1 : 0;
        }
        case NOT -> {
          boolean glob = isGlob(i + 1) && endsOperand(i - 1);
          if (!glob) {
            out.add(token);
          }
        }
        default ->
            out.add(
                isGlob(i) && (endsOperand(i - 1) || kind(i - 1) == NOT)
                    ? token.copy(INFIX_OPERATOR, kind(i - 1) == NOT ? "NOT GLOB" : "GLOB")
                    : token);
      }
    }
    return out;
  }

  /** An operator whose token the lexer knows. */
  private void addInfix(int i) {
    SqlToken token = tokens.get(i);
    if (token.image.equals("~") && !endsOperand(i - 1)) {
      out.add(token.copy(UNSIGNED_INTEGER_LITERAL, "0"));
      out.add(token);
      return;
    }
    boolean not = token.image.startsWith("!");
    String likeness = not ? token.image.substring(1) : token.image;
    if (not) {
      out.add(token.copy(NOT, "NOT"));
    }
    out.add(
        switch (likeness) {
          case "~" -> token.copy(RLIKE, "RLIKE");
          case "~~" -> token.copy(LIKE, "LIKE");
          case "~~*" -> token.copy(ILIKE, "ILIKE");
          default -> token;
        });
  }

  /**
   * Adds what stands between the parentheses behind PATTERN as it is.
   *
   * @return the last token that is done
   */
  private int addPattern(int i) {
    int depth = 0;
    int at = i;
    do {
      out.add(tokens.get(at));
      at++;
      depth += kind(at) == LPAREN ? 1 : 0;
      depth -= kind(at - 1) == RPAREN ? 1 : 0;
    } while (at < tokens.size() && depth > 0);
    return at - 1;
  }

  /** Whether the same token stands at {@code i} and right behind it. */
  private boolean isTwice(int i) {
    return kind(i + 1) == kind(i) && tokens.get(i).end == tokens.get(i + 1).begin;
  }

  private SqlToken twice(int i, int kind, String image) {
    SqlToken first = tokens.get(i);
    SqlToken second = tokens.get(i + 1);
    SqlToken both = new SqlToken(second.index, kind, image, first.begin, second.end);
    both.beginLine = first.beginLine;
    both.beginColumn = first.beginColumn;
    both.endLine = second.endLine;
    both.endColumn = second.endColumn;
    return both;
  }

  /** GLOB before what only a pattern can be: elsewhere it is a name. */
  private boolean isGlob(int i) {
    return i < tokens.size()
        && tokens.get(i).is("GLOB")
        && (isName(i + 1) || kind(i + 1) == QUOTED_STRING || kind(i + 1) == HOOK);
  }

  private boolean endsOperand(int i) {
    return switch (kind(i)) {
      case QUOTED_STRING,
          UNSIGNED_INTEGER_LITERAL,
          DECIMAL_NUMERIC_LITERAL,
          APPROX_NUMERIC_LITERAL,
          HOOK,
          RPAREN,
          RBRACKET,
          END ->
          true;
      default -> isName(i);
    };
  }

  /** Whether what stands at {@code i} is no part of a type that ends before it. */
  private boolean beginsOperand(int i) {
    return switch (kind(i)) {
      case QUOTED_STRING, UNSIGNED_INTEGER_LITERAL, HOOK, LPAREN, MINUS -> true;
      default -> isName(i);
    };
  }

  private boolean isName(int i) {
    return switch (kind(i)) {
      case IDENTIFIER, QUOTED_IDENTIFIER, BACK_QUOTED_IDENTIFIER -> true;
      default -> NonReserved.contains(kind(i));
    };
  }

  private int kind(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).kind : EOF;
  }
}
