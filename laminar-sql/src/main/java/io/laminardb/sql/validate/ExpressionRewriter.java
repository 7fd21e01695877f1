package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.apache.calcite.avatica.util.TimeUnit;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlBasicTypeNameSpec;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlWindow;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Rewrites the expressions of one SELECT. In a SELECT that groups by a window, the window's names
 * and functions become bounds of its marker.
 */
final class ExpressionRewriter extends SqlShuttle {
  private final Parameters parameters;
  private final SqlNode marker; // of the window in GROUP BY, or null
  private final boolean startIsKey; // window_start is a column in GROUP BY, not the window's
  private final boolean endIsKey;
  private final boolean timeIsKey;
  private final boolean grouping; // what is rewritten stands in GROUP BY
  private final UnaryOperator<SqlNode> subqueries; // null where there may be none
  private boolean inAggregate;
  private int lambdas; // around what is rewritten
  private NamedWindows windows; // that the SELECT has, or null

  ExpressionRewriter(Parameters parameters, SqlNode marker, List<SqlNode> groupItems) {
    this(parameters, marker, groupItems, null);
  }

  /**
   * @param subqueries rewrites a query that stands in an expression
   */
  ExpressionRewriter(
      Parameters parameters,
      SqlNode marker,
      List<SqlNode> groupItems,
      UnaryOperator<SqlNode> subqueries) {
    this(parameters, marker, groupItems, subqueries, false);
  }

  private ExpressionRewriter(
      Parameters parameters,
      SqlNode marker,
      List<SqlNode> groupItems,
      UnaryOperator<SqlNode> subqueries,
      boolean grouping) {
    this.subqueries = subqueries;
    this.grouping = grouping;
    this.parameters = parameters;
    this.marker = marker;
    this.startIsKey = groupItems.stream().anyMatch(i -> Select.isBoundName(i, HiddenColumns.START));
    this.endIsKey = groupItems.stream().anyMatch(i -> Select.isBoundName(i, HiddenColumns.END));
    this.timeIsKey = groupItems.stream().anyMatch(i -> Select.isBoundName(i, HiddenColumns.TIME));
  }

  /** One for what GROUP BY holds beside the window. */
  static ExpressionRewriter ofGroupBy(Parameters parameters) {
    return new ExpressionRewriter(parameters, null, List.of(), null, true);
  }

  /** Writes windows out that build on these. */
  void knows(NamedWindows named) {
    windows = named;
  }

  /** Rewrites what stands behind OVER. */
  SqlNode rewriteWindow(SqlNode window) {
    return rewrite(windows == null ? window : windows.inPlace(window));
  }

  SqlNode rewrite(SqlNode node) {
    return node == null ? null : node.accept(this);
  }

  @Override
  public SqlNode visit(SqlDynamicParam parameter) {
    return parameters.literal(parameter);
  }

  /** DECIMAL alone is what it is in CREATE SOURCE, not a whole number. */
  @Override
  public SqlNode visit(SqlDataTypeSpec type) {
    return type.getTypeNameSpec() instanceof SqlBasicTypeNameSpec basic
            && basic.getPrecision() < 0
            && basic.getTypeName().getSimple().equalsIgnoreCase("DECIMAL")
        ? new SqlDataTypeSpec(
            new SqlBasicTypeNameSpec(
                SqlTypeName.DECIMAL,
                LaminarTypeSystem.MAX_DECIMAL,
                LaminarTypeSystem.DEFAULT_SCALE,
                type.getParserPosition()),
            null,
            type.getNullable(),
            type.getParserPosition())
        : OwnTypeSpec.of(type);
  }

  @Override
  public SqlNode visit(SqlIdentifier identifier) {
    if (marker == null || inAggregate || !identifier.isSimple()) {
      return identifier;
    }
    String bound = HiddenColumns.boundOf(identifier.getSimple());
    if (bound == null || isKey(bound)) {
      return identifier;
    }
    return WindowCalls.bound(marker, bound, identifier.getParserPosition());
  }

