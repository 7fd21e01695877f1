package io.laminardb.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.Aggregate;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.TestAccess;
import io.laminardb.core.error.LaminarException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Aggregate functions that users write in Java. Public, as their classes have to be. */
public class UserAggregateTest {
  /** A mean with weights. */
  public static final class WeightedMean implements Serializable {
    private static final long serialVersionUID = 1;
    private double total;
    private long weight;

    public void add(double value, long by) {
      if (by < 0) {
        throw new IllegalArgumentException("a negative weight");
      }
      total += value * by;
      weight += by;
    }

    public void retract(double value, long by) {
      total -= value * by;
      weight -= by;
    }

    public void merge(WeightedMean other) {
      total += other.total;
      weight += other.weight;
    }

    public double result() {
      return total / weight;
    }
  }

  /** Cannot take back and cannot be merged; answers null at first. */
  public static final class SecondLongest implements Serializable {
    private static final long serialVersionUID = 1;
    private final List<String> texts = new ArrayList<>();

    public void add(String text, BigDecimal unused) {
      texts.add(text);
      texts.sort((a, b) -> b.length() - a.length());
    }

    public String result() {
      return texts.size() < 2 ? null : texts.get(1);
    }
  }

  /** No state that can be written. */
  public static final class Unwritable {
    public void add(int value) {}

    public int result() {
      return 0;
    }
  }

  private static Aggregate<double[]> product() {
    return Aggregate.over(() -> new double[] {1})
        .addDouble((state, value) -> state[0] *= value)
        .retractDouble((state, value) -> state[0] /= value)
        .merge((state, other) -> state[0] *= other[0])
        .resultDouble(state -> state[0]);
  }

  private static LaminarDB open() {
    return LaminarDB.builder()
        .inline()
        .registerAggregate("wmean", WeightedMean.class)
        .registerAggregate("second_longest", SecondLongest.class)
        .registerAggregate("product", product())
        .build();
  }

