package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlWindow;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorScope;

/** Calls with an OVER clause: brings what Calcite does not validate into a form that it does. */
final class OverCalls {
  /** Aggregates that leave NULLs out, so that a row that FILTER leaves out may give a NULL. */
  private static final Set<String> FILTERABLE =
      Set.of(
          "COUNT",
          "SUM",
          "AVG",
          "BIT_AND",
          "BIT_OR",
          "BIT_XOR",
          "MIN",
          "MAX",
          "MODE",
          "QUANTILE_CONT",
          "QUANTILE_DISC",
          "STRING_AGG",
          "ARRAY_AGG",
          "LIST",
          "MAP_AGG",
          "STDDEV",
          "STDDEV_POP",
          "STDDEV_SAMP",
          "VARIANCE",
          "VAR_POP",
          "VAR_SAMP");

  /** Functions that give NULL for no rows, which Calcite does not see where a frame leaves rows out. */
  private static final Set<String> NULL_OF_NO_ROWS =
      Set.of(
          "SUM",
          "AVG",
          "BIT_AND",
          "BIT_OR",
          "BIT_XOR",
          "MIN",
          "MAX",
          "MODE",
          "QUANTILE_CONT",
          "QUANTILE_DISC",
          "FIRST",
          "LAST",
          "FIRST_VALUE",
          "LAST_VALUE",
          "NTH_VALUE");

  private OverCalls() {}

  static boolean isOver(SqlNode node) {
    return node.getKind() == SqlKind.OVER;
  }

  /** The function of an OVER call or of what stands around it. */
  static SqlCall function(SqlNode node) {
    SqlCall call = (SqlCall) node;
    return switch (call.getKind()) {
      case OVER, FILTER, IGNORE_NULLS, RESPECT_NULLS, WITHIN_GROUP, WITHIN_DISTINCT ->
          call.operand(0) instanceof SqlCall ? function(call.operand(0)) : call;
      default -> call;
    };
  }

  static SqlNode rewrite(SqlCall over, ExpressionRewriter expressions) {
    SqlNode window = expressions.rewriteWindow(over.operand(1));
    SqlCall function = function(over);
    boolean mayBeEmpty =
        window instanceof SqlWindow frame
            && NamedWindows.excludes(frame)
            && NULL_OF_NO_ROWS.contains(WindowCalls.name(function));
    SqlNode always =
        mayBeEmpty ? SqlLiteral.createBoolean(true, function.getParserPosition()) : null;
    return over.getOperator()
        .createCall(over.getParserPosition(), called(over.operand(0), always, expressions), window);
  }

  private static SqlNode called(SqlNode node, SqlNode filter, ExpressionRewriter expressions) {
    SqlCall call = (SqlCall) node;
    return switch (call.getKind()) {
      case FILTER -> called(call.operand(0), call.operand(1), expressions); // gives NULLs too
      case IGNORE_NULLS, RESPECT_NULLS -> {
        SqlNode inner = called(call.operand(0), filter, expressions);
        yield call.getOperator().createCall(call.getParserPosition(), inner);
      }
      case WITHIN_GROUP -> function(OrderedCalls.plain(call), filter, expressions);
      case WITHIN_DISTINCT ->
          throw Positions.notSupported(
              call, call.getOperator().getName() + " with OVER is not supported.", "Leave it out.");
      default -> {
        SqlCall count = CallSpellings.count(call);
        SqlCall plain =
            count != null
                ? count
                : Select.isAggregateFunction(call) ? OrderedCalls.plain(call) : call;
        yield function(plain, filter, expressions);
      }
    };
  }

