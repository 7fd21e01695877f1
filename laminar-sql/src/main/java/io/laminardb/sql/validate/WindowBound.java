package io.laminardb.sql.validate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.TimeUnits;
import java.math.BigDecimal;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql2rel.SqlRexContext;

/**
 * {@code tumble(ts, size[, offset])} outside GROUP BY: the start, or the end, of the window a time
 * lies in. It takes what a tumbling window's marker takes; behind conversion its lengths are in units
 * of its time.
 */
final class WindowBound extends OwnOperator {
  static final WindowBound START = new WindowBound("START OF TUMBLE");
  static final WindowBound END = new WindowBound("END OF TUMBLE");

  private WindowBound(String name) {
    super(name, ReturnTypes.ARG0);
  }

  static SqlNode of(SqlCall marker, boolean end, SqlParserPos position) {
    return new SqlBasicCall(
        end ? END : START,
        List.of(marker.operand(0), marker.operand(1), marker.operand(3)),
        position);
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.of(3);
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    RelDataType time = binding.getOperandType(0);
    boolean valid =
        time.getSqlTypeName() == SqlTypeName.BIGINT
            || time.getSqlTypeName() == SqlTypeName.DATE
            || time.getSqlTypeName() == SqlTypeName.TIMESTAMP
            || time.getSqlTypeName() == SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE;
    if (!valid && throwOnFailure) {
      throw Positions.error(
              ErrorCode.INVALID_TIME_ATTRIBUTE,
              binding.operand(0),
              "a window cannot be taken of a " + time + ".")
          .mend("Use a TIMESTAMP or a BIGINT of epoch milliseconds.");
    }
    return valid;
  }

  static RexNode convert(SqlRexContext context, SqlCall call) {
    RexBuilder rex = context.getRexBuilder();
    RexNode given = context.convertExpression(call.operand(0));
    RelDataType type = given.getType();
    if (type.getSqlTypeName() != SqlTypeName.DATE) {
      return bound(context, call, given);
    }
    RelDataType midnight =
        rex.getTypeFactory()
            .createTypeWithNullability(
                rex.getTypeFactory().createSqlType(SqlTypeName.TIMESTAMP, 3), type.isNullable());
    return rex.makeAbstractCast(
        type, bound(context, call, rex.makeAbstractCast(midnight, given, false)), false);
  }

  private static RexNode bound(SqlRexContext context, SqlCall call, RexNode time) {
    RexBuilder rex = context.getRexBuilder();
    DataType type = Types.of(time.getType());
    long nanosPerUnit =
        type.kind() == DataType.Kind.BIGINT ? TimeUnits.NANOS_PER_MILLI : type.nanosPerUnit();
    RelDataType bigint = rex.getTypeFactory().createSqlType(SqlTypeName.BIGINT);
    return rex.makeCall(
        time.getType(),
        call.getOperator(),
        List.of(
            time,
            units(context.convertExpression(call.operand(1)), nanosPerUnit, rex, bigint),
            units(context.convertExpression(call.operand(2)), nanosPerUnit, rex, bigint)));
  }

  private static RexNode units(
      RexNode nanos, long nanosPerUnit, RexBuilder rex, RelDataType bigint) {
    long length = ((RexLiteral) nanos).getValueAs(Long.class);
    if (length % nanosPerUnit != 0) {
      throw new LaminarException(
              ErrorCode.INVALID_WINDOW,
              "the window's " + length + " ns are not a whole number of units of its time.")
          .mend("Cast the time to TIMESTAMP(9), or choose a longer window.");
    }
    return rex.makeExactLiteral(BigDecimal.valueOf(length / nanosPerUnit), bigint);
  }
}
