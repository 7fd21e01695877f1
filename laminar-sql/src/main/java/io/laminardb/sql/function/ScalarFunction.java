package io.laminardb.sql.function;

import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlOperandTypeChecker;
import org.apache.calcite.sql.type.SqlReturnTypeInference;

/** A function of ours: its types for validation and the Java that runs it. */
final class ScalarFunction extends SqlFunction {
  private final Implementation implementation;

  ScalarFunction(
      String name,
      SqlReturnTypeInference returns,
      SqlOperandTypeChecker operands,
      Implementation implementation) {
    super(
        name,
        SqlKind.OTHER_FUNCTION,
        returns,
        null,
        operands,
        SqlFunctionCategory.USER_DEFINED_FUNCTION);
    this.implementation = implementation;
  }

  /** What runs it, or null where code generation knows it by name. */
  Implementation implementation() {
    return implementation;
  }
}
