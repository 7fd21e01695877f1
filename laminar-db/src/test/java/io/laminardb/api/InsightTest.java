package io.laminardb.api;

import static io.laminardb.api.Texts.inline;
import static io.laminardb.api.Texts.rows;
import static io.laminardb.api.Texts.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.core.runtime.Metrics;
import io.laminardb.core.runtime.QueryState;
import io.laminardb.core.time.VirtualClock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a database tells about itself: metrics, SHOW, DESCRIBE, EXPLAIN. */
class InsightTest {
  private static final String TRADES =
      "CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE, ts BIGINT,"
          + " WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)";
  private static final String BARS =
      "CREATE STREAM bars AS SELECT symbol, COUNT(*) AS n FROM trades"
          + " GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)";
  private static final String HIGHS =
      "CREATE MATERIALIZED VIEW highs AS SELECT symbol, MAX(price) AS high FROM trades"
          + " GROUP BY symbol";

  /** 2023-11-14 22:13:00. */
  private static final long MINUTE = 1_699_999_980_000L;

  @Test
  void countsExactly() {
    try (LaminarDB db = inline(TRADES, BARS, HIGHS)) {
      Source trades = db.source("trades");
      Subscription bars = db.subscribe("bars");
      trades.push("A", 1.0, MINUTE);
      trades.push("B", 2.0, MINUTE + 1000);
      trades.push("A", 3.0, null);
      trades.push("A", 3.0, MINUTE + 61_000); // closes the first minute
      trades.push("A", 0.5, MINUTE + 5_000); // late
      Metrics metrics = db.metrics();
      Metrics.SourceMetrics source = metrics.source("trades");
      assertThat(source.handles()).isEqualTo(1);
      assertThat(source.rows()).isEqualTo(5);
      assertThat(source.waitingRows()).isZero();
      assertThat(source.nullTimeRows()).isEqualTo(1);
      assertThat(source.watermarkNs()).isEqualTo((MINUTE + 60_000) * 1_000_000);
      assertThat(source.ended()).isFalse();
      Metrics.QueryMetrics query = metrics.query("bars");
      assertThat(query.state()).isEqualTo(QueryState.RUNNING);
      assertThat(query.failure()).isNull();
      assertThat(query.rowsIn()).isEqualTo(5);
      assertThat(query.rowsOut()).isEqualTo(2);
      assertThat(query.lateRows()).isEqualTo(1);
      assertThat(query.nullTimeRows()).isEqualTo(1);
      assertThat(query.failedRows()).isZero();
      assertThat(query.stateRows()).isEqualTo(1);
      assertThat(query.stateBytes()).isPositive();
      assertThat(query.watermarkNs()).isEqualTo((MINUTE + 60_000) * 1_000_000);
      Metrics.QueryMetrics view = metrics.query("highs");
      assertThat(view.rowsIn()).isEqualTo(5);
      assertThat(view.rowsOut()).isEqualTo(4); // A 1; B 2; -A 1, A 3
      assertThat(view.stateRows()).isEqualTo(2);
      assertThat(view.contentRows()).isEqualTo(2);
      assertThat(view.contentBytes()).isPositive();
      assertThat(metrics.subscriptions()).hasSize(1);
      assertThat(metrics.subscriptions().get(0).stream()).isEqualTo("bars");
      assertThat(metrics.subscriptions().get(0).rows()).isEqualTo(2);
      assertThat(metrics.subscriptions().get(0).waitingRows()).isEqualTo(2);
      bars.drain();
      assertThat(db.metrics().subscriptions().get(0).waitingRows()).isZero();
      assertThat(metrics.source("none")).isNull();
      assertThat(metrics.query("none")).isNull();
      assertThat(db.sourceProgress("trades")).isNull();
    }
  }

  @Test
  void failedRowsAreCountedAndSetAside() {
    try (LaminarDB db =
        inline(
            TRADES,
            "CREATE STREAM share AS SELECT symbol, 10 / CAST(price AS INT) AS share FROM trades"
                + " WITH (on_error = 'skip')")) {
      Subscription errors = db.subscribe("share$errors");
      Source trades = db.source("trades");
      trades.push("A", 2.0, MINUTE);
      trades.push("B", 0.0, MINUTE);
      assertThat(db.metrics().query("share").failedRows()).isEqualTo(1);
      assertThat(db.metrics().query("share").rowsOut()).isEqualTo(1);
      assertThat(errors.drain()).hasSize(1);
    }
  }

  @Test
  void explainWaitingTellsWhichWindowWaitsForWhomAndSinceWhen() {
    VirtualClock clock = new VirtualClock();
    clock.advance(Duration.ofNanos(1_700_000_100_000_000_000L - clock.epochNanos()));
    try (LaminarDB db = started(LaminarDB.builder().inline().clock(clock), TRADES, BARS, HIGHS)) {
      assertThat(rows(db, "EXPLAIN WAITING bars")).isEmpty();
      Source trades = db.source("trades");
      trades.push("A", 1.0, MINUTE + 500);
      trades.push("B", 1.0, MINUTE + 30_000);
      clock.advance(Duration.ofMinutes(5));
      Row row = db.query("EXPLAIN WAITING bars").drain().get(0);
      assertThat(row.getString("query")).isEqualTo("bars");
      assertThat(row.getString("waits_with"))
          .isEqualTo("window [2023-11-14 22:13:00, 22:14:00) of 2 keys");
      assertThat(row.getTimestamp("until_watermark"))
          .isEqualTo(LocalDateTime.of(2023, 11, 14, 22, 14));
      assertThat(row.getString("held_back_by")).isEqualTo("trades");
      assertThat(row.getTimestamp("watermark_now"))
          .isEqualTo(LocalDateTime.of(2023, 11, 14, 22, 13, 29));
      assertThat(row.getTimestamp("since")).isEqualTo(LocalDateTime.of(2023, 11, 14, 22, 15));
      assertThat(rows(db, "EXPLAIN WAITING")).hasSize(1);
    }
  }

