package io.laminardb.oracle;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.TestAccess;
import io.laminardb.script.Content;
import io.laminardb.script.Content.Weighted;
import io.laminardb.script.Feeder;
import io.laminardb.script.Mode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

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
    Random random = new Random(test.seed() * 7919 + variant);
    Mode.Feed feed = Mode.Feed.values()[random.nextInt(Mode.Feed.values().length)];
    return new Mode(feed, random.nextInt(3) == 0, random.nextInt(6) == 0, random.nextInt(4) == 0);
  }

  private List<Weighted> ours(OracleCase test) {
    Mode mode = mode(test);
    try (BufferAllocator allocator = new RootAllocator()) {
      LaminarDB.Builder builder = LaminarDB.builder();
      if (!mode.threaded()) {
        builder.inline();
      }
      if (mode.tiny()) {
        builder.ringRows(4).batchRows(2);
      }
      try (LaminarDB db = builder.build()) {
        db.start();
        db.execute(test.source());
        db.execute(test.create());
        Subscription subscription = db.subscribe("q");
        Source source = db.source("t");
        Random random = new Random(test.seed());
        Feeder feeder =
            new Feeder(
                mode,
                random,
                allocator,
                () -> {
                  if (mode.rebuild() && random.nextInt(4) == 0) {
                    db.sync();
                    TestAccess.rebuildState(db);
                  }
                });
        feeder.push(source, test.rows());
        source.end();
        db.sync();
        List<Weighted> net = Content.net(Content.of(subscription.drain()));
        if (test.stream()) {
          return net;
        }
        try (Rows content = db.query("SELECT * FROM q")) {
          List<Weighted> rows = new ArrayList<>();
          for (Row row : content.drain()) {
            rows.add(new Weighted(Content.values(row), 1));
          }
          String difference = Content.difference(net, rows);
          if (difference != null) {
            throw new IllegalStateException(
                "the view's content is not what its subscription adds up to: " + difference);
          }
          return rows;
        }
      }
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
