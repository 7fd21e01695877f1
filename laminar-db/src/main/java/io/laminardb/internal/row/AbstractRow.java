package io.laminardb.internal.row;

import io.laminardb.Row;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.Names;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reading columns as Java types, over the plain values that a batch or a copy holds. */
abstract class AbstractRow implements Row {
  private final Schema schema;

  AbstractRow(Schema schema) {
    this.schema = schema;
  }

  /** Whether a column is NULL; the index is in range. CLOSED when the row is gone. */
  abstract boolean nullAt(int column);

  /** What a fixed-width column that is not floating-point or DECIMAL holds. */
  abstract long longAt(int column);

  abstract double doubleAt(int column);

  abstract BigDecimal decimalAt(int column);

  abstract String textAt(int column);

  /** The bytes of a VARBINARY; a new array. */
  abstract byte[] bytesAt(int column);

  /** An ARRAY, MAP or ROW, which outlives the row. */
  abstract NestedValues.Copy nestedAt(int column);

  @Override
  public final Schema schema() {
    return schema;
  }

  @Override
  public final int columnIndex(String column) {
    int index = schema.indexOf(column);
    if (index < 0) {
      throw Names.notFound("the row", column, schema);
    }
    return index;
  }

  @Override
  public final boolean isNull(int column) {
    type(column);
    return nullAt(column);
  }

  @Override
  public final boolean getBoolean(int column) {
    if (type(column).kind() != Kind.BOOLEAN) {
      throw mismatch(column, "getBoolean");
    }
    checkNotNull(column, "getBoolean");
    return longAt(column) != 0;
  }

