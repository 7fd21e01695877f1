package io.laminardb.oracle;

import static org.assertj.core.api.Assertions.fail;

import java.sql.SQLException;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Random joins, subqueries, set operations and queries within queries over changing sources, against
 * DuckDB. {@code -Dlaminar.oracle.seed=n} repeats a run, {@code -Dlaminar.oracle.joins=n} and {@code
 * -Dlaminar.oracle.nested=n} say how many cases.
 */
class JoinOracleTest {
  private static final int CASES = Integer.getInteger("laminar.oracle.joins", 1800);
  private static final int NESTED = Integer.getInteger("laminar.oracle.nested", 800);

  @Test
  void changesOfJoinsAddUpToTheAnswerOfABatchEngine() throws SQLException {
    check(CASES, JoinCase::generate);
  }

  @Test
  void queriesWithinQueriesAddUpToTheAnswerOfABatchEngine() throws SQLException {
    check(NESTED, JoinCase::generateNested);
  }

  private static void check(int cases, LongFunction<JoinCase> generator) throws SQLException {
    long first = FirstSeed.get();
    int failures = 0;
    StringBuilder report = new StringBuilder();
    try (DuckDb duckDb = new DuckDb()) {
      JoinRun run = new JoinRun(duckDb);
      for (int n = 0; n < cases && failures < 5; n++) {
        JoinCase test = generator.apply(first + n);
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
