package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.TimeString;
import org.apache.calcite.util.TimestampString;

/** The values of the question marks of a statement, put in as literals. */
public final class Parameters {
  /** A statement without question marks. */
  public static final Parameters NONE = new Parameters();

  private static final int NANO_DIGITS = 9;

  private final List<Object> values;
  private final long statementNs;
  private final String zone; // of clock times; null for UTC
  private int used;

  /** Values in order; NULL is allowed. */
  public Parameters(Object... values) {
    this(0, null, values);
  }

  private Parameters(long statementNs, String zone, Object[] values) {
    this.statementNs = statementNs;
    this.zone = zone;
    this.values = Arrays.asList(values.clone());
  }

  /**
   * Values in order, of a statement.
   *
   * @param epochNs when it begins: what CURRENT_TIMESTAMP is
   * @param zone of clock times, or null for UTC
   */
  public static Parameters at(long epochNs, String zone, Object... values) {
    return new Parameters(epochNs, zone, values);
  }

  /** The time zone of clock times, or null for UTC. */
  String zone() {
    return zone;
  }

  /** When the statement began, in nanoseconds since the epoch. */
  long statementNs() {
    return statementNs;
  }

  SqlNode literal(SqlDynamicParam parameter) {
    int index = parameter.getIndex();
    if (index >= values.size()) {
      throw Positions.error(
              ErrorCode.PARAMETER_MISMATCH,
              parameter,
              "parameter " + (index + 1) + " has no value, " + values.size() + " were given.")
          .mend("Pass one value for each question mark.");
    }
    used = Math.max(used, index + 1);
    return literal(values.get(index), index, parameter.getParserPosition());
  }

  /** Fails when more values were given than there are question marks. */
  void checkAllUsed() {
    if (used < values.size()) {
      throw new LaminarException(
              ErrorCode.PARAMETER_MISMATCH,
              values.size() + " values were given for " + used + " question marks.")
          .mend("Pass one value for each question mark.");
    }
  }

  private static SqlNode literal(Object value, int index, SqlParserPos position) {
    if (value == null) {
      return SqlLiteral.createNull(position);
    }
    if (value instanceof CharSequence || value instanceof Character || value instanceof Enum<?>) {
      return SqlLiteral.createCharString(value.toString(), position);
    }
    if (value instanceof Boolean truth) {
      return SqlLiteral.createBoolean(truth, position);
    }
    if (value instanceof Double || value instanceof Float) {
      return approximate(((Number) value).doubleValue(), index, position);
    }
    if (value instanceof BigDecimal
        || value instanceof BigInteger
        || value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return number(new BigDecimal(value.toString()), position);
    }
    if (value instanceof byte[] bytes) {
      return SqlLiteral.createBinaryString(bytes, position);
    }
    return time(value, index, position);
  }

  private static SqlNode time(Object value, int index, SqlParserPos position) {
    if (value instanceof LocalDate date) {
      return SqlLiteral.createDate(
          DateString.fromDaysSinceEpoch((int) date.toEpochDay()), position);
    }
    if (value instanceof LocalTime time) {
      TimeString text =
          new TimeString(time.getHour(), time.getMinute(), time.getSecond())
              .withNanos(time.getNano());
      return SqlLiteral.createTime(text, NANO_DIGITS, position);
    }
    if (value instanceof Instant instant) {
      return timestamp(LocalDateTime.ofInstant(instant, ZoneOffset.UTC), position);
    }
    if (value instanceof LocalDateTime dateTime) {
      return timestamp(dateTime, position);
    }
    throw new LaminarException(
            ErrorCode.PARAMETER_MISMATCH,
            "parameter " + (index + 1) + " is a " + value.getClass().getName() + ".")
        .mend("Pass text, numbers, booleans, bytes, java.time values or null.");
  }

  private static SqlNode timestamp(LocalDateTime time, SqlParserPos position) {
    TimestampString text =
        new TimestampString(
                time.getYear(),
                time.getMonthValue(),
                time.getDayOfMonth(),
                time.getHour(),
                time.getMinute(),
                time.getSecond())
            .withNanos(time.getNano());
    return SqlLiteral.createTimestamp(
        org.apache.calcite.sql.type.SqlTypeName.TIMESTAMP, text, NANO_DIGITS, position);
  }

  private static SqlNode number(BigDecimal value, SqlParserPos position) {
    SqlNode magnitude = SqlLiteral.createExactNumeric(value.abs().toPlainString(), position);
    return value.signum() < 0
        ? SqlStdOperatorTable.UNARY_MINUS.createCall(position, magnitude)
        : magnitude;
  }

  private static SqlNode approximate(double value, int index, SqlParserPos position) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new LaminarException(
              ErrorCode.PARAMETER_MISMATCH, "parameter " + (index + 1) + " is " + value + ".")
          .mend("Pass a finite number.");
    }
    SqlNode magnitude =
        SqlLiteral.createApproxNumeric(
            String.format(java.util.Locale.ROOT, "%.17e", Math.abs(value)), position);
    return value < 0 ? SqlStdOperatorTable.UNARY_MINUS.createCall(position, magnitude) : magnitude;
  }
}
