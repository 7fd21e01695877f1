package io.laminardb.sql.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.laminardb.core.error.LaminarException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanErrorTest {
  private final PlanningSession session = new PlanningSession();

  @BeforeEach
  void createObjects() {
    session.run(
        """
        CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, volume BIGINT, ts BIGINT);
        CREATE SOURCE quotes (symbol VARCHAR, bid DOUBLE, ts TIMESTAMP, WATERMARK FOR ts);
        """);
  }

  private LaminarException failure(String sql) {
    LaminarException failure = catchThrowableOfType(LaminarException.class, () -> session.run(sql));
    assertThat(failure).as(sql).isNotNull();
    return failure;
  }

  @Test
  void anUnknownColumnIsShownWithItsPlaceAndTheClosestName() {
    assertThat(failure("SELECT price,\n  symbl FROM trades"))
        .hasMessage(
            """
            COLUMN_NOT_FOUND at line 2, column 3: source "trades" has no column "symbl". \
            Did you mean "symbol"?
            2 |   symbl FROM trades
                  ^^^^^""");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT a FROM trads                     | OBJECT_NOT_FOUND  | Did you mean "trades"?
          SELECT uper(symbol) FROM trades         | FUNCTION_NOT_FOUND | Did you mean "UPPER"?
          SELECT symbol + 1 FROM trades           | TYPE_MISMATCH     | cannot apply '+'
          SELECT AVG(symbol) FROM trades          | TYPE_MISMATCH     | AVG
          SELECT symbol, price FROM trades GROUP BY symbol | VALIDATION_FAILED | Add it to GROUP BY
          SELECT * FROM trades ORDER BY ts        | NOT_SUPPORTED     | a stream never ends
          SELECT * FROM trades OFFSET 1           | NOT_SUPPORTED     | a stream never ends
          SELECT SUM((SELECT bid FROM quotes)) FROM trades | NOT_SUPPORTED | subquery
          SELECT symbol FROM trades GROUP BY ROLLUP(symbol, TUMBLE(ts, INTERVAL '1' MINUTE)) | NOT_SUPPORTED | beside the sets
          SELECT COUNT(*) FROM trades EMIT ON WINDOW CLOSE | VALIDATION_FAILED | EMIT CHANGES
          SELECT symbol FROM trades EMIT EVERY INTERVAL '1' SECOND | NOT_SUPPORTED | EMIT EVERY
          SELECT symbol FROM trades WITH (state_ttl = INTERVAL '1' DAY) | INVALID_OPTION | state_ttl
          SELECT symbol FROM trades WITH (on_eror = 'skip') | INVALID_OPTION | Did you mean "on_error"?
          SELECT COUNT(*) FROM trades GROUP BY tumble(price, INTERVAL '1' DAY) | INVALID_TIME_ATTRIBUTE | price is DOUBLE
          SELECT COUNT(*) FROM trades GROUP BY tumble(ts, INTERVAL '0' DAY) | INVALID_WINDOW | longer than 0
          SELECT COUNT(*) FROM trades GROUP BY tumble(ts, 60) | INVALID_WINDOW | INTERVAL literal
          SELECT COUNT(*) FROM trades GROUP BY tumble(ts, INTERVAL '0.0001' SECOND) | INVALID_WINDOW | finer
          SELECT COUNT(*) FROM trades GROUP BY hop(ts, INTERVAL '1' DAY) | INVALID_WINDOW | slide
          SELECT COUNT(*) FROM trades GROUP BY tumble(ts + 1, INTERVAL '1' DAY) | INVALID_TIME_ATTRIBUTE | expression
          SELECT hop(ts, INTERVAL '1' DAY) FROM trades | INVALID_WINDOW | GROUP BY
          """)
  void saysWhatIsWrongAndHowToMendIt(String sql, String code, String text) {
    LaminarException failure = failure(sql);
    assertThat(failure.code()).hasToString(code);
    assertThat(failure.getMessage()).contains(text);
    assertThat(failure.position()).isNotNull();
    assertThat(failure.mend()).isNotNull();
  }

  @Test
  void twoQueriesCannotUseTwoTimesOfOneSource() {
    session.run(
        "CREATE STREAM a AS SELECT COUNT(*) AS c FROM trades GROUP BY tumble(ts, INTERVAL '1' DAY)");
    assertThat(failure("SELECT COUNT(*) FROM trades GROUP BY tumble(volume, INTERVAL '1' DAY)"))
        .hasMessageContaining("INVALID_TIME_ATTRIBUTE at line 1, column 38")
        .hasMessageContaining(
            "column \"volume\" is not the event time of source \"trades\"," + " column \"ts\" is");
  }

  @Test
  void aStreamHasDistinctColumnNames() {
    assertThat(failure("CREATE STREAM z AS SELECT symbol, SYMBOL FROM trades"))
        .hasMessageContaining("two columns are called \"SYMBOL\"");
  }

  @Test
  void anAggregateOfTimesIsNoTimeAttribute() {
    session.run("CREATE STREAM m AS SELECT symbol, MAX(ts) AS last FROM trades GROUP BY symbol");
    assertThat(failure("SELECT COUNT(*) FROM m GROUP BY tumble(last, INTERVAL '1' DAY)"))
        .hasMessageContaining("column \"last\" is not a time attribute");
  }
}
