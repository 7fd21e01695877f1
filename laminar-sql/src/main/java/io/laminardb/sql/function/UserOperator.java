package io.laminardb.sql.function;

import io.laminardb.core.operator.scalar.UserFunction;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;

/** A function that a user wrote, for validation. */
public final class UserOperator extends SqlFunction {
  private static final int DECIMAL_DIGITS = 38;
  private static final int DECIMAL_SCALE = 10;
  private static final int TIME_DIGITS = 6;

  private final UserFunction function;

  UserOperator(UserFunction function) {
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
  public UserFunction function() {
    return function;
  }

  static SqlTypeFamily family(UserFunction.Type type) {
    return switch (type) {
      case BOOLEAN -> SqlTypeFamily.BOOLEAN;
      case INTEGER, BIGINT -> SqlTypeFamily.INTEGER;
      case REAL, DOUBLE -> SqlTypeFamily.NUMERIC;
      case DECIMAL -> SqlTypeFamily.EXACT_NUMERIC;
      case VARCHAR -> SqlTypeFamily.CHARACTER;
      case VARBINARY -> SqlTypeFamily.BINARY;
      case DATE -> SqlTypeFamily.DATE;
      case TIMESTAMP, TIMESTAMP_LTZ -> SqlTypeFamily.TIMESTAMP;
    };
  }

  private static RelDataType type(UserFunction function, SqlOperatorBinding call) {
    boolean reference =
        switch (function.result()) {
          case VARCHAR, VARBINARY, DECIMAL -> true;
          default -> false;
        };
    List<RelDataType> operands = call.collectOperandTypes();
    return call.getTypeFactory()
        .createTypeWithNullability(
            type(function.result(), call.getTypeFactory()),
            reference || operands.stream().anyMatch(RelDataType::isNullable));
  }

  /** The type of SQL of a value of Java. */
  public static RelDataType type(UserFunction.Type type, RelDataTypeFactory types) {
    return switch (type) {
      case DECIMAL -> types.createSqlType(SqlTypeName.DECIMAL, DECIMAL_DIGITS, DECIMAL_SCALE);
      case TIMESTAMP -> types.createSqlType(SqlTypeName.TIMESTAMP, TIME_DIGITS);
      case TIMESTAMP_LTZ ->
          types.createSqlType(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, TIME_DIGITS);
      default -> types.createSqlType(SqlTypeName.valueOf(type.name()));
    };
  }
}
