package io.laminardb.sql.codegen;

import static io.laminardb.sql.codegen.Evaluator.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CalcTest {
  private static final Schema TRADES =
      Schema.appendOnly(
          Field.notNull("symbol", DataType.VARCHAR),
          Field.of("price", DataType.DOUBLE),
          Field.notNull("volume", DataType.BIGINT));

  @Test
  void filtersAndProjectsInArrivalOrderThroughAFullOutput() {
    try (Evaluator evaluator = new Evaluator(TRADES)) {
      evaluator.capacity = 7;
      List<List<Object>> rows = new ArrayList<>();
      List<List<Object>> expected = new ArrayList<>();
      for (long i = 0; i < 3000; i++) {
        Double price = i % 3 == 0 ? null : i * 0.5;
        rows.add(row("s" + i % 10, price, i));
        if (i > 500) {
          expected.add(row("s" + i % 10, price == null ? null : price * 2, i));
        }
      }
      assertThat(
              evaluator.select(
                  "SELECT symbol, price * 2e0, volume FROM t WHERE volume > 500", rows))
          .isEqualTo(expected);
    }
  }

  @Test
  void lendsColumnsOnWhenNothingIsComputed() {
    try (Evaluator evaluator = new Evaluator(TRADES)) {
      assertThat(evaluator.select("SELECT volume, symbol FROM t", List.of(row("a", 1.0, 2L))))
          .containsExactly(row(2L, "a"));
    }
  }

  @Test
  void continuesBehindARowThatFails() {
    try (Evaluator evaluator = new Evaluator(TRADES)) {
      evaluator.skip = true;
      List<List<Object>> rows =
          List.of(row("1", 1.0, 1L), row("x", null, 2L), row("3", 2.0, 0L), row("4", null, 4L));
      assertThat(
              evaluator.select(
                  "SELECT price, CAST(symbol AS INTEGER) FROM t WHERE 10 / volume > 1", rows))
          .containsExactly(row(1.0, 1L), row(null, 4L));
      assertThat(evaluator.failures)
          .containsExactly(
              "1: EXPRESSION_FAILED: cannot cast 'x' to INTEGER in CAST(symbol AS INTEGER). TRY_CAST makes it NULL.",
              "2: EXPRESSION_FAILED: division by zero in 10 / volume."
                  + " Divide by NULLIF(.., 0) to get NULL instead.");
    }
  }

  @Test
  void namesTheExpressionThatOverflows() {
    try (Evaluator evaluator = new Evaluator(TRADES)) {
      assertThatThrownBy(
              () ->
                  evaluator.select(
                      "SELECT volume * volume FROM t", List.of(row("a", 1.0, Long.MAX_VALUE))))
          .isInstanceOf(LaminarException.class)
          .hasMessageContaining("BIGINT overflow in volume * volume");
    }
  }

  @Test
  void leavesOutChangesThatChangeNothing() {
    try (Evaluator evaluator = new Evaluator(TRADES.withChangelog(true))) {
      List<List<Object>> rows =
          List.of(
              row("a", Double.NaN, 1L, 1),
              row("a", Double.NaN, 1L, -1),
              row("a", Double.NaN, 2L, 1),
              row("a", 1.0, 2L, -1),
              row("a", 2.0, 2L, 1));
      assertThat(evaluator.select("SELECT symbol, price FROM t", rows))
          .containsExactly(row("a", Double.NaN, 1), row("a", 1.0, -1), row("a", 2.0, 1));
    }
  }

  @Test
  void splitsExpressionsTooLargeForOneMethod() {
    StringBuilder sql = new StringBuilder("SELECT CASE");
    for (int i = 0; i < 300; i++) {
      sql.append(" WHEN volume = ").append(i).append(" THEN volume * ").append(i);
    }
    sql.append(" ELSE 0 END");
    for (int i = 0; i < 200; i++) {
      sql.append(", volume + ").append(i);
    }
    StringBuilder any = new StringBuilder("volume * 1 = 5");
    for (int i = 0; i < 300; i++) {
      any.append(" OR volume * ").append(i + 1).append(" = 77 + price");
    }
    try (Evaluator evaluator = new Evaluator(TRADES)) {
      List<Object> result =
          evaluator
              .select(sql + " FROM t WHERE " + any, List.of(row("a", null, 5L), row("a", 1.0, 26L)))
              .get(1);
      assertThat(result.get(0)).isEqualTo(26L * 26);
      assertThat(result.get(200)).isEqualTo(26L + 199);
    }
  }

  @Test
  void queriesOfOneShapeShareAClass() {
    try (Evaluator evaluator = new Evaluator(TRADES)) {
      KernelCompiler.Statistics before = KernelCompiler.shared().statistics();
      List<List<Object>> rows = List.of(row("a", 1.0, 5L));
      assertThat(evaluator.select("SELECT volume + 17 FROM t WHERE symbol = 'a'", rows))
          .containsExactly(row(22L));
      assertThat(evaluator.select("SELECT volume + 18 FROM t WHERE symbol = 'b'", rows)).isEmpty();
      assertThat(KernelCompiler.shared().statistics().hits()).isEqualTo(before.hits() + 1);
    }
  }
}
