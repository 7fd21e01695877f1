package io.laminardb.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.Row;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Expressions that are deep, wide or long run, or are refused as too complex. */
class ComplexityTest {
  private static String nested(int depth) {
    return "(".repeat(depth) + "a" + " + 1)".repeat(depth);
  }

  @Test
  void twoHundredNestedExpressionsRun() {
    try (Expressions sql = new Expressions()) {
      assertThat(sql.streamed("a INTEGER", List.of(5), nested(200))).isEqualTo(205);
      String cases = "CASE WHEN a = 1 THEN 1 ELSE ".repeat(200) + "7" + " END".repeat(200);
      assertThat(sql.streamed("a INTEGER", List.of(5), cases)).isEqualTo(7);
      String functions = "ABS(".repeat(200) + "a" + ")".repeat(200);
      assertThat(sql.streamed("a INTEGER", List.of(-5), functions)).isEqualTo(5);
      String nots = "NOT ".repeat(200) + "(a > 1)";
      assertThat(sql.streamed("a INTEGER", List.of(5), nots)).isEqualTo(true);
      String texts = IntStream.range(0, 200).mapToObj(i -> "v").collect(Collectors.joining(" || "));
      assertThat(sql.streamed("v VARCHAR", List.of("x"), texts)).isEqualTo("x".repeat(200));
    }
  }

  @Test
  void fiveHundredColumnsRun() {
    try (Expressions sql = new Expressions()) {
      String columns =
          IntStream.range(0, 500)
              .mapToObj(i -> "a * " + i + " AS c" + i)
              .collect(Collectors.joining(", "));
      sql.db().execute("CREATE SOURCE s (a INTEGER)");
      sql.db().execute("CREATE STREAM q AS SELECT " + columns + " FROM s WHERE a > 1");
      try (Subscription results = sql.db().subscribe("q")) {
        sql.db().source("s").push(2);
        sql.db().source("s").push(1);
        sql.db().sync();
        List<Row> rows = results.drain();
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).getInt("c499")).isEqualTo(998);
      }
    }
  }

  @Test
  void longInListsRun() {
    try (Expressions sql = new Expressions()) {
      String numbers =
          IntStream.range(0, 5000).mapToObj(i -> "" + 2 * i).collect(Collectors.joining(", "));
      assertThat(sql.streamed("a INTEGER", List.of(9998), "a IN (" + numbers + ")"))
          .isEqualTo(true);
      assertThat(sql.streamed("a INTEGER", List.of(9997), "a NOT IN (" + numbers + ")"))
          .isEqualTo(true);
      String texts =
          IntStream.range(0, 2000).mapToObj(i -> "'k" + i + "'").collect(Collectors.joining(", "));
      assertThat(sql.streamed("v VARCHAR", List.of("k1999"), "v IN (" + texts + ")"))
          .isEqualTo(true);
      assertThat(sql.streamed("v VARCHAR", List.of("k"), "v IN (" + texts + ")")).isEqualTo(false);
      String doubles =
          IntStream.range(0, 300).mapToObj(i -> i + ".5e0").collect(Collectors.joining(", "));
      assertThat(sql.streamed("d DOUBLE", List.of(299.5), "d IN (" + doubles + ")"))
          .isEqualTo(true);
    }
  }

  @Test
  void whatIsTooDeepOrTooLongIsRefused() {
    try (Expressions sql = new Expressions()) {
      sql.db().execute("CREATE SOURCE s (a INTEGER)");
      String deep = nested(5000);
      String wide =
          IntStream.range(0, 30_000).mapToObj(i -> "a * " + i).collect(Collectors.joining(" + "));
      for (String expression : List.of(deep, wide)) {
        assertThatThrownBy(
                () -> sql.db().execute("CREATE STREAM q AS SELECT " + expression + " AS x FROM s"))
            .isInstanceOfSatisfying(
                LaminarException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_TOO_COMPLEX));
      }
      sql.db().execute("CREATE STREAM q AS SELECT a FROM s");
    }
  }
}
