package io.laminardb.sql.function;

import io.laminardb.core.operator.scalar.UserTableFunction;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.OperandTypes;

/** A table function that a user wrote, for validation: it gives an ARRAY of ROWs. */
public final class UserTableOperator extends SqlFunction {
  private final UserTableFunction function;

  UserTableOperator(UserTableFunction function) {
    super(
        function.name().toUpperCase(Locale.ROOT),
        SqlKind.OTHER_FUNCTION,
        call -> type(function, call),
        null,
        OperandTypes.family(function.parameters().stream().map(UserOperator::family).toList()),
        SqlFunctionCategory.USER_DEFINED_FUNCTION);
    this.function = function;
  }

  /** What it calls. */
  public UserTableFunction function() {
    return function;
  }

  private static RelDataType type(UserTableFunction function, SqlOperatorBinding call) {
    RelDataTypeFactory types = call.getTypeFactory();
    List<UserTableFunction.Column> columns = function.columns();
    RelDataType row =
        types.createStructType(
            columns.stream()
                .map(
                    column ->
                        types.createTypeWithNullability(
                            UserOperator.type(column.type(), types), column.isNullable()))
                .toList(),
            columns.stream().map(UserTableFunction.Column::name).toList());
    return types.createTypeWithNullability(
        types.createArrayType(row, -1),
        call.collectOperandTypes().stream().anyMatch(RelDataType::isNullable));
  }
}
