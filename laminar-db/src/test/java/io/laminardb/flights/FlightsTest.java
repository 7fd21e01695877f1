package io.laminardb.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.core.runtime.Metrics;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;

/**
 * All flights of half a year, in the order they took off, through a dozen continuous queries at once:
 * each gives what DuckDB computes over the whole table.
 */
class FlightsTest {
  private static final long FLIGHTS = 3_000_000;

  /**
   * @param sql as a continuous query
   * @param batch the same in the SQL of DuckDB
   */
  private record Question(String name, String sql, String batch) {}

  private static final List<Question> WINDOWS =
      List.of(
          new Question(
              "tumble_hour",
              "SELECT tumble_start(flown, INTERVAL '1' HOUR) AS hour, COUNT(*) AS flights,"
                  + " SUM(delay) AS delay, AVG(delay) AS average, MIN(delay) AS least,"
                  + " MAX(distance) AS farthest FROM flights"
                  + " GROUP BY tumble(flown, INTERVAL '1' HOUR)",
              "SELECT time_bucket(INTERVAL 1 HOUR, flown) h, COUNT(*), CAST(SUM(delay) AS BIGINT),"
                  + " AVG(delay), MIN(delay), MAX(distance) FROM flights GROUP BY h"),
          new Question(
              "tumble_origin",
              "SELECT origin, tumble_start(flown, INTERVAL '6' HOUR) AS hour, COUNT(*) AS flights,"
                  + " AVG(delay) AS average, MIN(destination) AS first_code,"
                  + " MAX(destination) AS last_code, COUNT(DISTINCT destination) AS places"
                  + " FROM flights GROUP BY origin, tumble(flown, INTERVAL '6' HOUR)",
              "SELECT origin, time_bucket(INTERVAL 6 HOUR, flown, TIMESTAMP '2000-01-01') h,"
                  + " COUNT(*), AVG(delay), MIN(destination), MAX(destination),"
                  + " COUNT(DISTINCT destination) FROM flights GROUP BY origin, h"),
          new Question(
              "tumble_route",
              "SELECT origin, destination, window_start, window_end, COUNT(*) AS flights,"
                  + " SUM(distance) AS distance,"
                  + " COUNT(*) FILTER (WHERE delay > 15) AS delayed FROM flights"
                  + " GROUP BY origin, destination, tumble(flown, INTERVAL '1' DAY)"
                  + " HAVING COUNT(*) >= 10 AND AVG(delay) > 5",
              "SELECT origin, destination, time_bucket(INTERVAL 1 DAY, flown) h, h + INTERVAL 1 DAY,"
                  + " COUNT(*), CAST(SUM(distance) AS BIGINT), COUNT(*) FILTER (WHERE delay > 15)"
                  + " FROM flights GROUP BY origin, destination, h"
                  + " HAVING COUNT(*) >= 10 AND AVG(delay) > 5"),
          new Question(
              "hop_hour",
              "SELECT window_start, COUNT(*) AS flights, AVG(delay) AS average,"
                  + " MAX(delay) AS worst FROM flights"
                  + " GROUP BY hop(flown, INTERVAL '1' HOUR, INTERVAL '10' MINUTE)",
              "SELECT s, SUM(n)::BIGINT, SUM(d) / SUM(n), MAX(w) FROM (SELECT b, n, d, w,"
                  + " unnest(generate_series(b - INTERVAL 50 MINUTE, b, INTERVAL 10 MINUTE)) s"
                  + " FROM (SELECT time_bucket(INTERVAL 10 MINUTE, flown) b, COUNT(*) n,"
                  + " SUM(delay)::DOUBLE d, MAX(delay) w FROM flights GROUP BY b)) GROUP BY s"),
          new Question(
              "hop_origin",
              "SELECT origin, window_start, window_end, COUNT(*) AS flights, MIN(delay) AS least,"
                  + " MAX(delay) AS most, AVG(distance) AS average FROM flights"
                  + " GROUP BY origin, hop(flown, INTERVAL '1' DAY, INTERVAL '8' HOUR)"
                  + " HAVING COUNT(*) > 20",
              "SELECT origin, s, s + INTERVAL 1 DAY, SUM(n)::BIGINT, MIN(l), MAX(m), SUM(d) / SUM(n)"
                  + " FROM (SELECT origin, n, d, l, m, unnest(generate_series("
                  + "b - INTERVAL 16 HOUR, b, INTERVAL 8 HOUR)) s FROM (SELECT origin,"
                  + " time_bucket(INTERVAL 8 HOUR, flown, TIMESTAMP '2000-01-01') b, COUNT(*) n,"
                  + " SUM(distance)::DOUBLE d, MIN(delay) l, MAX(delay) m FROM flights"
                  + " GROUP BY origin, b)) GROUP BY origin, s HAVING SUM(n) > 20"),
          new Question(
              "session_all",
              "SELECT window_start, window_end, COUNT(*) AS flights, AVG(delay) AS average"
                  + " FROM flights GROUP BY session(flown, INTERVAL '10' MINUTE)",
              sessions("", "", "INTERVAL 10 MINUTE", "COUNT(*), AVG(delay)", "")),
          new Question(
              "session_origin",
              "SELECT origin, window_start, window_end, COUNT(*) AS flights, SUM(delay) AS delay,"
                  + " MIN(distance) AS nearest, MAX(destination) AS last_code"
                  + " FROM flights GROUP BY origin, session(flown, INTERVAL '30' MINUTE)",
              sessions(
                  "origin",
                  "origin, ",
                  "INTERVAL 30 MINUTE",
                  "COUNT(*), SUM(delay)::BIGINT, MIN(distance), MAX(destination)",
                  "")),
          new Question(
              "session_route",
              "SELECT origin, destination, window_start, window_end, COUNT(*) AS flights,"
                  + " AVG(delay) AS average FROM flights"
                  + " GROUP BY origin, destination, session(flown, INTERVAL '4' HOUR)"
                  + " HAVING COUNT(*) >= 6",
              sessions(
                  "origin, destination",
                  "origin, destination, ",
                  "INTERVAL 4 HOUR",
                  "COUNT(*), AVG(delay)",
                  "HAVING COUNT(*) >= 6")));

