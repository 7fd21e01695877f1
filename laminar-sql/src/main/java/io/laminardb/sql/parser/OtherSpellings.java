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
 * Turns spellings that the grammar lacks into ones it has, token by token, so that every position
 * stays true:
 *
 * <ul>
 *   <li>{@code a ASOF LEFT JOIN b} is {@code a LEFT ASOF JOIN b};
 *   <li>{@code MATCH_CONDITION (..)} without ON has {@code ON TRUE};
 *   <li>{@code f(x ORDER BY y)} is {@code f(x) WITHIN GROUP (ORDER BY y)};
 *   <li>{@code SELECT DISTINCT ON (k) x} is {@code SELECT DISTINCT_ON(k), x};
 *   <li>{@code * EXCLUDE (a)} is {@code *, STAR_EXCLUDE(a)};
 *   <li>{@code GROUPS} in a frame is {@code ROWS} with marked distances, and {@code RANGE} where there
 *       are none, see {@link MarkedNumbers};
 *   <li>{@code FETCH FIRST n ROWS WITH TIES} is {@code ONLY} with a marked number;
 *   <li>{@code LIMIT} and {@code OFFSET} of expressions are items of ORDER BY, see {@link RowCounts};
 *   <li>{@code DATE_DIFF('day', a, b)} is {@code DATEDIFF('day', a, b)};
 *   <li>{@code ALL ROWS PER MATCH OMIT EMPTY MATCHES} and {@code WITH UNMATCHED ROWS} are measures, see
 *       {@link MatchRowsOption}; {@code SHOW EMPTY MATCHES} is said without it;
 *   <li>{@code FROM [LATERAL] f(x)} is {@code FROM TABLE(f(x))}, and {@code FROM f(x) WITH ORDINALITY}
 *       that of {@code UNNEST(f(x))};
 *   <li>{@code SELECT UNNEST(a)} calls a function of that name;
 *   <li>{@code GROUP BY ALL} and {@code ORDER BY ALL} name {@link #ALL_OF_THEM};
 *   <li>{@code TRIM(s, c)} is {@code BTRIM(s, c)};
 *   <li>operators are those of {@link InfixOperators}, some clauses those of {@link ClauseSpellings};
 *   <li>brackets and arrows are those of {@link Brackets};
 *   <li>intervals are those of {@link IntervalSpellings}.
 * </ul>
 */
public final class OtherSpellings {
  /** The name for ALL in {@code GROUP BY ALL} and {@code ORDER BY ALL}. */
  public static final String ALL_OF_THEM = "$ALL";

  /** Calls that have an ORDER BY of their own inside the parentheses, and what is no call. */
  private static final Set<String> OWN_ORDER =
      Set.of(
          "",
          "OVER",
          "AS",
          "GROUP",
          "ARRAY_AGG",
          "ARRAY_CONCAT_AGG",
          "STRING_AGG",
          "GROUP_CONCAT",
          "JSON_ARRAYAGG",
          "MATCH_RECOGNIZE",
          "ARRAY",
          "MULTISET",
          "CURSOR",
          "IN",
          "EXISTS",
          "FROM",
          "JOIN",
          "TABLE",
          "LATERAL",
          "UNNEST");

  private final List<SqlToken> tokens;
  private final String sql;
  private final List<SqlToken> out = new ArrayList<>();
  private final Deque<Frame> frames = new ArrayDeque<>();
  private int tableFunction = -1; // where in out TABLE stands before the one that opens next

  private OtherSpellings(List<SqlToken> tokens, String sql) {
    this.tokens = tokens;
    this.sql = sql;
  }

  private static final class Frame {
    final String owner;
    boolean query;
    boolean rows; // a frame of ROWS
    boolean groups; // a frame of GROUPS with distances
    boolean ordered; // it has ORDER BY
    boolean distinctOn; // the keys of DISTINCT ON
    boolean measures; // a MATCH_RECOGNIZE has MEASURES
    boolean select; // of a query
    boolean from; // relations stand here
    int tableFunction = -1; // where in out TABLE was put before it; here are the arguments

    Frame(String owner) {
      this.owner = owner;
    }
  }

  /** The same statement in spellings the grammar knows; {@code tokens} are ours to change. */
  static List<SqlToken> rewritten(List<SqlToken> tokens, String sql) {
    List<SqlToken> inOrder = FromFirst.rewritten(ClauseSpellings.rewritten(tokens));
    return new OtherSpellings(InfixOperators.rewritten(inOrder), sql).run();
  }

  private List<SqlToken> run() {
    Brackets.rewrite(tokens, sql);
    frames.push(new Frame(""));
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      if (token.kind == ASOF && word(i + 1).equals("LEFT")) {
        int join = word(i + 2).equals("OUTER") ? i + 3 : i + 2;
        out.add(tokens.get(i + 1));
        out.add(token);
        i = join - 1;
        continue;
      }
      if (token.kind == DISTINCT && word(i + 1).equals("ON") && kind(i + 2) == LPAREN) {
        out.add(tokens.get(i + 1).copy(IDENTIFIER, "DISTINCT_ON"));
        out.add(tokens.get(i + 2));
        frames.push(new Frame("DISTINCT_ON"));
        frames.peek().distinctOn = true;
        i += 2;
        continue;
      }
      refuseJoin(i);
      if (token.kind == ALL && isAllOfThem(i)) {
        out.add(token.copy(IDENTIFIER, ALL_OF_THEM));
        continue;
      }
      if (token.kind == STAR && leavesOut(i + 1)) {
        out.add(token);
        insert(tokens.get(i + 1), COMMA, ",");
        out.add(tokens.get(i + 1).copy(IDENTIFIER, "STAR_EXCLUDE"));
        if (kind(i + 2) != LPAREN) {
          insert(tokens.get(i + 2), LPAREN, "(");
          out.add(tokens.get(i + 2));
          insert(tokens.get(i + 2), RPAREN, ")");
        }
        i += kind(i + 2) == LPAREN ? 1 : 2;
        continue;
      }
      if ((token.kind == ROW || token.kind == ROWS) && isOneRow(i)) {
        insert(token, UNSIGNED_INTEGER_LITERAL, "1");
      }
      if (token.kind == UNNEST && kind(i + 1) == LPAREN && !frames.peek().from) {
        out.add(token.copy(IDENTIFIER, "UNNEST"));
        continue;
      }
      if (token.kind == LATERAL && isTableFunction(i + 1)) {
        continue;
      }
      if (isTableFunction(i)) {
        tableFunction = out.size();
        insert(token, TABLE, "TABLE");
        insert(token, LPAREN, "(");
      }
      if (token.kind == LIMIT || token.kind == OFFSET) {
        int done = RowCounts.add(tokens, i, frames.peek().ordered, out);
        if (done > 0) {
          i += done - 1;
          continue;
        }
      }
      if (token.is("GROUPS") && isFrameUnit(i)) {
        frames.peek().groups = hasDistance(i);
        out.add(frames.peek().groups ? token.copy(ROWS, "ROWS") : token.copy(RANGE, "RANGE"));
        continue;
      }
      if (token.is("EXCLUDE") && word(i + 1).equals("NO") && word(i + 2).equals("OTHERS")) {
        i += 2; // as without it
        continue;
      }
      if (token.kind == UNSIGNED_INTEGER_LITERAL) {
        out.add(token.copy(token.kind, rowNumber(i)));
        continue;
      }
      if (token.kind == WITH && word(i + 1).equals("TIES")) {
        ties(token);
        i++;
        continue;
      }
      if (token.kind == ORDER && word(i + 1).equals("BY") && isAggregate(frames.peek())) {
        insert(token, RPAREN, ")");
        insert(token, WITHIN, "WITHIN");
        insert(token, GROUP, "GROUP");
        insert(token, LPAREN, "(");
      } else if (token.kind == DATE_DIFF && isUnitFirst(i)) {
        out.add(token.copy(IDENTIFIER, "DATEDIFF"));
        continue;
      } else if (token.kind == TRIM && hasComma(i + 1)) {
        out.add(token.copy(IDENTIFIER, "BTRIM"));
        continue;
      } else if (token.kind == INTERVAL) {
        i += IntervalSpellings.add(tokens, i, out, sql);
        continue;
      }
      out.add(token);
      follow(i, token);
      if (frames.peek().owner.equals("MATCH_RECOGNIZE")) {
        frames.peek().measures |= token.kind == MEASURES;
        i += token.kind == MATCH && word(i - 1).equals("PER") ? rowsOption(i) : 0;
      }
    }
    return out;
  }

  /** Whether a distance stands in the frame that begins here. */
  private boolean hasDistance(int unit) {
    for (int i = unit + 1; i < tokens.size() && kind(i) != RPAREN; i++) {
      if (kind(i) == UNSIGNED_INTEGER_LITERAL && isDistance(i)) {
        return true;
      }
    }
    return false;
  }

  private boolean isDistance(int number) {
    return word(number + 1).equals("PRECEDING") || word(number + 1).equals("FOLLOWING");
  }

  /** A number as the planner takes it where it counts rows. */
  private String rowNumber(int i) {
    String number = tokens.get(i).image;
    if (isDistance(i) && frames.peek().groups) {
      return MarkedNumbers.marked(number);
    }
    boolean counts =
        switch (word(i - 1)) {
          case "LIMIT", "FIRST", "NEXT" -> true;
          default ->
              isDistance(i) && frames.peek().rows
                  || kind(i - 1) == COMMA && word(i - 3).equals("LIMIT");
        };
    return counts ? MarkedNumbers.limited(number) : number;
  }

  /** FETCH FIRST n ROWS WITH TIES, of which all but WITH TIES is done. */
  private void ties(SqlToken with) {
    int at = out.size() - 2;
    boolean counts =
        at >= 2 && out.get(at).kind == UNSIGNED_INTEGER_LITERAL && out.get(at - 2).is("FETCH");
    if (!counts) {
      throw new LaminarException(
              ErrorCode.SYNTAX_ERROR, "WITH TIES stands where no rows are fetched.")
          .at(with.position())
          .mend("Write FETCH FIRST 3 ROWS WITH TIES, with a number of rows.")
          .in(sql);
    }
    if (!frames.peek().ordered) {
      throw new LaminarException(ErrorCode.VALIDATION_FAILED, "WITH TIES without ORDER BY.")
          .at(with.position())
          .mend("Add ORDER BY, which says what rows tie in, or write ONLY.")
          .in(sql);
    }
    SqlToken count = out.get(at);
    out.set(at, count.copy(count.kind, MarkedNumbers.marked(count.image)));
    insert(with, ONLY, "ONLY");
  }

  /**
   * Takes what stands behind ROW(S) PER MATCH.
   *
   * @return how many tokens of it are done
   */
  private int rowsOption(int match) {
    String option = word(match + 1) + " " + word(match + 2) + " " + word(match + 3);
    if (option.equals("SHOW EMPTY MATCHES")) {
      return 3;
    }
    for (MatchRowsOption each : MatchRowsOption.values()) {
      if (word(match - 3).equals("ALL") && option.equals(each.name().replace('_', ' '))) {
        SqlToken all = tokens.get(match - 3);
        boolean first = !frames.peek().measures;
        out.addAll(
            out.size() - 4,
            List.of(
                first ? all.copy(MEASURES, "MEASURES") : all.copy(COMMA, ","),
                all.copy(UNSIGNED_INTEGER_LITERAL, "0"),
                all.copy(AS, "AS"),
                all.copy(IDENTIFIER, each.measure())));
        return 3;
      }
    }
    return 0;
  }

  /** Whether a function stands at {@code i} where a relation does, without TABLE around it. */
  private boolean isTableFunction(int i) {
    boolean relation =
        switch (kind(i - 1)) {
          case FROM -> !word(i - 2).equals("DISTINCT");
          case COMMA, JOIN, LATERAL -> true;
          default -> false;
        };
    boolean call =
        switch (kind(i)) {
          case TABLE, UNNEST, LATERAL, VALUES, SELECT -> false;
          default -> !word(i).isEmpty() && kind(i + 1) == LPAREN;
        };
    return relation && call && frames.peek().select && frames.peek().from;
  }

  /** Whether the ALL at {@code i} is all that a SELECT groups or orders by. */
  private boolean isAllOfThem(int i) {
    if (kind(i - 1) != BY || !frames.peek().select) {
      return false;
    }
    boolean group = kind(i - 2) == GROUP;
    return switch (kind(i + 1)) {
      case EOF, RPAREN, LIMIT, OFFSET, FETCH -> true;
      case HAVING, WINDOW, QUALIFY, ORDER, UNION, INTERSECT, EXCEPT -> group;
      case ASC, DESC, NULLS -> !group;
      default -> false;
    };
  }

  /** A join of other databases whose first word would be taken for the alias of the left side. */
  private void refuseJoin(int i) {
    if (!word(i + 1).equals("JOIN") || kind(i - 1) == AS || !frames.peek().from) {
      return;
    }
    if (word(i).equals("POSITIONAL")) {
      throw new LaminarException(ErrorCode.NOT_SUPPORTED, "POSITIONAL JOIN is not supported.")
          .mend("Join by ROW_NUMBER() OVER (ORDER BY ..) of both sides.")
          .at(tokens.get(i).position())
          .in(sql);
    }
  }

  /** FETCH NEXT ROW ONLY, which says no number. */
  private boolean isOneRow(int i) {
    return word(i - 2).equals("FETCH")
        && (word(i - 1).equals("FIRST") || word(i - 1).equals("NEXT"));
  }

  /** Whether the arguments of the call at {@code i} begin with a text, as in DuckDB. */
  private boolean isUnitFirst(int i) {
    return i + 2 < tokens.size()
        && tokens.get(i + 1).kind == LPAREN
        && tokens.get(i + 2).kind == QUOTED_STRING;
  }

  private void follow(int i, SqlToken token) {
    switch (token.kind) {
      case LPAREN -> {
        frames.push(new Frame(word(i - 1)));
        frames.peek().tableFunction = tableFunction;
        tableFunction = -1;
      }
      case RPAREN -> {
        Frame closed = frames.size() > 1 ? frames.pop() : frames.peek();
        if (closed.tableFunction >= 0) {
          insert(token, RPAREN, ")");
          if (word(i + 1).equals("WITH") && word(i + 2).equals("ORDINALITY")) {
            SqlToken table = out.get(closed.tableFunction);
            out.set(closed.tableFunction, table.copy(UNNEST, "UNNEST"));
          }
        }
        if (closed.distinctOn && !word(i + 1).equals("FROM")) {
          insert(token, COMMA, ",");
        }
        boolean lacksOn = !word(i + 1).equals("ON") && !word(i + 1).equals("USING");
        if (closed.owner.equals("MATCH_CONDITION") && lacksOn && isWholeCondition(i + 1)) {
          insert(token, ON, "ON");
          insert(token, TRUE, "TRUE");
        }
      }
      case SELECT -> {
        frames.peek().query = true;
        frames.peek().select = true;
        frames.peek().from = false;
        frames.peek().ordered = false;
      }
      case ROWS -> frames.peek().rows = true;
      case ORDER -> {
        frames.peek().ordered = true;
        frames.peek().from = false;
      }
      case TABLE, PARTITION, VALUES -> frames.peek().query = true;
      case FROM -> frames.peek().from |= !word(i - 1).equals("DISTINCT");
      case WHERE, GROUP, HAVING, QUALIFY, WINDOW, LIMIT, UNION, INTERSECT, EXCEPT ->
          frames.peek().from = false;
      default -> {
        // nothing to remember
      }
    }
  }

  /** Whether the parenthesis at {@code open} has a comma of its own. */
  private boolean hasComma(int open) {
    int depth = 0;
    for (int i = open; i < tokens.size(); i++) {
      switch (tokens.get(i).kind) {
        case LPAREN -> depth++;
        case RPAREN -> depth--;
        case COMMA -> {
          if (depth == 1) {
            return true;
          }
        }
        default -> {
          // stands in between
        }
      }
      if (depth == 0) {
        return false;
      }
    }
    return false;
  }

  /** Whether {@code EXCLUDE (a)}, {@code EXCLUDE a} or {@code EXCEPT (a)} stands there. */
  private boolean leavesOut(int i) {
    boolean listed = kind(i + 1) == LPAREN;
    boolean isQuery =
        switch (word(listed ? i + 2 : i + 1)) {
          case "SELECT", "VALUES", "WITH", "TABLE", "FROM" -> true;
          default -> false;
        };
    return !isQuery
        && (word(i).equals("EXCLUDE")
                && (listed || kind(i + 1) == IDENTIFIER || kind(i + 1) == QUOTED_IDENTIFIER)
            || word(i).equals("EXCEPT") && listed && kind(i + 2) != LPAREN);
  }

  private int kind(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).kind : EOF;
  }

  private boolean isFrameUnit(int i) {
    boolean bound =
        switch (word(i + 1)) {
          case "BETWEEN", "UNBOUNDED", "CURRENT" -> true;
          default -> kind(i + 1) == UNSIGNED_INTEGER_LITERAL;
        };
    return bound && (frames.peek().owner.equals("OVER") || frames.peek().owner.equals("AS"));
  }

  /** Whether the parenthesis before {@code next} closes all of a MATCH_CONDITION. */
  private boolean isWholeCondition(int next) {
    return next >= tokens.size()
        || switch (tokens.get(next).kind) {
          case AND, OR, EQ, GT, LT, GE, LE, PLUS, MINUS -> false;
          default -> true;
        };
  }

  private static boolean isAggregate(Frame frame) {
    return !frame.query && !OWN_ORDER.contains(frame.owner);
  }

  private void insert(SqlToken place, int kind, String image) {
    out.add(place.copy(kind, image));
  }

  /** The word at {@code i} in upper case, or empty if there is none. */
  private String word(int i) {
    if (i < 0 || i >= tokens.size() || !tokens.get(i).isWord()) {
      return "";
    }
    return tokens.get(i).image.toUpperCase(Locale.ROOT);
  }
}
