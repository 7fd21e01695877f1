package io.laminardb.sql.validate;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorScope;
import org.apache.calcite.util.Optionality;

/** FIRST and LAST: the value at the least and the greatest event time of a group. */
public final class EventOrderFunction extends SqlAggFunction {
  public static final EventOrderFunction FIRST = new EventOrderFunction("FIRST");
  public static final EventOrderFunction LAST = new EventOrderFunction("LAST");

  private EventOrderFunction(String name) {
    super(
        name,
        null,
        SqlKind.OTHER_FUNCTION,
        ReturnTypes.ARG0_NULLABLE_IF_EMPTY,
        null,
        OperandTypes.ANY,
        SqlFunctionCategory.USER_DEFINED_FUNCTION,
        false,
        false,
        Optionality.FORBIDDEN);
  }

  @Override
  public RelDataType deriveType(SqlValidator validator, SqlValidatorScope scope, SqlCall call) {
    for (SqlNode operand : call.getOperandList()) {
      validator.deriveType(scope, operand);
    }
    return validateOperands(validator, scope, call);
  }

  /** The aggregate of this name, FIRST_VALUE and LAST_VALUE included, or null. */
  static EventOrderFunction named(String name) {
    return switch (name) {
      case "FIRST", "FIRST_VALUE" -> FIRST;
      case "LAST", "LAST_VALUE" -> LAST;
      default -> null;
    };
  }
}
