package io.laminardb.sql.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.DataType;
import io.laminardb.sql.catalog.SourceColumn;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WindowPlanTest {
  private final PlanningSession session = new PlanningSession();

  @BeforeEach
  void createSources() {
    session.run(
        """
        CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE NOT NULL,
          volume BIGINT NOT NULL, ts BIGINT NOT NULL);
        CREATE SOURCE sensors (device_id VARCHAR, temp DOUBLE, ts BIGINT);
        CREATE SOURCE readings (sensor_id VARCHAR, temp DOUBLE, ts TIMESTAMP(3));
        CREATE SOURCE clickstream (user_id BIGINT, ts BIGINT);
        """);
  }

  private String plan(String sql) {
    return session.run(sql).physical();
  }

  @Test
  void aStreamOverATumblingWindowSpeaksWhenTheWindowCloses() {
    PlannedQuery vwap =
        session.run(
            """
            CREATE STREAM vwap AS SELECT symbol, SUM(price * volume) / SUM(volume) AS vwap,
              COUNT(*) AS trades FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)
            """);
    assertThat(vwap.physical())
        .isEqualTo(
            """
            Calc symbol, sum_2 / sum_3 AS vwap, trades, [window_start], [window_end]  -- state: none
              WindowAggregate SUM(price * volume), SUM(volume), COUNT(*) BY symbol, \
            TUMBLE(ts, 1 MINUTE) EMIT ON WINDOW CLOSE  -- state: 1 open window x keys of symbol; can spill
                Scan trades
            """);
    assertThat(vwap.isAppendOnly()).isTrue();
    assertThat(vwap.uniqueKey()).contains(java.util.List.of(0, 3, 4));
    assertThat(vwap.eventTimes()).containsExactly(new SourceColumn("trades", "ts"));
    assertThat(vwap.schema().field(3).hidden()).isTrue();
    assertThat(vwap.schema().field(3).type()).isEqualTo(DataType.BIGINT);
  }

  @Test
  void averagesPerDevice() {
    assertThat(
            plan(
                """
                CREATE STREAM avg_temp AS SELECT device_id, AVG(temp) AS avg_temp,
                  COUNT(*) AS readings FROM sensors
                  GROUP BY device_id, tumble(ts, INTERVAL '10' SECOND)
                """))
        .contains(
            "WindowAggregate AVG(temp), COUNT(*) BY device_id, TUMBLE(ts, 10 SECOND) EMIT ON");
  }

  @Test
  void slideIsHopWithTheSizeFirst() {
    assertThat(
            plan(
                """
                CREATE STREAM moving_avg AS SELECT symbol, AVG(price) AS avg_price FROM trades
                  GROUP BY symbol, slide(ts, INTERVAL '5' MINUTE, INTERVAL '1' MINUTE)
                  EMIT ON WINDOW CLOSE
                """))
        .contains("HOP(ts, 5 MINUTE, 1 MINUTE)")
        .contains("5 open windows x keys of symbol");
    assertThat(
            plan(
                """
                SELECT sensor_id, MAX(temp) AS peak_temp FROM readings
                  GROUP BY sensor_id, hop(ts, INTERVAL '10' SECOND, INTERVAL '5' SECOND)
                """))
        .contains("HOP(ts, 10 SECOND, 5 SECOND)");
  }

  @Test
  void sessionsMeasureTheirLength() {
    assertThat(
            plan(
                """
                CREATE STREAM user_sessions AS SELECT user_id, COUNT(*) AS clicks,
                  MAX(ts) - MIN(ts) AS duration_ms FROM clickstream
                  GROUP BY user_id, session(ts, INTERVAL '30' SECOND) EMIT ON WINDOW CLOSE
                """))
        .isEqualTo(
            """
            Calc user_id, clicks, max_3 - min_4 AS duration_ms, [window_start], [window_end]  -- state: none
              WindowAggregate COUNT(*), MAX(ts), MIN(ts) BY user_id, SESSION(ts, 30 SECOND) \
            EMIT ON WINDOW CLOSE  -- state: open sessions x keys of user_id; stays in memory, as sessions do
                Scan clickstream
            """);
  }

  @Test
  void emitChangesMakesAChangelog() {
    PlannedQuery live =
        session.run(
            """
            CREATE STREAM live_totals AS SELECT symbol, SUM(volume) AS running_volume FROM trades
              GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE) EMIT CHANGES
            """);
    assertThat(live.isAppendOnly()).isFalse();
    assertThat(live.physical()).contains("EMIT CHANGES");
  }

  @Test
  void allowedLatenessKeepsMoreWindowsOpen() {
    assertThat(
            plan(
                """
                CREATE STREAM results AS SELECT symbol, COUNT(*) AS cnt FROM trades
                  GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)
                  WITH (allowed_lateness = INTERVAL '10' SECOND)
                """))
        .contains("EMIT ON WINDOW CLOSE LATENESS 10 SECOND  -- state: 2 open windows x keys");
  }

  @Test
  void aViewOverAWindowedStreamReadsItsHiddenStart() {
    session.run(
        """
        CREATE STREAM ohlc_1m AS SELECT symbol, FIRST(price) AS open, MAX(price) AS high,
          MIN(price) AS low, LAST(price) AS close, SUM(volume) AS volume FROM trades
          GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE
        """);
    PlannedQuery hourly =
        session.run(
            """
            CREATE MATERIALIZED VIEW ohlc_1h AS SELECT symbol, FIRST(open) AS open,
              MAX(high) AS high, MIN(low) AS low, LAST(close) AS close
              FROM ohlc_1m GROUP BY symbol, tumble(bar_start, INTERVAL '1' HOUR)
            """);
    assertThat(hourly.physical())
        .isEqualTo(
            """
            View  -- state: the present row x keys of symbol, window_start, window_end; stays in memory, as results of views do
              Calc symbol, open, high, low, close, [window_start], [window_end]  -- state: none
                WindowAggregate FIRST(open ORDER BY window_start), MAX(high), MIN(low), \
            LAST(close ORDER BY window_start) BY symbol, TUMBLE(window_start, 1 HOUR) \
            EMIT CHANGES  -- state: 1 open window x keys of symbol; stays in memory, as windows do that are emitted before they close
                  Scan ohlc_1m
            """);
    assertThat(hourly.eventTimes()).isEmpty();
    assertThat(plan("SELECT * FROM ohlc_1h ORDER BY symbol LIMIT 2"))
        .isEqualTo(
            "Sort BY symbol LIMIT 2  -- state: all rows, until the query ends\n  Scan ohlc_1h\n");
    assertThat(plan("SELECT bar_end, high FROM ohlc_1m WHERE window_start > 5"))
        .isEqualTo(
            "Calc window_end AS bar_end, high, [window_start], [window_end]"
                + " WHERE window_start > 5  -- state: none\n  Scan ohlc_1m\n");
  }

  @Test
  void windowTableFunctionsBecomeWindowsOfTheAggregateAboveThem() {
    assertThat(
            plan(
                """
                SELECT symbol, window_start, window_end, COUNT(*) AS c FROM TABLE(
                  HOP(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE))
                  WHERE price > 3.5E0 GROUP BY symbol, window_start, window_end
                """))
        .isEqualTo(
            """
            WindowAggregate COUNT(*) BY symbol, HOP(ts, 5 MINUTE, 1 MINUTE) WHERE price > 3.5 \
            EMIT ON WINDOW CLOSE  -- state: 5 open windows x keys of symbol; can spill
              Scan trades
            """);
    assertThat(
            plan(
                """
                SELECT window_start, COUNT(*) AS c FROM TABLE(
                  CUMULATE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' DAY))
                  GROUP BY window_start, window_end
                """))
        .contains("CUMULATE(ts, 1 DAY, 1 HOUR)");
    assertThat(
            plan(
                """
                SELECT user_id, COUNT(*) AS c FROM TABLE(SESSION(TABLE clickstream
                  PARTITION BY user_id, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
                  GROUP BY user_id, window_end
                """))
        .contains("BY user_id, SESSION(ts, 1 MINUTE)");
  }

  @Test
  void aWindowTableFunctionAloneAssignsWindows() {
    assertThat(
            plan(
                """
                SELECT * FROM TABLE(TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
                  WHERE symbol = 'A' AND window_start > 7
                """))
        .isEqualTo(
            """
            Calc symbol, price, volume, ts, window_start, window_end WHERE window_start > 7  -- state: none
              AssignWindows TUMBLE(ts, 1 MINUTE)  -- state: none
                Calc symbol, price, volume, ts WHERE symbol = 'A'  -- state: none
                  Scan trades
            """);
  }

  @Test
  void boundsOfTheWindowCanBeSelectedUnderAnyName() {
    PlannedQuery planned =
        session.run(
            """
            SELECT tumble_start(ts, INTERVAL '1' MINUTE) AS s, tumble_end(ts, INTERVAL '1' MINUTE),
              window_start, COUNT(*) AS c FROM readings GROUP BY tumble(ts, INTERVAL '1' MINUTE)
              HAVING COUNT(*) > 1 AND window_end IS NOT NULL
            """);
    assertThat(planned.physical())
        .startsWith(
            "Calc window_start AS s, window_end AS tumble_end(ts, INTERVAL '1' MINUTE), window_start, c, [window_end]");
    assertThat(planned.schema().field(0).type()).isEqualTo(DataType.timestamp(3));
    assertThat(planned.timeColumns())
        .extracting(t -> t.column())
        .containsExactly(0, 2, 1, 4); // starts first
  }

  @Test
  void aWindowMayBeGroupedByAliasAndHaveAnOffset() {
    assertThat(
            plan(
                """
                SELECT tumble(ts, INTERVAL '1' MINUTE, INTERVAL '-10' SECOND) AS w, COUNT(*) AS c
                  FROM trades GROUP BY w
                """))
        .contains("TUMBLE(ts, 1 MINUTE, OFFSET 50 SECOND)");
  }

  @Test
  void hiddenBoundsPassThroughFiltersSubqueriesAndUnions() {
    session.run(
        """
        CREATE STREAM m AS SELECT symbol, MAX(price) AS high FROM trades
          GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE);
        CREATE STREAM u AS SELECT * FROM m UNION ALL
          SELECT symbol, high FROM (SELECT * FROM m) WHERE high > 3E0;
        """);
    assertThat(
            plan(
                "WITH w AS (SELECT * FROM u) SELECT COUNT(*) AS c FROM w"
                    + " GROUP BY tumble(window_end, INTERVAL '1' HOUR)"))
        .contains("TUMBLE(window_end, 1 HOUR)");
    assertThat(session.catalog.snapshot().find("U").schema().size()).isEqualTo(4);
  }

  @Test
  void aSubqueryWithAWindowIsAggregatedAgain() {
    String query =
        """
        SELECT symbol, MAX(c) AS m FROM (SELECT symbol, COUNT(*) AS c FROM trades
          GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)) GROUP BY symbol
        """;
    assertThat(plan("CREATE STREAM s AS " + query))
        .contains("Aggregate MAX(c) BY symbol EMIT CHANGES")
        .contains("TUMBLE(ts, 1 MINUTE) EMIT ON WINDOW CLOSE");
    assertThat(plan("CREATE MATERIALIZED VIEW v AS " + query))
        .contains("TUMBLE(ts, 1 MINUTE) EMIT CHANGES");
  }
}
