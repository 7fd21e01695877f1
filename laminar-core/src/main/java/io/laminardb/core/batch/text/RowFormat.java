package io.laminardb.core.batch.text;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Utf8;
import java.util.stream.IntStream;

/**
 * Writes rows of one schema as lines of text. Hidden columns are left out; rows of a changelog get
 * their weight (1 or -1) as a last column {@value #WEIGHT_COLUMN}. One thread.
 */
public abstract class RowFormat {
  /** The column that carries the weight of a changelog's row. */
  public static final String WEIGHT_COLUMN = "__weight";

  final int[] columns;
  final String[] names;
  final boolean weighted;
  final Utf8 view = new Utf8();

  RowFormat(Schema schema) {
    columns = visible(schema);
    names = new String[columns.length];
    for (int i = 0; i < columns.length; i++) {
      names[i] = schema.field(columns[i]).name();
    }
    weighted = schema.isChangelog();
  }

  /** The indexes of the columns that are not hidden. */
  static int[] visible(Schema schema) {
    return IntStream.range(0, schema.size()).filter(i -> !schema.field(i).hidden()).toArray();
  }

  /**
   * CSV as RFC 4180 says, with a line feed behind each row: what is NULL is {@code nullText}, and a
   * text that could be taken for it is quoted.
   */
  public static RowFormat csv(Schema schema, char delimiter, char quote, String nullText) {
    return new CsvRowFormat(schema, delimiter, quote, nullText);
  }

  /** One JSON object a line; a NULL is {@code null}. */
  public static RowFormat json(Schema schema) {
    return new JsonRowFormat(schema);
  }

  /** Columns side by side for people to read; a changelog's rows begin with + or -. */
  public static RowFormat aligned(Schema schema) {
    return new AlignedRowFormat(schema);
  }

  /** Appends the line above the first row, if this format has one. */
  public abstract void appendHeader(TextWriter out);

  /** Appends one row as a line. */
  public abstract void appendRow(Batch batch, int row, TextWriter out);

  /** Appends a value that is not NULL, without quotes; ISO 8601 for times, hex for binary. */
  static void appendValue(Column column, int row, Utf8 view, TextWriter out) {
    DataType type = column.type();
    switch (type.kind()) {
      case BOOLEAN -> out.appendBoolean(column.getBoolean(row));
      case TINYINT, SMALLINT, INTEGER, BIGINT -> out.appendLong(column.getLong(row));
      case REAL -> out.appendFloat((float) column.getDouble(row));
      case DOUBLE -> out.appendDouble(column.getDouble(row));
      case DECIMAL ->
          out.appendDecimal(column.getDecimalLow(row), column.getDecimalHigh(row), type.scale());
      case VARCHAR -> {
        column.getBytes(row, view);
        out.appendBytes(view.address, view.length);
      }
      case VARBINARY -> {
        column.getBytes(row, view);
        out.appendHex(view.address, view.length);
      }
      case DATE -> out.appendDate(column.getLong(row));
      case TIME -> out.appendTime(column.getLong(row), type.precision());
      case TIMESTAMP, TIMESTAMP_LTZ -> out.appendTimestamp(column.getLong(row), type, 'T');
      case ARRAY, MAP, ROW -> {
        column.getBytes(row, view);
        NestedText.append(type, view, out);
      }
    }
  }
}