  private static final List<Question> RUNNING =
      List.of(
          new Question(
              "running_all",
              "SELECT COUNT(*) AS flights, SUM(delay) AS delay, AVG(distance) AS average,"
                  + " MIN(delay) AS least, MAX(delay) AS most FROM flights",
              "SELECT COUNT(*), SUM(delay)::BIGINT, AVG(distance), MIN(delay), MAX(delay)"
                  + " FROM flights"),
          new Question(
              "running_origin",
              "SELECT origin, COUNT(*) AS flights, AVG(delay) AS average,"
                  + " MIN(flown) AS first_flight, MAX(flown) AS last_flight,"
                  + " STDDEV_SAMP(delay) AS spread FROM flights GROUP BY origin",
              "SELECT origin, COUNT(*), AVG(delay), MIN(flown), MAX(flown),"
                  + " STDDEV_SAMP(delay) FROM flights GROUP BY origin"),
          new Question(
              "running_route",
              "SELECT origin, destination, COUNT(*) AS flights, SUM(distance) AS distance,"
                  + " AVG(delay) AS average, MAX(delay) AS worst FROM flights"
                  + " WHERE distance > 300 GROUP BY origin, destination"
                  + " HAVING COUNT(*) > 50 AND AVG(delay) > 3",
              "SELECT origin, destination, COUNT(*), SUM(distance)::BIGINT, AVG(delay), MAX(delay)"
                  + " FROM flights WHERE distance > 300 GROUP BY origin, destination"
                  + " HAVING COUNT(*) > 50 AND AVG(delay) > 3"));

