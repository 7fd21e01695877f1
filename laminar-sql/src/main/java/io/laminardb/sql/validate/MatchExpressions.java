package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.match.PathValue;
import io.laminardb.core.operator.match.PathValue.Kind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.SqlSelectKeyword;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Rewrites a measure or a condition so that each column, with the functions that say of which row it
 * is meant, becomes a {@link MatchCall}: {@code PREV(A.price * 2)} is twice what is asked of one row.
 */
final class MatchExpressions extends SqlShuttle {
  private static final int MAX_STEPS = 1_000;
  private static final Set<String> AGGREGATES = Set.of("COUNT", "SUM", "AVG", "MIN", "MAX");

  private final MatchVariables variables;
  private final int defined; // the variable whose condition it is, or -1 in a measure
  private final boolean canBeNone;
  private final SqlIdentifier time;
  private final ToIntFunction<PathValue> asked;

  // where the descent is
  private Kind logical; // FIRST or LAST around it
  private int index;
  private boolean isPhysical; // PREV or NEXT around it
  private int offset;
  private boolean isFinal;
  private boolean inAggregate;
  private SqlCall single; // the function all of whose columns are of the same variables
  private Long singleVariables;

  /**
   * @param canBeNone whether results may speak of no match at all
   * @param time the column rows are ordered by first
   * @param asked gives what is asked its index
   */
  private MatchExpressions(
      MatchVariables variables,
      int defined,
      boolean canBeNone,
      SqlIdentifier time,
      ToIntFunction<PathValue> asked) {
    this.variables = variables;
    this.defined = defined;
    this.canBeNone = canBeNone;
    this.time = time;
    this.asked = asked;
  }

  static SqlNode measure(
      SqlNode measure,
      MatchVariables variables,
      boolean canBeNone,
      SqlIdentifier time,
      ToIntFunction<PathValue> asked) {
    return measure.accept(new MatchExpressions(variables, -1, canBeNone, time, asked));
  }

  static SqlNode condition(
      SqlNode condition,
      int variable,
      MatchVariables variables,
      SqlIdentifier time,
      ToIntFunction<PathValue> asked) {
    return condition.accept(new MatchExpressions(variables, variable, false, time, asked));
  }