  private static List<List<Object>> values(Iterable<Row> rows, int columns) {
    List<List<Object>> all = new ArrayList<>();
    for (Row row : rows) {
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < columns; i++) {
        values.add(row.getObject(i));
      }
      all.add(values);
    }
    return all;
  }

  private static List<List<Object>> query(LaminarDB db, String sql, int columns) {
    try (Rows rows = db.query(sql)) {
      return values(rows, columns);
    }
  }

  @Test
  void countsInViewsWithFiltersAndAmongOtherAggregates() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE t (k VARCHAR, v INT, w BIGINT, s VARCHAR)");
      db.execute(
          "CREATE MATERIALIZED VIEW m AS SELECT k, Wmean(v, w) AS a, COUNT(*) AS n,"
              + " product(v) FILTER (WHERE v > 1) AS p, second_longest(s, 1.5) AS l"
              + " FROM t GROUP BY k HAVING COUNT(*) > 0");
      db.start();
      db.execute(
          "INSERT INTO t VALUES ('a', 1, 3, 'a rather long text'), ('a', 5, 1, 'x'),"
              + " ('a', NULL, 9, NULL), ('b', NULL, 1, 'y'), ('a', 2, 0, 'xyz')");
      assertThat(query(db, "SELECT * FROM m ORDER BY k", 5))
          .containsExactly(
              java.util.Arrays.asList("a", 2.0, 4L, 10.0, "xyz"),
              java.util.Arrays.asList("b", null, 1L, null, null));
    }
  }

  @Test
  void takesRowsBackAndOutlivesASnapshot() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE t (k INT, v DOUBLE, w BIGINT) WITH (changelog = 'retract')");
      db.execute(
          "CREATE MATERIALIZED VIEW m AS SELECT k, wmean(v, w) AS a, product(v) AS p FROM t GROUP BY"
              + " k");
      db.start();
      Source source = db.source("t");
      source.push(1, 2.0, 1L);
      source.push(1, 8.0, 2L);
      source.push(2, 3.0, 1L);
      db.sync();
      TestAccess.rebuildState(db);
      source.retract(1, 2.0, 1L);
      source.retract(2, 3.0, 1L);
      db.sync();
      assertThat(query(db, "SELECT * FROM m", 3)).containsExactly(List.of(1, 8.0, 8.0));
      assertThatThrownBy(
              () -> db.execute("CREATE STREAM x AS SELECT second_longest('a', v) FROM t"))
          .isInstanceOf(LaminarException.class)
          .hasMessageContaining("\"second_longest\" cannot take rows back");
    }
  }

  @Test
  void mergesPanesAndSessions() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE t (v DOUBLE, w BIGINT, s VARCHAR, ts BIGINT)");
      db.execute(
          "CREATE STREAM h AS SELECT wmean(v, w) AS a, second_longest(s, w) AS l FROM t"
              + " GROUP BY hop(ts, INTERVAL '20' SECOND, INTERVAL '10' SECOND)");
      db.execute(
          "CREATE STREAM panes AS SELECT wmean(v, w) AS a FROM t"
              + " GROUP BY hop(ts, INTERVAL '20' SECOND, INTERVAL '10' SECOND)");
      db.execute(
          "CREATE STREAM s AS SELECT product(v) AS p FROM t GROUP BY session(ts, INTERVAL '9'"
              + " SECOND)");
      assertThatThrownBy(
              () ->
                  db.execute(
                      "CREATE STREAM x AS SELECT second_longest(s, w) AS l FROM t"
                          + " GROUP BY session(ts, INTERVAL '9' SECOND)"))
          .isInstanceOf(LaminarException.class)
          .hasMessageContaining("cannot be merged");
      Subscription hops = db.subscribe("h");
      Subscription panes = db.subscribe("panes");
      Subscription sessions = db.subscribe("s");
      db.start();
      Source source = db.source("t");
      source.push(1.0, 1L, "aa", 1_000L);
      source.push(4.0, 2L, "bbb", 12_000L);
      source.push(6.0, 1L, "c", 20_000L);
      source.end();
      db.sync();
      assertThat(values(hops.drain(), 2))
          .containsExactly(
              java.util.Arrays.asList(1.0, null),
              List.of(3.0, "aa"),
              java.util.Arrays.asList(14.0 / 3, "c"),
              java.util.Arrays.asList(6.0, null));
      assertThat(values(panes.drain(), 1))
          .containsExactly(List.of(1.0), List.of(3.0), List.of(14.0 / 3), List.of(6.0));
      assertThat(values(sessions.drain(), 1)).containsExactly(List.of(1.0), List.of(24.0));
    }
  }

  @Test
  void anExceptionNamesFunctionAndRowAndLeavesTheGroupAsItWas() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE t (v DOUBLE, w BIGINT)");
      db.execute(
          "CREATE STREAM m AS SELECT COUNT(*) AS n, SUM(v) AS s, wmean(v, w) AS a FROM t"
              + " WITH (on_error = 'skip')");
      Subscription errors = db.subscribe("m$errors");
      Subscription results = db.subscribe("m");
      db.start();
      Source source = db.source("t");
      source.push(2.0, 1L);
      source.push(4.0, -1L);
      source.push(6.0, 1L);
      db.sync();
      assertThat(values(errors.drain(), 3).toString())
          .contains("function wmean failed")
          .contains("a negative weight")
          .contains("(v = 4.0, w = -1)");
      List<Row> rows = results.drain();
      assertThat(values(rows.subList(rows.size() - 1, rows.size()), 3))
          .containsExactly(List.of(2L, 8.0, 4.0));
    }
  }

  @Test
  void runsOverFrames() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE t (v DOUBLE, ts BIGINT)");
      db.execute(
          "CREATE STREAM f AS SELECT product(v) OVER (ORDER BY ts ROWS 1 PRECEDING) AS p FROM t");
      Subscription results = db.subscribe("f");
      db.start();
      Source source = db.source("t");
      source.push(2.0, 1L);
      source.push(3.0, 2L);
      source.push(5.0, 3L);
      source.end();
      db.sync();
      assertThat(values(results.drain(), 1))
          .containsExactly(List.of(2.0), List.of(6.0), List.of(15.0));
    }
  }

  @Test
  void refusesWhatCannotBeRegistered() {
    LaminarDB.Builder builder = LaminarDB.builder();
    assertThatThrownBy(() -> builder.registerAggregate("a", Unwritable.class))
        .hasMessageContaining("not Serializable");
    assertThatThrownBy(() -> builder.registerAggregate("a", String.class))
        .hasMessageContaining("add(..) and result()");
    assertThatThrownBy(
            () ->
                builder.registerAggregate(
                    "a", Aggregate.over(() -> new long[1]).resultLong(state -> state[0])))
        .hasMessageContaining("lacks add");
    try (LaminarDB db =
        LaminarDB.builder()
            .stallTimeout(Duration.ofSeconds(60))
            .registerAggregate("median", product())
            .build()) {
      assertThatThrownBy(() -> db.query("SELECT 1")).hasMessageContaining("there is one already");
    }
  }
}
