package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * Aggregate functions that are others with changed arguments, or are computed from several others, so
 * that they take rows back as those do.
 *
 * <p>Covariances come from variances, cov(x, y) = (var(x + y) - var(x) - var(y)) / 2, the sums behind
 * which have 106 bits.
 */
final class DerivedAggregates {
  /**
   * What is counted, and the result over its columns.
   *
   * @param isPlain whether that is the only column itself
   */
  record Derived(
      List<AggregateCall> parts, Function<List<RexNode>, RexNode> result, boolean isPlain) {
    Derived(List<AggregateCall> parts, Function<List<RexNode>, RexNode> result) {
      this(parts, result, false);
    }

    /** A call that is what it is. */
    static Derived plain(AggregateCall call) {
      return new Derived(List.of(call), columns -> columns.get(0), true);
    }
  }

  /** The names of these functions that documentation tells, in capitals. */
  static final List<String> NAMES =
      List.of(
          "ANY_VALUE",
          "APPROX_PERCENTILE",
          "APPROX_QUANTILE",
          "ARG_MAX",
          "ARG_MIN",
          "BOOL_AND",
          "BOOL_OR",
          "CORR",
          "COUNT_IF",
          "COVAR_POP",
          "COVAR_SAMP",
          "EVERY",
          "GROUP_CONCAT",
          "JSON_ARRAYAGG",
          "JSON_OBJECTAGG",
          "LISTAGG",
          "MAX_BY",
          "MEDIAN",
          "MIN_BY",
          "PERCENTILE_CONT",
          "PERCENTILE_DISC",
          "REGR_AVGX",
          "REGR_AVGY",
          "REGR_COUNT",
          "REGR_INTERCEPT",
          "REGR_R2",
          "REGR_SLOPE",
          "REGR_SXX",
          "REGR_SXY",
          "REGR_SYY");

  private final RexBuilder rex;
  private final RelDataType real;

  DerivedAggregates(RexBuilder rex) {
    this.rex = rex;
    this.real =
        rex.getTypeFactory()
            .createTypeWithNullability(
                rex.getTypeFactory().createSqlType(SqlTypeName.DOUBLE), true);
  }

  /**
   * The parts of a call, or null when it is none of these functions.
   *
   * @param name of the function, in capitals
   * @param filter or null
   * @param output name and type of its result
   */
  Derived of(String name, List<RexNode> arguments, RexNode filter, boolean distinct, Field output) {
    return switch (name) {
      case "BOOL_AND", "LOGICAL_AND", "EVERY", "ANY_VALUE" ->
          one(AggregateKind.MIN, arguments, filter, null, output);
      case "BOOL_OR", "LOGICAL_OR", "SOME" ->
          one(AggregateKind.MAX, arguments, filter, null, output);
      case "ARG_MIN", "MIN_BY" -> byOrder(Functions.ASCENDING, arguments, filter, output);
      case "ARG_MAX", "MAX_BY" -> byOrder(Functions.DESCENDING, arguments, filter, output);
      case "COVAR_POP",
          "COVAR_SAMP",
          "CORR",
          "REGR_SLOPE",
          "REGR_INTERCEPT",
          "REGR_R2",
          "REGR_AVGX",
          "REGR_AVGY",
          "REGR_SXX",
          "REGR_SYY",
          "REGR_SXY" -> {
        refuseDistinct(name, distinct);
        yield new Pairs(name, arguments, filter, output).derived();
      }
      default -> null;
    };
  }

  private static void refuseDistinct(String name, boolean distinct) {
    if (distinct) {
      throw new LaminarException(ErrorCode.NOT_SUPPORTED, name + " with DISTINCT is not supported.")
          .mend("Leave DISTINCT out, or select distinct rows in a subquery.");
    }
  }

  private static Derived one(
      AggregateKind kind, List<RexNode> arguments, RexNode filter, RexNode order, Field output) {
    return Derived.plain(new AggregateCall(kind, arguments, false, filter, order, output));
  }

  private RexNode and(RexNode... conditions) {
    RexNode all = null;
    for (RexNode condition : conditions) {
      if (condition != null) {
        all = all == null ? condition : rex.makeCall(SqlStdOperatorTable.AND, all, condition);
      }
    }
    return all;
  }

  private RexNode notNull(RexNode value) {
    return value.getType().isNullable()
        ? rex.makeCall(SqlStdOperatorTable.IS_NOT_NULL, value)
        : null;
  }

  /**
   * The first by an order; of equal ones the first that came, or the least value where the order is
   * no number.
   */
  private Derived byOrder(SqlOperator key, List<RexNode> arguments, RexNode filter, Field output) {
    RexNode order = arguments.get(1);
    RexNode counting = and(filter, notNull(arguments.get(0)), notNull(order));
    switch (order.getType().getSqlTypeName()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT, REAL, FLOAT, DOUBLE, BOOLEAN -> {}
      case DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> {}
      default -> {
        return new OrderedAggregates(rex, () -> null)
            .byKey(key == Functions.ASCENDING, arguments.get(0), order, counting, output);
      }
    }
    return one(
        AggregateKind.FIRST, List.of(arguments.get(0)), counting, rex.makeCall(key, order), output);
  }

