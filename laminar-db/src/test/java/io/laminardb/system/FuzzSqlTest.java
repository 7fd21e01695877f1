package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.StatementResult;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Malformed and random SQL runs or is refused with a place; nothing of it stays behind. */
class FuzzSqlTest {
  private static final int STRINGS = 2_000;

  private static final List<String> STATEMENTS =
      List.of(
          "CREATE SOURCE x (a INT, ts BIGINT) WITH (watermark = 'ts')",
          "CREATE STREAM x AS SELECT k, SUM(v) AS s FROM t WHERE v > 1 GROUP BY k, tumble(ts, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE",
          "CREATE MATERIALIZED VIEW x AS SELECT k, COUNT(*) AS n, AVG(v) AS a FROM t GROUP BY k HAVING COUNT(*) > 2",
          "CREATE STREAM x AS SELECT CASE WHEN v = 1 THEN 'a' ELSE k END AS c, v + 1 AS w FROM t WHERE k LIKE 'a%' AND v IN (1, 2)",
          "CREATE STREAM x AS SELECT k, MAX(v) AS m FROM t GROUP BY k, session(ts, INTERVAL '5' SECOND)",
          "CREATE STREAM x AS SELECT v FROM t UNION ALL SELECT v + 1 FROM t",
          "SELECT * FROM m ORDER BY n DESC LIMIT 3",
          "SELECT COUNT(*) AS c, 'x' || 'y' AS xy FROM m",
          "SHOW SOURCES",
          "DESCRIBE t",
          "EXPLAIN SELECT k FROM t WHERE v > 2",
          "DROP STREAM IF EXISTS x CASCADE",
          "INSERT INTO t VALUES ('a', 1, 2)");

  private static final List<String> WORDS =
      List.of(
          "SELECT",
          "FROM",
          "WHERE",
          "GROUP BY",
          "(",
          ")",
          ",",
          "*",
          "t",
          "m",
          "k",
          "v",
          "ts",
          "tumble(ts, INTERVAL '1' SECOND)",
          "INTERVAL",
          "'",
          "\"",
          "1",
          "NULL",
          "AS",
          ";",
          "--",
          "/*",
          "${",
          "}",
          "CREATE",
          "STREAM",
          "x",
          "EMIT",
          "CHANGES",
          "=",
          "<",
          "AND",
          "NOT",
          "CASE",
          "END",
          "\u0000",
          "é",
          "𝄞",
          "1e999",
          "99999999999999999999",
          "CAST(",
          "OVER",
          "JOIN",
          "WITH (");

  @Test
  void randomStringsRunOrAreRefusedAndLeaveNothing() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.start();
      db.execute("CREATE SOURCE t (k VARCHAR, v INT, ts BIGINT)");
      db.execute("CREATE MATERIALIZED VIEW m AS SELECT k, COUNT(*) AS n FROM t GROUP BY k");
      String before = catalog(db);
      for (int n = 0; n < STRINGS; n++) {
        String sql = sql(random);
        assertTimeoutPreemptively(
            Duration.ofSeconds(60), () -> tryOut(db, sql), "seed " + seed + " hangs: " + sql);
        for (String statement :
            List.of(
                "DROP STREAM IF EXISTS x CASCADE",
                "DROP MATERIALIZED VIEW IF EXISTS x CASCADE",
                "DROP SOURCE IF EXISTS x CASCADE")) {
          try {
            db.execute(statement);
          } catch (LaminarException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_NOT_FOUND);
          }
        }
        if (n % 100 == 0) {
          dropOthers(db);
          assertThat(catalog(db)).as("seed %d, after %s", seed, sql).isEqualTo(before);
        }
      }
      dropOthers(db);
      assertThat(catalog(db)).as("seed %d", seed).isEqualTo(before);
    } // close() refuses to leak
  }

  private static void tryOut(LaminarDB db, String sql) {
    try {
      for (StatementResult result : db.execute(sql)) {
        if (result.hasRows()) {
          result.rows().close();
        }
      }
    } catch (LaminarException e) {
      assertThat(e.code()).as("%s: %s", sql, e.getMessage()).isNotEqualTo(ErrorCode.INTERNAL_ERROR);
      assertThat(e.getMessage()).startsWith(e.code().name());
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("not a LaminarException for: " + sql, e);
    }
  }

  /** Names that mutations made up. */
  private static void dropOthers(LaminarDB db) {
    for (String kind : List.of("STREAM", "MATERIALIZED VIEW", "SOURCE")) {
      try (Rows rows = db.query("SHOW " + kind + "S")) {
        for (Row row : rows.drain()) {
          String name = row.getString("name");
          if (!name.equals("t") && !name.equals("m")) {
            db.execute(
                "DROP " + kind + " IF EXISTS \"" + name.replace("\"", "\"\"") + "\" CASCADE");
          }
        }
      }
    }
  }

  private static String catalog(LaminarDB db) {
    StringBuilder text = new StringBuilder();
    for (String kind : List.of("SOURCES", "STREAMS", "MATERIALIZED VIEWS", "SINKS", "QUERIES")) {
      try (Rows rows = db.query("SHOW " + kind)) {
        for (Row row : rows.drain()) {
          text.append(kind).append(' ').append(row.getString("name")).append('\n');
        }
      }
    }
    return text.toString();
  }

  private static String sql(Random random) {
    if (random.nextInt(4) == 0) {
      StringBuilder words = new StringBuilder();
      int count = random.nextInt(20);
      for (int i = 0; i < count; i++) {
        words.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
      }
      return words.toString();
    }
    StringBuilder sql = new StringBuilder(STATEMENTS.get(random.nextInt(STATEMENTS.size())));
    int mutations = random.nextInt(4);
    for (int i = 0; i < mutations && !sql.isEmpty(); i++) {
      int at = random.nextInt(sql.length());
      switch (random.nextInt(5)) {
        case 0 -> sql.deleteCharAt(at);
        case 1 -> sql.insert(at, " " + WORDS.get(random.nextInt(WORDS.size())) + " ");
        case 2 -> sql.setCharAt(at, (char) (32 + random.nextInt(95)));
        case 3 -> sql.setLength(at);
        default ->
            sql.insert(at, sql.substring(at, Math.min(sql.length(), at + random.nextInt(12))));
      }
    }
    return sql.toString();
  }
}
