package io.laminardb.sql.function;

import org.apache.calcite.sql.SqlBinaryOperator;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlTypeFamily;

/**
 * + and - for a BIGINT of epoch milliseconds and an INTERVAL, and for two times, whose difference is
 * a BIGINT of milliseconds (of days between two DATEs).
 */
final class EpochArithmetic {
  static final SqlOperator PLUS =
      new SqlBinaryOperator(
          "+",
          SqlKind.PLUS,
          40,
          true,
          Define.BIGINT,
          null,
          OperandTypes.family(SqlTypeFamily.INTEGER, SqlTypeFamily.DATETIME_INTERVAL)
              .or(OperandTypes.family(SqlTypeFamily.DATETIME_INTERVAL, SqlTypeFamily.INTEGER)));

  static final SqlOperator MINUS =
      new SqlBinaryOperator(
          "-",
          SqlKind.MINUS,
          40,
          true,
          Define.BIGINT,
          null,
          OperandTypes.family(SqlTypeFamily.INTEGER, SqlTypeFamily.DATETIME_INTERVAL)
              .or(OperandTypes.family(SqlTypeFamily.TIMESTAMP, SqlTypeFamily.TIMESTAMP))
              .or(OperandTypes.family(SqlTypeFamily.TIMESTAMP, SqlTypeFamily.DATE))
              .or(OperandTypes.family(SqlTypeFamily.DATE, SqlTypeFamily.TIMESTAMP))
              .or(OperandTypes.family(SqlTypeFamily.DATE, SqlTypeFamily.DATE))
              .or(OperandTypes.family(SqlTypeFamily.TIME, SqlTypeFamily.TIME)));

  private EpochArithmetic() {}
}
