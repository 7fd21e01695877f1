package io.laminardb.durable;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A random program of a seed: queries over two sources, a table and a table outside, and steps that write to them. Every
 * row a step writes carries the number of the step, and what a step does beside is done again without
 * harm: so a program goes on behind the last step that a database has kept, whichever that is.
 */
final class Program {
  /**
   * A query, and what it may be changed to and back: {@code {}} stands for nothing, or for the other
   * clause; null where it stays.
   */
  private record Query(String text, String other) {
    String create(String how, String name, boolean changed) {
      return "CREATE " + how + text.replace("{}", changed ? other : "").formatted(name);
    }
  }

  private static final List<Query> QUERIES =
      List.of(
          new Query(
              "MATERIALIZED VIEW %s AS SELECT k, COUNT(*) AS c, SUM(v) AS s, MIN(v) AS lo, MAX(v) AS hi"
                  + " FROM a GROUP BY k{}",
              " HAVING COUNT(*) %% 3 > 0"),
          new Query(
              "STREAM %s AS SELECT k, SUM(v) AS s, COUNT(*) AS c FROM a GROUP BY k, tumble(ts, INTERVAL"
                  + " '10' SECOND){}",
              " HAVING COUNT(*) > 1"),
          new Query(
              "STREAM %s AS SELECT k, MAX(v) AS m FROM b{} GROUP BY k, hop(ts, INTERVAL '20' SECOND,"
                  + " INTERVAL '5' SECOND)",
              " WHERE v > 5"),
          new Query(
              "STREAM %s AS SELECT k, COUNT(*) AS c FROM a GROUP BY k, session(ts, INTERVAL '3' SECOND)",
              null),
          new Query(
              "STREAM %s AS SELECT k, COUNT(*) AS c, SUM(v) AS s FROM b GROUP BY k, tumble(ts, INTERVAL"
                  + " '10' SECOND){} EMIT CHANGES",
              " HAVING SUM(v) > 20"),
          new Query(
              "MATERIALIZED VIEW %s AS SELECT a.k, a.v, b.v AS w FROM a JOIN b ON a.k = b.k AND a.v = b.v",
              null),
          new Query(
              "STREAM %s AS SELECT a.k, a.n, b.n{} AS m FROM a JOIN b ON a.k = b.k AND b.ts BETWEEN a.ts -"
                  + " INTERVAL '2' SECOND AND a.ts",
              " + 0"),
          new Query(
              "STREAM %s AS SELECT a.n, b.v FROM a ASOF JOIN b MATCH_CONDITION(a.ts >= b.ts) ON a.k = b.k",
              null),
          new Query(
              "STREAM %s AS SELECT k, v, LAG(v) OVER (PARTITION BY k ORDER BY ts){} AS before FROM a",
              " + 1"),
          new Query(
              "MATERIALIZED VIEW %s AS SELECT k, v, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k"
                  + " ORDER BY v DESC, n) AS r FROM b) AS t WHERE r <= 2{}",
              " AND v > 10"),
          new Query("MATERIALIZED VIEW %s AS SELECT DISTINCT k, v %% 7 AS r FROM a", null),
          new Query(
              "MATERIALIZED VIEW %s AS SELECT t.name, SUM(a.v) AS s FROM a JOIN t ON a.k = t.k GROUP BY"
                  + " t.name{}",
              " HAVING SUM(a.v) > 30"),
          new Query(
              "MATERIALIZED VIEW %s AS SELECT k, STRING_AGG(name, ',' ORDER BY name) AS names,"
                  + " COUNT(DISTINCT name) AS c FROM t{} GROUP BY k",
              " WHERE n %% 2 = 0"),
          new Query(
              "STREAM %s AS SELECT a.n, p.place FROM a LEFT JOIN places AS p ON a.k = p.k AND p.least <"
                  + " a.v",
              null),
          new Query(
              "MATERIALIZED VIEW %s AS SELECT p.place, COUNT(*) AS c, MAX(b.n) AS n FROM b JOIN places"
                  + " AS p ON b.k = p.k GROUP BY p.place{}",
              " HAVING COUNT(*) > 2"),
          new Query(
              "STREAM %s AS SELECT k, MEDIAN(v) AS m, ARRAY_AGG(v) AS all_v FROM b GROUP BY k, tumble(ts,"
                  + " INTERVAL '15' SECOND)",
              null),
          new Query(
              "STREAM %s AS SELECT * FROM a MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts, n MEASURES A.n AS"
                  + " first_n, LAST(UP.n) AS last_n, SUM(UP.v) AS s PATTERN (A UP+) WITHIN INTERVAL '20'"
                  + " SECOND DEFINE UP AS v > PREV(v)){}",
              " WHERE s > 30"),
          new Query(
              "STREAM %s AS SELECT k, n, SUM(v) OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '5'"
                  + " SECOND PRECEDING){} AS s FROM b",
              " + 1"),
          new Query(
              "MATERIALIZED VIEW %s AS SELECT a.k, a.v, t.name FROM a LEFT JOIN t ON a.k = t.k AND a.v > t.n %% 50",
              null),
          new Query("MATERIALIZED VIEW %s AS SELECT k, v FROM a EXCEPT SELECT k, v FROM b", null),
          new Query(
              "MATERIALIZED VIEW %s AS SELECT t.k, t.name, b.v FROM t FULL JOIN b ON t.k = b.k AND t.n %% 50 = b.v",
              null));

