package io.laminardb.oracle;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** First rows in an order, of changing rows: FETCH FIRST, WITH TIES, LIMIT and OFFSET. */
final class TopCases {
  private static final String COLUMNS =
      "id INT, k VARCHAR, v INT, d DECIMAL(10, 2), z TIMESTAMP(3) WITH LOCAL TIME ZONE";

  private TopCases() {}

  static StreamCase generate(long seed) {
    Random random = StreamCase.random(seed);
    boolean changelog = random.nextBoolean();
    List<String> keys = new ArrayList<>();
    for (int n = 1 + random.nextInt(2); n > 0; n--) {
      keys.add(
          List.of("k", "v", "d", "z", "MOD(v, 3)", "d > 1").get(random.nextInt(6))
              + List.of("", " DESC").get(random.nextInt(2))
              + List.of("", "", " NULLS FIRST").get(random.nextInt(3)));
    }
    String order = String.join(", ", keys);
    int first = 1 + random.nextInt(6);
    int offset = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0;
    String where = random.nextInt(3) == 0 ? " WHERE v <> 2" : "";
    String rows = "SELECT id, k, v, d, z FROM t" + where;
    String ranked = rows + " QUALIFY %s OVER (ORDER BY " + order + "%s) %s";
    String ours;
    String oracle;
    if (random.nextBoolean()) {
      ours = rows + " ORDER BY " + order + " FETCH FIRST " + first + " ROWS WITH TIES";
      oracle = ranked.formatted("RANK()", "", "<= " + first);
    } else {
      String from = offset == 0 ? "" : " OFFSET " + offset + " ROWS";
      ours =
          rows
              + " ORDER BY "
              + order
              + ", id"
              + (random.nextBoolean()
                  ? from + " FETCH NEXT " + first + " ROWS ONLY"
                  : " LIMIT " + first + (offset == 0 ? "" : " OFFSET " + offset));
      oracle =
          ranked.formatted(
              "ROW_NUMBER()", ", id", "BETWEEN " + (offset + 1) + " AND " + (offset + first));
    }
    String above =
        switch (random.nextInt(4)) {
          case 0 -> "SELECT k, COUNT(*) AS n, SUM(d) AS s, MAX(z) AS m FROM (%s) AS s GROUP BY k";
          case 1 -> "SELECT id, v FROM t WHERE id NOT IN (SELECT id FROM (%s) AS s)";
          default -> "%s";
        };
    String query = above.formatted(ours);
    String asked = above.formatted(oracle);
    List<Object[]> drawn = new ArrayList<>();
    for (int id = 0, count = random.nextInt(40); id < count; id++) {
      drawn.add(row(random, id));
    }
    return new StreamCase(
        seed,
        List.of(
            "CREATE SOURCE t ("
                + COLUMNS
                + ")"
                + (changelog ? " WITH (changelog = 'retract')" : ""),
            "CREATE MATERIALIZED VIEW q AS " + query),
        changelog ? StreamCase.addedAndTakenBack("t", drawn, random) : StreamCase.added("t", drawn),
        (duckDb, changes) -> {
          String columns = COLUMNS.replace("TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMPTZ");
          duckDb.table("t", "CREATE TABLE t (" + columns + ")", StreamCase.content("t", changes));
          return duckDb.query(asked);
        });
  }

  private static Object[] row(Random random, int id) {
    Object[] row = {
      id,
      "the key number " + random.nextInt(4),
      random.nextInt(6),
      BigDecimal.valueOf(25L * (random.nextInt(8) - 2), 2),
      Instant.ofEpochMilli(1_709_000_000_000L + 250L * random.nextInt(6))
    };
    for (int c = 1; c < row.length; c++) {
      row[c] = random.nextInt(7) == 0 ? null : row[c];
    }
    return row;
  }
}
