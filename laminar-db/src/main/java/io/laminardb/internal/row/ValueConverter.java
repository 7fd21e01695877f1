package io.laminardb.internal.row;

import io.laminardb.RowWriter;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;

/**
 * Sets a column from a Java object: the way of {@code push(Object...)}. Numbers are checked for
 * range; what would lose something other than digits behind a time's precision or a double's is
 * refused. A java.sql.Timestamp is what it reads as for a TIMESTAMP, and its point in time for one
 * WITH LOCAL TIME ZONE.
 */
final class ValueConverter {
  private ValueConverter() {}

  static void set(RowWriter row, int column, DataType type, Object value, ValueErrors errors) {
    if (value == null) {
      row.setNull(column);
      return;
    }
    boolean done =
        switch (type.kind()) {
          case BOOLEAN -> setBoolean(row, column, value);
          case TINYINT, SMALLINT, INTEGER -> setInteger(row, column, value);
          case BIGINT -> setInteger(row, column, value) || setInstant(row, column, value);
          case REAL, DOUBLE -> setDouble(row, column, value) || setInteger(row, column, value);
          case DECIMAL -> setDecimal(row, column, value) || setInteger(row, column, value);
          case VARCHAR -> setText(row, column, value);
          case VARBINARY -> setBytes(row, column, value);
          case DATE -> setDate(row, column, value);
          case TIME -> setTime(row, column, value);
          case TIMESTAMP, TIMESTAMP_LTZ ->
              setTimestamp(row, column, value, type.kind())
                  || setInstant(row, column, value)
                  || setInteger(row, column, value);
          case ARRAY, MAP, ROW -> throw new IllegalStateException(type + " is not a plain value");
        };
    if (!done) {
      throw errors.wrongType(column, value);
    }
  }

  private static boolean setBoolean(RowWriter row, int column, Object value) {
    if (value instanceof Boolean bool) {
      row.setBoolean(column, bool);
      return true;
    }
    return false;
  }

  private static boolean setInteger(RowWriter row, int column, Object value) {
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      row.setLong(column, ((Number) value).longValue());
      return true;
    }
    return false;
  }

  private static boolean setDouble(RowWriter row, int column, Object value) {
    if (value instanceof Double || value instanceof Float) {
      row.setDouble(column, ((Number) value).doubleValue());
      return true;
    }
    return false;
  }

  private static boolean setDecimal(RowWriter row, int column, Object value) {
    if (value instanceof BigDecimal decimal) {
      row.setBigDecimal(column, decimal);
      return true;
    }
    if (value instanceof BigInteger integer) {
      row.setBigDecimal(column, new BigDecimal(integer));
      return true;
    }
    return false;
  }

  private static boolean setText(RowWriter row, int column, Object value) {
    if (value instanceof CharSequence || value instanceof Character) {
      row.setString(column, value.toString());
      return true;
    }
    if (value instanceof Enum<?> constant) {
      row.setString(column, constant.name());
      return true;
    }
    return false;
  }

  private static boolean setBytes(RowWriter row, int column, Object value) {
    if (value instanceof byte[] bytes) {
      row.setBytes(column, bytes);
      return true;
    }
    return false;
  }

  private static boolean setDate(RowWriter row, int column, Object value) {
    if (value instanceof LocalDate date) {
      row.setDate(column, date);
      return true;
    }
    if (JdbcTimes.isDate(value)) {
      row.setDate(column, JdbcTimes.toLocalDate(value));
      return true;
    }
    return false;
  }

  private static boolean setTime(RowWriter row, int column, Object value) {
    if (value instanceof LocalTime time) {
      row.setTime(column, time);
      return true;
    }
    return false;
  }

  private static boolean setTimestamp(RowWriter row, int column, Object value, Kind kind) {
    if (value instanceof LocalDateTime time) {
      row.setTimestamp(column, time);
      return true;
    }
    if (JdbcTimes.isTimestamp(value)) {
      if (kind == Kind.TIMESTAMP) {
        row.setTimestamp(column, JdbcTimes.toLocalDateTime(value));
      } else {
        row.setInstant(column, JdbcTimes.toInstant(value));
      }
      return true;
    }
    return false;
  }

  private static boolean setInstant(RowWriter row, int column, Object value) {
    Instant instant =
        value instanceof Instant time
            ? time
            : value instanceof ZonedDateTime zoned
                ? zoned.toInstant()
                : value instanceof OffsetDateTime offset ? offset.toInstant() : null;
    if (instant == null) {
      return false;
    }
    row.setInstant(column, instant);
    return true;
  }
}