  @Test
  void explainWaitingTellsSessionsToo() {
    try (LaminarDB db =
        inline(
            TRADES,
            "CREATE STREAM visits AS SELECT symbol, COUNT(*) AS n FROM trades"
                + " GROUP BY symbol, session(ts, INTERVAL '30' SECOND)")) {
      db.source("trades").push("A", 1.0, MINUTE + 500);
      Row row = db.query("EXPLAIN WAITING visits").drain().get(0);
      assertThat(row.getString("waits_with"))
          .startsWith("1 open session, not before 2023-11-14 22:1");
    }
  }

  @Test
  void explainAnalyzeMeasuresFromTheFirstTimeOn() {
    try (LaminarDB db = inline(TRADES, BARS)) {
      assertThat(db.query("EXPLAIN ANALYZE bars").drain()).isNotEmpty();
      Source trades = db.source("trades");
      for (int i = 0; i < 20_000; i++) {
        trades.push("S" + i % 100, 1.0, MINUTE + i);
      }
      Row aggregate =
          db.query("EXPLAIN ANALYZE bars").drain().stream()
              .filter(row -> row.getLong("state_rows") > 0)
              .findFirst()
              .orElseThrow();
      assertThat(aggregate.getLong("rows_in")).isEqualTo(20_000);
      assertThat(aggregate.getLong("state_rows")).isEqualTo(100);
      assertThat(aggregate.getLong("state_bytes")).isPositive();
      assertThat(aggregate.getLong("busy_us")).isPositive();
      assertThat(aggregate.getLong("rows_out")).isZero();
    }
  }

  @Test
  void explainShowsPlansAndCode() {
    try (LaminarDB db = inline(TRADES, BARS)) {
      String select = "SELECT symbol FROM trades WHERE price > 10";
      assertThat(rows(db, "EXPLAIN " + select)).isNotEmpty();
      assertThat(rows(db, "EXPLAIN LOGICAL " + select)).isNotEmpty();
      assertThat(rows(db, "EXPLAIN PHYSICAL bars")).isNotEmpty();
      assertThat(String.join("\n", rows(db, "EXPLAIN CODE " + select))).contains("class");
      assertThat(db.metrics().queries()).hasSize(1);
    }
  }

  @Test
  void showTellsWhatThereIs() {
    try (LaminarDB db =
        inline(TRADES, BARS, HIGHS, "CREATE SINK watch INTO PRINT (prefix = '') FROM bars")) {
      Row source = db.query("SHOW SOURCES").drain().get(0);
      assertThat(source.getString("name")).isEqualTo("trades");
      assertThat(source.getString("columns"))
          .isEqualTo("symbol VARCHAR NOT NULL, price DOUBLE, ts BIGINT");
      assertThat(source.getString("mode")).isEqualTo("append-only");
      assertThat(source.getString("state")).isEqualTo("OPEN");
      assertThat(source.isNull("watermark")).isTrue();
      db.source("trades").push("A", 1.0, MINUTE);
      Row pushed = db.query("SHOW SOURCES LIKE 'tr%'").drain().get(0);
      assertThat(pushed.getLong("rows")).isEqualTo(1);
      assertThat(pushed.getTimestamp("watermark"))
          .isEqualTo(LocalDateTime.of(2023, 11, 14, 22, 12, 59));
      assertThat(rows(db, "SHOW SOURCES LIKE 'x%'")).isEmpty();
      Row stream = db.query("SHOW STREAMS").drain().get(0);
      assertThat(stream.getString("name")).isEqualTo("bars");
      assertThat(stream.getString("emits")).isEqualTo("append-only");
      assertThat(stream.getString("reads")).isEqualTo("trades");
      Row view = db.query("SHOW MATERIALIZED VIEWS").drain().get(0);
      assertThat(view.getString("name")).isEqualTo("highs");
      assertThat(view.getString("emits")).isEqualTo("changelog");
      Row sink = db.query("SHOW SINKS").drain().get(0);
      assertThat(sink.getString("reads")).isEqualTo("bars");
      assertThat(sink.getString("state")).isEqualTo("RUNNING");
      assertThat(db.query("SHOW QUERIES").drain())
          .extracting(row -> row.getString("name"))
          .containsExactlyInAnyOrder("bars", "highs", "watch");
      assertThat(rows(db, "SHOW CREATE STREAM bars").get(0)).isEqualTo("bars " + BARS);
      assertThat(rows(db, "SHOW FUNCTIONS LIKE 'upper'")).containsExactly("UPPER scalar");
      List<Row> columns = db.query("DESCRIBE bars").drain();
      assertThat(columns)
          .extracting(row -> row.getString("column"))
          .startsWith("symbol", "n")
          .contains("window_start", "window_end");
      assertThat(db.query("DESCRIBE trades").drain().get(2).getString("notes"))
          .isEqualTo("event time, watermark 1000 ms behind");
    }
  }
}
