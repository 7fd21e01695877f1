package io.laminardb.sql.parser;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.parser.impl.LaminarParserImplConstants;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads SQL text. May be used by several threads if the variable lookup may.
 *
 * <p>The first use loads Calcite's classes and the generated parser, which takes part of a second;
 * parse any statement in the background to have that behind you.
 */
public final class SqlParser {
  /** How deep parentheses may nest. */
  static final int MAX_PARENTHESES = 200;

  /** How many operators may follow each other without a comma or parenthesis between them. */
  static final int MAX_OPERATORS = 4_000;

  private final Function<String, String> variables;
  private final Function<String, String> environment;

  /**
   * @param variables gives the value of {@code ${NAME}} in string literals, or null when it is not
   *     set
   */
  public SqlParser(Function<String, String> variables) {
    this(variables, name -> null);
  }

  /**
   * As the other one.
   *
   * @param environment gives the value of a variable that is not set, or null
   */
  public SqlParser(Function<String, String> variables, Function<String, String> environment) {
    this.variables = requireNonNull(variables, "variables");
    this.environment = requireNonNull(environment, "environment");
  }

  /**
   * All statements of {@code sql}, in order; empty ones between semicolons are left out. A variable
   * has the value that it will have when its statement is reached: SET and RESET of statements before
   * it count, although none of them has run.
   *
   * @throws LaminarException SYNTAX_ERROR, VARIABLE_NOT_SET, INVALID_OPTION, NOT_SUPPORTED or
   *     QUERY_TOO_COMPLEX, with the place in {@code sql}; nothing else is thrown
   */
  public List<ParsedStatement> parse(String sql) {
    List<SqlToken> tokens = SqlLexer.tokens(sql);
    List<ParsedStatement> statements = new ArrayList<>();
    Map<String, Optional<String>> changed = new HashMap<>();
    Variables values = new Variables(name -> value(name, changed));
    int from = 0;
    for (int i = 0; i < tokens.size(); i++) {
      int kind = tokens.get(i).kind;
      if (kind == LaminarParserImplConstants.SEMICOLON || kind == LaminarParserImplConstants.EOF) {
        if (i > from) {
          ParsedStatement parsed = statement(sql, tokens, from, i, values);
          statements.add(parsed);
          if (parsed.statement() instanceof Statement.SetOption set && set.variable() != null) {
            changed.put(
                set.variable(), Optional.ofNullable(set.value()).map(value -> value.text()));
          }
        }
        from = i + 1;
      }
    }
    return List.copyOf(statements);
  }

  private String value(String name, Map<String, Optional<String>> changed) {
    Optional<String> change = changed.get(name);
    String value = change == null ? variables.apply(name) : change.orElse(null);
    return value != null ? value : environment.apply(name);
  }

  private static ParsedStatement statement(
      String sql, List<SqlToken> tokens, int from, int to, Variables variables) {
    checkNesting(sql, tokens, from, to);
    TokenCursor cursor = new TokenCursor(sql, tokens, from, to, variables);
    SqlToken first = tokens.get(from);
    Statement statement;
    try {
      statement = StatementParser.statement(cursor);
    } catch (StackOverflowError e) {
      throw new LaminarException(
              ErrorCode.QUERY_TOO_COMPLEX, "The statement nests too deeply to be read.")
          .at(first.position())
          .mend("Split it into several streams.")
          .in(sql);
    }
    cursor.moveTo(to);
    int end = tokens.get(to - 1).end;
    int parameterCount = parameters(tokens.subList(from, to));
    return new ParsedStatement(
        statement,
        sql.substring(first.begin, end),
        first.begin,
        cursor.since(first),
        parameterCount,
        sql);
  }

  /** How many question marks stand for values: not those in the PATTERN of a MATCH_RECOGNIZE. */
  private static int parameters(List<SqlToken> tokens) {
    int count = 0;
    int depth = 0;
    int match = -1; // the depth in a MATCH_RECOGNIZE
    int pattern = -1; // the depth in its PATTERN
    for (int i = 0; i < tokens.size(); i++) {
      switch (tokens.get(i).kind) {
        case LaminarParserImplConstants.LPAREN -> {
          depth++;
          if (i > 0 && tokens.get(i - 1).is("MATCH_RECOGNIZE")) {
            match = depth;
          } else if (i > 0 && tokens.get(i - 1).is("PATTERN") && depth == match + 1) {
            pattern = depth;
          }
        }
        case LaminarParserImplConstants.RPAREN -> {
          pattern = depth == pattern ? -1 : pattern;
          match = depth == match ? -1 : match;
          depth--;
        }
        case LaminarParserImplConstants.HOOK -> count += pattern < 0 ? 1 : 0;
        default -> {}
      }
    }
    return count;
  }

  /** Refuses what the generated parser would take long for, or overflow the stack with. */
  private static void checkNesting(String sql, List<SqlToken> tokens, int from, int to) {
    Deque<Integer> outerOperators = new ArrayDeque<>();
    int operators = 0;
    for (int i = from; i < to; i++) {
      switch (tokens.get(i).kind) {
        case LaminarParserImplConstants.LPAREN -> {
          outerOperators.push(operators);
          operators = 0;
        }
        case LaminarParserImplConstants.RPAREN ->
            operators = outerOperators.isEmpty() ? operators : outerOperators.pop();
        case LaminarParserImplConstants.COMMA -> operators = 0;
        case LaminarParserImplConstants.NOT, LaminarParserImplConstants.UNION -> operators++;
        default -> operators += SyntaxErrors.isOperator(tokens.get(i).kind) ? 1 : 0;
      }
      if (outerOperators.size() > MAX_PARENTHESES) {
        throw tooComplex(
            "Parentheses nest deeper than " + MAX_PARENTHESES + " levels.", tokens.get(i), sql);
      }
      if (operators > MAX_OPERATORS) {
        throw tooComplex(
            "One expression has more than " + MAX_OPERATORS + " operators.", tokens.get(i), sql);
      }
    }
  }

  private static LaminarException tooComplex(String problem, SqlToken token, String sql) {
    return new LaminarException(ErrorCode.QUERY_TOO_COMPLEX, problem)
        .at(token.position())
        .mend("Use IN lists, or split the statement into several streams.")
        .in(sql);
  }
}