  @Override
  public SqlNode visit(SqlIdentifier name) {
    if (name.names.size() > 2 || name.isStar()) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED, name, name + " is no column of a row of the match.")
          .mend("Write a column alone, or a variable of the pattern in front of it.");
    }
    long bits = name.isSimple() ? PathValue.ALL : variables.bits(name);
    checkSingle(name, bits);
    SqlIdentifier column =
        name.isSimple()
            ? name
            : new SqlIdentifier(name.names.get(1), name.getComponentParserPosition(1));
    return inAggregate ? column : of(column, navigation(bits), name.getParserPosition());
  }

  private PathValue navigation(long bits) {
    boolean isThisRow = // the row the condition is about is the last one of its variable
        defined >= 0 && logical != Kind.FIRST && index == 0 && (bits >>> defined & 1) != 0;
    return new PathValue(
        logical == Kind.FIRST ? Kind.FIRST : Kind.LAST,
        isThisRow ? PathValue.ALL : bits,
        -1,
        index,
        offset,
        isFinal);
  }

  private SqlNode of(SqlNode value, PathValue path, SqlParserPos position) {
    return MatchCall.of(path.kind(), canBeNone, value, asked.applyAsInt(path), position);
  }

  private void checkSingle(SqlIdentifier name, long bits) {
    if (single == null) {
      return;
    }
    if (singleVariables != null && singleVariables != bits) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED,
              name,
              WindowCalls.name(single)
                  + " is of rows of one variable, and here of "
                  + variables.text(singleVariables)
                  + " and of "
                  + variables.text(bits)
                  + ".")
          .mend("Write the variable in front of each column, and one function a variable.");
    }
    singleVariables = bits;
  }

  @Override
  public SqlNode visit(SqlCall call) {
    if (call.isA(SqlKind.QUERY) || OverCalls.isOver(call)) {
      throw Positions.notSupported(
          call,
          (OverCalls.isOver(call) ? "OVER" : "a subquery")
              + " in MATCH_RECOGNIZE is not supported.",
          "Compute it in a query before or around MATCH_RECOGNIZE.");
    }
    String name = WindowCalls.name(call);
    switch (call.getKind()) {
      case FIRST, LAST -> {
        return logical(call);
      }
      case PREV, NEXT -> {
        return physical(call);
      }
      case RUNNING, FINAL -> {
        return modified(call);
      }
      default -> {
        return switch (name) {
          case "CLASSIFIER" -> classifier(call);
          case "MATCH_NUMBER" -> of(null, alone(call, Kind.MATCH_NUMBER), call.getParserPosition());
          case "MATCH_ROWTIME" -> rowTime(call);
          default -> Select.isAggregateFunction(call) ? aggregate(call) : super.visit(call);
        };
      }
    }
  }

  private SqlNode logical(SqlCall call) {
    if (logical != null || inAggregate) {
      throw nested(call);
    }
    logical = call.getKind() == SqlKind.FIRST ? Kind.FIRST : Kind.LAST;
    index = steps(call);
    SqlNode result = within(call);
    logical = null;
    index = 0;
    return result;
  }

  private SqlNode physical(SqlCall call) {
    if (logical != null || inAggregate) {
      throw nested(call);
    }
    int before = offset;
    boolean outer = isPhysical;
    offset += call.getKind() == SqlKind.PREV ? -steps(call) : steps(call);
    isPhysical = true;
    SqlNode result = within(call);
    offset = before;
    isPhysical = outer;
    return result;
  }

  private static LaminarException nested(SqlCall call) {
    String name = WindowCalls.name(call);
    return Positions.error(
            ErrorCode.VALIDATION_FAILED,
            call,
            name + " stands inside FIRST, LAST or an aggregate function.")
        .mend(
            "PREV and NEXT stand around FIRST and LAST, as in PREV(LAST(A.price), 1); aggregates"
                + " take columns.");
  }

  /** Rewrites the first operand, all of whose columns have to be of the same variables. */
  private SqlNode within(SqlCall call) {
    SqlCall outerSingle = single;
    Long outerVariables = singleVariables;
    if (single == null) {
      single = call;
      singleVariables = null;
    }
    SqlNode result = call.operand(0).accept(this);
    if (singleVariables == null) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED, call, WindowCalls.name(call) + " is of no column.")
          .mend("Write a column into it, such as LAST(A.price).");
    }
    single = outerSingle;
    singleVariables = outerSingle == null ? outerVariables : singleVariables;
    return result;
  }

  private static int steps(SqlCall call) {
    if (call.operand(1) instanceof SqlNumericLiteral literal) {
      BigDecimal steps = literal.getValueAs(BigDecimal.class);
      if (steps.signum() >= 0
          && steps.stripTrailingZeros().scale() <= 0
          && steps.compareTo(BigDecimal.valueOf(MAX_STEPS)) <= 0) {
        return steps.intValueExact();
      }
    }
    throw Positions.error(
            ErrorCode.VALIDATION_FAILED,
            call.operand(1),
            WindowCalls.name(call)
                + " goes a whole number of rows from 0 to "
                + MAX_STEPS
                + ", not "
                + call.operand(1)
                + ".")
        .mend("Write, for example, " + WindowCalls.name(call) + "(A.price, 2).");
  }

  private SqlNode modified(SqlCall call) {
    if (defined >= 0) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED,
              call,
              call.getKind() + " in DEFINE: a condition sees the match so far.")
          .mend("Leave it out.");
    }
    boolean outer = isFinal;
    isFinal = call.getKind() == SqlKind.FINAL;
    SqlNode result = call.operand(0).accept(this);
    isFinal = outer;
    return result;
  }

  private PathValue alone(SqlCall call, Kind kind) {
    if (logical != null || isPhysical || inAggregate) {
      throw Positions.notSupported(
          call,
          WindowCalls.name(call) + " of another row is not supported.",
          "Use it alone; it is of the last row of the match so far.");
    }
    return new PathValue(kind, PathValue.ALL, -1, 0, 0, isFinal);
  }

  private SqlNode classifier(SqlCall call) {
    PathValue path = alone(call, Kind.CLASSIFIER);
    return defined >= 0
        ? SqlLiteral.createCharString(variables.names().get(defined), call.getParserPosition())
        : of(null, path, call.getParserPosition());
  }

  /** The time of the last row of the match. */
  private SqlNode rowTime(SqlCall call) {
    alone(call, Kind.LAST);
    return of(
        time, new PathValue(Kind.LAST, PathValue.ALL, -1, 0, 0, true), call.getParserPosition());
  }

  private SqlNode aggregate(SqlCall call) {
    String name = WindowCalls.name(call);
    SqlLiteral quantifier = call.getFunctionQuantifier();
    boolean isDistinct = quantifier != null && quantifier.getValue() == SqlSelectKeyword.DISTINCT;
    if (!AGGREGATES.contains(name) || isDistinct || call.operandCount() != 1) {
      throw Positions.notSupported(
          call,
          name + (isDistinct ? " DISTINCT" : "") + " over rows of a match is not supported.",
          "Use COUNT, SUM, AVG, MIN or MAX of one value.");
    }
    if (logical != null || isPhysical || inAggregate) {
      throw nested(call);
    }
    Kind kind = Kind.valueOf(name);
    SqlNode operand = call.operand(0);
    if (operand instanceof SqlIdentifier star && star.isStar()) {
      long bits = star.names.size() == 1 ? PathValue.ALL : variables.bits(star);
      return of(null, new PathValue(kind, bits, -1, 0, 0, isFinal), call.getParserPosition());
    }
    inAggregate = true;
    single = call;
    singleVariables = null;
    SqlNode value = operand.accept(this);
    long bits = singleVariables == null ? PathValue.ALL : singleVariables;
    single = null;
    inAggregate = false;
    return of(value, new PathValue(kind, bits, -1, 0, 0, isFinal), call.getParserPosition());
  }

  @Override
  public SqlNode visit(org.apache.calcite.sql.SqlNodeList list) {
    List<SqlNode> items =
        list.stream().map(item -> item == null ? null : item.accept(this)).toList();
    return new org.apache.calcite.sql.SqlNodeList(items, list.getParserPosition());
  }
}
