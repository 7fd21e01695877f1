package io.laminardb.sql.validate;

import io.laminardb.sql.function.UserAggregateOperator;
import io.laminardb.sql.function.UserFunctions;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUnresolvedFunction;
import org.apache.calcite.sql.util.SqlShuttle;

/** Resolves calls of aggregate functions that a user registered, before anything asks what groups. */
final class UserAggregateCalls extends SqlShuttle {
  private final UserFunctions functions;

  UserAggregateCalls(UserFunctions functions) {
    this.functions = functions;
  }

  @Override
  public SqlNode visit(SqlCall call) {
    SqlCall visited = (SqlCall) super.visit(call);
    if (visited.getOperator() instanceof SqlUnresolvedFunction) {
      UserAggregateOperator own = functions.aggregate(visited.getOperator().getName());
      if (own != null) {
        return new SqlBasicCall(
            own,
            visited.getOperandList(),
            visited.getParserPosition(),
            visited.getFunctionQuantifier());
      }
    }
    return visited;
  }
}
