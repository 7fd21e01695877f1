package io.laminardb.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.PreparedStatement;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.core.time.VirtualClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Prepared statements answer as statements that are planned each time. */
class KeptPlansTest {
  private static List<List<Object>> all(Rows rows) {
    try (rows) {
      List<List<Object>> all = new ArrayList<>();
      for (Row row : rows) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < rows.schema().size(); i++) {
          Object value = row.getObject(i);
          values.add(value instanceof byte[] bytes ? Arrays.toString(bytes) : value);
        }
        all.add(values);
      }
      return all;
    }
  }

  private static LaminarDB open() {
    LaminarDB db = LaminarDB.builder().inline().build();
    db.execute(
        "CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR, price DOUBLE, d DECIMAL(10, 2),"
            + " day DATE, at TIMESTAMP(3), ok BOOLEAN, small INT)");
    db.start();
    db.execute(
        "INSERT INTO t VALUES (1, 'a', 1.5, 2.25, DATE '2024-02-29', TIMESTAMP '2024-02-29 01:02:03',"
            + " TRUE, 7), (2, 'b', -1, -2.25, DATE '1960-01-01', TIMESTAMP '1960-01-01 00:00:00',"
            + " FALSE, -7), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
    return db;
  }

  private static Object outcome(java.util.function.Supplier<Object> action) {
    try {
      return action.get();
    } catch (RuntimeException e) {
      return e.getMessage();
    }
  }

  @Test
  void answersAsAStatementPlannedOnceForEveryKindOfValue() {
    List<String> queries =
        List.of(
            "SELECT id FROM t WHERE id = ?",
            "SELECT id FROM t WHERE name = ? ORDER BY id",
            "SELECT id FROM t WHERE price < ? ORDER BY id",
            "SELECT id FROM t WHERE d >= ? ORDER BY id",
            "SELECT id FROM t WHERE day = ? OR at = ? ORDER BY id",
            "SELECT id FROM t WHERE ok = ? ORDER BY id",
            "SELECT id, ? AS v FROM t ORDER BY id",
            "SELECT id, small + ? AS v, price * ? AS w FROM t ORDER BY id",
            "SELECT id FROM t WHERE id IN (?, ?) ORDER BY id",
            "SELECT COUNT(*) FROM t WHERE small = ?",
            "SELECT name, COUNT(*) FROM t WHERE small > ? GROUP BY name ORDER BY 1",
            "SELECT a.id, b.id FROM t a JOIN t b ON a.id = b.id + ? ORDER BY a.id",
            "SELECT id FROM t WHERE name LIKE ? ORDER BY id",
            "SELECT id FROM t ORDER BY id LIMIT ?",
            "SELECT id FROM t ORDER BY ?",
            "SELECT ROUND(price, ?) FROM t ORDER BY id",
            "SELECT CAST(? AS VARCHAR(2)), COALESCE(name, ?) FROM t ORDER BY id",
            "SELECT id FROM t WHERE id BETWEEN ? AND ? ORDER BY id",
            "SELECT id FROM t WHERE ? ORDER BY id",
            "SELECT id FROM t WHERE CAST(? AS INT) = small ORDER BY id",
            "SELECT id / ? FROM t ORDER BY id",
            "SELECT id FROM t WHERE id = ? UNION ALL SELECT id FROM t WHERE id = ? ORDER BY 1",
            "SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM t WHERE id > ? ORDER BY id",
            "SELECT (SELECT MAX(id) FROM t WHERE small = ?) AS m");
    List<Object> values =
        Arrays.asList(
            1L,
            2,
            -7,
            0,
            3_000_000_000L,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            (short) 1,
            "a",
            "",
            "b%",
            "1",
            "2024-02-29",
            "x'\u00e4\u20ac",
            1.5,
            -1e300,
            0.1f,
            new BigDecimal("2.25"),
            new BigDecimal("-2.250"),
            new BigDecimal("12345678901234567890.5"),
            true,
            false,
            LocalDate.of(2024, 2, 29),
            LocalDateTime.of(2024, 2, 29, 1, 2, 3),
            Instant.parse("1960-01-01T00:00:00Z"),
            LocalTime.of(1, 2),
            new byte[] {1},
            null);
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    try (LaminarDB db = open()) {
      for (String sql : queries) {
        PreparedStatement prepared = db.prepare(sql);
        for (int i = 0; i < values.size(); i++) {
          Object[] given = new Object[prepared.parameterCount()];
          for (int j = 0; j < given.length; j++) {
            given[j] = values.get(j == 0 ? i : random.nextInt(values.size()));
          }
          assertThat(outcome(() -> all(prepared.query(given))))
              .as(sql + " of " + Arrays.deepToString(given) + ", seed " + seed)
              .isEqualTo(outcome(() -> all(db.query(sql, given))));
        }
      }
    }
  }

  @Test
  void changesRowsWithOtherValuesEachTime() {
    try (LaminarDB db = open()) {
      PreparedStatement insert =
          db.prepare("INSERT INTO t (id, name, price, d, small) VALUES (?, ?, ?, ?, ?)");
      insert.execute(10L, "x", 1, 5, 3);
      insert.execute(11, "a longer text", 2.5, new BigDecimal("1.005"), -3);
      insert.execute(12, null, null, null, null);
      insert.execute(-13L, "", -2, new BigDecimal("-0.5"), 0);
      assertThat(
              all(
                  db.query(
                      "SELECT id, name, price, d, small FROM t WHERE id > 9 OR id < 0 ORDER BY id")))
          .containsExactly(
              Arrays.asList(-13L, "", -2.0, new BigDecimal("-0.50"), 0),
              Arrays.asList(10L, "x", 1.0, new BigDecimal("5.00"), 3),
              Arrays.asList(11L, "a longer text", 2.5, new BigDecimal("1.01"), -3),
              Arrays.asList(12L, null, null, null, null));
      assertThatThrownBy(() -> insert.execute(10L, "again", 1, 1, 1))
          .hasMessageContaining("DUPLICATE_KEY");
      assertThatThrownBy(() -> insert.execute("text", "again", 1, 1, 1)).isNotNull();
      PreparedStatement update =
          db.prepare("UPDATE t SET small = small + ?, name = ? WHERE id = ?");
      update.execute(5, "new", 10);
      update.execute(-5, null, 11L);
      PreparedStatement delete = db.prepare("DELETE FROM t WHERE id = ? OR name = ?");
      delete.execute(12L, "none");
      delete.execute(0, "b");
      assertThat(all(db.query("SELECT id, name, small FROM t ORDER BY id")))
          .containsExactly(
              Arrays.asList(-13L, "", 0),
              Arrays.asList(1L, "a", 7),
              Arrays.asList(3L, null, null),
              Arrays.asList(10L, "new", 8),
              Arrays.asList(11L, null, -8));
    }
  }

  @Test
  void isPlannedAnewWhenWhatItReadsIsAnother() {
    try (LaminarDB db = open()) {
      PreparedStatement select = db.prepare("SELECT * FROM t WHERE id = ?");
      PreparedStatement insert = db.prepare("INSERT INTO t VALUES (?, ?)");
      assertThat(all(select.query(1)).get(0)).hasSize(8);
      assertThatThrownBy(() -> insert.execute(1, "x")).isNotNull();
      db.execute("CREATE INDEX by_small ON t (small)");
      PreparedStatement bySmall = db.prepare("SELECT id FROM t WHERE small = ?");
      assertThat(all(bySmall.query(7))).containsExactly(List.of(1L));
      db.execute("DROP INDEX by_small");
      assertThat(all(bySmall.query(-7))).containsExactly(List.of(2L));
      db.execute("CREATE INDEX by_small ON t (small)");
      assertThat(all(bySmall.query(7))).containsExactly(List.of(1L));
      db.execute("DROP INDEX by_small; DROP TABLE t");
      assertThatThrownBy(() -> select.query(1)).hasMessageContaining("OBJECT_NOT_FOUND");
      db.execute("CREATE TABLE t (name VARCHAR, id VARCHAR)");
      insert.execute("n", "1");
      assertThat(all(select.query("1"))).containsExactly(List.of("n", "1"));
      db.execute("DROP TABLE t; CREATE TABLE t (id INT PRIMARY KEY, x DOUBLE)");
      insert.execute(1, 2);
      assertThat(all(select.query(1))).containsExactly(List.of(1, 2.0));
    }
  }

  @Test
  void isPlannedAnewInAnotherTimeZone() {
    try (LaminarDB db = open()) {
      PreparedStatement hour =
          db.prepare(
              "SELECT EXTRACT(HOUR FROM CAST(TIMESTAMP '2024-07-01 12:00:00' AS TIMESTAMP_LTZ(3)) + ?"
                  + " * INTERVAL '1' HOUR) AS h, CAST(CAST('2024-07-01 12:00:00' AS TIMESTAMP_LTZ(3))"
                  + " AS VARCHAR) AS t");
      PreparedStatement instant =
          db.prepare("SELECT EXTRACT(EPOCH FROM CAST('2024-07-01 12:00:00' AS TIMESTAMP_LTZ(3)))");
      Object utc = all(instant.query());
      assertThat(all(hour.query(1)).get(0).get(0)).hasToString("13");
      db.execute("SET TIME ZONE 'Europe/Berlin'");
      assertThat(all(instant.query())).isNotEqualTo(utc);
      assertThat(all(hour.query(1)).get(0).get(0)).hasToString("13");
    }
  }

  @Test
  void readsTheClockAndVariablesEachTime() {
    VirtualClock clock = new VirtualClock();
    try (LaminarDB db = LaminarDB.builder().inline().clock(clock).variable("v", "one").build()) {
      PreparedStatement now = db.prepare("SELECT CURRENT_TIMESTAMP AS n, CAST(? AS INT) AS p");
      Object first = all(now.query(1)).get(0).get(0);
      clock.advance(Duration.ofSeconds(5));
      assertThat(all(now.query(1)).get(0).get(0)).isNotEqualTo(first);
      PreparedStatement variable = db.prepare("SELECT '${v}' AS v");
      assertThat(all(variable.query())).containsExactly(List.of("one"));
      db.execute("SET var.v = 'two'");
      assertThat(all(variable.query())).containsExactly(List.of("two"));
    }
  }

  @Test
  void servesTwoThreadsAtATime() {
    try (LaminarDB db = open()) {
      PreparedStatement insert = db.prepare("INSERT INTO t (id, name) VALUES (?, ?)");
      PreparedStatement select = db.prepare("SELECT name FROM t WHERE id = ?");
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int thread = 1; thread <= 2; thread++) {
        long base = 1000L * thread;
        threads.add(
            CompletableFuture.runAsync(
                () -> {
                  for (long i = base; i < base + 50; i++) {
                    insert.execute(i, "n" + i);
                    assertThat(all(select.query(i))).containsExactly(List.of("n" + i));
                  }
                }));
      }
      threads.forEach(CompletableFuture::join);
      assertThat(all(db.query("SELECT COUNT(*) FROM t"))).containsExactly(List.of(103L));
    }
  }
}
