package io.laminardb.oracle;

import static org.assertj.core.api.Assertions.fail;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/**
 * Random queries over random rows, against DuckDB. {@code -Dlaminar.oracle.seed=n} repeats a run,
 * {@code -Dlaminar.oracle.cases=n} says how many cases.
 */
class OracleTest {
  private static final int CASES = Integer.getInteger("laminar.oracle.cases", 6000);
  private static final int ROW_SETS = 3;

  @Test
  void streamsEndWithTheAnswerOfABatchEngine() throws SQLException {
    long first = FirstSeed.get();
    int failures = 0;
    StringBuilder report = new StringBuilder();
    try (DuckDb duckDb = new DuckDb()) {
      for (int n = 0; n < CASES && failures < 5; n++) {
        OracleCase test = OracleCase.generate(first + n / ROW_SETS, n % ROW_SETS);
        OracleRun run = new OracleRun(duckDb, n % ROW_SETS);
        String difference = run.difference(test);
        if (difference != null) {
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