  private static final String SINK =
      "CREATE %s written INTO FILES (path = '${WRITTEN}', mode = 'append', format = 'csv') AS SELECT n,"
          + " k, v FROM (SELECT n, k, v FROM a UNION ALL SELECT n, k, v FROM b) AS both_of_them WHERE v > %d";

  private final long seed;
  private final List<String> names = new ArrayList<>();
  private final List<Query> queries;

  Program(long seed) {
    this(seed, QUERIES, 3);
  }

  /** A smaller one, all of which is done on the thread that pushes: it asks no other database. */
  static Program inline(long seed) {
    return new Program(seed, QUERIES.stream().filter(query -> !asks(query)).toList(), 1);
  }

  /**
   * @param least so many of the queries are drawn, or up to two more
   */
  private Program(long seed, List<Query> all, int least) {
    this.seed = seed;
    List<Query> shuffled = new ArrayList<>(all);
    Random random = new Random(seed);
    Collections.shuffle(shuffled, random);
    queries = shuffled.subList(0, least + random.nextInt(3));
    queries.forEach(query -> names.add("q" + names.size()));
  }

  /** Whether a query reads a table of another database. */
  private static boolean asks(Query query) {
    return query.text.contains("JOIN places");
  }

  /**
   * Whether a reactor thread does the work. Then rows of one source may overtake those of another on
   * their way: results are the same in the end, and come in some order.
   */
  boolean isThreaded() {
    return Math.floorMod(seed, 4) == 0;
  }

  /** Whether its database keeps what came in, so that queries that are changed are rebuilt from it. */
  boolean retainsHistory() {
    return Math.floorMod(seed, 3) == 0;
  }

  /**
   * Whether it has a sink, which adds rows with their steps to the file that the variable {@code WRITTEN}
   * names: each step one at most.
   */
  boolean writes() {
    return Math.floorMod(seed, 5) < 2;
  }

  /** The streams and views of the program's own. */
  List<String> names() {
    return names;
  }

  /** Those that hold rows to be asked for. */
  List<String> views() {
    List<String> views = new ArrayList<>(List.of("last", "t"));
    for (int i = 0; i < names.size(); i++) {
      if (queries.get(i).text.startsWith("MATERIALIZED VIEW")) {
        views.add(names.get(i));
      }
    }
    return views;
  }

  /** Makes what is not there yet. */
  void define(LaminarDB db) {
    String columns =
        "(n BIGINT NOT NULL, k VARCHAR, v BIGINT, ts BIGINT NOT NULL, WATERMARK FOR ts)";
    db.execute("CREATE SOURCE IF NOT EXISTS a " + columns);
    db.execute("CREATE SOURCE IF NOT EXISTS b " + columns);
    db.execute("CREATE TABLE IF NOT EXISTS t (k VARCHAR PRIMARY KEY, name VARCHAR, n BIGINT)");
    if (queries.stream().anyMatch(Program::asks)) {
      db.execute(
          "CREATE LOOKUP TABLE IF NOT EXISTS places (k VARCHAR, place VARCHAR, least BIGINT) FROM JDBC"
              + " (url = 'jdbc:h2:mem:places', query = 'SELECT * FROM (VALUES (''k0'', ''here'', 10),"
              + " (''k0'', ''there'', 20), (''k1'', ''nowhere'', 0), (''k3'', ''here'', 25), (''a key"
              + " that is longer than others'', ''a place that is longer than others'', 5)) AS v (k,"
              + " place, least)', cache_rows = 3, cache_ttl = '20 ms')");
    }
    db.execute(
        "CREATE MATERIALIZED VIEW IF NOT EXISTS last AS SELECT MAX(n) AS n FROM (SELECT n FROM a UNION"
            + " ALL SELECT n FROM b UNION ALL SELECT n FROM t) AS rows_of_steps");
    for (int i = 0; i < queries.size(); i++) {
      db.execute(queries.get(i).create("", "IF NOT EXISTS " + names.get(i), false));
    }
    if (writes()) {
      db.execute(SINK.formatted("SINK IF NOT EXISTS", 5));
    }
  }

