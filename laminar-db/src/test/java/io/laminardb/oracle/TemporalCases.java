package io.laminardb.oracle;

import io.laminardb.oracle.StreamCase.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Joins with the version at an event time: {@code FOR SYSTEM_TIME AS OF}. Versions are worked out in
 * Java and looked up by DuckDB's ASOF join. No row is late.
 */
final class TemporalCases {
  private static final int DISORDER_MS = 300;

  private TemporalCases() {}

  static StreamCase generate(long seed) {
    Random random = StreamCase.random(seed);
    boolean upsert = random.nextInt(3) > 0;
    boolean two = random.nextInt(4) == 0;
    boolean left = random.nextBoolean();
    boolean changing = random.nextInt(4) == 0;
    boolean viewed = upsert && random.nextInt(4) == 0;
    String watermark = ", WATERMARK FOR ts AS ts - INTERVAL '0.4' SECOND)";
    String key = two ? "k, g" : "k";
    String on = two ? "o.k = r.k AND r.g = o.g" : "o.k = r.k";
    String more =
        switch (random.nextInt(4)) {
          case 0 -> " AND r.v > 3";
          case 1 -> " AND o.v <> r.v";
          default -> "";
        };
    List<String> statements = new ArrayList<>();
    statements.add(
        "CREATE SOURCE o (id INT, k VARCHAR, g INT, v INT, ts BIGINT"
            + watermark
            + (changing ? " WITH (changelog = 'retract')" : ""));
    statements.add(
        "CREATE SOURCE r (id INT, k VARCHAR, g INT, v INT, ts BIGINT, PRIMARY KEY ("
            + key
            + ")"
            + watermark
            + (upsert ? " WITH (changelog = 'upsert')" : " WITH (changelog = 'retract')"));
    if (viewed) {
      statements.add("CREATE MATERIALIZED VIEW versions AS SELECT k, g, v, id, ts FROM r");
    }
    String join = left ? "LEFT JOIN " : "JOIN ";
    String columns = "SELECT o.id AS i, o.k AS k, r.id AS j, r.v AS w, r.ts AS rts FROM o ";
    statements.add(
        (changing ? "CREATE MATERIALIZED VIEW q AS " : "CREATE STREAM q AS ")
            + columns
            + join
            + (viewed ? "versions" : "r")
            + " FOR SYSTEM_TIME AS OF o.ts AS r ON "
            + on
            + more);
    String asof =
        "SELECT o.id AS i, o.k AS k, r.id AS j, r.v AS w, r.ts AS rts FROM o "
            + (left ? "LEFT JOIN " : "JOIN ")
            + "(SELECT o.id AS oid, r.* FROM o ASOF JOIN r ON "
            + on
            + " AND o.ts >= r.ts) AS r ON r.oid = o.id AND NOT r.gone"
            + more;
    List<Change> changes = new ArrayList<>();
    List<Object[]> rows = rows(random, true);
    List<Change> orders =
        changing ? StreamCase.addedAndTakenBack("o", rows, random) : StreamCase.added("o", rows);
    List<Change> versions = versions(random, upsert, two);
    int[] next = new int[2];
    while (next[0] < orders.size() || next[1] < versions.size()) {
      List<Change> from = random.nextBoolean() ? orders : versions;
      int side = from == orders ? 0 : 1;
      for (int n = random.nextInt(8); n > 0 && next[side] < from.size(); n--) {
        changes.add(from.get(next[side]++));
      }
    }
    return new StreamCase(
        seed,
        statements,
        changes,
        (duckDb, made) -> {
          String table = " (id INT, k VARCHAR, g INT, v INT, ts BIGINT";
          duckDb.table("o", "CREATE TABLE o" + table + ")", StreamCase.content("o", made));
          duckDb.table("r", "CREATE TABLE r" + table + ", gone BOOLEAN)", held(made, two));
          return duckDb.query(asof);
        });
  }

  private static List<Change> versions(Random random, boolean upsert, boolean two) {
    List<Change> versions = new ArrayList<>();
    Map<Object, Change> present = new HashMap<>();
    for (Change change : StreamCase.added("r", rows(random, false))) {
      versions.add(change);
      present.put(key(change.row(), two), change);
      if (upsert && random.nextInt(6) == 0) {
        List<Change> all = new ArrayList<>(present.values());
        all.sort((a, b) -> Integer.compare(a.id(), b.id()));
        Change gone = all.get(random.nextInt(all.size()));
        present.remove(key(gone.row(), two));
        versions.add(new Change("r", gone.id(), gone.row(), (byte) -1));
      }
    }
    return versions;
  }

  private static Object key(Object[] row, boolean two) {
    return two ? List.of(row[1], row[2]) : row[1];
  }

  /** The last version of each key and time, ends included; a row and the next one can be an update. */
  private static List<Object[]> held(List<Change> made, boolean two) {
    List<Change> changes = made.stream().filter(c -> c.source().equals("r")).toList();
    Map<Object, Object[]> versions = new HashMap<>();
    long greatest = Long.MIN_VALUE;
    for (int i = 0; i < changes.size(); i++) {
      Object[] row = changes.get(i).row();
      boolean gone = changes.get(i).weight() < 0;
      greatest = Math.max(greatest, (Long) row[4]);
      boolean update =
          gone
              && i + 1 < changes.size()
              && key(changes.get(i + 1).row(), two).equals(key(row, two));
      if (!update) {
        Object from = gone ? (Object) greatest : row[4];
        versions.put(
            List.of(key(row, two), from),
            new Object[] {row[0], row[1], row[2], row[3], from, gone});
      }
    }
    return new ArrayList<>(versions.values());
  }

  private static List<Object[]> rows(Random random, boolean nulls) {
    List<Object[]> rows = new ArrayList<>();
    int count = random.nextInt(nulls ? 60 : 40);
    int step = 1 + random.nextInt(50);
    for (int i = 0; i < count; i++) {
      boolean noKey = nulls && random.nextInt(10) == 0;
      rows.add(
          new Object[] {
            i,
            noKey ? null : "the key number " + random.nextInt(4),
            random.nextInt(2),
            nulls && random.nextInt(10) == 0 ? null : (Object) random.nextInt(8),
            1_000_000L + (long) i * step - random.nextInt(DISORDER_MS)
          });
    }
    return rows;
  }
}
