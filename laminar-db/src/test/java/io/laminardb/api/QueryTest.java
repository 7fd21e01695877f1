package io.laminardb.api;

import static io.laminardb.api.Texts.error;
import static io.laminardb.api.Texts.inline;
import static io.laminardb.api.Texts.rows;
import static io.laminardb.api.Texts.text;
import static io.laminardb.api.Texts.texts;
import static io.laminardb.api.Texts.threaded;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.StatementResult;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** execute and query: snapshots, live rows, parameters. */
class QueryTest {
  private static final String MOVES =
      "CREATE SOURCE moves (account INT, amount BIGINT, note VARCHAR)";
  private static final String BALANCES =
      "CREATE MATERIALIZED VIEW balances AS SELECT account, SUM(amount) AS balance,"
          + " COUNT(*) AS moves FROM moves GROUP BY account";

  @Test
  void executesSeveralStatementsAndAnswersForEach() {
    try (LaminarDB db = LaminarDB.open()) {
      List<StatementResult> results =
          db.execute(MOVES + ";\n" + BALANCES + "; SHOW SOURCES; -- that is all\n");
      assertThat(results).hasSize(3);
      assertThat(results.get(0).hasRows()).isFalse();
      assertThat(results.get(0).message()).isEqualTo("source moves created");
      assertThat(results.get(1).statement()).isEqualTo(BALANCES);
      assertThat(results.get(2).rows().drain().get(0).getString("name")).isEqualTo("moves");
    }
  }

  @Test
  void aSyntaxErrorExecutesNothingAndALaterFailureKeepsWhatWasBefore() {
    try (LaminarDB db = LaminarDB.open()) {
      LaminarException syntax = error(() -> db.execute(MOVES + "; CREATE STREEM x"));
      assertThat(syntax.code()).isEqualTo(ErrorCode.SYNTAX_ERROR);
      assertThat(syntax.position()).isNotNull();
      assertThat(rows(db, "SHOW SOURCES")).isEmpty();
      error(
          () -> db.execute(MOVES + "; CREATE STREAM x AS SELECT nothing FROM moves; SHOW TABLES"));
      assertThat(rows(db, "SHOW SOURCES")).hasSize(1);
      assertThat(rows(db, "SHOW STREAMS")).isEmpty();
    }
  }

  @Test
  void aViewAnswersAsSoonAsItIsCreated() {
    try (LaminarDB db = threaded(MOVES, BALANCES)) {
      db.source("moves").push(1, 10L, "first");
      db.sync();
      for (int i = 0; i < 300; i++) {
        db.execute("CREATE MATERIALIZED VIEW n" + i + " AS SELECT COUNT(*) AS n FROM moves");
        db.execute("CREATE MATERIALIZED VIEW b" + i + " AS SELECT balance FROM balances");
        assertThat(rows(db, "SELECT n FROM n" + i)).hasSize(1);
        assertThat(rows(db, "SELECT balance FROM b" + i)).hasSize(1);
        db.execute("DROP MATERIALIZED VIEW n" + i + "; DROP MATERIALIZED VIEW b" + i);
      }
    }
  }

  @Test
  void queryTakesOneStatementThatAnswersRows() {
    try (LaminarDB db = inline(MOVES)) {
      assertThat(error(() -> db.query("SHOW SOURCES; SHOW STREAMS"))).hasMessageContaining("one");
      assertThat(error(() -> db.query("DROP SOURCE moves"))).hasMessageContaining("no rows");
    }
  }

  @Test
  void parametersStandForQuestionMarks() {
    try (LaminarDB db = inline(MOVES, BALANCES)) {
      Source moves = db.source("moves");
      for (int i = 0; i < 10; i++) {
        moves.push(i, 100L * i, "n" + i);
      }
      String sql = "SELECT account, balance FROM balances WHERE account = ? OR balance > ?";
      assertThat(rows(db, sql + " ORDER BY account", 3, 700L))
          .containsExactly("3 300", "8 800", "9 900");
      assertThat(rows(db, sql + " ORDER BY account DESC", 9, 900)).containsExactly("9 900");
      assertThat(error(() -> db.query(sql, 1)).code()).isEqualTo(ErrorCode.PARAMETER_MISMATCH);
      assertThat(error(() -> db.query(sql, 1, 2, 3)).code())
          .isEqualTo(ErrorCode.PARAMETER_MISMATCH);
    }
  }

