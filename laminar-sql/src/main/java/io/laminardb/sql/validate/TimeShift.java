package io.laminardb.sql.validate;

import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.sql2rel.SqlRexContext;

/**
 * {@code time + INTERVAL} and {@code time - INTERVAL} for every type of time: a BIGINT of epoch
 * milliseconds moves by milliseconds. Behind conversion it is Calcite's own + or -, in which the
 * INTERVAL still says that the BIGINT is a time.
 */
final class TimeShift extends OwnOperator {
  static final TimeShift PLUS = new TimeShift("TIME + INTERVAL");
  static final TimeShift MINUS = new TimeShift("TIME - INTERVAL");

  private TimeShift(String name) {
    super(name, TimeShift::shiftedType);
  }

  private static RelDataType shiftedType(SqlOperatorBinding binding) {
    RelDataType time = binding.getOperandType(0);
    return isMillis(time) ? time : SqlStdOperatorTable.DATETIME_PLUS.inferReturnType(binding);
  }

  private static boolean isMillis(RelDataType type) {
    return type.getSqlTypeName() == SqlTypeName.BIGINT;
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.of(2);
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    RelDataType time = binding.getOperandType(0);
    boolean months = binding.getOperandType(1).getIntervalQualifier().isYearMonth();
    boolean valid =
        isMillis(time)
            ? !months
            : time.getSqlTypeName() == SqlTypeName.NULL
                || SqlTypeUtil.isDatetime(time)
                || SqlTypeUtil.isInterval(time);
    if (!valid && throwOnFailure) {
      throw binding.newValidationSignatureError();
    }
    return valid;
  }

  /** What the call means in Calcite's own operators. */
  static RexNode convert(SqlRexContext context, SqlCall call) {
    RexBuilder rex = context.getRexBuilder();
    RexNode time = context.convertExpression(call.operand(0));
    RexNode interval = context.convertExpression(call.operand(1));
    boolean minus = call.getOperator() == MINUS;
    if (!isMillis(time.getType())) {
      if (SqlTypeUtil.isInterval(time.getType())) {
        return rex.makeCall(
            minus ? SqlStdOperatorTable.MINUS : SqlStdOperatorTable.PLUS, time, interval);
      }
      return minus
          ? rex.makeCall(time.getType(), SqlStdOperatorTable.MINUS_DATE, List.of(time, interval))
          : rex.makeCall(SqlStdOperatorTable.DATETIME_PLUS, time, interval);
    }
    return rex.makeCall(
        time.getType(),
        minus ? SqlStdOperatorTable.MINUS : SqlStdOperatorTable.PLUS,
        List.of(time, interval));
  }
}
