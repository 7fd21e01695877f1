package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql2rel.SqlRexContext;

/** {@code {'a': 1}}, which is NAMED_ROW('a', 1): a ROW whose fields have names. */
final class NamedRow {
  private NamedRow() {}

  static boolean isCall(SqlOperator operator) {
    return operator.getName().equals("NAMED_ROW");
  }

  static RexNode convert(SqlRexContext context, SqlCall call) {
    RelDataType type = context.getValidator().getValidatedNodeType(call);
    List<RexNode> values = new ArrayList<>();
    for (int i = 1; i < call.operandCount(); i += 2) {
      values.add(context.convertExpression(call.operand(i)));
    }
    return context.getRexBuilder().makeCall(type, SqlStdOperatorTable.ROW, values);
  }
}
