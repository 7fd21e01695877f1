package io.laminardb.cli;

import io.laminardb.Row;
import io.laminardb.core.batch.Schema;
import java.io.PrintWriter;

/** RFC 4180 with a line of names. NULL is the empty field, an empty string is {@code ""}. */
final class CsvPrinter implements ResultPrinter {
  private final PrintWriter out;
  private final VisibleColumns columns;
  private final boolean weights;

  CsvPrinter(PrintWriter out, Schema schema, boolean weights) {
    this.out = out;
    this.columns = new VisibleColumns(schema);
    this.weights = weights;
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < columns.count(); i++) {
      names.append(i == 0 ? "" : ",").append(field(columns.field(i).name()));
    }
    out.println(names.append(weights ? ",__weight" : ""));
  }

  @Override
  public void print(Row row) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < columns.count(); i++) {
      line.append(i == 0 ? "" : ",").append(field(row.getString(columns.index(i))));
    }
    if (weights) {
      line.append(',').append(row.weight());
    }
    out.println(line);
  }

  private static String field(String text) {
    if (text == null) {
      return "";
    }
    boolean quoted = text.isEmpty() || text.chars().anyMatch(CsvPrinter::needsQuotes);
    return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }

  private static boolean needsQuotes(int character) {
    return character == ',' || character == '"' || character == '\n' || character == '\r';
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