  @Test
  void asTheJavadocSaysASnapshotIsOrderedLimitedAndAggregated() {
    try (LaminarDB db = inline(MOVES, BALANCES)) {
      Source moves = db.source("moves");
      for (int i = 0; i < 100; i++) {
        moves.push(i % 7, (long) i, null);
      }
      try (Rows rows = db.query("SELECT * FROM balances ORDER BY account LIMIT 2 OFFSET 1")) {
        assertThat(rows.isLive()).isFalse();
        assertThat(rows.schema().size()).isEqualTo(3);
        assertThat(text(rows.next(Duration.ofSeconds(1)))).isEqualTo("1 750 15");
        assertThat(texts(rows)).containsExactly("2 665 14");
        assertThat(rows.next(Duration.ofSeconds(1))).isNull();
      }
      assertThat(rows(db, "SELECT SUM(balance) AS s, COUNT(*) AS n FROM balances"))
          .containsExactly("4950 7");
    }
  }

  /** Money moves between accounts, two rows at a time, so their sum is zero at every cut. */
  @ParameterizedTest
  @ValueSource(strings = {"view", "cascade"})
  void aSnapshotIsConsistentWhileRowsFlow(String kind) throws Exception {
    try (LaminarDB db =
        threaded(
            MOVES,
            BALANCES,
            "CREATE MATERIALIZED VIEW total AS SELECT SUM(balance) AS total, SUM(moves) AS moves"
                + " FROM balances")) {
      db.sync(); // the view of one row has it from here on
      AtomicBoolean stop = new AtomicBoolean();
      Thread producer =
          new Thread(
              () -> {
                Source moves = db.source("moves");
                for (int i = 0; !stop.get(); i = (i + 1) % 1_000_000) {
                  if (i % 1000 == 0) { // planning a statement takes the time of many rows
                    db.execute(
                        "INSERT INTO moves (account, amount) VALUES (?, ?), (?, ?)",
                        i % 50,
                        i,
                        (i * 7 + 1) % 50,
                        -i);
                  } else {
                    moves.push(i % 50, (long) i, null);
                    moves.push((i * 7 + 1) % 50, (long) -i, null);
                  }
                }
              });
      producer.start();
      long most = 0;
      try {
        for (int i = 0; i < 100 || most == 0 && producer.isAlive(); i++) {
          String sql =
              kind.equals("view")
                  ? "SELECT SUM(balance) AS s, SUM(moves) AS n FROM balances"
                  : "SELECT total, moves FROM total";
          Row row = db.query(sql).drain().get(0);
          if (!row.isNull(0)) {
            assertThat(row.getLong(1)).isGreaterThanOrEqualTo(most);
            most = row.getLong(1);
            if (most % 2 == 0) {
              assertThat(row.getLong(0)).isZero();
            }
          }
        }
      } finally {
        stop.set(true);
        producer.join();
      }
      assertThat(most).isPositive();
    }
  }

