package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries for which there is no memory: wherever it ends while they are made, nothing is left behind. */
class MemoryBudgetTest {
  private static final long STEP = 64;
  private static final long MOST = 4 << 20;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT k, v + 1 AS w FROM a WHERE v > 1",
        "SELECT k, COUNT(*) AS c, MAX(v) AS m, STRING_AGG(k, ',') AS s FROM a GROUP BY k",
        "SELECT k, SUM(v) AS s FROM a GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE)",
        "SELECT k, AVG(v) AS s FROM a GROUP BY k, HOP(ts, INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)",
        "SELECT k, COUNT(*) AS c FROM a GROUP BY k, SESSION(ts, INTERVAL '3' SECOND)",
        "SELECT a.k, b.v FROM a JOIN b ON a.k = b.k",
        "SELECT a.k, b.v FROM a JOIN b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '2' SECOND AND a.ts",
        "SELECT a.k, b.v FROM a ASOF JOIN b MATCH_CONDITION(a.ts >= b.ts) ON a.k = b.k",
        "SELECT a.k, t.v FROM a JOIN t FOR SYSTEM_TIME AS OF PROCTIME() AS t ON a.k = t.k",
        "SELECT k, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS l FROM a",
        "SELECT k, v FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v) AS r FROM a) AS x"
            + " WHERE r <= 2",
        "SELECT DISTINCT k FROM a",
        "SELECT k FROM a INTERSECT SELECT k FROM b",
      })
  void aQueryThatCannotBeMadeTakesNothing(String query) {
    long sources = sourceBytes();
    long bytes = STEP;
    while (bytes < MOST && isRefused(query, sources + bytes)) {
      bytes += Math.max(STEP, bytes / 5);
    }
    assertThat(bytes).isBetween(STEP + 1, MOST);
  }

  /** Whether a query is refused where the budget is so many bytes. */
  private static boolean isRefused(String query, long budget) {
    try (LaminarDB db = small().memoryBudget(budget).build()) {
      define(db);
      long before = db.memoryUse().engineBytes();
      try {
        db.execute("CREATE STREAM q AS " + query);
        return false;
      } catch (LaminarException e) {
        assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.MEMORY_BUDGET_EXCEEDED);
        assertThat(db.memoryUse().engineBytes()).isEqualTo(before);
        return true;
      }
    }
  }

  private static LaminarDB.Builder small() {
    return LaminarDB.builder().inline().ringRows(16).batchRows(16);
  }

  private static long sourceBytes() {
    try (LaminarDB db = small().build()) {
      define(db);
      return db.memoryUse().engineBytes();
    }
  }

  private static void define(LaminarDB db) {
    String columns = " (k VARCHAR, v BIGINT, ts BIGINT NOT NULL, WATERMARK FOR ts)";
    db.execute("CREATE SOURCE a" + columns);
    db.execute("CREATE SOURCE b" + columns);
    db.execute("CREATE TABLE t (k VARCHAR PRIMARY KEY, v BIGINT)");
  }
}
