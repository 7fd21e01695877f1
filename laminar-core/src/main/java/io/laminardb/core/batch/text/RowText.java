package io.laminardb.core.batch.text;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.memory.Utf8;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/** A row in words, for people who look for the one that failed. */
public final class RowText {
  private RowText() {}

  /** All columns of a row: {@code (a = 1, b = 'x')}. */
  public static String of(Batch batch, int row) {
    return of(batch, row, IntStream.range(0, batch.schema().size()).boxed().toList());
  }

  /** Some columns of a row. */
  public static String of(Batch batch, int row, List<Integer> columns) {
    StringBuilder text = new StringBuilder(64).append('(');
    for (int column : columns) {
      if (text.length() > 1) {
        text.append(", ");
      }
      text.append(batch.schema().field(column).name()).append(" = ");
      append(text, batch.column(column), row);
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
