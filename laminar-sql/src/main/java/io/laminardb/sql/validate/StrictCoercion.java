package io.laminardb.sql.validate;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.implicit.TypeCoercionImpl;

/** Calcite's implicit casts, without those of text to numbers in arithmetic. */
final class StrictCoercion extends TypeCoercionImpl {
  StrictCoercion(RelDataTypeFactory factory, SqlValidator validator) {
    super(factory, validator);
  }

  @Override
  public boolean binaryArithmeticCoercion(SqlCallBinding binding) {
    for (RelDataType type : binding.collectOperandTypes()) {
      if (SqlTypeUtil.isCharacter(type)) {
        return false;
      }
    }
    return super.binaryArithmeticCoercion(binding);
  }
}
