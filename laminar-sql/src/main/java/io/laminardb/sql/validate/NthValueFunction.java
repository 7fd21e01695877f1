package io.laminardb.sql.validate;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.fun.SqlNthValueAggFunction;

/** NTH_VALUE: NULL in a frame of fewer rows, whatever its argument. */
final class NthValueFunction extends SqlNthValueAggFunction {
  NthValueFunction() {
    super(SqlKind.NTH_VALUE);
  }

  @Override
  public RelDataType inferReturnType(SqlOperatorBinding binding) {
    return binding.getTypeFactory().createTypeWithNullability(super.inferReturnType(binding), true);
  }
}
