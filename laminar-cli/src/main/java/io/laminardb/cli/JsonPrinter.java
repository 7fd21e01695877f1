package io.laminardb.cli;

import io.laminardb.Row;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Schema;
import java.io.PrintWriter;

/**
 * JSON lines: numbers and booleans as such, NULL as null, everything else as a string; so are NaN
 * and the infinities, which JSON has no numbers for.
 */
final class JsonPrinter implements ResultPrinter {
  private final PrintWriter out;
  private final VisibleColumns columns;
  private final boolean weights;

  JsonPrinter(PrintWriter out, Schema schema, boolean weights) {
    this.out = out;
    this.columns = new VisibleColumns(schema);
    this.weights = weights;
  }

  @Override
  public void print(Row row) {
    StringBuilder line = new StringBuilder("{");
    for (int i = 0; i < columns.count(); i++) {
      line.append(i == 0 ? "" : ",");
      quote(line, columns.field(i).name()).append(':');
      value(line, row, i);
    }
    if (weights) {
      line.append(columns.count() == 0 ? "" : ",").append("\"__weight\":").append(row.weight());
    }
    out.println(line.append('}'));
  }

  private void value(StringBuilder line, Row row, int place) {
    String text = row.getString(columns.index(place));
    Kind kind = columns.field(place).type().kind();
    if (text == null) {
      line.append("null");
    } else if (kind == Kind.BOOLEAN) {
      line.append(row.getBoolean(columns.index(place)));
    } else if (VisibleColumns.isNumber(kind) && isJsonNumber(text)) {
      line.append(text);
    } else {
      quote(line, text);
    }
  }

  private static boolean isJsonNumber(String text) {
    char last = text.charAt(text.length() - 1);
    return last >= '0' && last <= '9';
  }

  static StringBuilder quote(StringBuilder line, String text) {
    line.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> line.append("\\\"");
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (c < ' ') {
            line.append(String.format("\\u%04x", (int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
    return line.append('"');
  }

  @Override
  public void flush() {
    out.flush();
  }

  @Override
  public void finish() {
    out.flush();
  }
}
