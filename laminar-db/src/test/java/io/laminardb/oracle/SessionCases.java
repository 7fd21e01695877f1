package io.laminardb.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Sessions over a changelog: rows that are taken back leave them shorter, in two, or not at all. */
final class SessionCases {
  private static final String COLUMNS = "id INT, k VARCHAR, v INT, ts BIGINT";

  private SessionCases() {}

  static StreamCase generate(long seed) {
    Random random = StreamCase.random(seed);
    long gap = 100L * (1 + random.nextInt(15));
    String key = random.nextInt(3) == 0 ? "" : "k, ";
    String measures =
        List.of(
                "COUNT(*) AS n, SUM(v) AS s",
                "MIN(v) AS l, MAX(id) AS h",
                "COUNT(DISTINCT v) AS n, MAX(ts) - MIN(ts) AS d",
                "ARRAY_AGG(id ORDER BY id) AS ids")
            .get(random.nextInt(4));
    String having = random.nextInt(4) == 0 ? " HAVING COUNT(*) > 1" : "";
    String where = random.nextInt(4) == 0 ? " WHERE v <> 2" : "";
    String select = "SELECT " + key + "window_start, window_end, " + measures + " FROM ";
    List<Object[]> rows = new ArrayList<>();
    for (int id = 0, count = random.nextInt(60); id < count; id++) {
      rows.add(
          new Object[] {
            id,
            random.nextInt(8) == 0 ? null : "the key number " + random.nextInt(3),
            random.nextInt(8) == 0 ? null : (Object) random.nextInt(6),
            random.nextInt(15) == 0 ? null : (Object) (100_000L + 100 * random.nextInt(150))
          });
    }
    String partition = key.isEmpty() ? "" : "PARTITION BY k ";
    String windows =
        "(SELECT *, MIN(ts) OVER s AS window_start, MAX(ts) OVER s + %d AS window_end FROM"
                .formatted(gap)
            + " (SELECT *, SUM(new) OVER (%sORDER BY ts) AS session FROM".formatted(partition)
            + " (SELECT *, CASE WHEN ts - LAG(ts) OVER (%sORDER BY ts) <= %d THEN 0 ELSE 1 END"
                .formatted(partition, gap)
            + " AS new FROM t"
            + (where.isEmpty() ? " WHERE" : where + " AND")
            + " ts IS NOT NULL)) WINDOW s AS (PARTITION BY "
            + key
            + "session))";
    String create =
        List.of("STREAM q AS %s EMIT CHANGES", "STREAM q AS %s", "MATERIALIZED VIEW q AS %s")
            .get(random.nextInt(3));
    String query =
        select
            + "t"
            + where
            + " GROUP BY "
            + key
            + "session(ts, INTERVAL '%d.%03d' SECOND)".formatted(gap / 1000, gap % 1000)
            + having;
    String oracle = select + windows + " GROUP BY " + key + "window_start, window_end" + having;
    return new StreamCase(
        seed,
        List.of(
            "CREATE SOURCE t ("
                + COLUMNS
                + ", WATERMARK FOR ts AS ts - INTERVAL '20' SECOND) WITH (changelog = 'retract')",
            "CREATE " + create.formatted(query)),
        StreamCase.addedAndTakenBack("t", rows, random),
        (duckDb, changes) -> {
          duckDb.table("t", "CREATE TABLE t (" + COLUMNS + ")", StreamCase.content("t", changes));
          return duckDb.query(oracle);
        });
  }
}
