package io.laminardb.sql.function;

import io.laminardb.core.operator.aggregate.UserAggregate;
import java.util.Locale;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorScope;
import org.apache.calcite.util.Optionality;

/** An aggregate function that a user wrote, for validation. */
public final class UserAggregateOperator extends SqlAggFunction {
  private final UserAggregate aggregate;

  UserAggregateOperator(UserAggregate aggregate) {
    super(
        aggregate.name().toUpperCase(Locale.ROOT),
        null,
        SqlKind.OTHER_FUNCTION,
        call ->
            call.getTypeFactory()
                .createTypeWithNullability(
                    UserOperator.type(aggregate.result(), call.getTypeFactory()), true),
        null,
        OperandTypes.family(aggregate.parameters().stream().map(UserOperator::family).toList()),
        SqlFunctionCategory.USER_DEFINED_FUNCTION,
        false,
        false,
        Optionality.FORBIDDEN);
    this.aggregate = aggregate;
  }

  /** What it calls. */
  public UserAggregate aggregate() {
    return aggregate;
  }

  @Override
  public RelDataType deriveType(SqlValidator validator, SqlValidatorScope scope, SqlCall call) {
    for (SqlNode operand : call.getOperandList()) {
      validator.deriveType(scope, operand);
    }
    return validateOperands(validator, scope, call);
  }
}
