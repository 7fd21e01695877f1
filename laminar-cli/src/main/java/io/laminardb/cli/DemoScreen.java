package io.laminardb.cli;

import io.laminardb.Row;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lays out one frame of the demo as lines that fit the terminal. */
final class DemoScreen {
  /**
   * What a frame shows besides results.
   *
   * @param rowsRead rows read so far
   * @param rowsTotal rows there are
   * @param lateRows rows that came behind the watermark
   * @param watermark the watermark as text, or null before the first row
   * @param elapsedNs since the start, in nanoseconds
   */
  record Progress(long rowsRead, long rowsTotal, long lateRows, String watermark, long elapsedNs) {
    double rowsPerSecond() {
      return elapsedNs <= 0 ? 0 : rowsRead * 1e9 / elapsedNs;
    }
  }

  /** A block of results: its heading and its rows, all of one schema. */
  record Block(String heading, String note, List<Row> rows) {}

  private static final int HEAD_LINES = 2;

  private final Look look;

  DemoScreen(Look look) {
    this.look = look;
  }

  /** How many rows of each of {@code blocks} blocks fit a frame of this height; at least 1. */
  static int rowsPerBlock(int blocks, int height) {
    int roomy = (height - HEAD_LINES) / blocks - 3;
    return roomy >= 2 ? roomy : Math.max(1, (height - HEAD_LINES) / blocks - 2);
  }

  /** The frame; no line is wider than {@code width}, and there are at most {@code height}. */
  List<String> frame(Progress progress, List<Block> blocks, int width, int height) {
    List<String> lines = new ArrayList<>();
    lines.add(bar(progress, width));
    lines.add(status(progress));
    int rows = rowsPerBlock(blocks.size(), height);
    boolean roomy = HEAD_LINES + blocks.size() * (rows + 3) <= height;
    for (Block block : blocks) {
      if (roomy) {
        lines.add("");
      }
      lines.add(look.bold(look.cyan(block.heading())) + "  " + look.dim(block.note()));
      lines.addAll(table(block.rows(), rows));
    }
    return lines.stream().limit(height).map(line -> TextWidth.cut(line, width)).toList();
  }

  private String bar(Progress progress, int width) {
    double done = Math.min(1.0, (double) progress.rowsRead() / Math.max(1, progress.rowsTotal()));
    int cells = Math.max(10, Math.min(50, width - 45));
    int full = (int) (done * cells);
    String bar =
        look.unicode()
            ? look.green("█".repeat(full)) + look.dim("░".repeat(cells - full))
            : "[" + "#".repeat(full) + ".".repeat(cells - full) + "]";
    return bar
        + String.format(
            Locale.ROOT,
            " %3.0f %%  %,d of %,d flights",
            Math.floor(done * 100),
            progress.rowsRead(),
            progress.rowsTotal());
  }

  private String status(Progress progress) {
    String watermark = progress.watermark() == null ? "none yet" : progress.watermark();
    String dot = " " + look.dim(look.dot()) + " ";
    return "watermark "
        + look.bold(watermark)
        + dot
        + String.format(Locale.ROOT, "%,d late", progress.lateRows())
        + dot
        + String.format(Locale.ROOT, "%,.0f rows/s", progress.rowsPerSecond());
  }

  /** Names and rows; always {@code count} + 1 lines, so that nothing jumps. */
  List<String> table(List<Row> rows, int count) {
    List<String> lines = new ArrayList<>();
    if (!rows.isEmpty()) {
      List<Row> shown = rows.subList(Math.max(0, rows.size() - count), rows.size());
      lines.addAll(align(shown));
    }
    while (lines.size() < count + 1) {
      lines.add("");
    }
    return lines;
  }

  private List<String> align(List<Row> rows) {
    VisibleColumns columns = new VisibleColumns(rows.get(0).schema());
    List<StringBuilder> lines = new ArrayList<>();
    for (int i = 0; i <= rows.size(); i++) {
      lines.add(new StringBuilder());
    }
    for (int c = 0; c < columns.count(); c++) {
      int column = c;
      List<String> cells = new ArrayList<>();
      cells.add(columns.field(c).name());
      rows.forEach(row -> cells.add(cell(row, columns.index(column))));
      int width = cells.stream().mapToInt(TextWidth::of).max().orElse(0);
      for (int i = 0; i < cells.size(); i++) {
        String cell = cells.get(i);
        String padded =
            columns.isNumber(c) ? TextWidth.padLeft(cell, width) : TextWidth.padRight(cell, width);
        lines.get(i).append("  ").append(i == 0 ? look.dim(padded) : padded);
      }
    }
    return lines.stream().map(StringBuilder::toString).toList();
  }

  /** For a glance: one decimal, thousands apart, times to the minute. */
  static String cell(Row row, int column) {
    if (row.isNull(column)) {
      return "NULL";
    }
    Schema schema = row.schema();
    DataType type = schema.field(column).type();
    return switch (type.kind()) {
      case REAL, DOUBLE -> String.format(Locale.ROOT, "%,.1f", row.getDouble(column));
      case TINYINT, SMALLINT, INTEGER, BIGINT ->
          String.format(Locale.ROOT, "%,d", row.getLong(column));
      case TIMESTAMP, TIMESTAMP_LTZ -> minute(row.getString(column));
      default -> row.getString(column);
    };
  }

  /** {@code 2001-01-01 10:00} of a longer text. */
  static String minute(String timestamp) {
    String text = timestamp.replace('T', ' ');
    return text.length() > 16 ? text.substring(0, 16) : text;
  }
}
