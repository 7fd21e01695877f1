package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Turns spellings of types that the grammar lacks into ones it has, token by token:
 *
 * <ul>
 *   <li>{@code ARRAY<INT>} and {@code INT[]} are {@code INT ARRAY};
 *   <li>{@code TIMESTAMP_LTZ(3)} and {@code TIMESTAMP(3) WITH TIME ZONE} are {@code TIMESTAMP(3) WITH
 *       LOCAL TIME ZONE}, in front of a literal too;
 *   <li>{@code ROW<a INT>}, {@code STRUCT<a INT>} and {@code STRUCT(a INT)} are {@code ROW(a INT)}, and
 *       any word is a name of a field there.
 * </ul>
 */
final class TypeSpellings {
  private final List<SqlToken> tokens;
  private final List<SqlToken> out = new ArrayList<>();
  private final Deque<Open> open = new ArrayDeque<>();

  /** What a bracket belongs to. */
  private enum Open {
    ARRAY,
    ROW,
    MAP,
    OTHER
  }

  private TypeSpellings(List<SqlToken> tokens) {
    this.tokens = tokens;
  }

  /** The same tokens in spellings the grammar knows; {@code tokens} are ours to change. */
  static List<SqlToken> rewritten(List<SqlToken> tokens) {
    return tokens.stream().anyMatch(token -> isNested(token) || isInstant(token))
        ? new TypeSpellings(tokens).run()
        : tokens;
  }

  private static boolean isNested(SqlToken token) {
    return switch (token.kind) {
      case ARRAY, MAP, ROW, LBRACKET -> true;
      default -> token.is("STRUCT");
    };
  }

  private static boolean isInstant(SqlToken token) {
    return token.is("TIMESTAMP_LTZ") || token.is("TIMESTAMPTZ") || token.kind == ZONE;
  }

  private List<SqlToken> run() {
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      int next = kind(i + 1);
      boolean struct =
          (token.is("STRUCT") || token.is("ROW") && next == LT)
              && (next == LT || next == LPAREN)
              && isType(i);
      if (isInstant(token) && next == LPAREN && kind(i + 3) == RPAREN && isType(i)) {
        instant(token, tokens.subList(i + 1, i + 4));
        i += 3;
      } else if (isInstant(token) && next == QUOTED_STRING && token.kind != ZONE) {
        instant(token, List.of());
      } else if (token.kind == WITH && next == TIME && kind(i + 2) == ZONE && isBehindTime(i)) {
        out.add(token);
        out.add(token.copy(LOCAL, "LOCAL"));
      } else if (token.kind == ARRAY && next == LT) {
        open.push(Open.ARRAY);
        i++;
      } else if (token.kind == MAP && next == LT) {
        open.push(Open.MAP);
        out.add(token);
        out.add(tokens.get(++i));
      } else if (struct) {
        out.add(token.copy(ROW, "ROW"));
        out.add(tokens.get(++i).copy(LPAREN, "("));
        open.push(Open.ROW);
        field(i + 1);
      } else if (token.kind == LBRACKET && next == RBRACKET && isBehindType(i)) {
        out.add(token.copy(ARRAY, "ARRAY"));
        i++;
      } else {
        other(i, token);
      }
    }
    return out;
  }

  private void instant(SqlToken token, List<SqlToken> precision) {
    out.add(token.copy(TIMESTAMP, "TIMESTAMP"));
    out.addAll(precision);
    out.add(token.copy(WITH, "WITH"));
    out.add(token.copy(LOCAL, "LOCAL"));
    out.add(token.copy(TIME, "TIME"));
    out.add(token.copy(ZONE, "ZONE"));
  }

  /** Whether {@code TIMESTAMP} or {@code TIMESTAMP(3)} stands in front of token {@code i}. */
  private boolean isBehindTime(int i) {
    int type = kind(i - 1) == RPAREN ? i - 4 : i - 1;
    return type >= 0 && tokens.get(type).kind == TIMESTAMP;
  }

  /** Whether a type is expected there: a column may be called as one, too. */
  private boolean isType(int i) {
    boolean within = !open.isEmpty() && open.peek() != Open.OTHER;
    return within || i == 0 || tokens.get(i - 1).is("AS") || tokens.get(i - 1).image.equals("::");
  }

  private void other(int i, SqlToken token) {
    Open innermost = open.isEmpty() ? Open.OTHER : open.peek();
    switch (token.kind) {
      case GT -> {
        if (innermost == Open.ARRAY) {
          out.add(token.copy(ARRAY, "ARRAY"));
        } else {
          out.add(innermost == Open.ROW ? token.copy(RPAREN, ")") : token);
        }
        if (innermost != Open.OTHER) {
          open.pop();
        }
      }
      case LPAREN -> {
        out.add(token);
        open.push(Open.OTHER);
      }
      case RPAREN -> {
        out.add(token);
        if (!open.isEmpty()) {
          open.pop();
        }
      }
      case COMMA -> {
        out.add(token);
        if (innermost == Open.ROW) {
          field(i + 1);
        }
      }
      default -> out.add(token);
    }
  }

  private void field(int i) {
    if (i < tokens.size() && tokens.get(i).isWord()) {
      tokens.get(i).kind = IDENTIFIER;
    }
  }

  /** A type in front of brackets ends with a word or a parenthesis, not with ARRAY itself. */
  private boolean isBehindType(int i) {
    int before = i == 0 ? EOF : tokens.get(i - 1).kind;
    return before == RPAREN
        || before == RBRACKET
        || before == GT
        || i > 0 && tokens.get(i - 1).isWord() && !isConstructor(tokens.get(i - 1));
  }

  private static boolean isConstructor(SqlToken token) {
    String word = token.image.toUpperCase(Locale.ROOT);
    return word.equals("ARRAY") || word.equals("MAP");
  }

  private int kind(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).kind : EOF;
  }
}