  @Override
  public final int getInt(int column) {
    if (!isInteger(type(column))) {
      throw mismatch(column, "getInt");
    }
    checkNotNull(column, "getInt");
    long value = longAt(column);
    if (value != (int) value) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH,
              named(column) + " holds " + value + ", which does not fit an int.")
          .mend("Use getLong.");
    }
    return (int) value;
  }

  @Override
  public final long getLong(int column) {
    DataType type = type(column);
    if (!isInteger(type) && !type.isTimestamp()) {
      throw mismatch(column, "getLong");
    }
    checkNotNull(column, "getLong");
    return type.isTimestamp() ? Times.toMillis(type, longAt(column)) : longAt(column);
  }

  @Override
  public final double getDouble(int column) {
    DataType type = type(column);
    boolean floating = type.kind() == Kind.DOUBLE || type.kind() == Kind.REAL;
    if (!floating && type.kind() != Kind.DECIMAL && !isInteger(type)) {
      throw mismatch(column, "getDouble");
    }
    checkNotNull(column, "getDouble");
    if (floating) {
      return doubleAt(column);
    }
    return type.kind() == Kind.DECIMAL ? decimalAt(column).doubleValue() : longAt(column);
  }

  @Override
  public final BigDecimal getBigDecimal(int column) {
    DataType type = type(column);
    if (type.kind() != Kind.DECIMAL && !isInteger(type)) {
      throw mismatch(column, "getBigDecimal");
    }
    if (nullAt(column)) {
      return null;
    }
    return type.kind() == Kind.DECIMAL ? decimalAt(column) : BigDecimal.valueOf(longAt(column));
  }

  @Override
  public final LocalDateTime getTimestamp(int column) {
    DataType type = timeAttribute(column, "getTimestamp");
    return nullAt(column) ? null : Times.toLocalDateTime(type, longAt(column));
  }

  @Override
  public final Instant getInstant(int column) {
    DataType type = timeAttribute(column, "getInstant");
    return nullAt(column) ? null : Times.toInstant(type, longAt(column));
  }

  @Override
  public final long getEpochNanos(int column) {
    DataType type = timeAttribute(column, "getEpochNanos");
    checkNotNull(column, "getEpochNanos");
    try {
      return Times.toNanos(type, longAt(column));
    } catch (ArithmeticException e) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH,
              named(column)
                  + " holds "
                  + getTimestamp(column)
                  + ", which is out of the range of nanoseconds.")
          .mend("Use getTimestamp or getInstant.");
    }
  }

  @Override
  public final LocalDate getDate(int column) {
    if (type(column).kind() != Kind.DATE) {
      throw mismatch(column, "getDate");
    }
    return nullAt(column) ? null : LocalDate.ofEpochDay(longAt(column));
  }

  @Override
  public final LocalTime getTime(int column) {
    if (type(column).kind() != Kind.TIME) {
      throw mismatch(column, "getTime");
    }
    return nullAt(column) ? null : Times.toLocalTime(longAt(column));
  }

  @Override
  public final byte[] getBytes(int column) {
    DataType type = type(column);
    if (!type.isVariableWidth() || type.isNested()) {
      throw mismatch(column, "getBytes");
    }
    if (nullAt(column)) {
      return null;
    }
    return type.kind() == Kind.VARCHAR
        ? textAt(column).getBytes(StandardCharsets.UTF_8)
        : bytesAt(column);
  }

  @Override
  public final String getString(int column) {
    if (type(column).isNested()) {
      return nullAt(column) ? null : nestedAt(column).text();
    }
    Object value = getObject(column);
    if (value == null) {
      return null;
    }
    return switch (schema.field(column).type().kind()) {
      case VARBINARY -> HexFormat.of().formatHex((byte[]) value);
      case DECIMAL -> ((BigDecimal) value).toPlainString();
      case TIMESTAMP, TIMESTAMP_LTZ ->
          TimeTexts.timestamp(schema.field(column).type(), longAt(column));
      case TIME -> TimeTexts.time(schema.field(column).type(), (LocalTime) value);
      default -> value.toString();
    };
  }

  @Override
  public final Object getObject(int column) {
    DataType type = type(column);
    if (nullAt(column)) {
      return null;
    }
    return switch (type.kind()) {
      case REAL -> (float) doubleAt(column);
      case DOUBLE -> doubleAt(column);
      case DECIMAL -> decimalAt(column);
      case VARCHAR -> textAt(column);
      case VARBINARY -> bytesAt(column);
      case ARRAY, MAP, ROW -> nestedAt(column).value();
      default -> object(type, longAt(column));
    };
  }

  /** What a column of fixed width that holds integers means. */
  static Object object(DataType type, long value) {
    return switch (type.kind()) {
      case BOOLEAN -> value != 0;
      case TINYINT -> (byte) value;
      case SMALLINT -> (short) value;
      case INTEGER -> (int) value;
      case BIGINT -> value;
      case DATE -> LocalDate.ofEpochDay(value);
      case TIME -> Times.toLocalTime(value);
      case TIMESTAMP -> Times.toLocalDateTime(type, value);
      case TIMESTAMP_LTZ -> Times.toInstant(type, value);
      default -> throw new IllegalStateException(type + " is not held as an integer");
    };
  }

  /** Rows are equal when their columns, values and weights are. */
  @Override
  public final boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof AbstractRow that)
        || weight() != that.weight()
        || !schema.fields().equals(that.schema.fields())) {
      return false;
    }
    for (int i = 0; i < schema.size(); i++) {
      if (!Objects.deepEquals(comparable(i), that.comparable(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public final int hashCode() {
    int hash = weight();
    for (int i = 0; i < schema.size(); i++) {
      Object value = comparable(i);
      hash =
          31 * hash
              + (value instanceof byte[] bytes ? Arrays.hashCode(bytes) : Objects.hashCode(value));
    }
    return hash;
  }

  /** Binaries within nested values are equal by their text only. */
  private Object comparable(int column) {
    return schema.field(column).type().isNested() ? getString(column) : getObject(column);
  }

  /** {@code {symbol=AAPL, vwap=187.2}}, with a leading minus for a row taken back. */
  @Override
  public final String toString() {
    StringBuilder text = new StringBuilder(weight() < 0 ? "-{" : "{");
    String separator = "";
    for (int i = 0; i < schema.size(); i++) {
      Field field = schema.field(i);
      if (!field.hidden()) {
        text.append(separator).append(field.name()).append('=');
        text.append(isNull(i) ? "NULL" : getString(i));
        separator = ", ";
      }
    }
    return text.append('}').toString();
  }

  @Override
  public final List<?> getList(int column) {
    if (type(column).kind() != Kind.ARRAY) {
      throw mismatch(column, "getList");
    }
    return (List<?>) getObject(column);
  }

  @Override
  public final Map<?, ?> getMap(int column) {
    if (type(column).kind() != Kind.MAP) {
      throw mismatch(column, "getMap");
    }
    return (Map<?, ?>) getObject(column);
  }

  @Override
  public final Row getRow(int column) {
    if (type(column).kind() != Kind.ROW) {
      throw mismatch(column, "getRow");
    }
    return (Row) getObject(column);
  }

  private DataType type(int column) {
    if (column < 0 || column >= schema.size()) {
      throw Names.notFound("the row", column, schema);
    }
    return schema.field(column).type();
  }

  private DataType timeAttribute(int column, String getter) {
    DataType type = type(column);
    if (!type.isTimestamp() && type.kind() != Kind.BIGINT) {
      throw mismatch(column, getter);
    }
    return type;
  }

  private void checkNotNull(int column, String getter) {
    if (nullAt(column)) {
      throw new LaminarException(
              ErrorCode.NULL_NOT_ALLOWED,
              named(column) + " is NULL, which " + getter + " cannot answer.")
          .mend("Ask isNull first, or use getObject.");
    }
  }

  private static boolean isInteger(DataType type) {
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT -> true;
      default -> false;
    };
  }

  private String named(int column) {
    return "column \"" + schema.field(column).name() + "\"";
  }

  private LaminarException mismatch(int column, String getter) {
    return new LaminarException(
            ErrorCode.TYPE_MISMATCH,
            named(column)
                + " is "
                + schema.field(column).type()
                + ", which "
                + getter
                + " cannot read.")
        .mend("Use " + getters(schema.field(column).type()) + ".");
  }

  private static String getters(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> "getBoolean";
      case TINYINT, SMALLINT, INTEGER -> "getInt, getLong or getDouble";
      case BIGINT -> "getLong or getDouble";
      case REAL, DOUBLE -> "getDouble";
      case DECIMAL -> "getBigDecimal or getDouble";
      case VARCHAR -> "getString";
      case VARBINARY -> "getBytes";
      case DATE -> "getDate";
      case TIME -> "getTime";
      case TIMESTAMP, TIMESTAMP_LTZ -> "getTimestamp, getInstant, getEpochNanos or getLong";
      case ARRAY -> "getList";
      case MAP -> "getMap";
      case ROW -> "getRow";
    };
  }
}
