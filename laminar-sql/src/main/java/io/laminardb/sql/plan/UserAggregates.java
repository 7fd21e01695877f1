package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.aggregate.UserAggregate;
import io.laminardb.sql.function.UserAggregateOperator;
import io.laminardb.sql.function.UserOperator;
import io.laminardb.sql.plan.DerivedAggregates.Derived;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateDetail;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.type.SqlTypeName;

/** Plans calls of aggregate functions that a user registered. */
final class UserAggregates {
  private UserAggregates() {}

  /**
   * The call, or null when the function is none of a user's.
   *
   * @param changelog whether rows are taken back
   * @param session whether groups are sessions, which are merged
   * @throws LaminarException NOT_SUPPORTED for what the function lacks
   */
  static Derived of(
      SqlAggFunction function,
      List<RexNode> arguments,
      RexNode filter,
      boolean distinct,
      boolean changelog,
      boolean session,
      Field output,
      RexBuilder rex) {
    if (!(function instanceof UserAggregateOperator operator)) {
      return null;
    }
    UserAggregate user = operator.aggregate();
    if (distinct) {
      throw refused(user, "with DISTINCT is not supported.", "Select distinct rows in a subquery.");
    }
    if (changelog && user.retract() == null) {
      throw refused(
          user,
          "cannot take rows back, and its input is a changelog.",
          "Register it with retract, or aggregate rows that are only added.");
    }
    if (session && user.merge() == null) {
      throw refused(user, "cannot be merged, as sessions have to be.", "Register it with merge.");
    }
    RelDataTypeFactory types = rex.getTypeFactory();
    List<RexNode> converted = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      RexNode argument = arguments.get(i);
      RelDataType type = UserOperator.type(user.parameters().get(i), types);
      boolean isDecimal =
          type.getSqlTypeName() == SqlTypeName.DECIMAL
              && argument.getType().getSqlTypeName() == SqlTypeName.DECIMAL;
      boolean isTime = type.getSqlTypeName() == argument.getType().getSqlTypeName();
      converted.add(
          isDecimal || isTime
              ? argument
              : rex.ensureType(
                  types.createTypeWithNullability(type, argument.getType().isNullable()),
                  argument,
                  true));
    }
    return Derived.plain(
        new AggregateCall(
            AggregateKind.USER, converted, false, filter, null, output, AggregateDetail.of(user)));
  }

  private static LaminarException refused(UserAggregate user, String problem, String mend) {
    return new LaminarException(
            ErrorCode.NOT_SUPPORTED, "aggregate function \"" + user.name() + "\" " + problem)
        .mend(mend);
  }
}
