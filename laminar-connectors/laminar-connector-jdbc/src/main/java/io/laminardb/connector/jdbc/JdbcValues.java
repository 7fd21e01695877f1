package io.laminardb.connector.jdbc;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Values of JDBC as those of a {@link io.laminardb.core.connector.LookupReader}, and back. */
final class JdbcValues {
  private static final long NANOS = 1_000_000_000;
  private static final long NANOS_PER_MICRO = 1_000;

  private JdbcValues() {}

  /** Refuses columns of types that are not read. */
  static void checkTypes(Schema table) {
    for (Field field : table.fields()) {
      if (field.type().isNested()) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED,
                "column \""
                    + field.name()
                    + "\" is "
                    + field.type()
                    + ", which JDBC does not read.")
            .mend("Read it as VARCHAR by a query = 'SELECT CAST(.. AS VARCHAR) ..'.");
      }
    }
  }

  /** Sets a parameter to a value of a type; it is not null. */
  static void set(PreparedStatement statement, int parameter, DataType type, Object value)
      throws SQLException {
    switch (type.kind()) {
      case BOOLEAN -> statement.setBoolean(parameter, (Boolean) value);
      case TINYINT, SMALLINT, INTEGER -> statement.setInt(parameter, ((Long) value).intValue());
      case BIGINT -> statement.setLong(parameter, (Long) value);
      case REAL -> statement.setFloat(parameter, ((Double) value).floatValue());
      case DOUBLE -> statement.setDouble(parameter, (Double) value);
      case DECIMAL -> statement.setBigDecimal(parameter, (BigDecimal) value);
      case VARCHAR -> statement.setString(parameter, (String) value);
      case VARBINARY -> statement.setBytes(parameter, (byte[]) value);
      case DATE -> statement.setObject(parameter, LocalDate.ofEpochDay((Long) value));
      case TIME ->
          statement.setObject(parameter, LocalTime.ofNanoOfDay((Long) value * NANOS_PER_MICRO));
      case TIMESTAMP -> statement.setObject(parameter, dateTime((Long) value, type));
      case TIMESTAMP_LTZ ->
          statement.setObject(parameter, dateTime((Long) value, type).atOffset(ZoneOffset.UTC));
      case ARRAY, MAP, ROW -> throw new IllegalArgumentException(type + " is no key");
    }
  }

  private static LocalDateTime dateTime(long units, DataType type) {
    long perSecond = NANOS / type.nanosPerUnit();
    long nanos = Math.floorMod(units, perSecond) * type.nanosPerUnit();
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(units, perSecond), (int) nanos, ZoneOffset.UTC);
  }

  /** A value of a row. Errors: SCHEMA_MISMATCH where its column cannot hold it. */
  static Object get(ResultSet row, int column, Field field) throws SQLException {
    try {
      return read(row, column, field.type());
    } catch (ArithmeticException
        | DateTimeException
        | ClassCastException
        | NumberFormatException e) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "column \""
                  + field.name()
                  + "\" is "
                  + field.type()
                  + ", and cannot hold "
                  + row.getString(column)
                  + ".",
              e)
          .mend("Declare it as the table outside does.");
    }
  }

  private static Object read(ResultSet row, int column, DataType type) throws SQLException {
    switch (type.kind()) {
      case VARCHAR -> {
        String text = row.getString(column);
        if (text != null
            && type.maxLength() > 0
            && text.codePointCount(0, text.length()) > type.maxLength()) {
          throw new ArithmeticException("too long");
        }
        return text;
      }
      case VARBINARY -> {
        byte[] bytes = row.getBytes(column);
        if (bytes != null && type.maxLength() > 0 && bytes.length > type.maxLength()) {
          throw new ArithmeticException("too long");
        }
        return bytes;
      }
      case DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ -> {
        return time(row, column, type);
      }
      default -> {
        Object value = row.getObject(column);
        return value == null ? null : plain(value, type);
      }
    }
  }

  private static Object plain(Object value, DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> (Boolean) value;
      case TINYINT -> inRange(whole(value), Byte.MIN_VALUE, Byte.MAX_VALUE);
      case SMALLINT -> inRange(whole(value), Short.MIN_VALUE, Short.MAX_VALUE);
      case INTEGER -> inRange(whole(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
      case BIGINT -> whole(value);
      case REAL -> (double) ((Number) value).floatValue();
      case DOUBLE -> ((Number) value).doubleValue();
      case DECIMAL -> {
        BigDecimal scaled = exact(value).setScale(type.scale(), RoundingMode.UNNECESSARY);
        if (scaled.precision() > type.precision()) {
          throw new ArithmeticException("too large");
        }
        yield scaled;
      }
      default -> throw new IllegalArgumentException(type + " is not plain");
    };
  }

  private static long whole(Object value) {
    return value instanceof Long || value instanceof Integer || value instanceof Short
        ? ((Number) value).longValue()
        : exact(value).longValueExact();
  }

  private static BigDecimal exact(Object value) {
    if (value instanceof BigDecimal decimal) {
      return decimal;
    }
    return value instanceof BigInteger integer
        ? new BigDecimal(integer)
        : new BigDecimal(((Number) value).toString());
  }

  private static Long inRange(long value, long least, long greatest) {
    if (value < least || value > greatest) {
      throw new ArithmeticException("out of range");
    }
    return value;
  }

  // ---- time

  private static Long time(ResultSet row, int column, DataType type) throws SQLException {
    Object value;
    try {
      value =
          switch (type.kind()) {
            case DATE -> row.getObject(column, LocalDate.class);
            case TIME -> row.getObject(column, LocalTime.class);
            case TIMESTAMP -> row.getObject(column, LocalDateTime.class);
            default -> row.getObject(column, OffsetDateTime.class);
          };
    } catch (SQLException | UnsupportedOperationException e) {
      value = row.getObject(column); // the driver knows no java.time, or not for this column's type
    }
    if (value == null) {
      return null;
    }
    return switch (type.kind()) {
      case DATE -> date(value).toEpochDay();
      case TIME -> {
        LocalTime time = timeOfDay(value);
        yield time.withNano(cut(time.getNano(), type)).toNanoOfDay() / NANOS_PER_MICRO;
      }
      case TIMESTAMP -> units(dateTime(value).toInstant(ZoneOffset.UTC), type);
      default -> units(instant(value), type);
    };
  }

  private static long units(Instant instant, DataType type) {
    long perSecond = NANOS / type.nanosPerUnit();
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), perSecond),
        cut(instant.getNano(), type) / type.nanosPerUnit());
  }

  /** The nanoseconds of a second that a type with some digits of them holds. */
  private static int cut(int nanos, DataType type) {
    int unit = 1;
    for (int digits = type.precision(); digits < 9; digits++) {
      unit *= 10;
    }
    return nanos - nanos % unit;
  }

  private static LocalDate date(Object value) {
    return value instanceof java.sql.Date date ? date.toLocalDate() : (LocalDate) value;
  }

  private static LocalTime timeOfDay(Object value) {
    return value instanceof java.sql.Time time ? time.toLocalTime() : (LocalTime) value;
  }

  private static LocalDateTime dateTime(Object value) {
    if (value instanceof java.sql.Date date) {
      return date.toLocalDate().atStartOfDay();
    }
    return value instanceof java.sql.Timestamp timestamp
        ? timestamp.toLocalDateTime()
        : (LocalDateTime) value;
  }

  private static Instant instant(Object value) {
    if (value instanceof java.sql.Timestamp timestamp) {
      return timestamp.toInstant();
    }
    return value instanceof Instant instant ? instant : ((OffsetDateTime) value).toInstant();
  }
}
