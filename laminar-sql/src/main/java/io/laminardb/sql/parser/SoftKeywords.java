package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides which reserved words of Calcite's grammar are names where they stand, so that columns and
 * aliases can be called {@code time}, {@code count}, {@code end} or {@code user} without quotes: a
 * word that cannot start what its keyword starts, judged by its neighbours and the parenthesis it
 * is in, becomes an identifier. {@code SELECT}, {@code FROM}, {@code ORDER} and the other words
 * that hold a query together stay reserved.
 */
final class SoftKeywords {
  /** Functions: names unless an argument list follows. */
  private static final Set<String> FUNCTIONS =
      words(
          "ABS AVG CARDINALITY CEIL CEILING CHAR_LENGTH CHARACTER_LENGTH CLASSIFIER"
              + " COALESCE COLLECT CONVERT COUNT COVAR_POP COVAR_SAMP CUME_DIST CURSOR"
              + " DENSE_RANK ELEMENT EXP EXTRACT FIRST_VALUE FLOOR FUSION INTERSECTION"
              + " GROUPING JSON_EXISTS JSON_QUERY JSON_VALUE LAG LEAD LAST_VALUE LN LOWER"
              + " MATCH_NUMBER MAX MIN MOD NTH_VALUE NTILE NULLIF OCTET_LENGTH OVERLAY"
              + " PERCENTILE_CONT PERCENTILE_DISC PERCENT_RANK PERIOD POSITION POWER RANK"
              + " REGR_COUNT REGR_SXX REGR_SYY ROW_NUMBER SAFE_OFFSET SAFE_ORDINAL SQRT"
              + " STDDEV_POP STDDEV_SAMP SUBSTRING SUM TRANSLATE TRIM TRUNCATE UPPER"
              + " VAR_POP VAR_SAMP");

  /** Words of clauses that are names outside of MATCH_RECOGNIZE. */
  private static final Set<String> PATTERN_WORDS =
      words(
          "ALL DEFINE FIRST LAST MATCH MEASURE MEASURES NEXT ONE PATTERN PER PERMUTE PREV RUNNING"
              + " SKIP SUBSET FINAL");

  private static final Set<String> UNITS = words("YEAR MONTH DAY HOUR MINUTE SECOND");
  private static final Set<String> DATETIMES = words("DATE TIME TIMESTAMP DATETIME UUID");
  private static final Set<String> UNIT_FUNCTIONS =
      words(
          "EXTRACT TIMESTAMPADD TIMESTAMPDIFF DATEADD DATEDIFF DATEPART DATE_PART DATE_TRUNC"
              + " DATE_DIFF DATETIME_DIFF DATETIME_TRUNC TIMESTAMP_DIFF TIMESTAMP_TRUNC TIME_DIFF"
              + " TIME_TRUNC");
  private static final Set<String> NEVER_IN_QUERIES =
      words(
          "ALLOW CALL DESCRIBE DISALLOW DROP EXPLAIN EXTEND MERGE NEW NO ORDINAL RESET SPECIFIC"
              + " STREAM SYSTEM UPSERT USER VARYING");
  private static final Set<String> WEEKDAYS =
      words("MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY");

  private final List<SqlToken> tokens;
  private final int from;
  private final int to;
  private final Deque<Frame> frames = new ArrayDeque<>();
  private Frame frame = new Frame("");

  private SoftKeywords(List<SqlToken> tokens, int from, int to) {
    this.tokens = tokens;
    this.from = from;
    this.to = to;
  }

  /** What is open around a token: a parenthesis, the word before it, and what it has seen. */
  private static final class Frame {
    final String owner;
    int openCases;
    boolean type;
    String clause = "";

    Frame(String owner) {
      this.owner = owner;
    }
  }

  /** The kinds of {@code tokens[from, to)}, names made identifiers. */
  static int[] kinds(List<SqlToken> tokens, int from, int to) {
    return new SoftKeywords(tokens, from, to).run();
  }

  private int[] run() {
    int[] kinds = new int[to - from];
    for (int i = from; i < to; i++) {
      SqlToken token = tokens.get(i);
      kinds[i - from] = token.kind;
      if (token.kind == LPAREN) {
        open(i);
      } else if (token.kind == RPAREN) {
        frame = frames.isEmpty() ? frame : frames.pop();
      } else if (token.isWord()) {
        if (token.kind != IDENTIFIER && isName(i, word(i))) {
          kinds[i - from] = IDENTIFIER;
        } else {
          follow(i, word(i));
        }
      }
    }
    return kinds;
  }

  private void open(int i) {
    frames.push(frame);
    String owner = word(i - 1);
    Frame opened = new Frame(owner);
    opened.type = frame.type;
    frame = opened;
  }