  private boolean isKey(String bound) {
    return switch (bound) {
      case HiddenColumns.START -> startIsKey;
      case HiddenColumns.END -> endIsKey;
      default -> timeIsKey;
    };
  }

  @Override
  public SqlNode visit(SqlNodeList list) {
    List<SqlNode> rewritten = new ArrayList<>(list.size());
    for (SqlNode item : list) {
      rewritten.add(rewrite(item));
    }
    return new SqlNodeList(rewritten, list.getParserPosition());
  }

  @Override
  public SqlNode visit(SqlCall call) {
    SqlCall infix = CallSpellings.infix(call);
    if (infix != null) {
      return visit(infix);
    }
    refuseUnsupported(call);
    if (call.isA(SqlKind.QUERY)) {
      if (subqueries == null || inAggregate) {
        throw Positions.notSupported(
            call,
            "a subquery is not supported here.",
            "Put it into FROM, or make it a stream or view of its own.");
      }
      return subqueries.apply(call);
    }
    if (call.getKind() == SqlKind.AS) {
      List<SqlNode> operands = new ArrayList<>(call.getOperandList());
      operands.set(0, rewrite(operands.get(0)));
      return call.getOperator().createCall(call.getParserPosition(), operands);
    }
    if (LambdaCalls.isCall(call)) {
      SqlCall plain = LambdaCalls.plain(call, lambdas++);
      SqlNode rewritten = super.visit(plain);
      lambdas--;
      return rewritten;
    }
    if (OverCalls.isOver(call)) {
      return OverCalls.rewrite(call, this);
    }
    if (call instanceof SqlWindow window && window.getRefName() != null && windows != null) {
      return super.visit(windows.writtenOut(window));
    }
    if (WindowCalls.isWindow(call) || WindowCalls.isBound(call)) {
      return windowCall(call);
    }
    SqlCall count = CallSpellings.count(call);
    if (count != null) {
      return aggregate(count);
    }
    if (Select.isAggregateFunction(call) || OrderedCalls.isWithinGroup(call)) {
      return aggregate(OrderedCalls.plain(call));
    }
    String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
    if (name.equals("DATE_ADD") || name.equals("DATE_SUB")) {
      return dateFunction(call, name.equals("DATE_SUB"));
    }
    SqlNode comparison = intervalComparison(call);
    if (comparison != null) {
      return rewrite(comparison);
    }
    if (name.equals("TIME_BUCKET")) {
      return CallSpellings.timeBucket(call, rewrite(call.operand(call.operandCount() - 1)));
    }
    SqlNode comparisons = ArrayComparison.plain(call);
    if (comparisons != null) {
      return rewrite(comparisons);
    }
    SqlCall plain = CallSpellings.plain(call, parameters.zone());
    if (plain != null) {
      return super.visit(plain);
    }
    SqlNode interval = intervalArithmetic(call);
    return interval != null ? interval : super.visit(call);
  }

  /** {@code a - b <= INTERVAL ..} of two times is {@code a <= b + INTERVAL ..}, and so is BETWEEN. */
  private static SqlNode intervalComparison(SqlCall call) {
    if (call.getKind() == SqlKind.BETWEEN
        && isDifference(call.operand(0))
        && call.operand(1) instanceof SqlIntervalLiteral
        && call.operand(2) instanceof SqlIntervalLiteral
        && call.getOperator() == SqlStdOperatorTable.BETWEEN) {
      SqlParserPos position = call.getParserPosition();
      return SqlStdOperatorTable.AND.createCall(
          position,
          SqlStdOperatorTable.GREATER_THAN_OR_EQUAL.createCall(
              position, call.operand(0), call.operand(1)),
          SqlStdOperatorTable.LESS_THAN_OR_EQUAL.createCall(
              position, call.operand(0), call.operand(2)));
    }
    if (!SqlKind.COMPARISON.contains(call.getKind()) || call.operandCount() != 2) {
      return null;
    }
    SqlNode left = call.operand(0);
    SqlNode right = call.operand(1);
    if (isDifference(left) && right instanceof SqlIntervalLiteral) {
      return moved(call, (SqlCall) left, right, true);
    }
    return left instanceof SqlIntervalLiteral && isDifference(right)
        ? moved(call, (SqlCall) right, left, false)
        : null;
  }

