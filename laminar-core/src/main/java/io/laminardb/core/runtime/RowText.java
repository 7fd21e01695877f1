package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.text.NestedText;
import io.laminardb.core.memory.Utf8;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** A row in words, for people who look for the one that failed. */
final class RowText {
  private RowText() {}

  static String of(Batch batch, int row) {
    StringBuilder text = new StringBuilder(64).append('(');
    for (int i = 0; i < batch.schema().size(); i++) {
      if (i > 0) {
        text.append(", ");
      }
      text.append(batch.schema().field(i).name()).append(" = ");
      append(text, batch.column(i), row);
    }
    return text.append(')').toString();
  }

  private static void append(StringBuilder text, Column column, int row) {
    if (column.isNull(row)) {
      text.append("NULL");
      return;
    }
    switch (column.type().kind()) {
      case BOOLEAN -> text.append(column.getBoolean(row));
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          text.append(column.getLong(row));
      case REAL, DOUBLE -> text.append(column.getDouble(row));
      case DECIMAL -> {
        byte[] bytes =
            ByteBuffer.allocate(16)
                .putLong(column.getDecimalHigh(row))
                .putLong(column.getDecimalLow(row))
                .array();
        text.append(new BigDecimal(new BigInteger(bytes), column.type().scale()).toPlainString());
      }
      case VARCHAR -> text.append('\'').append(bytes(column, row)).append('\'');
      case VARBINARY -> text.append(bytes(column, row).length).append(" bytes");
      case ARRAY, MAP, ROW -> text.append(NestedText.of(column.type(), bytes(column, row)));
    }
  }

  private static Utf8 bytes(Column column, int row) {
    Utf8 view = new Utf8();
    column.getBytes(row, view);
    return view;
  }
}
