package io.laminardb.oracle;

import static org.assertj.core.api.Assertions.fail;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.TestAccess;
import io.laminardb.script.Content;
import io.laminardb.script.Content.Weighted;
import io.laminardb.script.Feeder;
import io.laminardb.script.Mode;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

/**
 * Random interval and ASOF joins over random rows with disorder, ties and NULLs, against DuckDB. {@code
 * -Dlaminar.oracle.seed=n} repeats a run, {@code -Dlaminar.oracle.cases=n} says how many cases.
 */
class TimeJoinOracleTest {
  private static final int CASES = Integer.getInteger("laminar.oracle.cases", 600);
  private static final int DISORDER_MS = 400;
  private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

  /**
   * @param query ours
   * @param oracle the same for DuckDB
   */
  private record Case(
      boolean timestamps, String query, String oracle, List<Object[]> left, List<Object[]> right) {
    String table(String name) {
      String type = timestamps ? "TIMESTAMP" : "BIGINT";
      return "TABLE " + name + " (id INT, k VARCHAR, ts " + type + ", v INT)";
    }

    String source(String name) {
      return "CREATE"
          + table(name).replace("TABLE", " SOURCE")
          + " WITH (watermark = 'ts', allowed_lateness = INTERVAL '"
          + DISORDER_MS / 1000.0
          + "' SECOND)";
    }
  }

  @Test
  void joinsByTimeEndWithTheAnswerOfABatchEngine() throws SQLException {
    long first = Long.getLong("laminar.oracle.seed", System.nanoTime() & 0xffffff);
    StringBuilder report = new StringBuilder();
    try (DuckDb duckDb = new DuckDb()) {
      for (long seed = first; seed < first + CASES && report.length() < 4_000; seed++) {
        Case test = generate(new Random(seed));
        duckDb.table("l", "CREATE " + test.table("l"), test.left());
        duckDb.table("r", "CREATE " + test.table("r"), test.right());
        List<Weighted> expected = duckDb.query(test.oracle());
        String difference;
        try {
          difference = Content.difference(expected, ours(test, new Random(seed)));
        } catch (RuntimeException e) {
          difference = e.toString();
        }
        if (difference != null) {
          report.append("seed ").append(seed).append(": ").append(test.query()).append('\n');
          report.append(test.oracle()).append('\n').append(difference).append("\n\n");
        }
      }
    }
    if (!report.isEmpty()) {
      fail(report.toString());
    }
  }

  private static List<Weighted> ours(Case test, Random random) {
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
        db.execute(test.source("l"));
        db.execute(test.source("r"));
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

  // ---- cases

  private static Case generate(Random random) {
    boolean timestamps = random.nextBoolean();
    String[] query =
        switch (random.nextInt(5)) {
          case 0, 1 -> intervalJoin(random, timestamps);
          case 2 -> exists(random, timestamps);
          default -> asofJoin(random, timestamps);
        };
    String create = random.nextBoolean() ? "STREAM q AS " : "MATERIALIZED VIEW q AS ";
    String emit = random.nextInt(4) == 0 ? " EMIT CHANGES" : "";
    return new Case(
        timestamps,
        create + query[0] + emit,
        query[1],
        rows(random, timestamps),
        rows(random, timestamps));
  }

  private static List<Object[]> rows(Random random, boolean timestamps) {
    List<Object[]> rows = new ArrayList<>();
    int count = random.nextInt(150);
    int step = 1 + random.nextInt(40);
    for (int i = 0; i < count; i++) {
      long millis = Math.max(0, (long) i * step - random.nextInt(DISORDER_MS - step)) + 1_000_000;
      Object time = timestamps ? EPOCH.plusNanos(millis * 1_000_000) : (Object) millis;
      rows.add(
          new Object[] {
            i,
            random.nextInt(8) == 0 ? null : "key number " + random.nextInt(4),
            random.nextInt(20) == 0 ? null : time,
            random.nextInt(6) == 0 ? null : random.nextInt(10)
          });
    }
    return rows;
  }

  private static String key(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> "TRUE";
      case 1 -> "l.k IS NOT DISTINCT FROM r.k";
      default -> "l.k = r.k";
    };
  }