  private static String sessions(
      String partition, String keys, String gap, String aggregates, String having) {
    String by = partition.isEmpty() ? "" : "PARTITION BY " + partition + " ";
    return "WITH marked AS (SELECT *, CASE WHEN flown - LAG(flown) OVER ("
        + by
        + "ORDER BY flown) <= "
        + gap
        + " THEN 0 ELSE 1 END AS opens FROM flights),"
        + " numbered AS (SELECT *, SUM(opens) OVER ("
        + by
        + "ORDER BY flown RANGE UNBOUNDED PRECEDING) AS number FROM marked)"
        + " SELECT "
        + keys
        + "MIN(flown), MAX(flown) + "
        + gap
        + ", "
        + aggregates
        + " FROM numbered GROUP BY "
        + keys
        + "number "
        + having;
  }

  @Test
  void givesTheBatchAnswerOverAllFlights() throws Exception {
    Path file = Flights.file();
    assumeTrue(file != null, "../shared/data/flights-3m.parquet is absent");
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        LaminarDB db = LaminarDB.open()) {
      Flights.view(file, duck);
      db.execute(Flights.SOURCE);
      Map<String, Answer> answers = new LinkedHashMap<>();
      for (Question question : WINDOWS) {
        db.execute("CREATE STREAM " + question.name() + " AS " + question.sql());
        answers.put(question.name(), follow(db, question.name()));
      }
      for (Question question : RUNNING) {
        db.execute("CREATE MATERIALIZED VIEW " + question.name() + " AS " + question.sql());
      }
      Answer changes = follow(db, "running_all");
      db.start();
      assertThat(push(duck, db.source("flights"))).isEqualTo(FLIGHTS);
      db.sync();
      assertThat(db.metrics().source("flights").rows()).isEqualTo(FLIGHTS);
      for (Question question : RUNNING) {
        answers.put(question.name(), content(db, question.name()));
      }
      for (Question question : all()) {
        Metrics.QueryMetrics metrics = db.metrics().query(question.name());
        assertThat(metrics.failure()).as(question.name()).isNull();
        assertThat(metrics.lateRows()).as(question.name()).isZero();
        answers.get(question.name()).assertEquals(expected(duck, question));
      }
      changes.assertEquals(answers.get("running_all"));
      assertThat(changes.retractions()).isPositive();
    }
  }

  private static List<Question> all() {
    List<Question> all = new ArrayList<>(WINDOWS);
    all.addAll(RUNNING);
    return all;
  }

  private static long push(Connection duck, Source source) throws SQLException {
    long pushed = 0;
    try (RootAllocator allocator = new RootAllocator();
        Statement statement = duck.createStatement();
        Flights flights = Flights.read(statement, allocator)) {
      while (true) {
        try (VectorSchemaRoot root = flights.next()) {
          if (root == null) {
            break;
          }
          source.push(root);
          pushed += root.getRowCount();
        }
      }
      source.end();
      // The engine holds the last roots until it has processed them.
      while (allocator.getAllocatedMemory() > 0) {
        Thread.yield();
      }
    }
    return pushed;
  }

  private static Answer follow(LaminarDB db, String name) {
    Answer answer = new Answer(name);
    int columns = visible(db, name);
    db.subscribe(name, row -> answer.add(row, columns));
    return answer;
  }

  private static Answer content(LaminarDB db, String view) {
    Answer answer = new Answer(view);
    int columns = visible(db, view);
    try (Rows rows = db.query("SELECT * FROM " + view)) {
      for (Row row : rows) {
        answer.add(row, columns);
      }
    }
    return answer;
  }

  private static int visible(LaminarDB db, String name) {
    return (int) db.schema(name).fields().stream().filter(field -> !field.hidden()).count();
  }

  private static Answer expected(Connection duck, Question question) throws SQLException {
    try (Statement statement = duck.createStatement();
        ResultSet result = statement.executeQuery(question.batch())) {
      return Answer.of(question.name() + " of DuckDB", result);
    }
  }
}
