package io.laminardb.sql.validate;

import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
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

  /** An INTERVAL counts milliseconds. */
  private static final int MOST_DIGITS = 3;

  private TimeShift(String name) {
    super(name, TimeShift::shiftedType);
  }

  /** Whether an expression is an INTERVAL that is written out, or a multiple of one. */
  static boolean isInterval(SqlNode node) {
    return node instanceof SqlIntervalLiteral
        || node.getKind() == SqlKind.TIMES
            && ((SqlCall) node).getOperandList().stream().anyMatch(TimeShift::isInterval);
  }

  private static RelDataType shiftedType(SqlOperatorBinding binding) {
    RelDataType time = binding.getOperandType(0);
    if (isMillis(time)) {
      return time;
    }
    RelDataType shifted = SqlStdOperatorTable.DATETIME_PLUS.inferReturnType(binding);
    return binding instanceof SqlCallBinding call
        ? precise(shifted, call.operand(1), binding.getTypeFactory())
        : shifted;
  }

  /** The type with as many digits of a second as the interval has. */
  private static RelDataType precise(
      RelDataType type, SqlNode interval, RelDataTypeFactory factory) {
    boolean hasSeconds =
        switch (type.getSqlTypeName()) {
          case TIME, TIMESTAMP, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> true;
          default -> false;
        };
    int digits = hasSeconds ? fractionDigits(interval) : 0;
    return digits <= type.getPrecision()
        ? type
        : factory.createTypeWithNullability(
            factory.createSqlType(type.getSqlTypeName(), digits), type.isNullable());
  }

  private static int fractionDigits(SqlNode interval) {
    if (interval instanceof SqlIntervalLiteral literal) {
      String text = ((SqlIntervalLiteral.IntervalValue) literal.getValue()).getIntervalLiteral();
      int point = text.indexOf('.');
      int digits = point < 0 ? 0 : text.substring(point + 1).replaceAll("0+$", "").length();
      if (digits > MOST_DIGITS) {
        throw Positions.notSupported(
            literal,
            "an INTERVAL shorter than a millisecond is not supported in an expression.",
            "Round it to '0.001' SECOND.");
      }
      return digits;
    }
    return interval instanceof SqlCall call
        ? call.getOperandList().stream().mapToInt(TimeShift::fractionDigits).max().orElse(0)
        : 0;
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
      if (SqlTypeUtil.isDatetime(time.getType())) {
        RelDataType precise = precise(time.getType(), call.operand(1), context.getTypeFactory());
        time = precise == time.getType() ? time : rex.makeCast(precise, time);
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
