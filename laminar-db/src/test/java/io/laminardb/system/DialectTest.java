package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The statements about windows and time that the docs promise, as printed, with their rows. */
class DialectTest {
  private static final long MINUTE = 60_000;

  private final LaminarDB db = LaminarDB.builder().inline().build();

  @AfterEach
  void close() {
    db.close();
  }

  @Test
  void volumeWeightedPricePerMinute() {
    trades();
    db.execute(
        """
        CREATE STREAM vwap AS SELECT symbol, SUM(price * volume) / SUM(volume) AS vwap, COUNT(*) AS trades
          FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE);""");
    Subscription vwap = db.subscribe("vwap");
    pushTrades();
    assertThat(rows(vwap)).containsExactlyInAnyOrder("A 15.0 2", "B 5.0 1", "A 40.0 1");
  }

  @Test
  void averageTemperature() {
    db.execute("CREATE SOURCE sensors (device_id VARCHAR, temp DOUBLE, ts BIGINT);");
    db.execute(
        """
        CREATE STREAM avg_temp AS SELECT device_id, AVG(temp) AS avg_temp, COUNT(*) AS readings
          FROM sensors GROUP BY device_id, tumble(ts, INTERVAL '10' SECOND);""");
    Subscription averages = db.subscribe("avg_temp");
    db.start();
    Source sensors = db.source("sensors");
    sensors.push("d", 20.0, 1_000L);
    sensors.push("d", 22.0, 9_999L);
    sensors.push("d", 30.0, 10_000L);
    db.sync();
    assertThat(rows(averages)).containsExactly("d 21.0 2");
  }

  @Test
  void sourceWithWatermarkOption() {
    db.execute(
        """
        CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, volume BIGINT, ts BIGINT)
          WITH (watermark = 'ts', allowed_lateness = INTERVAL '5' SECOND);""");
    db.execute(
        """
        CREATE STREAM trades_1m AS SELECT symbol, SUM(volume) AS total_volume, COUNT(*) AS trade_count
          FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE;""");
    Subscription minutes = db.subscribe("trades_1m");
    db.start();
    Source trades = db.source("trades");
    trades.push("A", 1.0, 5L, 30_000L);
    trades.push("A", 1.0, 6L, MINUTE + 4_999);
    trades.push("A", 1.0, 7L, 31_000L);
    db.sync();
    assertThat(rows(minutes)).isEmpty();
    trades.push("A", 1.0, 8L, MINUTE + 5_000);
    db.sync();
    assertThat(rows(minutes)).containsExactly("A 12 2");
  }

  @Test
  void sourceWithWatermarkClause() {
    db.execute(
        """
        CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE NOT NULL, volume BIGINT NOT NULL, ts TIMESTAMP NOT NULL,
          WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);""");
    db.execute(
        """
        CREATE STREAM live_totals AS SELECT symbol, SUM(volume) AS running_volume
          FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE) EMIT CHANGES;""");
    Subscription totals = db.subscribe("live_totals");
    db.start();
    Source trades = db.source("trades");
    trades.push("A", 1.0, 5L, java.time.LocalDateTime.of(1970, 1, 1, 0, 0, 30));
    trades.push("A", 1.0, 6L, java.time.LocalDateTime.of(1970, 1, 1, 0, 0, 40));
    db.sync();
    assertThat(rows(totals)).containsExactly("A 5", "-A 5", "A 11");
  }

  @Test
  void slidingAverage() {
    trades();
    db.execute(
        """
        CREATE STREAM moving_avg AS SELECT symbol, AVG(price) AS avg_price
          FROM trades GROUP BY symbol, slide(ts, INTERVAL '5' MINUTE, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE;""");
    Subscription averages = db.subscribe("moving_avg");
    db.start();
    Source trades = db.source("trades");
    trades.push("A", 10.0, 1L, 4 * MINUTE);
    trades.push("A", 20.0, 1L, 5 * MINUTE);
    trades.end();
    db.sync();
    // Windows that start at minutes 0 | 1, 2, 3, 4 | 5.
    assertThat(rows(averages))
        .containsExactlyInAnyOrder("A 10.0", "A 15.0", "A 15.0", "A 15.0", "A 15.0", "A 20.0");
  }

  @Test
  void liveSelectOverHops() {
    db.execute("CREATE SOURCE readings (sensor_id VARCHAR, temp DOUBLE, ts BIGINT)");
    db.start();
    try (Rows peaks =
        db.execute(
                """
                SELECT sensor_id, MAX(temp) AS peak_temp FROM readings
                  GROUP BY sensor_id, hop(ts, INTERVAL '10' SECOND, INTERVAL '5' SECOND);""")
            .get(0)
            .rows()) {
      Source readings = db.source("readings");
      readings.push("s", 20.0, 2_000L);
      readings.push("s", 21.0, 7_000L);
      readings.end();
      db.sync();
      assertThat(texts(peaks.drain())).containsExactlyInAnyOrder("s 20.0", "s 21.0", "s 21.0");
    }
  }

