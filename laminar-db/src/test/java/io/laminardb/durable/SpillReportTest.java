package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import io.laminardb.core.runtime.Metrics;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of state that can leave memory, that has left, and that has to stay. */
class SpillReportTest {
  private static final String COLUMNS =
      " (k VARCHAR, v BIGINT, ts BIGINT NOT NULL, WATERMARK FOR ts)";
  private static final String SOURCES =
      "CREATE SOURCE a"
          + COLUMNS
          + "; CREATE SOURCE b"
          + COLUMNS
          + "; CREATE TABLE t (k VARCHAR PRIMARY KEY, v BIGINT)";
  private static final String NEAR =
      "SELECT a.k, a.v, b.v AS w FROM a JOIN b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + 1000000";

  @TempDir Path dir;

  /** EXPLAIN says "can spill" of as many operators as have asked where to. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT k, v + 1 AS w FROM a WHERE v > 1",
        "SELECT COUNT(*) AS c FROM a",
        "SELECT k, COUNT(DISTINCT v) AS c, STRING_AGG(k, ',') AS s FROM a GROUP BY k",
        "SELECT k, COUNT(*) AS c FROM a GROUP BY k EMIT EVERY INTERVAL '1' SECOND",
        "SELECT DISTINCT k FROM a",
        "SELECT k, COUNT(*) AS c FROM a GROUP BY k WITH (state_ttl = INTERVAL '1' HOUR)",
        "SELECT a.k, b.v FROM a JOIN b ON a.k = b.k WITH (state_ttl = INTERVAL '1' HOUR)",
        "SELECT k, SUM(v) AS s FROM a GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE)",
        "SELECT k, MAX(v) AS s FROM a GROUP BY k, CUMULATE(ts, INTERVAL '1' HOUR, INTERVAL '1' MINUTE)",
        "SELECT SUM(v) AS s FROM a GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
        "SELECT k, MIN(DISTINCT v) AS m FROM a GROUP BY k, HOP(ts, INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)",
        "SELECT k, SUM(DISTINCT v) AS m FROM a GROUP BY k, HOP(ts, INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)",
        "SELECT k, MODE(v) AS m, BIT_XOR(v) AS x, FIRST(v) AS f, ARRAY_AGG(v) AS g, APPROX_COUNT_DISTINCT(v) AS n"
            + " FROM a GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE)",
        "SELECT k, SUM(v) AS s FROM a GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE) EMIT CHANGES",
        "SELECT k, COUNT(*) AS c FROM a GROUP BY k, SESSION(ts, INTERVAL '3' SECOND)",
        "SELECT a.k, b.v FROM a JOIN b ON a.k = b.k",
        "SELECT a.k, b.v FROM a FULL JOIN b ON a.k = b.k AND a.v > b.v",
        "SELECT k FROM a WHERE NOT EXISTS (SELECT * FROM b WHERE a.k = b.k)",
        "SELECT a.k, b.v FROM a JOIN b ON a.v > b.v",
        NEAR,
        "SELECT a.k, b.v FROM a ASOF JOIN b MATCH_CONDITION(a.ts >= b.ts) ON a.k = b.k",
        "SELECT a.k, t.v FROM a JOIN t FOR SYSTEM_TIME AS OF PROCTIME() AS t ON a.k = t.k",
        "SELECT k, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS l FROM a",
        "SELECT k FROM a INTERSECT SELECT k FROM b",
        "SELECT x.k, x.c, y.c AS d FROM (SELECT k, COUNT(*) AS c FROM a GROUP BY k) x JOIN"
            + " (SELECT k, COUNT(*) AS c FROM b GROUP BY k) y ON x.k = y.k",
      })
  void explainSaysWhatOperatorsDo(String written) {
    for (String options : List.of("", " WITH (on_error = 'skip')")) {
      String query = written + (written.contains(" WITH (") ? "" : options);

      try (LaminarDB db = LaminarDB.builder().inline().spillDir(dir).build()) {
        db.execute(SOURCES);
        db.execute("CREATE STREAM q AS " + query);
        List<String> plan = Spilling.rows(db, "EXPLAIN q");
        List<Metrics.OperatorMetrics> operators = db.metrics().query("q").operators();
        assertThat(plan.stream().filter(line -> line.contains("; can spill")).count())
            .as("%s%n%s", options, plan)
            .isEqualTo(operators.stream().filter(Metrics.OperatorMetrics::canSpill).count());
        assertThat(plan)
            .filteredOn(line -> line.contains("-- state:") && !line.contains("-- state: none"))
            .allMatch(
                line -> line.contains("; can spill") || line.contains("; stays in memory, as "));
      }
    }
  }

  @Test
  void nothingIsSaidOfASnapshotWhoseStateEndsWithIt() {
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(SOURCES);
      assertThat(Spilling.rows(db, "EXPLAIN SELECT v, COUNT(*) AS c FROM t GROUP BY v"))
          .anyMatch(line -> line.contains("-- state: one row a group, until the query ends"))
          .noneMatch(line -> line.contains("spill") || line.contains("memory"));
    }
  }

  @Test
  void showQueriesCountsWhatIsOnDisk() {
    try (LaminarDB db = Spilling.shortOfMemory().spillDir(dir).build()) {
      db.execute(
          SOURCES
              + "; CREATE STREAM q AS SELECT a.k, COUNT(*) AS c FROM a JOIN b ON a.k = b.k GROUP BY a.k");
      db.start();
      Source source = db.source("a");
      for (long i = 0; i < 60_000; i++) {
        source.push("a key that is too long for its word " + i, i, i);
      }
      Metrics.QueryMetrics metrics = db.metrics().query("q");
      assertThat(metrics.failure()).isNull();
      assertThat(metrics.stateRows()).isEqualTo(60_000);
      assertThat(metrics.stateBytes()).isBetween(1L, 8L << 20);
      assertThat(metrics.spilledRows()).isBetween(1L, 60_000L);
      assertThat(metrics.spilledBytes()).isGreaterThan(50 * metrics.spilledRows());
      assertThat(Spilling.rows(db, "SHOW QUERIES LIKE 'q'"))
          .singleElement()
          .asString()
          .contains("state_bytes=" + metrics.stateBytes())
          .contains("spilled_rows=" + metrics.spilledRows())
          .contains("spilled_bytes=" + metrics.spilledBytes());
    }
  }

  @Test
  void anExhaustedBudgetNamesWhatCannotLeave() {
    try (LaminarDB db = Spilling.shortOfMemory().spillDir(dir).build()) {
      db.execute(
          SOURCES
              + "; CREATE STREAM pairs AS "
              + NEAR
              + "; CREATE STREAM per_key AS SELECT k, COUNT(*) AS c FROM a GROUP BY k");
      db.start();
      fill(db.source("a"));
      assertThat(db.metrics().query("pairs").failure())
          .startsWith("MEMORY_BUDGET_EXCEEDED")
          .containsPattern(
              "State that stays in memory: IntervalJoin of \"pairs\" \\(\\d{4} KiB\\)\\.")
          .endsWith(
              "Give the database a larger memoryBudget, or bound that state: EXPLAIN pairs says what holds it.");
      assertThat(db.metrics().query("per_key").failure()).isNull();
    }
  }

  @Test
  void anExhaustedBudgetTellsOfADirectoryThatWouldHelp() {
    try (LaminarDB db = Spilling.shortOfMemory().build()) {
      db.execute(
          SOURCES
              + "; CREATE STREAM joined AS SELECT a.k, b.v FROM a JOIN b ON a.k = b.k;"
              + " CREATE MATERIALIZED VIEW kept AS SELECT v FROM a");
      db.start();
      fill(db.source("a"));
      Metrics metrics = db.metrics();
      String failure =
          metrics.query("joined").failure() == null
              ? metrics.query("kept").failure()
              : metrics.query("joined").failure();
      assertThat(failure)
          .containsPattern("Join of \"joined\" \\(\\d{4} KiB\\)")
          .containsPattern("the result of \"kept\" \\(\\d+ KiB\\)")
          .contains(
              "or a directory to spill to (spillDir), where Join can put it, or bound that state");
    }
  }

  @Test
  void aStatementThatFindsNoMemoryLeftNamesWhoHasIt() {
    try (LaminarDB db =
        LaminarDB.builder().inline().memoryBudget(1 << 20).ringRows(256).batchRows(256).build()) {
      db.execute(SOURCES + "; CREATE STREAM pairs AS " + NEAR);
      db.start();
      Source source = db.source("a");
      for (long i = 0; i < 20_000 && db.memoryUse().engineBytes() < 600_000; i++) {
        source.push("a key that is too long for its word " + i, i, i);
      }
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 200; i++) {
                  db.execute(
                      "CREATE STREAM more" + i + " AS " + NEAR.replace("1000000", "100000" + i));
                }
              })
          .hasMessageStartingWith("MEMORY_BUDGET_EXCEEDED")
          .hasMessageContaining("IntervalJoin of \"pairs\" (");
    }
  }

  private static void fill(Source source) {
    for (long i = 0; i < 60_000; i++) {
      source.push("a key that is too long for its word " + i, i, i);
    }
  }
}
