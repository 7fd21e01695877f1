package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Turns spellings of clauses into ones the grammar has, token by token:
 *
 * <ul>
 *   <li>{@code * REPLACE (x AS a)} is {@code *, STAR_REPLACE(x, a)}, behind EXCLUDE too;
 *   <li>{@code a UNION BY NAME b} is {@code a UNION TABLE "$BY NAME" UNION b};
 *   <li>{@code f(x IGNORE NULLS)} is {@code f(x) IGNORE NULLS}, and so with RESPECT;
 *   <li>{@code FILTER (c)} is {@code FILTER (WHERE c)};
 *   <li>{@code COUNT()} is {@code COUNT(*)}.
 * </ul>
 */
public final class ClauseSpellings {
  /** The table between the sides of UNION BY NAME. */
  public static final String BY_NAME = "$BY NAME";

  /** The call behind a star that holds what some of its columns are replaced by: value, name, .. */
  public static final String REPLACE = "STAR_REPLACE";

  private final List<SqlToken> tokens;
  private final List<SqlToken> out = new ArrayList<>();

  private ClauseSpellings(List<SqlToken> tokens) {
    this.tokens = tokens;
  }

  /** The same tokens with clauses that the grammar knows. */
  static List<SqlToken> rewritten(List<SqlToken> tokens) {
    return new ClauseSpellings(tokens).run();
  }

  private List<SqlToken> run() {
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      int replace = token.kind == STAR && isItem(i) ? replaceBehind(i) : -1;
      if (replace > 0) {
        out.addAll(tokens.subList(i, replace));
        i = addReplace(replace);
      } else if (token.kind == UNION && isByName(i)) {
        i = addByName(i);
      } else if (isNullTreatment(i)) {
        out.add(tokens.get(i + 2));
        out.add(token);
        out.add(tokens.get(i + 1));
        i += 2;
      } else {
        out.add(token);
        if (token.kind == LPAREN && kind(i - 1) == FILTER && kind(i + 1) != WHERE) {
          out.add(token.copy(WHERE, "WHERE"));
        } else if (token.kind == LPAREN && kind(i - 1) == COUNT && kind(i + 1) == RPAREN) {
          out.add(token.copy(STAR, "*"));
        }
      }
    }
    return out;
  }

  /** Whether the star at {@code i} is an item of a select list, not a product. */
  private boolean isItem(int i) {
    return switch (kind(i - 1)) {
      case SELECT, DISTINCT, ALL, COMMA, DOT -> true;
      default -> false;
    };
  }

  /** Where REPLACE stands behind the star at {@code star} and its EXCLUDE, or -1. */
  private int replaceBehind(int star) {
    int at = star + 1;
    if (word(at).equals("EXCLUDE") || word(at).equals("EXCEPT")) {
      at = kind(at + 1) == LPAREN ? close(at + 1) + 1 : at + 2;
    }
    return word(at).equals("REPLACE") && kind(at + 1) == LPAREN ? at : -1;
  }

  /** Adds the call for what stands between the parentheses behind REPLACE. */
  private int addReplace(int replace) {
    SqlToken word = tokens.get(replace);
    int close = close(replace + 1);
    out.add(word.copy(COMMA, ","));
    out.add(word.copy(IDENTIFIER, REPLACE));
    int depth = 0;
    for (int i = replace + 1; i <= close && i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      depth += token.kind == LPAREN ? 1 : token.kind == RPAREN ? -1 : 0;
      out.add(token.kind == AS && depth == 1 ? token.copy(COMMA, ",") : token);
    }
    return close;
  }

  private boolean isByName(int union) {
    int by = kind(union + 1) == ALL || kind(union + 1) == DISTINCT ? union + 2 : union + 1;
    return word(by).equals("BY") && word(by + 1).equals("NAME");
  }

  private int addByName(int union) {
    int by = kind(union + 1) == BY ? union + 1 : union + 2;
    SqlToken name = tokens.get(by + 1);
    out.addAll(tokens.subList(union, by));
    out.add(name.copy(TABLE, "TABLE"));
    out.add(name.copy(IDENTIFIER, BY_NAME));
    for (SqlToken token : tokens.subList(union, by)) {
      out.add(token.copy(token.kind, token.image));
    }
    return by + 1;
  }

  private boolean isNullTreatment(int i) {
    return (word(i).equals("IGNORE") || word(i).equals("RESPECT"))
        && word(i + 1).equals("NULLS")
        && kind(i + 2) == RPAREN;
  }

  /** Where the parenthesis at {@code open} closes, or behind the end. */
  private int close(int open) {
    int depth = 0;
    int i = open;
    for (; i < tokens.size(); i++) {
      depth += kind(i) == LPAREN ? 1 : kind(i) == RPAREN ? -1 : 0;
      if (depth == 0) {
        break;
      }
    }
    return i;
  }

  private int kind(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).kind : EOF;
  }

  private String word(int i) {
    return i < tokens.size() && tokens.get(i).isWord()
        ? tokens.get(i).image.toUpperCase(Locale.ROOT)
        : "";
  }
}
