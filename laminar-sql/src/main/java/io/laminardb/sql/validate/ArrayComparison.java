package io.laminardb.sql.validate;

import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLambda;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlUnresolvedFunction;
import org.apache.calcite.sql.fun.SqlQuantifyOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * {@code x = ANY (array)} and {@code x < ALL (array)}: a comparison with each element that is written
 * out, or a lambda for those of another array.
 */
final class ArrayComparison {
  private ArrayComparison() {}

  /** The comparison in other words; null for another call, and for one with a subquery. */
  static SqlNode plain(SqlCall call) {
    if (!(call.getOperator() instanceof SqlQuantifyOperator quantify)) {
      return null;
    }
    SqlNode right = call.operand(1);
    SqlNode array = right instanceof SqlNodeList list && list.size() == 1 ? list.get(0) : right;
    boolean some = quantify.getKind() == SqlKind.SOME;
    if (array.getKind() == SqlKind.ARRAY_VALUE_CONSTRUCTOR) {
      return comparisons(call, quantify, ((SqlCall) array).getOperandList(), some);
    }
    return array.isA(SqlKind.QUERY) || array instanceof SqlNodeList
        ? null
        : matched(call, quantify, array, some);
  }

  /** {@code ANY_MATCH(array, e -> x = e)}, or ALL_MATCH. */
  private static SqlNode matched(
      SqlCall call, SqlQuantifyOperator quantify, SqlNode array, boolean some) {
    SqlParserPos position = call.getParserPosition();
    SqlIdentifier element = new SqlIdentifier("$element", position);
    SqlNode compared =
        operator(quantify.comparisonKind).createCall(position, call.operand(0), element);
    SqlLambda lambda = new SqlLambda(position, SqlNodeList.of(element), compared);
    return new SqlUnresolvedFunction(
            new SqlIdentifier(some ? "ANY_MATCH" : "ALL_MATCH", position),
            null,
            null,
            null,
            null,
            SqlFunctionCategory.USER_DEFINED_FUNCTION)
        .createCall(position, array, lambda);
  }

  private static SqlNode comparisons(
      SqlCall call, SqlQuantifyOperator quantify, List<SqlNode> elements, boolean some) {
    SqlParserPos position = call.getParserPosition();
    SqlNode all = null;
    for (SqlNode element : elements) {
      SqlNode one =
          operator(quantify.comparisonKind).createCall(position, call.operand(0), element);
      SqlOperator combined = some ? SqlStdOperatorTable.OR : SqlStdOperatorTable.AND;
      all = all == null ? one : combined.createCall(position, all, one);
    }
    return all;
  }

  private static SqlOperator operator(SqlKind comparison) {
    return switch (comparison) {
      case EQUALS -> SqlStdOperatorTable.EQUALS;
      case NOT_EQUALS -> SqlStdOperatorTable.NOT_EQUALS;
      case LESS_THAN -> SqlStdOperatorTable.LESS_THAN;
      case LESS_THAN_OR_EQUAL -> SqlStdOperatorTable.LESS_THAN_OR_EQUAL;
      case GREATER_THAN -> SqlStdOperatorTable.GREATER_THAN;
      default -> SqlStdOperatorTable.GREATER_THAN_OR_EQUAL;
    };
  }
}
