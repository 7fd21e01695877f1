package io.laminardb.cli;

import io.laminardb.Row;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The latest results of one stream. The reactor adds, the screen reads. */
final class DemoPanel {
  private static final int KEPT = 30;

  private final String name;
  private final String title;
  private final Deque<Row> latest = new ArrayDeque<>();
  private long rowCount;

  DemoPanel(String name, String title) {
    this.name = name;
    this.title = title;
  }

  String name() {
    return name;
  }

  String title() {
    return title;
  }

  /** Takes a result; the row is copied. */
  synchronized void add(Row row) {
    rowCount++;
    latest.addLast(row.copy());
    if (latest.size() > KEPT) {
      latest.removeFirst();
    }
  }

  /** How many results came so far. */
  synchronized long rowCount() {
    return rowCount;
  }

  /** At most {@code count} results, the latest last. */
  synchronized List<Row> latest(int count) {
    List<Row> rows = new ArrayList<>(latest);
    return rows.subList(Math.max(0, rows.size() - count), rows.size());
  }
}