  /** Functions of pairs: y, then x. Pairs with a NULL do not count. */
  private final class Pairs {
    private final String name;
    private final RexNode x;
    private final RexNode y;
    private final RexNode filter;
    private final Field output;
    private final List<AggregateCall> parts = new ArrayList<>();

    Pairs(String name, List<RexNode> arguments, RexNode filter, Field output) {
      this.name = name;
      this.y = rex.ensureType(real, arguments.get(0), true);
      this.x = rex.ensureType(real, arguments.get(1), true);
      this.filter = and(filter, notNull(arguments.get(0)), notNull(arguments.get(1)));
      this.output = output;
    }

    Derived derived() {
      return switch (name) {
        case "REGR_AVGX" -> one(AggregateKind.AVG, List.of(x), filter, null, output);
        case "REGR_AVGY" -> one(AggregateKind.AVG, List.of(y), filter, null, output);
        case "REGR_SXX" -> sumOfSquares(x);
        case "REGR_SYY" -> sumOfSquares(y);
        default -> ofVariances();
      };
    }

    private Derived sumOfSquares(RexNode value) {
      part(AggregateKind.VAR_POP, value);
      part(AggregateKind.COUNT, null);
      return new Derived(parts, c -> times(c.get(0), c.get(1)));
    }

    private Derived ofVariances() {
      part(AggregateKind.VAR_POP, x);
      part(AggregateKind.VAR_POP, y);
      part(AggregateKind.VAR_POP, rex.makeCall(SqlStdOperatorTable.PLUS, x, y));
      part(AggregateKind.COUNT, null);
      if (name.equals("REGR_INTERCEPT")) {
        part(AggregateKind.AVG, x);
        part(AggregateKind.AVG, y);
      }
      return new Derived(parts, this::result);
    }

    private void part(AggregateKind kind, RexNode value) {
      boolean count = kind == AggregateKind.COUNT;
      parts.add(
          new AggregateCall(
              kind,
              count ? List.of() : List.of(value),
              false,
              filter,
              null,
              new Field(
                  output.name() + "_" + parts.size(),
                  count ? DataType.BIGINT : DataType.DOUBLE,
                  !count,
                  false)));
    }

    private RexNode result(List<RexNode> columns) {
      RexNode ofX = columns.get(0);
      RexNode ofY = columns.get(1);
      RexNode covariance = divided(minus(minus(columns.get(2), ofX), ofY), number(2));
      RexNode slope = unlessZero(ofX, divided(covariance, ofX));
      return switch (name) {
        case "COVAR_POP" -> covariance;
        case "REGR_SXY" -> times(covariance, columns.get(3));
        case "COVAR_SAMP" -> {
          RexNode others = minus(columns.get(3), number(1));
          yield unlessZero(others, divided(times(covariance, columns.get(3)), others));
        }
        case "CORR" -> unlessZero(times(ofX, ofY), correlation(covariance, ofX, ofY));
        case "REGR_R2" -> {
          RexNode square = divided(times(covariance, covariance), times(ofX, ofY));
          yield unlessZero(
              ofX,
              rex.makeCall(
                  real, SqlStdOperatorTable.CASE, List.of(isZero(ofY), number(1), square)));
        }
        case "REGR_INTERCEPT" -> minus(columns.get(5), times(slope, columns.get(4)));
        default -> slope;
      };
    }

    /** Rounding does not take it beyond -1 and 1. */
    private RexNode correlation(RexNode covariance, RexNode ofX, RexNode ofY) {
      RexNode product =
          times(
              rex.makeCall(SqlStdOperatorTable.SQRT, ofX),
              rex.makeCall(SqlStdOperatorTable.SQRT, ofY));
      RexNode plain = divided(covariance, product);
      RexNode above = rex.makeCall(SqlStdOperatorTable.GREATER_THAN, plain, number(1));
      RexNode below = rex.makeCall(SqlStdOperatorTable.LESS_THAN, plain, number(-1));
      return rex.makeCall(
          real, SqlStdOperatorTable.CASE, List.of(above, number(1), below, number(-1), plain));
    }

    private RexNode number(int value) {
      return rex.makeAbstractCast(real, rex.makeExactLiteral(BigDecimal.valueOf(value)), false);
    }

    private RexNode times(RexNode a, RexNode b) {
      return operation(SqlStdOperatorTable.MULTIPLY, a, b);
    }

    private RexNode divided(RexNode a, RexNode b) {
      return operation(SqlStdOperatorTable.DIVIDE, a, b);
    }

    private RexNode minus(RexNode a, RexNode b) {
      return operation(SqlStdOperatorTable.MINUS, a, b);
    }

    private RexNode operation(SqlOperator operator, RexNode a, RexNode b) {
      return rex.makeCall(
          real, operator, List.of(rex.ensureType(real, a, true), rex.ensureType(real, b, true)));
    }

    private RexNode isZero(RexNode value) {
      return rex.makeCall(SqlStdOperatorTable.EQUALS, rex.ensureType(real, value, true), number(0));
    }

    private RexNode unlessZero(RexNode value, RexNode result) {
      return rex.makeCall(
          real,
          SqlStdOperatorTable.CASE,
          List.of(isZero(value), rex.makeNullLiteral(real), result));
    }
  }
}
