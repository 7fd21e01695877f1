package io.laminardb.sql.function;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorScope;

/**
 * A parameter of a lambda: in the tree of a query a call without arguments, so that everything that
 * handles calls handles lambdas. One instance a lambda; {@link LambdaFunction} gives it its type when
 * the call is validated. Its name is unique among the lambdas that it stands in.
 */
public final class LambdaParameter extends SqlFunction {
  private RelDataType type; // known once the call of the function is validated

  /**
   * @param name as it is written
   * @param depth how many lambdas are around its own
   */
  public LambdaParameter(String name, int depth) {
    super(
        depth == 0 ? name : name + "#" + depth,
        SqlKind.OTHER_FUNCTION,
        call -> null,
        null,
        OperandTypes.NILADIC,
        SqlFunctionCategory.USER_DEFINED_FUNCTION);
  }

  void type(RelDataType newType) {
    type = newType;
  }

  /** The type that validation has found. */
  public RelDataType type() {
    return type;
  }

  @Override
  public RelDataType deriveType(SqlValidator validator, SqlValidatorScope scope, SqlCall call) {
    validator.setValidatedNodeType(call, type);
    return type;
  }
}
