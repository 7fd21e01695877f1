package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Values of columns as the objects that a {@link io.laminardb.core.connector.LookupReader} takes and gives. */
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

  /** Appends a row to a batch that has room for it. */
  static void append(Object[] values, Batch batch) {
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
        BigInteger unscaled = ((BigDecimal) value).setScale(column.type().scale()).unscaledValue();
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
