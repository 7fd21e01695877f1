package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Values of columns as the objects that a {@link io.laminardb.core.connector.LookupReader} takes and
 * gives, and those as bytes and back.
 */
final class LookupValues {
  private LookupValues() {}

  /** A value that is not NULL. */
  static Object get(Column column, int row) {
    return switch (column.type().kind()) {
      case BOOLEAN -> column.getBoolean(row);
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          column.getLong(row);
      case REAL, DOUBLE -> column.getDouble(row);
      case DECIMAL -> decimal(column, row);
      case VARCHAR -> new String(bytes(column, row), StandardCharsets.UTF_8);
      case VARBINARY -> bytes(column, row);
      case ARRAY, MAP, ROW -> throw new IllegalArgumentException(column.type() + " is no key");
    };
  }

  private static BigDecimal decimal(Column column, int row) {
    BigInteger high = BigInteger.valueOf(column.getDecimalHigh(row)).shiftLeft(64);
    BigInteger low = new BigInteger(Long.toUnsignedString(column.getDecimalLow(row)));
    return new BigDecimal(high.add(low), column.type().scale());
  }

  private static byte[] bytes(Column column, int row) {
    Utf8 view = new Utf8();
    column.getBytes(row, view);
    byte[] bytes = new byte[view.length];
    Memory.copyToHeap(view.address, bytes, 0, view.length);
    return bytes;
  }

  /** Writes a row of a table as bytes. */
  static void write(Object[] values, Schema table, StateWriter writer) {
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

  /** Appends a row that was written to a batch that has room for it. */
  static void read(StateReader reader, Batch batch) {
    int row = batch.rowCount();
    for (int i = 0; i < batch.schema().size(); i++) {
      if (reader.getByte() == 0) {
        batch.column(i).setNull(row);
      } else {
        read(reader, batch.column(i), row);
      }
    }
    batch.endRow();
  }

  private static void read(StateReader reader, Column column, int row) {
    switch (column.type().kind()) {
      case BOOLEAN -> column.putBoolean(row, reader.getByte() != 0);
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          column.putLong(row, reader.getLong());
      case REAL, DOUBLE -> column.putDouble(row, Double.longBitsToDouble(reader.getLong()));
      case DECIMAL -> column.putDecimal(row, reader.getLong(), reader.getLong());
      case VARCHAR, VARBINARY -> {
        byte[] bytes = reader.getBlock();
        column.putBytes(row, bytes, 0, bytes.length);
      }
      case ARRAY, MAP, ROW -> throw new IllegalArgumentException(column.type() + " is not read");
    }
  }

  /**
   * Checks a row that was read.
   *
   * @throws LaminarException SCHEMA_MISMATCH where it is none of the table's
   */
  static void check(Object[] values, Schema table, String name) {
    for (int i = 0; i < values.length; i++) {
      Field field = table.field(i);
      if (values[i] == null && !field.nullable()) {
        throw new LaminarException(
                ErrorCode.SCHEMA_MISMATCH,
                "column \""
                    + field.name()
                    + "\" of lookup table \""
                    + name
                    + "\" is NOT NULL, but"
                    + " NULL is there.")
            .mend("Declare it without NOT NULL.");
      }
    }
  }
}
