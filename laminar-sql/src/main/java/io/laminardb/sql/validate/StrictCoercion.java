package io.laminardb.sql.validate;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.implicit.TypeCoercionImpl;

/** Calcite's implicit casts, without those of text to numbers in arithmetic. */
final class StrictCoercion extends TypeCoercionImpl {
  StrictCoercion(RelDataTypeFactory factory, SqlValidator validator) {
    super(factory, validator);
  }

  /** A function of numbers takes no text either. */
  @Override
  public RelDataType implicitCast(RelDataType in, SqlTypeFamily expected) {
    boolean number =
        expected == SqlTypeFamily.NUMERIC
            || expected == SqlTypeFamily.EXACT_NUMERIC
            || expected == SqlTypeFamily.APPROXIMATE_NUMERIC
            || expected == SqlTypeFamily.INTEGER
            || expected == SqlTypeFamily.DECIMAL;
    return number && SqlTypeUtil.isCharacter(in) ? null : super.implicitCast(in, expected);
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
