package io.laminardb.sql.validate;

import io.laminardb.sql.function.Functions;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql2rel.SqlRexContext;

/** Calls that mean something else, or are known at once, by the types of their arguments. */
final class TypedCalls {
  private TypedCalls() {}

  /** Whether {@link #convert} does it. */
  static boolean isCall(SqlOperator operator) {
    return switch (operator.getName().toUpperCase(java.util.Locale.ROOT)) {
      case "TYPEOF", "LENGTH", "LEN", "||" -> true;
      default -> false;
    };
  }

  static RexNode convert(SqlRexContext context, SqlCall call) {
    RelDataType type = context.getValidator().getValidatedNodeType(call.operand(0));
    if (call.getOperator().getName().equalsIgnoreCase("TYPEOF")) {
      boolean isNull = type.getSqlTypeName() == SqlTypeName.NULL;
      RexBuilder rex = context.getRexBuilder();
      return rex.makeCast(
          context.getValidator().getValidatedNodeType(call),
          rex.makeLiteral(isNull ? "NULL" : Types.of(type).toString()));
    }
    SqlOperator operator = call.getOperator();
    if (isCollection(context.getValidator().getValidatedNodeType(call))) {
      operator = Functions.named("ARRAY_CONCAT"); // written as ||
    } else if (isCollection(type)) {
      operator = Functions.named("CARDINALITY"); // written as LENGTH
    }
    List<RexNode> arguments =
        call.getOperandList().stream().map(context::convertExpression).toList();
    return context
        .getRexBuilder()
        .makeCall(context.getValidator().getValidatedNodeType(call), operator, arguments);
  }

  private static boolean isCollection(RelDataType type) {
    return type.getSqlTypeName() == SqlTypeName.ARRAY || type.getSqlTypeName() == SqlTypeName.MAP;
  }
}