  @Test
  void aQueryOverAStreamIsLiveUntilItIsClosed() throws Exception {
    try (LaminarDB db = threaded(MOVES)) {
      Rows live = db.query("SELECT account, amount * 2 AS twice FROM moves WHERE amount > 0");
      assertThat(live.isLive()).isTrue();
      assertThat(live.drain()).isEmpty();
      List<String> seen = new ArrayList<>();
      CountDownLatch three = new CountDownLatch(3);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread reader =
          new Thread(
              () -> {
                try {
                  for (Row row : live) {
                    seen.add(text(row));
                    three.countDown();
                  }
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      reader.start();
      Source moves = db.source("moves");
      for (long i = 0; i < 4; i++) {
        moves.push(1, i, null);
      }
      three.await();
      assertThat(db.metrics().queries()).hasSize(1);
      live.close();
      live.close();
      reader.join();
      assertThat(failure.get()).isNull();
      assertThat(seen).containsExactly("1 2", "1 4", "1 6");
      assertThat(db.metrics().queries()).isEmpty();
      assertThat(db.metrics().subscriptions()).isEmpty();
      assertThat(live.next(Duration.ofSeconds(1))).isNull();
      db.execute("DROP SOURCE moves");
    }
  }

  @Test
  void drainGivesTheRowsThatWaitAndNotThoseThatKeepComing() throws Exception {
    try (LaminarDB db = inline(MOVES)) {
      Source moves = db.source("moves");
      Rows live = db.query("SELECT account FROM moves WHERE amount > 0");
      moves.push(1, 1L, null);
      moves.push(2, -1L, null);
      moves.push(3, 1L, null);
      assertThat(texts(live.drain())).containsExactly("1", "3");
      assertThat(live.drain()).isEmpty();
      moves.push(4, 1L, null);
      assertThat(texts(live.drain())).containsExactly("4");
      live.close();
      moves.push(5, 1L, null);
      assertThat(live.drain()).isEmpty();
      assertThat(db.metrics().queries()).isEmpty();
    }
    try (LaminarDB db = threaded(MOVES);
        Rows live = db.query("SELECT account FROM moves")) {
      AtomicBoolean stop = new AtomicBoolean();
      Thread producer =
          new Thread(
              () -> {
                Source moves = db.source("moves");
                while (!stop.get()) {
                  moves.tryPush(1, 1L, null);
                }
              });
      producer.start();
      long seen = 0;
      for (int i = 0; i < 20; i++) {
        seen += live.drain().size(); // comes back, although there is always more
      }
      stop.set(true);
      producer.join();
      db.sync();
      seen += live.drain().size();
      assertThat(seen).isEqualTo(db.metrics().source("moves").rows());
    }
  }

  @Test
  void liveRowsEndWithTheirSourceOrWithItsFailure() {
    try (LaminarDB db = inline(MOVES)) {
      try (Rows ends = db.query("SELECT amount FROM moves");
          Rows fails = db.query("SELECT 10 / amount AS q FROM moves")) {
        Source moves = db.source("moves");
        moves.push(1, 5L, null);
        moves.push(1, 0L, null);
        moves.end();
        assertThat(texts(ends)).containsExactly("5", "0");
        Iterator<Row> failing = fails.iterator();
        assertThat(text(failing.next())).isEqualTo("2");
        assertThat(error(failing::hasNext).code()).isEqualTo(ErrorCode.EXPRESSION_FAILED);
      }
    }
  }

  @Test
  void subscribeFollowsAnObjectOrAQuery() {
    try (LaminarDB db = inline(MOVES, BALANCES)) {
      Source moves = db.source("moves");
      moves.push(1, 10L, null);
      try (Rows view = db.query("SUBSCRIBE balances");
          Rows query = db.query("SUBSCRIBE SELECT amount FROM moves WHERE amount > ?", 5)) {
        assertThat(view.isLive()).isTrue();
        moves.push(1, 5L, null);
        moves.push(1, 6L, null);
        assertThat(texts(view.drain()))
            .containsExactly("1 10 1", "-1 10 1", "1 15 2", "-1 15 2", "1 21 3");
        assertThat(texts(query.drain())).containsExactly("6");
      }
      assertThat(db.metrics().queries()).hasSize(1);
    }
  }

  @Test
  void queriesComeAndGoWhileAnotherThreadPushes() throws Exception {
    try (LaminarDB db = threaded(MOVES, BALANCES)) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      long[] pushed = new long[1];
      Thread producer =
          new Thread(
              () -> {
                try {
                  Source moves = db.source("moves");
                  for (; !stop.get(); pushed[0]++) {
                    moves.push((int) (pushed[0] % 100), 1L, "x");
                  }
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      producer.start();
      try {
        for (int i = 0; i < 30; i++) {
          db.execute(
              "CREATE STREAM s" + i + " AS SELECT account, note FROM moves WHERE amount > 0");
          db.execute(
              "CREATE MATERIALIZED VIEW v"
                  + i
                  + " AS SELECT account, SUM(balance) AS b"
                  + " FROM balances GROUP BY account");
          long[] heard = new long[1];
          var heardAll = db.subscribe("s" + i, row -> heard[0]++);
          if (i % 3 == 0) {
            db.query("SELECT COUNT(*) AS n FROM v" + i).drain();
          }
          heardAll.close();
          db.execute("DROP STREAM s" + i);
          if (i % 2 == 0) {
            db.execute("DROP MATERIALIZED VIEW v" + i);
          }
        }
      } finally {
        stop.set(true);
        producer.join();
      }
      assertThat(failure.get()).isNull();
      db.sync();
      String total = String.valueOf(pushed[0]);
      assertThat(rows(db, "SELECT SUM(balance) AS b FROM balances")).containsExactly(total);
      for (int i = 1; i < 30; i += 2) {
        assertThat(rows(db, "SELECT SUM(b) AS b FROM v" + i)).containsExactly(total);
      }
    }
  }
}
