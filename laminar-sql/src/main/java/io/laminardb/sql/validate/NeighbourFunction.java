package io.laminardb.sql.validate;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.fun.SqlLeadLagAggFunction;

/** LAG and LEAD: also with a value for rows outside, NULL where the neighbour's value is NULL. */
final class NeighbourFunction extends SqlLeadLagAggFunction {
  NeighbourFunction(SqlKind kind) {
    super(kind);
  }

  @Override
  public RelDataType inferReturnType(SqlOperatorBinding binding) {
    RelDataType type = super.inferReturnType(binding);
    return binding.getOperandType(0).isNullable()
        ? binding.getTypeFactory().createTypeWithNullability(type, true)
        : type;
  }
}
