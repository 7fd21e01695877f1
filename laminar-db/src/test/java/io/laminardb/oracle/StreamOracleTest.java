package io.laminardb.oracle;

import static org.assertj.core.api.Assertions.fail;

import java.sql.SQLException;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Random queries of one kind each, against DuckDB or against a plain reference in Java. {@code
 * -Dlaminar.oracle.seed=n} repeats a run, {@code -Dlaminar.oracle.kinds=n} says how many cases of each
 * kind.
 */
class StreamOracleTest {
  private static final int CASES = Integer.getInteger("laminar.oracle.kinds", 150);

  @Test
  void arraysMapsAndRowsAreWhatTheyAreInABatchEngine() throws SQLException {
    check(NestedValueCases::generate);
  }

  @Test
  void rowsAreJoinedWithTheVersionOfTheirTime() throws SQLException {
    check(TemporalCases::generate);
  }

  @Test
  void patternsMatchAsOneWayAfterTheOtherIsTried() throws SQLException {
    check(MatchCases::generate);
  }

  @Test
  void windowsCountTheRowsThatComeBeforeTheyClose() throws SQLException {
    check(LateCases::generate);
  }

  @Test
  void sessionsFollowWhatIsTakenBack() throws SQLException {
    check(SessionCases::generate);
  }

  @Test
  void firstRowsAreFirstAsRowsComeAndGo() throws SQLException {
    check(TopCases::generate);
  }

  private static void check(LongFunction<StreamCase> generator) throws SQLException {
    long first = FirstSeed.get();
    int failures = 0;
    StringBuilder report = new StringBuilder();
    try (DuckDb duckDb = new DuckDb()) {
      StreamRun run = new StreamRun(duckDb);
      for (int n = 0; n < CASES && failures < 5; n++) {
        StreamCase test = generator.apply(first + n);
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