  /**
   * @param filter which rows count; a literal where all do, and the result may be NULL all the same
   */
  private static SqlNode function(SqlCall call, SqlNode filter, ExpressionRewriter expressions) {
    String name = WindowCalls.name(call);
    List<SqlNode> operands = new ArrayList<>();
    for (SqlNode operand : call.getOperandList()) {
      operands.add(expressions.rewrite(operand));
    }
    SqlParserPos position = call.getParserPosition();
    SqlLiteral quantifier = call.getFunctionQuantifier();
    boolean always = filter instanceof SqlLiteral;
    if (always) {
      operands.set(0, filtered(operands.get(0), filter));
    }
    if (name.equals("FIRST") || name.equals("LAST")) {
      // The parser gives FIRST and LAST of MATCH_RECOGNIZE an offset of 0.
      return new SqlBasicCall(
          EventOrderFunction.named(name), operands.subList(0, 1), position, quantifier);
    }
    if (filter != null && !always) {
      if (!FILTERABLE.contains(name)) {
        throw Positions.notSupported(
            call,
            "FILTER with " + name + " OVER is not supported.",
            "Filter in a subquery, or use an aggregate that leaves NULLs out.");
      }
      operands.set(0, filtered(operands.get(0), expressions.rewrite(filter)));
    }
    return call.getOperator() instanceof org.apache.calcite.sql.SqlFunction
        ? new SqlBasicCall(call.getOperator(), operands, position, quantifier)
        : call.getOperator().createCall(quantifier, position, operands);
  }

  /** The value where the condition holds, else NULL; any value of a row for COUNT(*). */
  private static SqlNode filtered(SqlNode value, SqlNode condition) {
    SqlParserPos position = condition.getParserPosition();
    boolean star = value instanceof SqlIdentifier identifier && identifier.isStar();
    return SqlStdOperatorTable.CASE.createCall(
        null,
        position,
        null,
        SqlNodeList.of(condition),
        SqlNodeList.of(star ? SqlLiteral.createExactNumeric("1", position) : value),
        SqlLiteral.createNull(position));
  }

  /** Whether aggregates stand in the arguments or the window of an OVER: then the query groups. */
  static boolean containsAggregate(SqlCall over) {
    return over.getOperandList().stream()
        .anyMatch(
            operand ->
                operand == over.operand(0)
                    ? function(operand).getOperandList().stream()
                        .anyMatch(o -> o != null && Select.containsAggregate(o))
                    : Select.containsAggregate(operand));
  }

  /** Turns intervals in the frame of a window over a BIGINT time into milliseconds. */
  static void measureInMillis(SqlWindow window, SqlValidatorScope scope, SqlValidator validator) {
    if (window.isRows() || window.getOrderList().size() != 1) {
      return;
    }
    if (!isInterval(window.getLowerBound()) && !isInterval(window.getUpperBound())) {
      return;
    }
    SqlNode key = window.getOrderList().get(0);
    while (switch (key.getKind()) {
      case DESCENDING, NULLS_FIRST, NULLS_LAST -> true;
      default -> false;
    }) {
      key = ((SqlCall) key).operand(0);
    }
    if (validator.deriveType(scope, key).getSqlTypeName() == SqlTypeName.BIGINT) {
      window.setLowerBound(inMillis(window.getLowerBound()));
      window.setUpperBound(inMillis(window.getUpperBound()));
    }
  }

  private static boolean isInterval(SqlNode bound) {
    return bound instanceof SqlCall call
        && call.operandCount() == 1
        && call.operand(0) instanceof SqlIntervalLiteral;
  }

  private static SqlNode inMillis(SqlNode bound) {
    if (!isInterval(bound)) {
      return bound;
    }
    SqlCall call = (SqlCall) bound;
    SqlNode interval = call.operand(0);
    long nanos = Intervals.nanos(interval, ErrorCode.VALIDATION_FAILED, "the bound of a frame");
    String millis = BigDecimal.valueOf(nanos, 6).stripTrailingZeros().toPlainString();
    SqlParserPos position = interval.getParserPosition();
    return call.getOperator()
        .createCall(call.getParserPosition(), SqlLiteral.createExactNumeric(millis, position));
  }
}
