package io.laminardb.sql.parser;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.error.Suggestions;
import io.laminardb.sql.parser.impl.LaminarParserImpl;
import io.laminardb.sql.parser.impl.LaminarParserImplConstants;
import io.laminardb.sql.parser.impl.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.runtime.CalciteContextException;

/** Says in a sentence what stood where something else was needed. */
final class SyntaxErrors {
  private static final String END = "the end of the statement";
  private static final int MAX_SHOWN = 40;
  private static final int MAX_EXPECTED = 4;

  /** What a reader most likely left out, in the order we would name it. */
  private static final List<String> TELLING =
      List.of(
          ")", "(", ",", "=", ".", "FROM", "BY", "AS", "ON", "THEN", "END", "AND", "SELECT", "JOIN",
          "VALUES", "INTO", "SET", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT");

  /** Words a misspelled alias may have been meant as. */
  private static final List<String> CLAUSES =
      List.of(
          "FROM",
          "WHERE",
          "GROUP",
          "HAVING",
          "ORDER",
          "LIMIT",
          "OFFSET",
          "UNION",
          "JOIN",
          "INNER",
          "LEFT",
          "RIGHT",
          "FULL",
          "CROSS",
          "ASOF",
          "QUALIFY",
          "WINDOW",
          "EMIT",
          "BETWEEN",
          "LIKE",
          "AND",
          "SELECT",
          "VALUES",
          "MATCH_CONDITION",
          "EXCEPT",
          "INTERSECT");

  private static final List<String> UNITS =
      List.of("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR");

  /** Words that follow a list, so that a comma before them is one too many. */
  private static final Set<String> FOLLOWERS =
      Set.of("FROM", "WHERE", "GROUP", "HAVING", "SELECT", "AND", "AS", "BY", "ON", "JOIN");

  private SyntaxErrors() {}

  /**
   * {@code Expected <phrase>, found <token>.}
   *
   * @param words what the token may be a misspelling of
   */
  static LaminarException expected(String phrase, SqlToken found, List<String> words) {
    LaminarException error =
        new LaminarException(
                ErrorCode.SYNTAX_ERROR, "Expected " + phrase + ", found " + shown(found) + ".")
            .at(found.position());
    if (!found.isWord()) {
      return error;
    }
    return Suggestions.closest(found.image, words)
        .filter(meant -> !meant.equalsIgnoreCase(found.image))
        .map(meant -> error.mend("Did you mean " + meant + "?"))
        .orElse(error);
  }

  /** An expected name where a reserved word or no word stands. */
  static LaminarException expectedName(String what, SqlToken found) {
    LaminarException error = expected(what, found, List.of());
    return found.isWord() ? error.mend(quoteIt(found)) : error;
  }

  static String shown(SqlToken token) {
    if (token.isEnd()) {
      return END;
    }
    String image = token.image;
    if (image.length() > MAX_SHOWN) {
      image = image.substring(0, MAX_SHOWN) + "...";
    }
    image = image.replace('\n', ' ').replace('\r', ' ');
    return image.startsWith("\"") || image.startsWith("'") ? image : "\"" + image + "\"";
  }

  /** What the generated parser could not continue from. */
  static LaminarException of(
      ParseException e, LaminarParserImpl parser, List<SqlToken> tokens, int from, int to) {
    if (e.currentToken == null || e.expectedTokenSequences == null) {
      SqlToken last = parser.getToken(0) instanceof SqlToken token ? token : tokens.get(from);
      return of(e, last, tokens.get(from));
    }
    SqlToken found = (SqlToken) e.currentToken.next;
    Set<String> expected = new TreeSet<>();
    for (int[] sequence : e.expectedTokenSequences) {
      expected.add(word(sequence[0]));
    }
    if (isOperator(found.kind) && expected.contains("=")) {
      return afterOperator(found, tokens, to);
    }
    boolean inAsofJoin =
        tokens.subList(from, found.index).stream()
            .anyMatch(token -> token.image.equalsIgnoreCase("MATCH_CONDITION"));
    if (found.image.equalsIgnoreCase("USING") && inAsofJoin) {
      return expected("ON", found, List.of())
          .mend("An ASOF JOIN takes no USING: write its keys as ON l.key = r.key.");
    }
    if (expected.contains("SECOND") && !expected.contains("a name")) {
      return expected("a unit such as SECOND", found, UNITS);
    }
    List<String> keywords = CLAUSES.stream().filter(expected::contains).toList();
    LaminarException error = expected(phrase(expected), found, keywords);
    if (error.mend() != null) {
      return error;
    }
    String upper = found.image.toUpperCase(Locale.ROOT);
    if (found.index > from
        && tokens.get(found.index - 1).kind == LaminarParserImplConstants.COMMA
        && FOLLOWERS.contains(upper)) {
      return error.mend("Remove the comma before " + upper + ".");
    }
    if (upper.equals("EMIT") || upper.equals("LATE")) {
      return error.mend("EMIT, WITH and LATE DATA TO stand at the end of the whole query.");
    }
    String misspelled = misspelledBefore(found, tokens, from);
    if (misspelled != null) {
      return error.mend(misspelled);
    }
    boolean reservedWord = found.isWord() && found.kind != LaminarParserImplConstants.IDENTIFIER;
    boolean mayBeName = expected.contains("a name") && !FOLLOWERS.contains(upper);
    return reservedWord && mayBeName ? error.mend(quoteIt(found)) : error;
  }

  /** The generated parser looks behind an operator before it takes it; the gap is behind it. */
  private static LaminarException afterOperator(SqlToken operator, List<SqlToken> tokens, int to) {
    SqlToken next =
        operator.index + 1 < to
            ? tokens.get(operator.index + 1)
            : GrammarParser.endToken(tokens, operator.index, to);
    return expected("an expression after " + shown(operator), next, List.of());
  }

  static boolean isOperator(int kind) {
    return switch (kind) {
      case LaminarParserImplConstants.EQ,
          LaminarParserImplConstants.NE,
          LaminarParserImplConstants.NE2,
          LaminarParserImplConstants.LT,
          LaminarParserImplConstants.GT,
          LaminarParserImplConstants.LE,
          LaminarParserImplConstants.GE,
          LaminarParserImplConstants.PLUS,
          LaminarParserImplConstants.MINUS,
          LaminarParserImplConstants.STAR,
          LaminarParserImplConstants.SLASH,
          LaminarParserImplConstants.PERCENT_REMAINDER,
          LaminarParserImplConstants.CONCAT,
          LaminarParserImplConstants.INFIX_OPERATOR,
          LaminarParserImplConstants.AND,
          LaminarParserImplConstants.OR ->
          true;
      default -> false;
    };
  }

  /** A word before the place that was taken for an alias but is nearly a keyword. */
  private static String misspelledBefore(SqlToken found, List<SqlToken> tokens, int from) {
    for (int i = found.index - 1; i >= Math.max(from, found.index - 2); i--) {
      SqlToken before = tokens.get(i);
      if (before.isWord() && before.kind == LaminarParserImplConstants.IDENTIFIER) {
        String meant = Suggestions.closest(before.image, CLAUSES).orElse(null);
        if (meant != null) {
          return "Did you mean " + meant + " instead of " + shown(before) + "?";
        }
      }
    }
    return null;
  }

  private static String quoteIt(SqlToken reserved) {
    return "To use this word as a name, quote it: \"" + reserved.image + "\".";
  }

  private static String phrase(Set<String> expected) {
    List<String> said = new ArrayList<>();
    boolean expression = expected.contains("CASE") && expected.contains("a name");
    if (expression) {
      said.add("an expression");
    } else if (expected.contains("VARCHAR")) {
      said.add("a type");
    } else {
      for (String kind : List.of("a name", "a string", "a number")) {
        if (expected.contains(kind)) {
          said.add(kind);
        }
      }
    }
    boolean few = expected.size() <= MAX_EXPECTED;
    for (String word : few ? expected : TELLING) {
      boolean noise = !few && (word.equals("(") || word.equals("=") || word.equals("."));
      if (!noise
          && !(expression && word.equals("SELECT"))
          && expected.contains(word)
          && said.size() < MAX_EXPECTED
          && !said.contains(word)
          && !word.equals(END)) {
        said.add(word);
      }
    }
    if (expected.contains(END) || said.isEmpty()) {
      said.add(said.isEmpty() && !expected.contains(END) ? "something else" : END);
    }
    return joined(said.stream().map(SyntaxErrors::quotedSymbol).toList());
  }

  private static String quotedSymbol(String word) {
    return Character.isLetter(word.charAt(0)) ? word : "\"" + word + "\"";
  }

  static String joined(List<String> said) {
    if (said.size() == 1) {
      return said.get(0);
    }
    int last = said.size() - 1;
    return String.join(", ", said.subList(0, last)) + " or " + said.get(last);
  }

  private static String word(int kind) {
    return switch (kind) {
      case LaminarParserImplConstants.EOF -> END;
      case LaminarParserImplConstants.IDENTIFIER -> "a name";
      case LaminarParserImplConstants.QUOTED_STRING -> "a string";
      case LaminarParserImplConstants.UNSIGNED_INTEGER_LITERAL -> "a number";
      default -> {
        String image = LaminarParserImplConstants.tokenImage[kind];
        yield image.startsWith("\"") ? image.substring(1, image.length() - 1) : image;
      }
    };
  }

  /** What Calcite found wrong in an action of its grammar. */
  static LaminarException of(CalciteContextException e) {
    SourcePosition position =
        new SourcePosition(
            e.getPosLine(), e.getPosColumn(), e.getEndPosLine(), e.getEndPosColumn());
    String reason = reason(e);
    LaminarException error = new LaminarException(ErrorCode.SYNTAX_ERROR, reason).at(position);
    return reason.startsWith("ASOF JOIN missing")
        ? error.mend("Write l ASOF JOIN r MATCH_CONDITION (l.ts >= r.ts) ON l.key = r.key.")
        : error;
  }

  private static String reason(CalciteContextException e) {
    String message = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
    if (message == null) {
      return "This cannot be read.";
    }
    if (message.startsWith("Query expression encountered")) {
      return "A query cannot stand here.";
    }
    if (message.startsWith("Non-query expression encountered")) {
      return "Expected a query, found an expression.";
    }
    return message.endsWith(".") ? message : message + ".";
  }

  /** Anything else that goes wrong while the generated parser reads, after {@code last}. */
  static LaminarException of(Throwable e, SqlToken last, SqlToken first) {
    String message = e.getMessage() == null ? "this cannot be read" : e.getMessage();
    SqlToken place = last.beginLine > 0 ? last : first;
    return new LaminarException(ErrorCode.SYNTAX_ERROR, "Cannot read this: " + message, e)
        .at(place.position());
  }
}
