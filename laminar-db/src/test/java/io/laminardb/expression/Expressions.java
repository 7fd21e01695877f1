package io.laminardb.expression;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscription;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;

/** Evaluates expressions through SQL, in one database. */
final class Expressions implements AutoCloseable {
  private final LaminarDB db = LaminarDB.builder().inline().build();

  Expressions() {
    db.start();
  }

  LaminarDB db() {
    return db;
  }

  /** {@code SELECT expression}. */
  Object constant(String expression) {
    try (Rows rows = db.query("SELECT " + expression)) {
      return value(rows.iterator().next());
    }
  }

  /** The first column; of a nested type as its JSON text, which prints without quotes. */
  private static Object value(Row row) {
    return row.columns().get(0).type().isNested() && !row.isNull(0)
        ? new StringBuilder(row.getString(0))
        : row.getObject(0);
  }

  /**
   * {@code SELECT expression FROM s} as a stream over a source of the given columns, of its only row.
   *
   * @param columns such as {@code a INTEGER, b VARCHAR}
   */
  Object streamed(String columns, List<Object> values, String expression) {
    db.execute("CREATE SOURCE s (" + columns + ")");
    try {
      db.execute("CREATE STREAM q AS SELECT " + expression + " AS result FROM s");
      try (Subscription results = db.subscribe("q")) {
        db.source("s").push(values.toArray());
        db.sync();
        List<Row> rows = results.drain();
        if (rows.isEmpty()) {
          throw new AssertionError("no row came out of " + expression);
        }
        return value(rows.get(0));
      }
    } finally {
      db.execute("DROP SOURCE s CASCADE");
    }
  }

  /** A value as the page of functions prints it. */
  static String print(Object value) {
    if (value == null) {
      return "NULL";
    } else if (value instanceof String text) {
      return "'" + text + "'";
    } else if (value instanceof LocalDateTime time) {
      return time.toLocalDate() + " " + print(time.toLocalTime());
    } else if (value instanceof LocalTime time) {
      String text = time.toString();
      return text.length() == 5 ? text + ":00" : text;
    } else if (value instanceof Boolean) {
      return value.toString().toUpperCase(java.util.Locale.ROOT);
    }
    return value.toString();
  }

  @Override
  public void close() {
    db.close();
  }
}
