package io.laminardb.oracle;

import io.laminardb.script.Content;
import io.laminardb.script.Content.Weighted;
import io.laminardb.script.Mode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Runs a case here and there, in a mode drawn from its seed, and compares. What forgets state as the
 * watermark moves runs a second time with all state kept to the end.
 */
final class OracleRun {
  private final DuckDb duckDb;
  private final int variant;

  OracleRun(DuckDb duckDb, int variant) {
    this.duckDb = duckDb;
    this.variant = variant;
  }

  /** What differs, or null. */
  String difference(OracleCase test) throws SQLException {
    List<Weighted> expected;
    try {
      expected = duckDb.answer(test);
    } catch (SQLException e) {
      if (e.getMessage().contains("Overflow in")) {
        return null; // a DECIMAL of 18 digits is its limit in some places
      }
      throw e;
    }
    try {
      String difference = Content.difference(expected, ours(test));
      OracleCase kept = test.withAllStateKept();
      if (difference != null || kept == null) {
        return difference;
      }
      difference = Content.difference(expected, ours(kept));
      return difference == null ? null : "with all state kept to the end:\n" + difference;
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private Mode mode(OracleCase test) {
    return Play.mode(new Random(test.seed() * 7919 + variant));
  }

  private List<Weighted> ours(OracleCase test) {
    try (Play play = new Play(mode(test), test.seed())) {
      play.execute(test.source());
      play.execute(test.create());
      play.follow("q");
      play.push("t", test.rows());
      play.end("t");
      List<Weighted> net = play.net();
      if (test.stream()) {
        return net;
      }
      List<Weighted> rows = play.query("SELECT * FROM q");
      String difference = Content.difference(net, rows);
      if (difference != null) {
        throw new IllegalStateException(
            "the view's content is not what its subscription adds up to: " + difference);
      }
      return rows;
    }
  }

  /** The case with as few rows as still show the difference (ddmin), as a script. */
  String shrink(OracleCase test) throws SQLException {
    List<Object[]> rows = new ArrayList<>(test.rows());
    int chunk = Math.max(1, rows.size() / 2);
    while (chunk >= 1 && !rows.isEmpty()) {
      boolean removed = false;
      for (int from = 0; from < rows.size(); ) {
        List<Object[]> fewer = new ArrayList<>(rows);
        fewer.subList(from, Math.min(rows.size(), from + chunk)).clear();
        if (difference(test.withRows(fewer)) != null) {
          rows = fewer;
          removed = true;
        } else {
          from += chunk;
        }
      }
      if (!removed) {
        chunk /= 2;
      }
    }
    OracleCase least = test.withRows(rows);
    StringBuilder text = new StringBuilder(least.script());
    String separator = "";
    for (Weighted row : duckDb.answer(least)) {
      text.append(separator);
      for (Object value : row.values()) {
        text.append(OracleCase.token(value)).append(' ');
      }
      separator = "| ";
    }
    return text + "\n# " + mode(test) + "\n" + difference(least);
  }
}
