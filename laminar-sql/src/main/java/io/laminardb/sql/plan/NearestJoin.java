package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.join.AsofSpec;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.validate.Types;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * What NEAREST says: an ASOF join of the nearest row behind, one of the nearest row ahead, and a choice
 * between the two; of two as near the one behind.
 *
 * @param left time of the left side, over its columns
 * @param right column of the right side with its time
 * @param tolerance how far apart the times may be, in the finer of both units
 */
record NearestJoin(RexNode left, RexInputRef right, long tolerance) {
  static NearestJoin of(RexCall call, int leftColumns, RexBuilder rex) {
    RexNode first = call.getOperands().get(0);
    RexNode second = call.getOperands().get(1);
    boolean inOrder = second instanceof RexInputRef column && column.getIndex() >= leftColumns;
    RexNode left = inOrder ? first : second;
    RexNode right = inOrder ? second : first;
    boolean fits =
        right instanceof RexInputRef column
            && column.getIndex() >= leftColumns
            && left instanceof RexInputRef other
            && other.getIndex() < leftColumns
            && isTime(left)
            && isTime(right)
            && isInteger(left) == isInteger(right);
    if (!fits) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "NEAREST takes a column of each side: both whole numbers, or both TIMESTAMP.")
          .mend("Write MATCH_CONDITION(NEAREST(l.ts, t.ts)).");
    }
    RexInputRef column = (RexInputRef) RexUtil.shift(right, -leftColumns);
    return new NearestJoin(
        left, column, call.getOperands().size() < 3 ? AsofSpec.NO_TOLERANCE : tolerance(call));
  }

  private static boolean isTime(RexNode value) {
    return isInteger(value) || Types.of(value.getType()).isTimestamp();
  }

  private static boolean isInteger(RexNode value) {
    return SqlTypeName.INT_TYPES.contains(value.getType().getSqlTypeName());
  }

  private static long tolerance(RexCall call) {
    long unit =
        Math.min(nanosPerUnit(call.getOperands().get(0)), nanosPerUnit(call.getOperands().get(1)));
    RexNode distance = call.getOperands().get(2);
    SqlTypeName type = distance.getType().getSqlTypeName();
    BigInteger units = null;
    if (distance instanceof RexLiteral literal && !literal.isNull()) {
      if (SqlTypeName.DAY_INTERVAL_TYPES.contains(type)) {
        units =
            literal
                .getValueAs(BigDecimal.class)
                .toBigInteger()
                .multiply(BigInteger.valueOf(TimeUnits.NANOS_PER_MILLI))
                .divide(BigInteger.valueOf(unit));
      } else if (SqlTypeName.INT_TYPES.contains(type) && isInteger(call.getOperands().get(0))) {
        units = literal.getValueAs(BigDecimal.class).toBigInteger();
      }
    }
    if (units == null || units.signum() < 0 || units.bitLength() > 62) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "NEAREST does not say how far apart the times may be.")
          .mend(
              "Write an INTERVAL, or a number where the times are numbers, that is not negative.");
    }
    return units.longValue();
  }

  private static long nanosPerUnit(RexNode time) {
    DataType type = Types.of(time.getType());
    return type.isTimestamp() ? type.nanosPerUnit() : TimeUnits.NANOS_PER_MILLI;
  }

  /** A condition over the columns of both sides, with the right ones {@code by} columns further on. */
  static RexNode moved(RexNode condition, int leftColumns, int by, RexBuilder rex) {
    return condition.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef column) {
            int index = column.getIndex();
            return index < leftColumns ? column : rex.makeInputRef(column.getType(), index + by);
          }
        });
  }

  /** The columns of the answer, over the left row, the row behind and the row ahead. */
  List<RexNode> choice(MarkedJoin asof, int leftColumns, int rightColumns, RexBuilder rex) {
    List<RelDataTypeField> columns = asof.getRowType().getFieldList();
    int time = leftColumns + right.getIndex();
    RexNode behind = column(columns, time, time, rex);
    RexNode ahead = column(columns, time, time + rightColumns, rex);
    boolean integers = isInteger(left);
    RexNode nearer =
        rex.makeCall(
            integers ? Functions.IS_NEARER : Functions.IS_NEARER_TIME,
            integers ? bigint(left, rex) : left,
            integers ? bigint(behind, rex) : behind,
            integers ? bigint(ahead, rex) : ahead);
    RexNode isAhead =
        rex.makeCall(
            SqlStdOperatorTable.OR,
            rex.makeCall(SqlStdOperatorTable.IS_NULL, behind),
            rex.makeCall(SqlStdOperatorTable.IS_TRUE, nearer));
    List<RexNode> chosen = new ArrayList<>();
    for (int i = 0; i < leftColumns; i++) {
      chosen.add(rex.makeInputRef(columns.get(i).getType(), i));
    }
    for (int i = leftColumns; i < leftColumns + rightColumns; i++) {
      chosen.add(
          rex.makeCall(
              SqlStdOperatorTable.CASE,
              isAhead,
              column(columns, i, i + rightColumns, rex),
              column(columns, i, i, rex)));
    }
    return chosen;
  }

  private static RexNode column(
      List<RelDataTypeField> columns, int typed, int index, RexBuilder rex) {
    RelDataType type =
        rex.getTypeFactory().createTypeWithNullability(columns.get(typed).getType(), true);
    return rex.makeInputRef(type, index);
  }

  private static RexNode bigint(RexNode value, RexBuilder rex) {
    RelDataType type =
        rex.getTypeFactory()
            .createTypeWithNullability(
                rex.getTypeFactory().createSqlType(SqlTypeName.BIGINT),
                value.getType().isNullable());
    return value.getType().equals(type) ? value : rex.makeCast(type, value);
  }
}
