package io.laminardb.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.VirtualClock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Functions of the clock and of chance: one time a statement, none in streams. */
class ClockTest {
  private final VirtualClock clock = new VirtualClock(1_709_210_096_123_456_789L);

  private LaminarDB open() {
    LaminarDB db = LaminarDB.builder().inline().clock(clock).build();
    db.start();
    return db;
  }

  private static Row only(LaminarDB db, String sql) {
    try (Rows rows = db.query(sql)) {
      return rows.iterator().next();
    }
  }

  @Test
  void aStatementHasOneTime() {
    try (LaminarDB db = open()) {
      Row row =
          only(db, "SELECT NOW(), CURRENT_TIMESTAMP, LOCALTIMESTAMP, CURRENT_DATE, CURRENT_TIME");
      LocalDateTime now = LocalDateTime.parse("2024-02-29T12:34:56.123456");
      for (int i = 0; i < 3; i++) {
        assertThat(row.getTimestamp(i)).isEqualTo(now);
      }
      assertThat(row.getObject(3)).isEqualTo(LocalDate.parse("2024-02-29"));
      assertThat(row.getObject(4)).isEqualTo(LocalTime.parse("12:34:56.123456"));
      clock.advance(Duration.ofDays(1));
      assertThat(only(db, "SELECT CURRENT_DATE").getObject(0))
          .isEqualTo(LocalDate.parse("2024-03-01"));
    }
  }

  @Test
  void snapshotsAndInsertsMayAskForTheTime() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE s (a INTEGER, at TIMESTAMP(3))");
      db.execute("CREATE MATERIALIZED VIEW v AS SELECT a, MAX(at) AS at FROM s GROUP BY a");
      db.execute("INSERT INTO s VALUES (1, NOW()), (2, TIMESTAMP '2030-01-01 00:00:00')");
      db.sync();
      assertThat(only(db, "SELECT a FROM v WHERE at < NOW() + INTERVAL '1' HOUR").getInt(0))
          .isEqualTo(1);
    }
  }

  @Test
  void streamsRefuseWhatWouldNotComeOutTheSameAgain() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE s (a INTEGER)");
      for (String function :
          List.of("NOW()", "CURRENT_TIMESTAMP", "CURRENT_DATE", "RAND()", "RANDOM()")) {
        for (String statement :
            List.of(
                "CREATE STREAM q AS SELECT a, " + function + " AS x FROM s",
                "CREATE MATERIALIZED VIEW q AS SELECT a, " + function + " AS x FROM s",
                "SELECT a, " + function + " AS x FROM s")) {
          assertThatThrownBy(() -> db.execute(statement))
              .as(statement)
              .isInstanceOfSatisfying(
                  LaminarException.class,
                  e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
                    assertThat(e.position()).isNotNull();
                    assertThat(e.getMessage()).contains("in a stream");
                  });
        }
      }
    }
  }

  @Test
  void everyCallOfRandAnswersAnother() {
    try (LaminarDB db = open()) {
      Row row = only(db, "SELECT RAND(), RAND(), RAND() = RAND()");
      assertThat(row.getDouble(0)).isBetween(0.0, 1.0).isNotEqualTo(row.getDouble(1));
      assertThat(row.getBoolean(2)).isFalse();
    }
  }

  @Test
  void tumbleIsTheStartOfAWindowOutsideGroupBy() {
    try (Expressions sql = new Expressions()) {
      LocalDateTime at = LocalDateTime.parse("1969-12-31T23:59:59.5");
      assertThat(sql.streamed("t TIMESTAMP(3)", List.of(at), "tumble(t, INTERVAL '1' MINUTE)"))
          .isEqualTo(LocalDateTime.parse("1969-12-31T23:59:00"));
      assertThat(sql.streamed("t TIMESTAMP(3)", List.of(at), "tumble_end(t, INTERVAL '1' MINUTE)"))
          .isEqualTo(LocalDateTime.parse("1970-01-01T00:00:00"));
      assertThat(
              sql.streamed(
                  "t BIGINT",
                  List.of(61_000L),
                  "tumble(t, INTERVAL '1' MINUTE, INTERVAL '2' SECOND)"))
          .isEqualTo(2_000L);
      assertThatThrownBy(() -> sql.constant("hop(NOW(), INTERVAL '1' MINUTE, INTERVAL '1' SECOND)"))
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_WINDOW));
    }
  }

  @Test
  void filtersLookAheadThroughLike() {
    try (Expressions sql = new Expressions()) {
      sql.db().execute("CREATE SOURCE s (a INTEGER, v VARCHAR)");
      sql.db().execute("CREATE STREAM q AS SELECT 10 / a AS x FROM s WHERE v LIKE 'y%'");
      try (Subscription results = sql.db().subscribe("q")) {
        Object[][] rows = {{1, "yes"}, {0, "no"}, {2, null}, {5, "y"}};
        for (Object[] row : rows) {
          sql.db().source("s").push(row);
        }
        sql.db().sync();
        assertThat(results.drain()).extracting(r -> r.getInt(0)).containsExactly(10, 2);
      }
    }
  }
}