  private void follow(int i, String word) {
    switch (word) {
      case "CASE" -> frame.openCases++;
      case "END" -> frame.openCases = Math.max(0, frame.openCases - 1);
      case "AS" -> frame.type |= frame.owner.endsWith("CAST");
      case "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "QUALIFY", "WINDOW" ->
          frame.clause = word;
      default -> {
        // opens and closes nothing
      }
    }
  }

  private boolean isName(int i, String word) {
    if (kind(i - 1) == DOT) {
      return true;
    }
    if (FUNCTIONS.contains(word)) {
      return kind(i + 1) != LPAREN && !word(i + 1).equals("SETS");
    }
    if (UNITS.contains(word)) {
      return kind(i + 1) != LPAREN && !isUnit(i);
    }
    if (word.equals("UUID") && kind(i + 1) == LPAREN) {
      return true; // a function; its type has no length
    }
    if (DATETIMES.contains(word)) {
      return !isTypeOrLiteral(i);
    }
    if (NEVER_IN_QUERIES.contains(word)) {
      return true;
    }
    if (WEEKDAYS.contains(word)) {
      return !word(i - 2).equals("WEEK");
    }
    if (inPattern()) {
      return false;
    }
    String before = word(i - 1);
    String after = word(i + 1);
    return switch (word) {
      case "END" -> frame.openCases == 0;
      case "INTERVAL" -> !startsInterval(i);
      case "RANGE", "ROWS" -> !isFrameOrLimit(i, before, after);
      case "ROW" -> kind(i + 1) != LPAREN && !before.equals("CURRENT") && !isCount(i - 1, before);
      case "ONLY" -> !before.equals("ROW") && !before.equals("ROWS");
      case "NEXT" -> !before.equals("FETCH") && !after.equals("VALUE");
      case "FIRST" -> !before.equals("FETCH") && !before.equals("NULLS");
      case "LAST" -> !before.equals("NULLS");
      case "VALUE" ->
          kind(i + 1) != LPAREN
              && !before.equals("NEXT")
              && (!isJson() || kind(i - 1) == LPAREN || kind(i - 1) == COMMA);
      case "UNNEST" -> frame.clause.equals("SELECT") && kind(i + 1) == LPAREN;
      case "WINDOW" -> !word(i + 2).equals("AS") || kind(i + 1) == RPAREN || kind(i + 1) == COMMA;
      case "FILTER", "OVER", "WITHIN" ->
          kind(i - 1) != RPAREN && kind(i - 1) != NULLS && kind(i + 1) != LPAREN;
      case "EMPTY" ->
          !before.equals("IS")
              && !before.equals("NOT")
              && !after.equals("ON")
              && !frame.owner.startsWith("JSON_");
      case "UNKNOWN" -> !before.equals("IS") && !before.equals("NOT");
      case "MEMBER" -> !after.equals("OF");
      case "RECURSIVE" -> !before.equals("WITH");
      case "LEADING", "TRAILING", "BOTH" -> !frame.owner.equals("TRIM");
      case "PRECISION" -> !before.equals("DOUBLE");
      case "SEMI", "ANTI" -> !isJoin(i, before, after);
      case "LOCAL" -> !before.equals("WITH");
      case "CURRENT" -> !after.equals("ROW") && !after.equals("VALUE");
      case "CONTAINS", "EQUALS", "PRECEDES", "SUCCEEDS", "OVERLAPS" ->
          kind(i - 1) == COMMA || before.equals("SELECT") || before.equals("AS");
      default -> !word.equals("ALL") && PATTERN_WORDS.contains(word);
    };
  }

  /** A unit of an interval or of EXTRACT and its kin. */
  private boolean isUnit(int i) {
    int before = i - 1;
    if (kind(before) == LPAREN) {
      return UNIT_FUNCTIONS.contains(frame.owner);
    }
    if (kind(before) == COMMA) {
      return frame.owner.endsWith("_TRUNC") || frame.owner.endsWith("_DIFF");
    }
    if (word(before).equals("TO")) {
      return !word(before - 1).equals("DATA") && !word(before - 1).equals("SET");
    }
    if (word(before).equals("INTERVAL")) {
      return true;
    }
    return word(intervalStart(before)).equals("INTERVAL");
  }

  /** Walks back over the amount that ends at {@code i}, and its sign. */
  private int intervalStart(int i) {
    int at = i;
    if (kind(at) == RPAREN) {
      int depth = 0;
      do {
        depth += kind(at) == RPAREN ? 1 : kind(at) == LPAREN ? -1 : 0;
        at--;
      } while (depth > 0 && at >= from);
    } else {
      at--;
      while (kind(at) == DOT) {
        at -= 2;
      }
    }
    return kind(at) == MINUS || kind(at) == PLUS ? at - 1 : at;
  }

