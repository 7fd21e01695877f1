package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.operator.match.MatchSpec;
import io.laminardb.core.operator.match.PathValue;
import io.laminardb.core.operator.match.RowPattern;
import io.laminardb.sql.parser.MatchRowsOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlMatchRecognize;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * Turns a MATCH_RECOGNIZE into a SELECT that Calcite validates: the select list has the columns that
 * come out, with markers for what they ask of the match, and WHERE a marker with the columns it
 * divides and orders by and the conditions. What is left is a {@link MatchClause}.
 */
final class MatchRecognize {
  private static final int MAX_PERMUTED = 6;

  private final SqlMatchRecognize match;
  private final ExpressionRewriter expressions;
  private final ToIntFunction<PathValue> asked;
  private final MatchVariables variables = new MatchVariables();
  private final List<SqlIdentifier> partition = new ArrayList<>();
  private final List<SqlIdentifier> order = new ArrayList<>();
  private final List<MatchClause.Order> orders = new ArrayList<>();
  private final List<Integer> defined = new ArrayList<>();
  private final List<SqlNode> conditions = new ArrayList<>();
  private final MatchSpec.Rows rows;
  private MatchClause clause;

  /**
   * @param expressions rewrites what is left of expressions
   * @param asked gives what is asked of a match its index
   */
  MatchRecognize(
      SqlMatchRecognize match, ExpressionRewriter expressions, ToIntFunction<PathValue> asked) {
    this.match = match;
    this.expressions = expressions;
    this.asked = asked;
    this.rows = rows();
  }

  private MatchSpec.Rows rows() {
    SqlLiteral rowsPerMatch = match.getRowsPerMatch();
    if (rowsPerMatch == null
        || rowsPerMatch.getValue() == SqlMatchRecognize.RowsPerMatchOption.ONE_ROW) {
      return MatchSpec.Rows.ONE;
    }
    return isMeasured(MatchRowsOption.OMIT_EMPTY_MATCHES)
        ? MatchSpec.Rows.ALL_OMIT_EMPTY
        : isMeasured(MatchRowsOption.WITH_UNMATCHED_ROWS)
            ? MatchSpec.Rows.ALL_WITH_UNMATCHED
            : MatchSpec.Rows.ALL;
  }

  private boolean isMeasured(MatchRowsOption option) {
    return match.getMeasureList().stream().anyMatch(measure -> isOption(measure, option));
  }

  private static boolean isOption(SqlNode measure, MatchRowsOption option) {
    return ((SqlCall) measure).operand(1).toString().equals(option.measure());
  }

  MatchClause clause() {
    return clause;
  }

  /**
   * The SELECT.
   *
   * @param input the rewritten relation
   * @param index of the clause
   */
  SqlSelect rewrite(SqlNode input, int index) {
    refuseAnchors();
    columns();
    RowPattern pattern = pattern(match.getPattern());
    variables.addSubsets(match.getSubsetList());
    conditions();
    List<SqlNode> selected = selectList();
    clause =
        new MatchClause(
            pattern,
            variables.names(),
            text(match.getPattern()),
            match.getInterval(),
            rows,
            skip(match.getAfter()),
            partition.size(),
            orders,
            defined,
            Positions.of(match.getParserPosition()),
            Positions.of(match.getOrderList().getParserPosition()),
            match.getAfter() == null ? null : Positions.of(match.getAfter().getParserPosition()));
    List<SqlNode> operands = new ArrayList<>(partition);
    operands.addAll(order);
    operands.addAll(conditions);
    SqlParserPos position = match.getParserPosition();
    return PlainSelect.of(selected, input, MatchCall.clause(index, operands, position), position);
  }

  private void refuseAnchors() {
    for (SqlLiteral anchor : List.of(match.getStrictStart(), match.getStrictEnd())) {
      if (anchor.booleanValue()) {
        throw Positions.notSupported(
            anchor,
            "a pattern with ^ or $ is not supported: a stream has no last row.",
            "Leave it out.");
      }
    }
  }

