package io.laminardb.sql.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.DataType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueryPlanTest {
  private final PlanningSession session = new PlanningSession();

  @BeforeEach
  void createObjects() {
    session.run(
        """
        CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE, volume INT, ts BIGINT);
        CREATE SOURCE orders (id INT, customer INT, amount DECIMAL(10, 2), PRIMARY KEY (id))
          WITH (changelog = 'upsert');
        CREATE TABLE prices (symbol VARCHAR PRIMARY KEY, price DOUBLE NOT NULL, n INT);
        """);
  }

  private String plan(String sql) {
    return session.run(sql).physical();
  }

  @Test
  void filterAndProjectionAreOneOperator() {
    assertThat(
            plan(
                "SELECT s, p * 2E0 AS d FROM (SELECT symbol AS s, price + 1E0 AS p FROM trades"
                    + " WHERE volume > 1) WHERE p > 5E0"))
        .isEqualTo(
            """
            Calc symbol AS s, (price + 1.0) * 2.0 AS d WHERE volume > 1 AND price + 1.0 > 5.0  -- state: none
              Scan trades
            """);
  }

  @Test
  void aChangelogSourceIsAggregatedAsOne() {
    PlannedQuery totals =
        session.run(
            "CREATE STREAM t AS SELECT customer, SUM(amount) AS total, AVG(amount) AS a"
                + " FROM orders GROUP BY customer EMIT EVERY INTERVAL '1' SECOND");
    assertThat(totals.physical())
        .isEqualTo(
            """
            Aggregate SUM(amount), AVG(amount) BY customer EMIT EVERY 1 SECOND  \
            -- state: unbounded in customer: add a window or state_ttl; can spill
              Scan orders (changelog)
            """);
    assertThat(totals.schema().field(1).type()).isEqualTo(DataType.decimal(38, 2));
    assertThat(totals.schema().field(2).type()).isEqualTo(DataType.DOUBLE);
    assertThat(totals.warnings()).hasSize(1);
    assertThat(totals.uniqueKey()).contains(List.of(0));
  }

  @Test
  void keysOfResultsAreFound() {
    assertThat(key("SELECT o.id, p.price FROM orders o JOIN prices p ON o.id = p.n")).isEmpty();
    assertThat(key("SELECT o.id, p.symbol, p.price FROM orders o JOIN prices p ON o.id = p.n"))
        .contains(List.of(1));
    assertThat(key("SELECT symbol, id FROM orders o FULL JOIN prices p ON o.id = p.n"))
        .contains(List.of(0, 1));
    assertThat(key("SELECT customer, id FROM orders WHERE id IN (SELECT n FROM prices)"))
        .contains(List.of(1));
    assertThat(key("SELECT id, RANK() OVER (ORDER BY amount) AS r FROM orders"))
        .contains(List.of(0));
    assertThat(key("SELECT DISTINCT ON (customer) customer, id FROM orders ORDER BY amount"))
        .contains(List.of(0));
    assertThat(key("SELECT price FROM trades")).isEmpty();
  }

  private Optional<List<Integer>> key(String sql) {
    return session.run("CREATE OR REPLACE STREAM keyed AS " + sql).uniqueKey();
  }

  @Test
  void aSnapshotReadsContentAndSortsIt() {
    assertThat(
            plan(
                "SELECT symbol, COUNT(*) AS c FROM prices GROUP BY symbol"
                    + " ORDER BY c DESC NULLS FIRST, symbol LIMIT 2 OFFSET 1"))
        .isEqualTo(
            """
            Sort BY c DESC NULLS FIRST, symbol OFFSET 1 LIMIT 2  -- state: all rows, until the query ends
              Aggregate COUNT(*) BY symbol EMIT ON END  -- state: one row a group, until the query ends
                Scan prices
            """);
  }

  @Test
  void unionUnifiesTypes() {
    assertThat(plan("SELECT volume FROM trades UNION ALL SELECT ts FROM trades"))
        .isEqualTo(
            """
            UnionAll  -- state: none
              Calc CAST(volume AS BIGINT) AS volume  -- state: none
                Scan trades
              Calc ts AS volume  -- state: none
                Scan trades
            """);
  }

  @Test
  void constantsAreValues() {
    assertThat(plan("SELECT 1, 'ü', -5, DATE '2024-01-01'"))
        .isEqualTo("Values 1 row  -- state: none\n");
    assertThat(plan("VALUES (1, 'a'), (-2, NULL)")).isEqualTo("Values 2 rows  -- state: none\n");
    assertThat(plan("INSERT INTO prices VALUES ('A', 1E0, 3), ('B', -2.5E0, NULL)"))
        .isEqualTo("Values 2 rows  -- state: none\n");
  }

  @Test
  void distinctIsAnAggregateWithoutCalls() {
    assertThat(plan("SELECT DISTINCT symbol FROM trades"))
        .startsWith("Aggregate BY symbol EMIT CHANGES");
  }

  @Test
  void timeOfEpochMillisecondsMovesByIntervals() {
    assertThat(plan("SELECT ts - INTERVAL '5' SECOND AS b FROM trades"))
        .startsWith("Calc ts - INTERVAL 5 SECOND AS b");
  }

  @Test
  void sumsAndAveragesHaveTheTypesOfTheDialect() {
    assertThat(
            session
                .run("SELECT SUM(volume), AVG(volume), SUM(ts), COUNT(*), SUM(price) FROM trades")
                .schema()
                .fields())
        .extracting(field -> field.type())
        .containsExactly(
            DataType.BIGINT, DataType.DOUBLE, DataType.BIGINT, DataType.BIGINT, DataType.DOUBLE);
  }

  @Test
  void parametersBecomeLiterals() {
    var select =
        (io.laminardb.sql.parser.Statement.Select)
            new io.laminardb.sql.parser.SqlParser(name -> null)
                .parse("SELECT n FROM prices WHERE symbol = ? AND price > ?")
                .get(0)
                .statement();
    PlannedQuery planned =
        session.planner.planSnapshot(select.query(), session.catalog.snapshot(), "AAPL", -1.5);
    assertThat(planned.physical()).contains("symbol = 'AAPL'").contains("1.5");
  }

  @Test
  void warmUpPlansAQuery() {
    session.planner.warmUp();
  }
}