  private boolean startsInterval(int i) {
    int at = kind(i + 1) == MINUS || kind(i + 1) == PLUS ? i + 2 : i + 1;
    if (frame.type || kind(at) == QUOTED_STRING) {
      return true;
    }
    if (at != i + 1) {
      return false;
    }
    return switch (kind(at)) {
      case UNSIGNED_INTEGER_LITERAL, DECIMAL_NUMERIC_LITERAL, HOOK, LPAREN -> true;
      default -> tokens.get(Math.min(at, to - 1)).isWord() && UNITS.contains(word(nameEnd(at)));
    };
  }

  /** The token after the dotted name at {@code i}. */
  private int nameEnd(int i) {
    int at = i + 1;
    while (kind(at) == DOT) {
      at += 2;
    }
    return at;
  }

  private boolean isTypeOrLiteral(int i) {
    if (frame.type || kind(i - 1) == INFIX_CAST || word(i - 1).equals("RETURNING")) {
      return true;
    }
    return switch (kind(i + 1)) {
      case QUOTED_STRING, LPAREN, ZONE -> true;
      case WITH, WITHOUT -> {
        String second = word(i + 2);
        yield second.equals("TIME") || second.equals("LOCAL");
      }
      default -> false;
    };
  }

  private boolean isFrameOrLimit(int i, String before, String after) {
    if (isCount(i - 1, before)) {
      return true;
    }
    if (kind(i - 1) == COMMA || before.equals("BY")) {
      return false;
    }
    boolean bound =
        switch (after) {
          case "BETWEEN", "UNBOUNDED", "CURRENT", "INTERVAL" -> true;
          default ->
              kind(i + 1) == UNSIGNED_INTEGER_LITERAL
                  || kind(i + 1) == DECIMAL_NUMERIC_LITERAL
                  || kind(i + 1) == HOOK;
        };
    return bound && (frame.owner.equals("OVER") || frame.owner.equals("AS"));
  }

  /** The {@code 5} or {@code FIRST} of FETCH FIRST 5 ROWS, or the count of OFFSET 5 ROWS. */
  private boolean isCount(int i, String word) {
    String before = word(i - 1);
    boolean counts = before.equals("OFFSET") || before.equals("FIRST") || before.equals("NEXT");
    return before.equals("FETCH") || (counts && word.isEmpty());
  }

  /** Whether the SEMI or ANTI at {@code i} says what the JOIN behind it is. */
  private boolean isJoin(int i, String before, String after) {
    return after.equals("JOIN")
        && (frame.clause.equals("FROM") || frame.clause.isEmpty())
        && kind(i - 1) != COMMA
        && !before.equals("FROM")
        && !before.equals("JOIN")
        && !before.equals("AS");
  }

  private boolean inPattern() {
    if (frame.owner.equals("MATCH_RECOGNIZE")) {
      return true;
    }
    return frames.stream().anyMatch(open -> open.owner.equals("MATCH_RECOGNIZE"));
  }

  private boolean isJson() {
    return frame.owner.startsWith("JSON_");
  }

  private int kind(int i) {
    return i >= from && i < to ? tokens.get(i).kind : EOF;
  }

  /** The word at {@code i} in upper case, or empty if there is none. */
  private String word(int i) {
    if (i < from || i >= to || !tokens.get(i).isWord()) {
      return "";
    }
    return tokens.get(i).image.toUpperCase(Locale.ROOT);
  }

  /** The reserved words of which {@link #kinds} may make names. */
  static boolean isSoft(String upperCaseWord) {
    return FUNCTIONS.contains(upperCaseWord)
        || UNITS.contains(upperCaseWord)
        || DATETIMES.contains(upperCaseWord)
        || NEVER_IN_QUERIES.contains(upperCaseWord)
        || WEEKDAYS.contains(upperCaseWord)
        || OTHERS.contains(upperCaseWord)
        || (PATTERN_WORDS.contains(upperCaseWord) && !upperCaseWord.equals("ALL"));
  }

  private static final Set<String> OTHERS =
      words(
          "END INTERVAL RANGE ROWS ROW ONLY VALUE WINDOW EMPTY UNKNOWN MEMBER RECURSIVE LEADING"
              + " TRAILING BOTH PRECISION LOCAL CURRENT FILTER OVER WITHIN SEMI ANTI");

  private static Set<String> words(String list) {
    return new TreeSet<>(List.of(list.split(" ")));
  }
}