  private static boolean isDifference(SqlNode node) {
    return node.getKind() == SqlKind.MINUS
        && ((SqlCall) node).operandCount() == 2
        && !(((SqlCall) node).operand(1) instanceof SqlIntervalLiteral);
  }

  private static SqlNode moved(
      SqlCall comparison, SqlCall difference, SqlNode interval, boolean differenceFirst) {
    SqlParserPos position = comparison.getParserPosition();
    SqlNode later = difference.operand(0);
    SqlNode earlier =
        SqlStdOperatorTable.PLUS.createCall(position, difference.operand(1), interval);
    return differenceFirst
        ? comparison.getOperator().createCall(position, later, earlier)
        : comparison.getOperator().createCall(position, earlier, later);
  }

  private SqlNode windowCall(SqlCall call) {
    boolean tumble = WindowCalls.name(call).startsWith("TUMBLE");
    if (marker == null && !grouping && tumble) {
      boolean end = WindowCalls.isBound(call) && WindowCalls.isEndBound(call);
      SqlCall window = (SqlCall) rewriteTime(WindowCalls.marker(call));
      return WindowBound.of(window, end, call.getParserPosition());
    }
    if (marker == null || inAggregate) {
      String name = WindowCalls.name(call).toLowerCase(Locale.ROOT);
      throw Positions.error(
              ErrorCode.INVALID_WINDOW,
              call,
              inAggregate
                  ? name + " stands inside an aggregate function."
                  : name + " stands in a query that does not group by a window.")
          .mend(
              inAggregate
                  ? "Aggregate over the windows in an outer query."
                  : "Put the window into GROUP BY, for example GROUP BY tumble(ts, INTERVAL '1'"
                      + " MINUTE).");
    }
    boolean end = WindowCalls.isBound(call) && WindowCalls.isEndBound(call);
    SqlCall own = (SqlCall) rewriteTime(WindowCalls.marker(call));
    if (!WindowCalls.isSameShape(own, (SqlCall) marker)) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW,
              call,
              WindowCalls.name(call).toLowerCase(Locale.ROOT)
                  + " is of another window than the one in GROUP BY.")
          .mend(
              "Write " + (end ? "window_end" : "window_start") + ", or the same lengths in both.");
    }
    return WindowCalls.bound(own, end, call.getParserPosition());
  }

  private SqlNode rewriteTime(SqlNode newMarker) {
    return new ExpressionRewriter(parameters, null, List.of()).rewriteOperands((SqlCall) newMarker);
  }

  /** Rewrites a marker's own operands. */
  SqlNode rewriteOperands(SqlCall call) {
    return super.visit(call);
  }

  private SqlNode aggregate(SqlCall call) {
    if (inAggregate) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED, call, "an aggregate function stands inside another one.")
          .mend("Aggregate twice: SELECT MAX(c) FROM (SELECT COUNT(*) AS c .. GROUP BY ..).");
    }
    inAggregate = true;
    SqlNode rewritten = super.visit(call);
    inAggregate = false;
    EventOrderFunction ordered = EventOrderFunction.named(WindowCalls.name(call));
    if (ordered != null) {
      SqlCall plain = (SqlCall) rewritten;
      if (plain.operandCount() == 2 && plain.operand(1).toString().equals("0")) {
        // The parser gives FIRST and LAST of MATCH_RECOGNIZE an offset of 0.
        return new SqlBasicCall(
            ordered,
            List.of(plain.operand(0)),
            plain.getParserPosition(),
            plain.getFunctionQuantifier());
      }
      return new SqlBasicCall(
          ordered,
          plain.getOperandList(),
          plain.getParserPosition(),
          plain.getFunctionQuantifier());
    }
    return rewritten;
  }

  /** {@code ts - INTERVAL '5' SECOND}, which Calcite knows for TIMESTAMP only. */
  private SqlNode intervalArithmetic(SqlCall call) {
    boolean minus = call.getKind() == SqlKind.MINUS;
    if ((!minus && call.getKind() != SqlKind.PLUS) || call.operandCount() != 2) {
      return null;
    }
    SqlNode right = call.operand(1);
    SqlNode left = call.operand(0);
    if (TimeShift.isInterval(right) && !TimeShift.isInterval(left)) {
      return (minus ? TimeShift.MINUS : TimeShift.PLUS)
          .createCall(call.getParserPosition(), rewrite(left), rewrite(right));
    }
    if (!minus && TimeShift.isInterval(left) && !TimeShift.isInterval(right)) {
      return TimeShift.PLUS.createCall(call.getParserPosition(), rewrite(right), rewrite(left));
    }
    return null;
  }

  /** DATE_ADD(time, INTERVAL ..) and DATE_SUB: other spellings of + and -. */
  private SqlNode dateFunction(SqlCall call, boolean minus) {
    if (call.operandCount() != 2 || !(call.operand(1) instanceof SqlIntervalLiteral)) {
      String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
      throw Positions.error(
              ErrorCode.TYPE_MISMATCH, call, name + " takes a time and an INTERVAL literal.")
          .mend("Write " + name + "(ts, INTERVAL '1' DAY), or use TIMESTAMPADD(DAY, n, ts).");
    }
    return (minus ? TimeShift.MINUS : TimeShift.PLUS)
        .createCall(call.getParserPosition(), rewrite(call.operand(0)), call.operand(1));
  }

  private static boolean isShort(SqlNode unit) {
    return unit instanceof SqlIntervalQualifier qualifier
        && (qualifier.getStartUnit() == TimeUnit.MICROSECOND
            || qualifier.getStartUnit() == TimeUnit.NANOSECOND);
  }

  private static void refuseUnsupported(SqlCall call) {
    if (call.getOperator().getName().equals("^")) {
      throw Positions.notSupported(
          call,
          "^ is a power in some databases and exclusive OR in others, and not supported here.",
          "Write POWER(a, b) or BITXOR(a, b).");
    }
    String name = call.getOperator().getName();
    if (name.equalsIgnoreCase("AGE")) {
      throw Positions.notSupported(
          call,
          "AGE counts months and days at once, which no type here does.",
          "Write DATE_DIFF('month', b, a) or DATE_DIFF('day', b, a).");
    }
    if ((name.equals("TIMESTAMPADD") || name.equals("TIMESTAMPDIFF")) && isShort(call.operand(0))) {
      throw Positions.notSupported(
          call.operand(0),
          name + " of less than milliseconds is not supported.",
          name.equals("TIMESTAMPADD")
              ? "Add MILLISECONDs."
              : "Write DATE_DIFF('microsecond', a, b).");
    }
    switch (call.getKind()) {
      case ARRAY_QUERY_CONSTRUCTOR,
          MULTISET_QUERY_CONSTRUCTOR,
          MAP_QUERY_CONSTRUCTOR,
          CURSOR,
          UNIQUE ->
          throw Positions.notSupported(
              call,
              call.getOperator().getName() + " of a subquery is not supported.",
              "Join the subquery in FROM.");
      case MATCH_RECOGNIZE ->
          throw Positions.notSupported(
              call, call.getKind() + " is not supported yet.", "Leave it out.");
      case WITHIN_DISTINCT, RESPECT_NULLS, IGNORE_NULLS ->
          throw Positions.notSupported(
              call, call.getOperator().getName() + " is not supported yet.", "Leave it out.");
      default -> {}
    }
  }
}
