package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlNodeList;
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

  /**
   * Of {@code x IN (1, '2', 5.5)} only the text becomes an x: made one type, all of the list would lose what x has not.
   */
  @Override
  public boolean inOperationCoercion(SqlCallBinding binding) {
    RelDataType left = binding.getOperandType(0);
    if (!(binding.operand(1) instanceof SqlNodeList values)
        || left.isStruct()
        || SqlTypeUtil.isCharacter(left)) {
      return super.inOperationCoercion(binding);
    }
    List<Integer> texts = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      if (SqlTypeUtil.isCharacter(validator.deriveType(binding.getScope(), values.get(i)))) {
        texts.add(i);
      }
    }
    if (texts.isEmpty() || texts.size() == values.size()) {
      return super.inOperationCoercion(binding);
    }
    for (int i : texts) {
      coerceColumnType(binding.getScope(), values, i, left);
    }
    return true;
  }
}
