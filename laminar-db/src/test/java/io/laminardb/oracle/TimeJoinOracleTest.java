package io.laminardb.oracle;

import static org.assertj.core.api.Assertions.fail;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/**
 * Random interval and ASOF joins over random rows with disorder, ties and NULLs, against DuckDB. {@code
 * -Dlaminar.oracle.seed=n} repeats a run, {@code -Dlaminar.oracle.timejoins=n} says how many cases.
 */
class TimeJoinOracleTest {
  private static final int CASES = Integer.getInteger("laminar.oracle.timejoins", 1400);

  @Test
  void joinsByTimeEndWithTheAnswerOfABatchEngine() throws SQLException {
    long first = FirstSeed.get();
    int failures = 0;
    StringBuilder report = new StringBuilder();
    try (DuckDb duckDb = new DuckDb()) {
      TimeJoinRun run = new TimeJoinRun(duckDb);
      for (int n = 0; n < CASES && failures < 5; n++) {
        TimeJoinCase test = TimeJoinCase.generate(first + n);
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
