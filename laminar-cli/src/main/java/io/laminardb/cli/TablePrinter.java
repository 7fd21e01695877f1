package io.laminardb.cli;

import io.laminardb.Row;
import io.laminardb.core.batch.Schema;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Aligned columns: numbers to the right, NULL told from the text "NULL" by its colour, a line break
 * in a value shown as {@code \n}. Widths come from the first rows; a wider value later moves its own
 * line only, so that memory does not grow with the result.
 */
final class TablePrinter implements ResultPrinter {
  private static final int LOOK_AHEAD = 1_000;

  private final PrintWriter out;
  private final VisibleColumns columns;
  private final boolean weights;
  private final Look look;
  private final int[] widths;
  private final List<String[]> kept = new ArrayList<>();
  private boolean headed;
  private long rowCount;

  TablePrinter(PrintWriter out, Schema schema, boolean weights, Look look) {
    this.out = out;
    this.columns = new VisibleColumns(schema);
    this.weights = weights;
    this.look = look;
    this.widths = new int[columns.count()];
  }

  @Override
  public void print(Row row) {
    String[] cells = new String[columns.count() + 1];
    for (int i = 0; i < columns.count(); i++) {
      String text = row.getString(columns.index(i));
      cells[i] = text == null ? null : oneLine(text);
    }
    cells[columns.count()] = row.weight() < 0 ? "-" : "+";
    rowCount++;
    kept.add(cells);
    if (headed || kept.size() >= LOOK_AHEAD) {
      flush();
    }
  }

  @Override
  public void flush() {
    if (!headed && !kept.isEmpty()) {
      head();
    }
    kept.forEach(this::line);
    kept.clear();
    out.flush();
  }

  @Override
  public void finish() {
    if (!headed) {
      head();
    }
    flush();
    String count = String.format(Locale.ROOT, "%,d", rowCount) + (rowCount == 1 ? " row" : " rows");
    out.println(look.dim("(" + count + ")"));
    out.flush();
  }

  private void head() {
    headed = true;
    StringBuilder names = new StringBuilder(weights ? "   " : " ");
    StringBuilder below = new StringBuilder(weights ? look.rowLine().repeat(2) : "");
    for (int i = 0; i < columns.count(); i++) {
      String name = oneLine(columns.field(i).name());
      widths[i] = TextWidth.of(name);
      for (String[] cells : kept) {
        widths[i] = Math.max(widths[i], TextWidth.of(cells[i] == null ? "NULL" : cells[i]));
      }
      boolean last = i == columns.count() - 1;
      names.append(look.bold(last && !columns.isNumber(i) ? name : align(i, name)));
      names.append(last ? "" : " " + look.columnLine() + " ");
      below.append(look.rowLine().repeat(widths[i] + 2)).append(last ? "" : look.cross());
    }
    out.println(names);
    out.println(below);
  }

  private void line(String[] cells) {
    StringBuilder line = new StringBuilder(" ");
    if (weights) {
      String sign = cells[columns.count()];
      line.append(sign.equals("-") ? look.red(sign) : look.green(sign)).append(' ');
    }
    for (int i = 0; i < columns.count(); i++) {
      boolean last = i == columns.count() - 1;
      String text = cells[i] == null ? "NULL" : cells[i];
      String cell = last && !columns.isNumber(i) ? text : align(i, text);
      line.append(cells[i] == null ? look.dim(cell) : cell);
      line.append(last ? "" : " " + look.columnLine() + " ");
    }
    out.println(line);
  }

  private String align(int column, String text) {
    return columns.isNumber(column)
        ? TextWidth.padLeft(text, widths[column])
        : TextWidth.padRight(text, widths[column]);
  }

  /** Control characters would break the columns, or the terminal. */
  private static String oneLine(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> shown.append("\\n");
                case '\r' -> shown.append("\\r");
                case '\t' -> shown.append("\\t");
                default -> {
                  if (Character.isISOControl(c)) {
                    shown.append(String.format("\\x%02x", c));
                  } else {
                    shown.appendCodePoint(c);
                  }
                }
              }
            });
    return shown.toString();
  }
}
