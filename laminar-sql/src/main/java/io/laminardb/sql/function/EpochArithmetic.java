package io.laminardb.sql.function;

import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlBinaryOperator;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlOperandTypeChecker;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeUtil;

/**
 * + and - that also take a BIGINT of epoch milliseconds and an INTERVAL, and two times, whose
 * difference is a BIGINT of milliseconds (of days between two DATEs). For all other operands they
 * give way to the standard operators.
 */
final class EpochArithmetic extends SqlBinaryOperator {
  static final SqlOperator PLUS =
      new EpochArithmetic(
          SqlStdOperatorTable.PLUS,
          "+",
          SqlKind.PLUS,
          OperandTypes.family(SqlTypeFamily.INTEGER, SqlTypeFamily.DATETIME_INTERVAL)
              .or(OperandTypes.family(SqlTypeFamily.DATETIME_INTERVAL, SqlTypeFamily.INTEGER)));

  static final SqlOperator MINUS =
      new EpochArithmetic(
          SqlStdOperatorTable.MINUS,
          "-",
          SqlKind.MINUS,
          OperandTypes.family(SqlTypeFamily.INTEGER, SqlTypeFamily.DATETIME_INTERVAL)
              .or(OperandTypes.family(SqlTypeFamily.DATETIME, SqlTypeFamily.DATETIME)));

  private final SqlOperator standard;

  private EpochArithmetic(
      SqlOperator standard, String name, SqlKind kind, SqlOperandTypeChecker operands) {
    super(name, kind, 40, true, Define.BIGINT, null, operands);
    this.standard = standard;
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding call, boolean throwOnFailure) {
    if (isOurs(call)) {
      return true;
    }
    ((SqlBasicCall) call.getCall()).setOperator(standard);
    return standard.checkOperandTypes(call, throwOnFailure);
  }

  @Override
  public RelDataType inferReturnType(SqlOperatorBinding call) {
    return isOurs(call) ? super.inferReturnType(call) : standard.inferReturnType(call);
  }

  private boolean isOurs(SqlOperatorBinding call) {
    RelDataType left = call.getOperandType(0);
    RelDataType right = call.getOperandType(1);
    if (kind == SqlKind.MINUS && SqlTypeUtil.isDatetime(left) && SqlTypeUtil.isDatetime(right)) {
      return true;
    }
    return SqlTypeUtil.isExactNumeric(left) && SqlTypeUtil.isInterval(right)
        || kind == SqlKind.PLUS
            && SqlTypeUtil.isInterval(left)
            && SqlTypeUtil.isExactNumeric(right);
  }
}
