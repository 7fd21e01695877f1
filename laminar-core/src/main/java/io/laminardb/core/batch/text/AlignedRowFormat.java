package io.laminardb.core.batch.text;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import java.nio.charset.StandardCharsets;

/** Columns side by side. A column is as wide as its type asks for, and widens with what it holds. */
final class AlignedRowFormat extends RowFormat {
  private static final byte[] NULL = "NULL".getBytes(StandardCharsets.US_ASCII);

  private final int[] widths;
  private final boolean[] right;

  AlignedRowFormat(Schema schema) {
    super(schema);
    widths = new int[columns.length];
    right = new boolean[columns.length];
    for (int i = 0; i < columns.length; i++) {
      DataType type = schema.field(columns[i]).type();
      widths[i] = Math.max(names[i].codePointCount(0, names[i].length()), typicalWidth(type));
      right[i] =
          switch (type.kind()) {
            case TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, DECIMAL -> true;
            default -> false;
          };
    }
  }

  @Override
  public void appendHeader(TextWriter out) {
    out.appendString(weighted ? "  " : "");
    for (int i = 0; i < columns.length; i++) {
      int start = out.length();
      out.appendString(names[i]);
      endCell(out, start, i);
    }
    out.appendByte('\n');
  }

  @Override
  public void appendRow(Batch batch, int row, TextWriter out) {
    if (weighted) {
      out.appendByte(batch.weight(row) < 0 ? '-' : '+').appendByte(' ');
    }
    for (int i = 0; i < columns.length; i++) {
      int start = out.length();
      Column column = batch.column(columns[i]);
      if (column.isNull(row)) {
        out.appendUtf8(NULL);
      } else {
        appendValue(column, row, view, out);
      }
      endCell(out, start, i);
    }
    out.appendByte('\n');
  }

  private void endCell(TextWriter out, int start, int cell) {
    int characters = 0;
    for (int i = start; i < out.length(); i++) {
      byte b = out.bytes()[i];
      if (b >= 0 && b < ' ') {
        out.bytes()[i] = ' '; // a line break in a text would break the table
      }
      characters += (b & 0xc0) == 0x80 ? 0 : 1;
    }
    widths[cell] = Math.max(widths[cell], characters);
    boolean last = cell == columns.length - 1;
    if (right[cell]) {
      out.padLeft(start, widths[cell] - characters);
    } else if (!last) {
      out.pad(widths[cell] - characters);
    }
    if (!last) {
      out.pad(2);
    }
  }

  private static int typicalWidth(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> 5;
      case TINYINT, SMALLINT -> 6;
      case INTEGER, BIGINT -> 8;
      case REAL, DOUBLE, DECIMAL -> 10;
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> 8;
      case DATE -> 10;
      case TIME -> 9 + type.precision();
      case TIMESTAMP, TIMESTAMP_LTZ -> 20 + type.precision();
    };
  }
}
