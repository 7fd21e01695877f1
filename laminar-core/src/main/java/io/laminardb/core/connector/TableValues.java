package io.laminardb.core.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Rows of tables outside as the objects that a {@link LookupReader} gives and a {@link TableStore} takes,
 * in columns, and as bytes: a byte for each column that says whether there is a value, and the value.
 * Numbers are little-endian.
 */
public final class TableValues {
  private TableValues() {}

  /** The value of a column; null for NULL. */
  public static Object get(Column column, int row) {
    if (column.isNull(row)) {
      return null;
    }
    return switch (column.type().kind()) {
      case BOOLEAN -> column.getBoolean(row);
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          column.getLong(row);
      case REAL, DOUBLE -> column.getDouble(row);
      case DECIMAL -> decimal(column.getDecimalLow(row), column.getDecimalHigh(row), column.type());
      case VARCHAR -> new String(bytes(column, row), StandardCharsets.UTF_8);
      case VARBINARY -> bytes(column, row);
      case ARRAY, MAP, ROW -> throw new IllegalArgumentException(column.type() + " is no key");
    };
  }

  private static BigDecimal decimal(long low, long high, DataType type) {
    BigInteger unsigned = new BigInteger(Long.toUnsignedString(low));
    return new BigDecimal(BigInteger.valueOf(high).shiftLeft(64).add(unsigned), type.scale());
  }

  private static byte[] bytes(Column column, int row) {
    Utf8 view = new Utf8();
    column.getBytes(row, view);
    byte[] bytes = new byte[view.length];
    Memory.copyToHeap(view.address, bytes, 0, view.length);
    return bytes;
  }

  /** Writes a row of a table as bytes. */
  public static void write(Object[] values, Schema table, StateWriter writer) {
    for (int i = 0; i < values.length; i++) {
      writer.putByte(values[i] == null ? 0 : 1);
      if (values[i] != null) {
        write(values[i], table.field(i).type(), writer);
      }
    }
  }

  private static void write(Object value, DataType type, StateWriter writer) {
    switch (type.kind()) {
      case BOOLEAN -> writer.putByte((Boolean) value ? 1 : 0);
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          writer.putLong((Long) value);
      case REAL, DOUBLE -> writer.putLong(Double.doubleToRawLongBits((Double) value));
      case DECIMAL -> {
        BigInteger unscaled = ((BigDecimal) value).setScale(type.scale()).unscaledValue();
        writer.putLong(unscaled.longValue());
        writer.putLong(unscaled.shiftRight(64).longValue());
      }
      case VARCHAR -> writer.putText((String) value);
      case VARBINARY -> writer.putBlock((byte[]) value);
      case ARRAY, MAP, ROW -> throw new IllegalArgumentException(type + " is not read");
    }
  }

  /** Reads a row of a table that was written; its section must have been entered. */
  public static Object[] read(StateReader reader, Schema table) {
    Object[] values = new Object[table.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = reader.getByte() == 0 ? null : read(reader, table.field(i).type());
    }
    return values;
  }

  private static Object read(StateReader reader, DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> reader.getByte() != 0;
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          reader.getLong();
      case REAL, DOUBLE -> Double.longBitsToDouble(reader.getLong());
      case DECIMAL -> decimal(reader.getLong(), reader.getLong(), type);
      case VARCHAR -> reader.getText();
      case VARBINARY -> reader.getBlock();
      case ARRAY, MAP, ROW -> throw new IllegalArgumentException(type + " is not read");
    };
  }

  /** Appends a row to a batch that has room for it. */
  public static void append(Object[] values, Batch batch) {
    int row = batch.rowCount();
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        batch.column(i).setNull(row);
      } else {
        put(batch.column(i), row, values[i]);
      }
    }
    batch.endRow();
  }

  private static void put(Column column, int row, Object value) {
    switch (column.type().kind()) {
      case BOOLEAN -> column.putBoolean(row, (Boolean) value);
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          column.putLong(row, (Long) value);
      case REAL, DOUBLE -> column.putDouble(row, (Double) value);
      case DECIMAL -> {
        BigInteger unscaled = ((BigDecimal) value).unscaledValue();
        column.putDecimal(row, unscaled.longValue(), unscaled.shiftRight(64).longValue());
      }
      case VARCHAR -> put(column, row, ((String) value).getBytes(StandardCharsets.UTF_8));
      case VARBINARY -> put(column, row, (byte[]) value);
      case ARRAY, MAP, ROW -> throw new IllegalArgumentException(column.type() + " is not read");
    }
  }

  private static void put(Column column, int row, byte[] bytes) {
    column.putBytes(row, bytes, 0, bytes.length);
  }
}