  /** {@code r.ts BETWEEN l.ts + lower AND l.ts + upper}: how we and how DuckDB write it. */
  private static String[] between(Random random, boolean timestamps) {
    int lower = random.nextInt(600) - 400;
    int upper = lower + random.nextInt(500) - 40;
    String oracle =
        "r.ts >= "
            + moved("l.ts", lower, timestamps)
            + " AND r.ts <= "
            + moved("l.ts", upper, timestamps);
    String ours =
        switch (random.nextInt(4)) {
          case 0 ->
              "r.ts BETWEEN " + moved("l.ts", lower, true) + " AND " + moved("l.ts", upper, true);
          case 1 ->
              moved("r.ts", -lower, true) + " >= l.ts AND l.ts >= " + moved("r.ts", -upper, true);
          case 2 ->
              "r.ts > "
                  + moved("l.ts", lower - 1, timestamps)
                  + " AND "
                  + moved("r.ts", -upper - 1, timestamps)
                  + " < l.ts";
          default ->
              "r.ts - l.ts >= " + interval(lower) + " AND l.ts - r.ts >= " + interval(-upper);
        };
    // Nothing is finer than a millisecond here.
    return new String[] {ours, oracle};
  }

  private static String moved(String time, int millis, boolean interval) {
    return interval
        ? time + " + " + interval(millis)
        : time + (millis < 0 ? " - " + -millis : " + " + millis);
  }

  private static String interval(int millis) {
    String seconds =
        String.format(
            java.util.Locale.ROOT, "%d.%03d", Math.abs(millis) / 1000, Math.abs(millis) % 1000);
    return "INTERVAL '" + (millis < 0 ? "-" : "") + seconds + "' SECOND";
  }

  private static String[] intervalJoin(Random random, boolean timestamps) {
    String type = List.of("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN").get(random.nextInt(4));
    String key = key(random);
    String[] between = between(random, timestamps);
    String more =
        switch (random.nextInt(4)) {
          case 0 -> " AND l.v <> r.v";
          case 1 -> " AND l.v < 7";
          default -> "";
        };
    String[] both = new String[2];
    for (int i = 0; i < 2; i++) {
      both[i] =
          "SELECT l.id AS a, l.k AS ak, l.ts AS ats, r.id AS b, r.v AS bv FROM l "
              + type
              + " r ON "
              + key
              + " AND "
              + between[i]
              + more;
    }
    return both;
  }

  private static String[] exists(Random random, boolean timestamps) {
    String[] between = between(random, timestamps);
    String not = random.nextBoolean() ? "" : "NOT ";
    String[] both = new String[2];
    for (int i = 0; i < 2; i++) {
      both[i] =
          "SELECT id, v FROM l WHERE "
              + not
              + "EXISTS (SELECT 1 FROM r WHERE r.k = l.k AND "
              + between[i]
              + ")";
    }
    return both;
  }

  /** What is asked of the right row is its time, as which one of a time is the nearest is free. */
  private static String[] asofJoin(Random random, boolean timestamps) {
    String operator = List.of(">=", ">", "<=", "<").get(random.nextInt(4));
    boolean back = operator.startsWith(">");
    String key = random.nextInt(3) == 0 ? "TRUE" : "l.k = r.k";
    int within = random.nextBoolean() ? -1 : random.nextInt(300);
    String distance = back ? "l.ts - r.ts" : "r.ts - l.ts";
    String tolerance = within < 0 ? "" : " AND " + distance + " <= " + interval(within);
    String ours =
        "SELECT l.id AS a, l.ts AS ats, r.ts AS bts FROM l ASOF JOIN r MATCH_CONDITION(l.ts "
            + operator
            + " r.ts"
            + tolerance
            + ") ON "
            + key;
    String near =
        timestamps
            ? "epoch_ms(" + (back ? "l" : "r") + ".ts) - epoch_ms(" + (back ? "r" : "l") + ".ts)"
            : distance;
    String value = within < 0 ? "r.ts" : "CASE WHEN " + near + " <= " + within + " THEN r.ts END";
    String oracle =
        "SELECT l.id AS a, l.ts AS ats, "
            + value
            + " AS bts FROM l ASOF LEFT JOIN r ON "
            + key.replace("TRUE", "1 = 1")
            + " AND l.ts "
            + operator
            + " r.ts";
    return new String[] {ours, oracle.replace("1 = 1 AND ", "")};
  }
}