  /** The number of the last step that the database has kept; -1 for none. */
  static int last(LaminarDB db) {
    List<Row> held = drain(db.query("SELECT n FROM last"));
    return held.isEmpty() || held.get(0).isNull(0) ? -1 : (int) held.get(0).getLong(0);
  }

  /** The step to go on with; none behind the end. */
  static int next(LaminarDB db) {
    return db.metrics().source("a").ended() ? Integer.MAX_VALUE : last(db) + 1;
  }

  /**
   * Does a step.
   *
   * @return whether it has written a row, by which {@link #last} knows it
   */
  boolean step(LaminarDB db, int number) {
    Random random = new Random(seed * 1_000_003 + number);
    Source source = db.source(random.nextBoolean() ? "a" : "b");
    long time = number * 400L + random.nextInt(3_000) - 1_500;
    switch (random.nextInt(12)) {
      case 0 -> {
        source.watermark(time - 5_000);
        return false;
      }
      case 1 -> {
        return write(db, key(random), "name" + random.nextInt(5), number, random);
      }
      case 2 -> {
        if (random.nextInt(4) == 0) {
          db.execute("CREATE MATERIALIZED VIEW IF NOT EXISTS extra AS SELECT COUNT(*) AS c FROM t");
        } else if (random.nextInt(4) == 0) {
          db.execute("DROP MATERIALIZED VIEW IF EXISTS extra");
        }
        push(source, number, random, time);
      }
      case 3 -> {
        if (random.nextInt(4) == 0) {
          replace(db, random);
        }
        push(source, number, random, time);
      }
      default -> push(source, number, random, time);
    }
    return true;
  }

  /** Writes to the table; a change may find nothing to be written. */
  private static boolean write(LaminarDB db, String key, String name, long number, Random random) {
    switch (random.nextInt(6)) {
      case 0 -> db.execute("INSERT OR REPLACE INTO t VALUES (?, ?, ?)", key, name, number);
      case 1 -> {
        String update = "UPDATE t SET name = ?, n = ? WHERE n % 3 = ? RETURNING k";
        return !drain(db.prepare(update).query(name, number, random.nextInt(3))).isEmpty();
      }
      case 2 -> {
        // Not what was written last, by which the last step is known.
        db.execute("DELETE FROM t WHERE k = ? AND n < ?", key, number - 20);
        db.table("t").upsert(key, name, number);
      }
      default -> db.table("t").upsert(key, name, number);
    }
    return true;
  }

  private static List<Row> drain(Rows rows) {
    try (rows) {
      return rows.drain();
    }
  }

  /** Changes a query, or does not, once all that was pushed is taken in. */
  private void replace(LaminarDB db, Random random) {
    int which = random.nextInt(queries.size());
    boolean changed = random.nextBoolean() && queries.get(which).other() != null;
    db.sync();
    db.execute(queries.get(which).create("OR REPLACE ", names.get(which), changed));
    if (writes()) {
      db.execute(SINK.formatted("OR REPLACE SINK", random.nextInt(10)));
    }
  }

  private static void push(Source source, int number, Random random, long time) {
    Long value = random.nextInt(20) == 0 ? null : (long) random.nextInt(50);
    source.push((long) number, key(random), value, time);
  }

  private static String key(Random random) {
    int key = random.nextInt(7);
    return key == 6 ? "a key that is longer than others" : "k" + key;
  }

  /** Ends the input, where that has not been done before. */
  static void end(LaminarDB db) {
    for (String source : List.of("a", "b")) {
      if (!db.metrics().source(source).ended()) {
        db.source(source).end();
      }
    }
    db.sync();
  }
}