  private void columns() {
    for (SqlNode column : match.getPartitionList()) {
      partition.add(column(column, "PARTITION BY"));
    }
    for (SqlNode item : match.getOrderList()) {
      SqlNode key = item;
      boolean descending = false;
      boolean nullsFirst = false;
      while (key.getKind() == SqlKind.DESCENDING
          || key.getKind() == SqlKind.NULLS_FIRST
          || key.getKind() == SqlKind.NULLS_LAST) {
        descending |= key.getKind() == SqlKind.DESCENDING;
        nullsFirst |= key.getKind() == SqlKind.NULLS_FIRST;
        key = ((SqlCall) key).operand(0);
      }
      order.add(column(key, "ORDER BY"));
      orders.add(new MatchClause.Order(descending, nullsFirst));
    }
    if (order.isEmpty() || orders.get(0).descending()) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED,
              order.isEmpty() ? match : match.getOrderList(),
              "MATCH_RECOGNIZE looks at rows in the order of their event time, ascending.")
          .mend("Write ORDER BY and the event time first, then any other column.");
    }
  }

  private static SqlIdentifier column(SqlNode node, String clause) {
    if (node instanceof SqlIdentifier name && name.isSimple()) {
      return name;
    }
    throw Positions.notSupported(
        node,
        clause + " of MATCH_RECOGNIZE takes names of columns, not " + node + ".",
        "Compute the column in a subquery: FROM (SELECT ..) MATCH_RECOGNIZE (..).");
  }

  // ---- the pattern

  private RowPattern pattern(SqlNode node) {
    if (node instanceof SqlIdentifier name) {
      return new RowPattern.Variable(variables.number(name));
    }
    SqlCall call = (SqlCall) node;
    return switch (call.getKind()) {
      case PATTERN_ALTER -> new RowPattern.Alternation(parts(call));
      case PATTERN_EXCLUDED -> new RowPattern.Exclusion(pattern(call.operand(0)));
      case PATTERN_PERMUTE -> {
        if (call.operandCount() > MAX_PERMUTED) {
          throw Positions.error(
                  ErrorCode.QUERY_TOO_COMPLEX,
                  call,
                  "PERMUTE of more than " + MAX_PERMUTED + " parts has too many orders.")
              .mend("Write the orders that matter as alternatives.");
        }
        yield RowPattern.permutation(parts(call));
      }
      case PATTERN_QUANTIFIER -> repetition(call);
      default -> new RowPattern.Concatenation(parts(call));
    };
  }

  private List<RowPattern> parts(SqlCall call) {
    return call.getOperandList().stream().map(this::pattern).toList();
  }

  private RowPattern repetition(SqlCall call) {
    int min = Math.max(0, bound(call.operand(1)));
    int max = bound(call.operand(2));
    if (max >= 0 && max < min) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED,
              call,
              "a repetition from " + min + " to at most " + max + " times.")
          .mend("Write the smaller number first.");
    }
    boolean reluctant = ((SqlLiteral) call.operand(3)).booleanValue();
    return new RowPattern.Repetition(
        pattern(call.operand(0)), min, max < 0 ? RowPattern.UNBOUNDED : max, reluctant);
  }

  private static int bound(SqlNode number) {
    try {
      return ((SqlLiteral) number).bigDecimalValue().intValueExact();
    } catch (ArithmeticException e) {
      throw Positions.error(
              ErrorCode.QUERY_TOO_COMPLEX, number, "a pattern is repeated " + number + " times.")
          .mend("Repeat with + or * in its place.");
    }
  }

  /** As the user wrote it, more or less. */
  private static String text(SqlNode node) {
    if (node instanceof SqlIdentifier name) {
      return name.getSimple();
    }
    SqlCall call = (SqlCall) node;
    return switch (call.getKind()) {
      case PATTERN_ALTER -> "(" + text(call.operand(0)) + " | " + text(call.operand(1)) + ")";
      case PATTERN_EXCLUDED -> "{- " + text(call.operand(0)) + " -}";
      case PATTERN_PERMUTE ->
          "PERMUTE("
              + String.join(", ", call.getOperandList().stream().map(MatchRecognize::text).toList())
              + ")";
      case PATTERN_QUANTIFIER -> {
        boolean isOne = call.operand(0) instanceof SqlIdentifier;
        String part = text(call.operand(0));
        int min = Math.max(0, bound(call.operand(1)));
        int max = bound(call.operand(2));
        String times =
            max < 0
                ? min == 0 ? "*" : min == 1 ? "+" : "{" + min + ",}"
                : min == 0 && max == 1
                    ? "?"
                    : min == max ? "{" + min + "}" : "{" + min + "," + max + "}";
        boolean isGrouped = isOne || part.startsWith("(");
        yield (isGrouped ? part : "(" + part + ")")
            + times
            + (((SqlLiteral) call.operand(3)).booleanValue() ? "?" : "");
      }
      default -> text(call.operand(0)) + " " + text(call.operand(1));
    };
  }

  // ---- AFTER MATCH

  private MatchSpec.Skip skip(SqlNode after) {
    if (after == null) {
      return new MatchSpec.Skip(MatchSpec.Skip.To.PAST_LAST, 0, null);
    }
    if (after instanceof SqlCall call) {
      SqlIdentifier name = call.operand(0);
      return new MatchSpec.Skip(
          call.getOperator() == SqlMatchRecognize.SKIP_TO_FIRST
              ? MatchSpec.Skip.To.FIRST
              : MatchSpec.Skip.To.LAST,
          variables.bits(name),
          name.getSimple());
    }
    boolean toNext =
        ((SqlLiteral) after).getValue() == SqlMatchRecognize.AfterOption.SKIP_TO_NEXT_ROW;
    return new MatchSpec.Skip(
        toNext ? MatchSpec.Skip.To.NEXT : MatchSpec.Skip.To.PAST_LAST, 0, null);
  }

  // ---- expressions

  private void conditions() {
    Set<Integer> known = new HashSet<>();
    for (SqlNode definition : match.getPatternDefList()) {
      SqlCall as = (SqlCall) definition;
      SqlIdentifier name = as.operand(1);
      int variable = variables.defined(name);
      if (!known.add(variable)) {
        throw Positions.error(ErrorCode.VALIDATION_FAILED, name, "DEFINE has " + name + " twice.")
            .mend("Join the conditions with AND.");
      }
      defined.add(variable);
      SqlNode condition =
          MatchExpressions.condition(as.operand(0), variable, variables, order.get(0), asked);
      conditions.add(MatchCall.condition(expressions.rewrite(condition), name.getSimple()));
    }
  }

  private List<SqlNode> selectList() {
    List<SqlNode> selected = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (SqlIdentifier column : partition) {
      addColumn(column, names, selected);
    }
    if (rows != MatchSpec.Rows.ONE) {
      order.forEach(column -> addColumn(column, names, selected));
    }
    for (SqlNode measure : match.getMeasureList()) {
      SqlCall as = (SqlCall) measure;
      SqlIdentifier name = as.operand(1);
      if (Stream.of(MatchRowsOption.values()).anyMatch(option -> isOption(as, option))) {
        continue;
      }
      if (!names.add(name.getSimple().toLowerCase(Locale.ROOT))) {
        throw Positions.error(
                ErrorCode.VALIDATION_FAILED, name, "there are two columns " + name + ".")
            .mend("Give the measure another name.");
      }
      SqlNode expression =
          MatchExpressions.measure(
              as.operand(0),
              variables,
              rows == MatchSpec.Rows.ALL_WITH_UNMATCHED,
              order.get(0),
              asked);
      selected.add(
          SqlStdOperatorTable.AS.createCall(
              as.getParserPosition(), expressions.rewrite(expression), name));
    }
    if (rows != MatchSpec.Rows.ONE) {
      selected.add(SqlIdentifier.star(match.getParserPosition()));
    } else if (selected.isEmpty()) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED,
              match,
              "a MATCH_RECOGNIZE without MEASURES and PARTITION BY has no columns.")
          .mend("Add MEASURES, such as MEASURES LAST(A.price) AS price, or ALL ROWS PER MATCH.");
    }
    return selected;
  }

  private static void addColumn(SqlIdentifier column, Set<String> names, List<SqlNode> selected) {
    if (names.add(column.getSimple().toLowerCase(Locale.ROOT))) {
      selected.add(column);
    }
  }

  /** Whether a SELECT is what a MATCH_RECOGNIZE became. */
  static boolean isMatch(SqlNode select) {
    return select instanceof SqlSelect node
        && node.getWhere() instanceof SqlCall where
        && where.getOperator() == MatchCall.Clause.INSTANCE;
  }
}
