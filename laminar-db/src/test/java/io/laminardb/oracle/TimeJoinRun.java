package io.laminardb.oracle;

import io.laminardb.LaminarDB;
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
 * Runs a case here, with state forgotten as time goes on and with all of it kept to the end, and there,
 * and compares.
 */
final class TimeJoinRun {
  private final DuckDb duckDb;

  TimeJoinRun(DuckDb duckDb) {
    this.duckDb = duckDb;
  }

  /** What differs, or null. */
  String difference(TimeJoinCase test) throws SQLException {
    List<Weighted> expected = expected(test);
    try {
      String difference = Content.difference(expected, ours(test, true));
      if (difference != null) {
        return difference;
      }
      difference = Content.difference(expected, ours(test, false));
      return difference == null ? null : "with all state kept to the end:\n" + difference;
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private List<Weighted> expected(TimeJoinCase test) throws SQLException {
    duckDb.table("l", test.table("l"), test.left());
    duckDb.table("r", test.table("r"), test.right());
    return duckDb.query(test.oracle());
  }

  private static List<Weighted> ours(TimeJoinCase test, boolean collected) {
    Random random = new Random(test.seed());
    Mode.Feed feed = Mode.Feed.values()[random.nextInt(4)];
    Mode mode =
        new Mode(feed, random.nextInt(3) == 0, random.nextInt(6) == 0, random.nextInt(3) == 0);
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
        db.execute(test.source("l", collected));
        db.execute(test.source("r", collected));
        db.execute("CREATE " + test.query());
        Subscription subscription = db.subscribe("q");
        List<List<Object[]>> rows = List.of(test.left(), test.right());
        List<Source> sources = List.of(db.source("l"), db.source("r"));
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
        int[] next = new int[2];
        while (next[0] < test.left().size() || next[1] < test.right().size()) {
          int side = random.nextInt(2);
          int to = Math.min(rows.get(side).size(), next[side] + 1 + random.nextInt(30));
          if (to > next[side]) {
            feeder.push(sources.get(side), rows.get(side).subList(next[side], to));
            next[side] = to;
          }
        }
        int firstEnd = random.nextInt(2);
        sources.get(firstEnd).end();
        sources.get(1 - firstEnd).end();
        db.sync();
        return Content.net(Content.of(subscription.drain()));
      }
    }
  }

  /** The case with as few rows as still show the difference, as a script. */
  String shrink(TimeJoinCase test) throws SQLException {
    TimeJoinCase least = test;
    for (int chunk = Math.max(1, test.left().size() + test.right().size());
        chunk >= 1;
        chunk /= 2) {
      for (int side = 0; side < 2; side++) {
        for (int from = 0; from < (side == 0 ? least.left() : least.right()).size(); ) {
          List<Object[]> left = new ArrayList<>(least.left());
          List<Object[]> right = new ArrayList<>(least.right());
          List<Object[]> rows = side == 0 ? left : right;
          rows.subList(from, Math.min(rows.size(), from + chunk)).clear();
          TimeJoinCase fewer = least.with(left, right);
          if (difference(fewer) != null) {
            least = fewer;
          } else {
            from += chunk;
          }
        }
      }
    }
    StringBuilder text = new StringBuilder(least.script());
    String separator = "";
    for (Weighted row : expected(least)) {
      text.append(separator);
      for (Object value : row.values()) {
        text.append(OracleCase.token(value)).append(' ');
      }
      separator = "| ";
    }
    return text + "\n" + difference(least);
  }
}