  @Test
  void userSessions() {
    db.execute("CREATE SOURCE clickstream (user_id VARCHAR, url VARCHAR, ts BIGINT)");
    db.execute(
        """
        CREATE STREAM user_sessions AS SELECT user_id, COUNT(*) AS clicks, MAX(ts) - MIN(ts) AS duration_ms
          FROM clickstream GROUP BY user_id, session(ts, INTERVAL '30' SECOND) EMIT ON WINDOW CLOSE;""");
    Subscription sessions = db.subscribe("user_sessions");
    db.start();
    Source clicks = db.source("clickstream");
    clicks.push("u", "/", 0L);
    clicks.push("u", "/a", 30_000L);
    clicks.push("v", "/", 40_000L);
    clicks.push("u", "/b", 90_000L);
    clicks.end();
    db.sync();
    assertThat(rows(sessions)).containsExactlyInAnyOrder("u 2 30000", "v 1 0", "u 1 0");
  }

  @Test
  void barsAndTheirHours() {
    trades();
    db.execute(
        """
        CREATE STREAM ohlc_1m AS SELECT symbol, FIRST(price) AS open, MAX(price) AS high, MIN(price) AS low, LAST(price) AS close,
          SUM(volume) AS volume FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE;
        CREATE STREAM ohlc_1min AS SELECT symbol, MIN(price) AS low, MAX(price) AS high, SUM(volume) AS total_volume
          FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE);
        -- bar_start is a hidden column of every windowed stream (alias of window_start)
        CREATE MATERIALIZED VIEW ohlc_1h AS SELECT symbol, FIRST(open) AS open, MAX(high) AS high, MIN(low) AS low, LAST(close) AS close
          FROM ohlc_1m GROUP BY symbol, tumble(bar_start, INTERVAL '1' HOUR);""");
    Subscription minutes = db.subscribe("ohlc_1m");
    Subscription lows = db.subscribe("ohlc_1min");
    pushTrades();
    assertThat(rows(minutes))
        .containsExactlyInAnyOrder(
            "A 10.0 20.0 10.0 20.0 2", "B 5.0 5.0 5.0 5.0 1", "A 40.0 40.0 40.0 40.0 1");
    assertThat(rows(lows))
        .containsExactlyInAnyOrder("A 10.0 20.0 2", "B 5.0 5.0 1", "A 40.0 40.0 1");
    try (Rows hours = db.query("SELECT * FROM ohlc_1h WHERE symbol = ?", "A")) {
      assertThat(texts(hours.drain())).containsExactly("A 10.0 40.0 10.0 40.0");
    }
  }

  @Test
  void streamWithAllowedLateness() {
    trades();
    db.execute(
        """
        CREATE STREAM results AS SELECT symbol, COUNT(*) AS cnt FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)
          WITH (allowed_lateness = INTERVAL '10' SECOND);""");
    Subscription results = db.subscribe("results");
    db.start();
    Source trades = db.source("trades");
    trades.push("A", 1.0, 1L, 30_000L);
    trades.push("A", 1.0, 1L, MINUTE + 9_999);
    trades.push("A", 1.0, 1L, 30_000L);
    db.sync();
    assertThat(rows(results)).isEmpty();
    trades.push("A", 1.0, 1L, MINUTE + 10_000);
    db.sync();
    assertThat(rows(results)).containsExactly("A 2");
  }

  private void trades() {
    db.execute(
        "CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE NOT NULL, volume BIGINT NOT NULL, ts BIGINT NOT NULL);");
  }

  private void pushTrades() {
    db.start();
    Source trades = db.source("trades");
    trades.push("A", 10.0, 1L, 1_000L);
    trades.push("B", 5.0, 1L, 2_000L);
    trades.push("A", 20.0, 1L, 3_000L);
    trades.push("A", 40.0, 1L, MINUTE);
    trades.end();
    db.sync();
  }

  private static List<String> rows(Subscription subscription) {
    return texts(subscription.drain());
  }

  private static List<String> texts(List<Row> rows) {
    List<String> texts = new ArrayList<>();
    for (Row row : rows) {
      StringBuilder text = new StringBuilder(row.weight() < 0 ? "-" : "");
      for (int c = 0; c < row.schema().size(); c++) {
        if (!row.schema().field(c).hidden()) {
          text.append(c == 0 ? "" : " ").append(row.getString(c));
        }
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
