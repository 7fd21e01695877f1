package io.laminardb.sql.function;

import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlSyntax;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlReturnTypeInference;

/** A function of the clock, which is read once a statement: NOW() and CURRENT_TIMESTAMP. */
final class StatementFunction extends SqlFunction {
  private final boolean parentheses;

  StatementFunction(String name, SqlReturnTypeInference returns, boolean parentheses) {
    super(
        name,
        SqlKind.OTHER_FUNCTION,
        returns,
        null,
        OperandTypes.NILADIC,
        SqlFunctionCategory.TIMEDATE);
    this.parentheses = parentheses;
  }

  @Override
  public SqlSyntax getSyntax() {
    return parentheses ? SqlSyntax.FUNCTION : SqlSyntax.FUNCTION_ID;
  }

  @Override
  public boolean isDynamicFunction() {
    return true;
  }
}
