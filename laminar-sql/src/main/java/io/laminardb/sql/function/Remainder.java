package io.laminardb.sql.function;

import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlBinaryOperator;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlTypeUtil;

/**
 * % and MOD of all numbers. Calcite's own take exact numbers only, and would make a DOUBLE a DECIMAL
 * that does not hold it.
 */
final class Remainder {
  static final SqlOperator PERCENT =
      new SqlBinaryOperator(
          "%", SqlKind.MOD, 60, true, Remainder::type, null, OperandTypes.NUMERIC_NUMERIC);

  static final SqlOperator MOD =
      new SqlFunction(
          "MOD",
          SqlKind.MOD,
          Remainder::type,
          null,
          OperandTypes.NUMERIC_NUMERIC,
          SqlFunctionCategory.NUMERIC);

  private Remainder() {}

  private static RelDataType type(SqlOperatorBinding call) {
    List<RelDataType> types = call.collectOperandTypes();
    if (types.stream().noneMatch(SqlTypeUtil::isApproximateNumeric)) {
      return SqlStdOperatorTable.MOD.inferReturnType(call);
    }
    RelDataTypeFactory factory = call.getTypeFactory();
    return factory.createTypeWithNullability(
        factory.leastRestrictive(types), types.stream().anyMatch(RelDataType::isNullable));
  }
}
