package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.LPAREN;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.RPAREN;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import java.time.Duration;
import java.util.List;
import org.apache.calcite.sql.SqlNode;

/** Reads a query and its suffixes WITH, EMIT, LATE DATA TO and INCLUDE OPEN, in any order, each at most once. */
final class QueryParser {
  private static final String SUFFIXES =
      "WITH, EMIT, LATE DATA TO, INCLUDE OPEN or the end of the statement";

  private QueryParser() {}

  /** Whether a query starts at the cursor. */
  static boolean startsHere(TokenCursor cursor) {
    return cursor.is("SELECT")
        || cursor.is("WITH")
        || cursor.is("VALUES")
        || cursor.is("TABLE")
        || cursor.is("FROM")
        || cursor.isSymbol(LPAREN);
  }

  /** The query that takes all the rest of the statement. */
  static QuerySpec rest(TokenCursor cursor) {
    return upTo(cursor, cursor.end());
  }

  /** As {@link #rest}, where the whole of it, suffixes included, may stand in parentheses. */
  static QuerySpec restInParentheses(TokenCursor cursor) {
    boolean wrapped =
        cursor.isSymbol(LPAREN)
            && cursor.closing(cursor.index()) == cursor.end() - 1
            && suffixStart(cursor, cursor.index() + 1, cursor.end() - 1) < cursor.end() - 1;
    if (!wrapped) {
      return rest(cursor);
    }
    int close = cursor.end() - 1;
    cursor.moveTo(cursor.index() + 1);
    QuerySpec inner = upTo(cursor, close);
    cursor.moveTo(close + 1);
    return inner;
  }

  private static QuerySpec upTo(TokenCursor cursor, int end) {
    int from = cursor.index();
    int suffix = suffixStart(cursor, from, end);
    if (suffix == from) {
      throw cursor.expected("a query", List.of("SELECT", "WITH", "VALUES"));
    }
    SqlNode query = cursor.grammar.query(from, suffix);
    cursor.moveTo(suffix);
    SourcePosition position = cursor.since(cursor.tokens.get(from));
    Suffixes suffixes = new Suffixes(cursor);
    while (cursor.index() < end) {
      suffixes.read();
    }
    return new QuerySpec(
        query, suffixes.with, suffixes.emit, suffixes.lateDataTo, suffixes.includeOpen, position);
  }

  /** The first token outside of parentheses that starts a suffix, or {@code end}. */
  private static int suffixStart(TokenCursor cursor, int from, int end) {
    int depth = 0;
    for (int i = from; i < end; i++) {
      SqlToken token = cursor.tokens.get(i);
      if (token.kind == LPAREN) {
        depth++;
      } else if (token.kind == RPAREN) {
        depth--;
      } else if (depth == 0 && i > from && startsSuffix(cursor, i, end)) {
        return i;
      }
    }
    return end;
  }

  private static boolean startsSuffix(TokenCursor cursor, int i, int end) {
    SqlToken token = cursor.tokens.get(i);
    if (token.is("EMIT")) {
      return !cursor.tokens.get(i - 1).image.equals(".");
    }
    if (i + 1 >= end) {
      return false;
    }
    SqlToken next = cursor.tokens.get(i + 1);
    boolean lateData =
        token.is("LATE") && next.is("DATA") && i + 2 < end && cursor.tokens.get(i + 2).is("TO");
    boolean includeOpen = token.is("INCLUDE") && next.is("OPEN") && endsClause(cursor, i + 2, end);
    return lateData || includeOpen || (token.is("WITH") && next.kind == LPAREN);
  }

  /** Whether INCLUDE OPEN ends here: else one is a column and the other its alias. */
  private static boolean endsClause(TokenCursor cursor, int i, int end) {
    return i == end || startsSuffix(cursor, i, end);
  }

  /** The suffixes read so far. */
  private static final class Suffixes {
    private final TokenCursor cursor;
    private Options with = Options.NONE;
    private boolean hasWith;
    private Emit emit;
    private Identifier lateDataTo;
    private SourcePosition includeOpen;

    Suffixes(TokenCursor cursor) {
      this.cursor = cursor;
    }

    void read() {
      SqlToken first = cursor.peek();
      if (cursor.is("WITH")) {
        once(hasWith, first, "WITH");
        cursor.expect("WITH");
        with = OptionParser.list(cursor);
        hasWith = true;
      } else if (cursor.accept("EMIT")) {
        once(emit != null, first, "EMIT");
        emit = emit(first);
      } else if (cursor.accept("LATE", "DATA", "TO")) {
        once(lateDataTo != null, first, "LATE DATA TO");
        lateDataTo = cursor.name("a stream name");
      } else if (cursor.accept("INCLUDE", "OPEN")) {
        once(includeOpen != null, first, "INCLUDE OPEN");
        includeOpen = cursor.since(first);
      } else {
        throw cursor.expected(SUFFIXES, List.of("WITH", "EMIT", "LATE", "INCLUDE"));
      }
    }

    private void once(boolean seen, SqlToken first, String clause) {
      if (seen) {
        throw cursor.error(
            ErrorCode.SYNTAX_ERROR, first.position(), "A query has only one " + clause + ".");
      }
    }

    private Emit emit(SqlToken first) {
      if (cursor.accept("CHANGES")) {
        return new Emit(Emit.Mode.CHANGES, null, cursor.since(first));
      }
      if (cursor.accept("FINAL")) {
        return new Emit(Emit.Mode.ON_WINDOW_CLOSE, null, cursor.since(first));
      }
      if (cursor.accept("ON")) {
        cursor.expect("WINDOW", "CLOSE");
        return new Emit(Emit.Mode.ON_WINDOW_CLOSE, null, cursor.since(first));
      }
      if (cursor.accept("EVERY")) {
        SqlToken interval = cursor.peek();
        Duration every = Intervals.read(cursor);
        if (every.isZero() || every.isNegative()) {
          throw notPositive(cursor.since(interval));
        }
        return new Emit(Emit.Mode.EVERY, every, cursor.since(first));
      }
      throw cursor.expected(
          "ON WINDOW CLOSE, FINAL, CHANGES or EVERY after EMIT",
          List.of("ON", "FINAL", "CHANGES", "EVERY"));
    }

    private LaminarException notPositive(SourcePosition position) {
      return cursor.error(
          ErrorCode.INVALID_OPTION, position, "The interval of EMIT EVERY must be positive.");
    }
  }
}
