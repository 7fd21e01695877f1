package io.laminardb.oracle;

import static org.assertj.core.api.Assertions.fail;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/**
 * Random joins, subqueries and set operations over changing sources, against DuckDB. {@code
 * -Dlaminar.oracle.seed=n} repeats a run, {@code -Dlaminar.oracle.joins=n} says how many cases.
 */
class JoinOracleTest {
  private static final int CASES = Integer.getInteger("laminar.oracle.joins", 2000);

  @Test
  void changesOfJoinsAddUpToTheAnswerOfABatchEngine() throws SQLException {
    long first = Long.getLong("laminar.oracle.seed", System.nanoTime() & 0xffffff);
    int failures = 0;
    StringBuilder report = new StringBuilder();
    try (DuckDb duckDb = new DuckDb()) {
      JoinRun run = new JoinRun(duckDb);
      for (int n = 0; n < CASES && failures < 5; n++) {
        JoinCase test = JoinCase.generate(first + n);
        if (run.difference(test) != null) {
          failures++;
          report.append(run.shrink(test)).append("\n\n");
        }
      }
    }
    if (failures > 0) {
      fail("first seed %d, %d failures%n%s", first, failures, report);
    }
  }
}
