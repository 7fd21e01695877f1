package io.laminardb.sql.function;

import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlReturnTypeInference;

/** A function that answers something else every time. */
final class RandomFunction extends SqlFunction {
  RandomFunction(String name, SqlReturnTypeInference returns) {
    super(
        name,
        SqlKind.OTHER_FUNCTION,
        returns,
        null,
        OperandTypes.NILADIC,
        SqlFunctionCategory.NUMERIC);
  }

  @Override
  public boolean isDeterministic() {
    return false;
  }
}
