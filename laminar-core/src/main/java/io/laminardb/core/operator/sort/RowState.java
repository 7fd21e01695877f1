package io.laminardb.core.operator.sort;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;

/** Rows of a batch to state bytes and back. */
final class RowState {
  private RowState() {}

  static void write(Batch batch, int row, StateWriter writer) {
    for (int i = 0; i < batch.schema().size(); i++) {
      Column column = batch.column(i);
      boolean isNull = column.isNull(row);
      writer.putByte(isNull ? 0 : 1);
      if (isNull) {
        continue;
      }
      switch (column.type().kind()) {
        case REAL, DOUBLE -> writer.putLong(Double.doubleToRawLongBits(column.getDouble(row)));
        case DECIMAL -> {
          writer.putLong(column.getDecimalLow(row));
          writer.putLong(column.getDecimalHigh(row));
        }
        case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
          long at = column.offsetsAddress() + ((long) row << 2);
          int start = Memory.getInt(at);
          int length = Memory.getInt(at + 4) - start;
          writer.putInt(length);
          writer.putBytes(column.dataAddress() + start, length);
        }
        default -> writer.putLong(column.getLong(row));
      }
    }
  }

  /** Reads a row to the end of {@code batch}. */
  static void read(Batch batch, StateReader reader) {
    int row = batch.rowCount();
    for (int i = 0; i < batch.schema().size(); i++) {
      Column column = batch.column(i);
      if (reader.getByte() == 0) {
        column.setNull(row);
        continue;
      }
      switch (column.type().kind()) {
        case REAL, DOUBLE -> column.putDouble(row, Double.longBitsToDouble(reader.getLong()));
        case DECIMAL -> column.putDecimal(row, reader.getLong(), reader.getLong());
        case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
          byte[] bytes = reader.getBytes(reader.getInt());
          column.putBytes(row, bytes, 0, bytes.length);
        }
        default -> column.putLong(row, reader.getLong());
      }
    }
    batch.endRow();
  }
}
