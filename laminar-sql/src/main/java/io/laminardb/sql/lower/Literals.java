package io.laminardb.sql.lower;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.plan.PlanNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.calcite.avatica.util.ByteString;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.TimeString;
import org.apache.calcite.util.TimestampString;

/** Values of literals in the representation of columns. */
final class Literals {
  private Literals() {}

  /** Long, Double, byte[] or the unscaled BigInteger of a DECIMAL for each value; null for NULL. */
  static Object[][] rows(PlanNode.Values values) {
    List<Field> fields = values.schema().fields();
    Object[][] rows = new Object[values.rows().size()][fields.size()];
    for (int row = 0; row < rows.length; row++) {
      for (int column = 0; column < fields.size(); column++) {
        rows[row][column] = value(values.rows().get(row).get(column), fields.get(column).type());
      }
    }
    return rows;
  }

  private static Object value(RexNode node, DataType type) {
    RexLiteral literal = (RexLiteral) node;
    if (literal.isNull()) {
      return null;
    }
    return switch (type.kind()) {
      case BOOLEAN -> RexLiteral.booleanValue(literal) ? 1L : 0L;
      case TINYINT, SMALLINT, INTEGER, BIGINT ->
          literal.getValueAs(BigDecimal.class).longValueExact();
      case REAL -> real(literal.getValueAs(BigDecimal.class).doubleValue());
      case DOUBLE -> literal.getValueAs(BigDecimal.class).doubleValue();
      case DECIMAL ->
          literal
              .getValueAs(BigDecimal.class)
              .setScale(type.scale(), RoundingMode.HALF_UP)
              .unscaledValue();
      case VARCHAR -> literal.getValueAs(String.class).getBytes(StandardCharsets.UTF_8);
      case VARBINARY -> literal.getValueAs(ByteString.class).getBytes();
      case DATE -> (long) literal.getValueAs(DateString.class).getDaysSinceEpoch();
      case TIME -> nanosOfDay(literal.getValueAs(TimeString.class)) / 1_000L;
      case TIMESTAMP, TIMESTAMP_LTZ ->
          units(literal.getValueAs(TimestampString.class), type.nanosPerUnit());
      case ARRAY, MAP, ROW -> throw new IllegalStateException("a literal of type " + type);
    };
  }

  private static double real(double value) {
    if (Float.isInfinite((float) value)) {
      throw new LaminarException(
              ErrorCode.EXPRESSION_FAILED, "cannot cast '" + value + "' to REAL.")
          .mend("TRY_CAST makes it NULL.");
    }
    return value;
  }

  private static long nanosOfDay(TimeString time) {
    return time.getMillisOfDay() / 1_000L * 1_000_000_000L + fraction(time.toString());
  }

  private static long units(TimestampString time, long nanosPerUnit) {
    try {
      return Math.addExact(
          Math.multiplyExact(
              Math.floorDiv(time.getMillisSinceEpoch(), 1_000L), 1_000_000_000L / nanosPerUnit),
          fraction(time.toString()) / nanosPerUnit);
    } catch (ArithmeticException e) {
      throw new LaminarException(
              ErrorCode.EXPRESSION_FAILED, "TIMESTAMP '" + time + "' is out of range.", e)
          .mend("Write it with at most 6 digits of a second.");
    }
  }

  /** Nanoseconds behind the point of {@code 12:00:00.123456789}. */
  private static long fraction(String text) {
    int point = text.indexOf('.');
    if (point < 0) {
      return 0;
    }
    String digits = (text.substring(point + 1) + "000000000").substring(0, 9);
    return Long.parseLong(digits);
  }
}
