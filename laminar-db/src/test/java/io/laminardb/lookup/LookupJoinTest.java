package io.laminardb.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.TestAccess;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.VirtualClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LookupJoinTest {
  private static final String URL = Customers.URL;

  private Customers customers;

  @BeforeEach
  void makeTheOtherDatabase() throws SQLException {
    customers = new Customers();
  }

  @AfterEach
  void dropTheOtherDatabase() throws SQLException {
    customers.close();
  }

  private void outside(String sql) throws SQLException {
    customers.execute(sql);
  }

  /** A stream "named" of orders with the names of their customers, through the gate. */
  private static LaminarDB open(LaminarDB.Builder builder, String options, String with) {
    LaminarDB db = create(builder, options, with);
    db.start();
    return db;
  }

  private static LaminarDB create(LaminarDB.Builder builder, String options, String with) {
    LaminarDB db = builder.build();
    db.execute(Customers.named(options, with));
    return db;
  }

  private static List<String> texts(Subscription subscription) {
    List<String> texts = new ArrayList<>();
    for (Row row : subscription.drain()) {
      texts.add(row.getInt("id") + " " + row.getString("name"));
    }
    return texts;
  }

  private static List<String> amounts(Subscription subscription) {
    return subscription.drain().stream()
        .map(row -> row.getInt("id") + " " + row.getString("amount"))
        .toList();
  }

  private static String counters(LaminarDB db) {
    return db.metrics().query("named").operators().stream()
        .filter(operator -> operator.label().equals("LookupJoin"))
        .findFirst()
        .orElseThrow()
        .detail()
        .replaceAll(".*\\[|\\]", "");
  }

  @Test
  void asksForTheColumnsAndRowsThatTheQueryReads() throws SQLException {
    outside(
        "CREATE TABLE places (id BIGINT, region VARCHAR, tier INT, amount BIGINT, name VARCHAR)");
    outside("INSERT INTO places VALUES (1, 'EU', 1, 5000000000, 'a'), (1, 'US', 1, 7, 'b')");
    outside("INSERT INTO places VALUES (2, 'US', 2, 6000000000, 'c'), (2, 'EU', 3, 8, 'd')");
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute("CREATE SOURCE orders (id INT, place BIGINT)");
      db.execute(
          "CREATE LOOKUP TABLE places (id BIGINT, region VARCHAR, tier INT, amount INT, name VARCHAR)"
              + " FROM JDBC (url = '"
              + URL
              + "', table = 'places', retries = 0)");
      String from = " FROM orders AS o JOIN places AS p ON o.place = p.id";
      // An amount of 5,000,000,000 is no INT: who sees it fails.
      db.execute("CREATE STREAM names AS SELECT o.id, p.name" + from);
      db.execute(
          "CREATE STREAM us AS SELECT o.id, p.amount"
              + from
              + " AND p.region = 'US' AND p.tier = 1");
      db.execute(
          "CREATE STREAM few AS SELECT o.id, p.amount, p.name" + from + " WHERE p.tier IN (3, 4)");
      db.execute(
          "CREATE STREAM leftover AS SELECT o.id, p.amount FROM orders AS o LEFT JOIN places AS p"
              + " ON o.place = p.id AND p.region = 'US' AND p.tier <> 2 AND p.tier = 1");
      Subscription names = db.subscribe("names");
      Subscription us = db.subscribe("us");
      Subscription few = db.subscribe("few");
      Subscription leftover = db.subscribe("leftover");
      db.start();
      db.source("orders").push(10, 1L);
      db.source("orders").push(20, 2L);
      db.sync();
      assertThat(texts(names)).containsExactlyInAnyOrder("10 a", "10 b", "20 c", "20 d");
      assertThat(amounts(us)).containsExactly("10 7");
      assertThat(amounts(few)).containsExactly("20 8");
      assertThat(amounts(leftover)).containsExactly("10 7", "20 null");
      try (var plan = db.query("EXPLAIN few")) {
        assertThat(plan.drain().toString())
            .contains("LookupJoin places (id, tier, amount, name WHERE tier IN (3, 4)) INNER ON");
      }
    }
  }

  @Test
  void inlineThePushReturnsWhenTheAnswerIsThere() {
    try (LaminarDB db = open(LaminarDB.builder().inline(), "", "")) {
      List<String> seen = new ArrayList<>();
      Thread caller = Thread.currentThread();
      db.subscribe(
          "named",
          row -> {
            assertThat(Thread.currentThread()).isSameAs(caller);
            seen.add(row.getString("name"));
          });
      db.source("orders").push(1, 7L);
      assertThat(seen).containsExactly("name 7");
      db.source("orders").push(2, 7L);
      db.source("orders").push(3, 5000L);
      assertThat(seen).containsExactly("name 7", "name 7", null);
      assertThat(counters(db)).isEqualTo("cache hits 1, misses 2, questions 2, rows in flight 0");
    }
  }

  @Test
  void rowsInFlightAreAskedForAgainAfterARestore() throws InterruptedException {
    try (LaminarDB db = open(LaminarDB.builder(), "", "")) {
      Subscription named = db.subscribe("named");
      db.source("orders").push(1, 7L);
      db.sync();
      Gate.close();
      db.source("orders").push(2, 8L);
      db.source("orders").push(3, 7L);
      db.source("orders").push(4, null);
      Gate.awaitQuestion();
      Gate.awaitQuestion();
      while (!counters(db).endsWith("rows in flight 3")) {
        Thread.yield();
      }
      TestAccess.rebuildState(db);
      assertThat(texts(named)).containsExactly("1 name 7");
      Gate.open();
      db.sync();
      assertThat(texts(named)).containsExactly("2 name 8", "3 name 7", "4 null");
      assertThat(counters(db)).endsWith("rows in flight 0");
    }
  }

  @Test
  void theInputIsHeldBackWhenTooManyRowsWait() throws InterruptedException {
    try (LaminarDB db = open(LaminarDB.builder(), ", max_in_flight = 4", "")) {
      Subscription named = db.subscribe("named");
      Gate.close();
      List<String> expected = new ArrayList<>();
      for (int i = 1; i <= 100; i++) {
        db.source("orders").push(i, (long) i);
        expected.add(i + " name " + i);
      }
      Gate.awaitQuestion();
      while (!counters(db).endsWith("rows in flight 4")) {
        Thread.yield();
      }
      assertThat(texts(named)).isEmpty();
      Gate.open();
      db.sync();
      assertThat(texts(named)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsThatWaitedForTheStartGoThroughAFewAtATime(boolean inline) {
    LaminarDB.Builder builder = LaminarDB.builder();
    String few = ", max_in_flight = 3, connections = 1, keys_per_question = 2, cache_rows = 2";
    LaminarDB.Builder how = inline ? builder.inline() : builder;
    try (LaminarDB db = create(how, few, "")) {
      Subscription named = db.subscribe("named");
      List<String> expected = new ArrayList<>();
      for (int i = 1; i <= 100; i++) {
        db.source("orders").push(i, (long) (i % 7));
        expected.add(i + " " + (i % 7 == 0 ? null : "name " + i % 7));
      }
      db.source("orders").end();
      db.start();
      db.sync();
      assertThat(texts(named)).isEqualTo(expected);
    }
  }

  @Test
  void aReaderThatIsSlowHoldsAnswersBack() {
    try (LaminarDB db = open(LaminarDB.builder().subscriptionRows(4).batchRows(2), "", "")) {
      Subscription named = db.subscribe("named");
      List<String> expected = new ArrayList<>();
      for (int i = 1; i <= 50; i++) {
        db.source("orders").push(i, (long) i);
        expected.add(i + " name " + i);
      }
      List<String> seen = new ArrayList<>();
      while (seen.size() < 50) {
        seen.addAll(texts(named));
      }
      assertThat(seen).isEqualTo(expected);
    }
  }

  @Test
  void keysThatWaitAreAskedForTogether() {
    try (LaminarDB db = open(LaminarDB.builder(), ", max_in_flight = 10000", "")) {
      Subscription named = db.subscribe("named");
      Source orders = db.source("orders");
      List<String> expected = new ArrayList<>();
      Gate.close(); // else a database that answers faster than rows come is asked for each
      for (int i = 1; i <= 1000; i++) {
        orders.push(i, (long) i);
        expected.add(i + " name " + i);
      }
      Gate.open();
      db.sync();
      assertThat(texts(named)).isEqualTo(expected);
      String counters = counters(db);
      assertThat(counters).startsWith("cache hits 0, misses 1000, questions ");
      assertThat(Integer.parseInt(counters.replaceAll(".*questions (\\d+),.*", "$1")))
          .isLessThan(500);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10})
  void theCacheStaysAsSmallAsItWasToldTo(int rows) {
    try (LaminarDB db = open(LaminarDB.builder(), ", cache_rows = " + rows, "")) {
      Subscription named = db.subscribe("named");
      for (int round = 0; round < 2; round++) {
        for (int i = 1; i <= 300; i++) {
          db.source("orders").push(i, (long) i);
        }
        db.sync();
        assertThat(texts(named)).hasSize(300).doesNotContainNull();
        assertThat(db.metrics().query("named").stateRows()).isLessThanOrEqualTo(rows);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAnswerIsRightForItsTimeAndThenAskedForAgain(boolean inline) throws SQLException {
    VirtualClock clock = new VirtualClock(0);
    LaminarDB.Builder builder = LaminarDB.builder().clock(clock);
    try (LaminarDB db = open(inline ? builder.inline() : builder, ", cache_ttl = '10 s'", "")) {
      Subscription named = db.subscribe("named");
      push(db, 1, 7L);
      push(db, 2, 2000L);
      outside("UPDATE customers SET name = 'other' WHERE id = 7");
      outside("INSERT INTO customers VALUES (2000, 'new')");
      push(db, 3, 7L);
      push(db, 4, 2000L);
      clock.advance(Duration.ofSeconds(9));
      push(db, 5, 7L);
      clock.advance(Duration.ofSeconds(2));
      push(db, 6, 7L);
      push(db, 7, 2000L);
      assertThat(texts(named))
          .containsExactly(
              "1 name 7", "2 null", "3 name 7", "4 null", "5 name 7", "6 other", "7 new");
    }
  }

  private static void push(LaminarDB db, int id, Long customer) {
    db.source("orders").push(id, customer);
    db.sync();
  }

  @Test
  void aQuestionThatFailsIsAskedAgain() {
    try (LaminarDB db = open(LaminarDB.builder(), ", retries = 2", "")) {
      Subscription named = db.subscribe("named");
      Gate.failNext(2);
      push(db, 1, 7L);
      assertThat(texts(named)).containsExactly("1 name 7");
    }
  }

  @Test
  void aQuestionThatFailsForGoodStopsTheQueryAndNamesTheKey() {
    try (LaminarDB db = open(LaminarDB.builder(), ", retries = 1", "")) {
      Gate.failNext(1000);
      push(db, 1, 7L);
      assertThat(db.metrics().query("named").failure())
          .contains("CONNECTOR_FAILED")
          .contains("lookup table \"customers\" gives no answer for id = 7")
          .contains("the line is bad")
          .doesNotContain("\n")
          .contains("The row: (id = 1, customer = 7)");
    }
  }

  @Test
  void orIsPassedOverWithOnErrorSkip() {
    try (LaminarDB db = open(LaminarDB.builder(), ", retries = 0", "WITH (on_error = 'skip')")) {
      Subscription named = db.subscribe("named");
      Subscription errors = db.subscribe("named$errors");
      Gate.failNext(1);
      push(db, 1, 7L);
      push(db, 2, 8L);
      push(db, 3, 7L);
      assertThat(texts(named)).containsExactly("2 name 8", "3 name 7");
      assertThat(errors.drain()).hasSize(1);
      assertThat(db.metrics().query("named").failedRows()).isEqualTo(1);
    }
  }

  @Test
  void aLineThatBreaksIsMadeAnew() throws SQLException {
    try (LaminarDB db = open(LaminarDB.builder(), ", connections = 1", "")) {
      Subscription named = db.subscribe("named");
      push(db, 1, 7L);
      outside(
          "CREATE TABLE sessions AS SELECT ABORT_SESSION(session_id) FROM"
              + " INFORMATION_SCHEMA.SESSIONS WHERE session_id <> SESSION_ID()");
      push(db, 2, 8L);
      assertThat(texts(named)).containsExactly("1 name 7", "2 name 8");
    }
  }

  @Test
  void whatIsUnderWayKeepsNobodyFromDroppingOrClosing() throws InterruptedException {
    try (LaminarDB db = open(LaminarDB.builder(), "", "")) {
      Gate.close();
      db.source("orders").push(1, 7L);
      Gate.awaitQuestion();
      db.execute("DROP STREAM named");
      db.execute("DROP LOOKUP TABLE customers");
      Gate.open();
    }
    Gate.reset();
    LaminarDB closed = open(LaminarDB.builder(), "", "");
    Gate.close();
    closed.source("orders").push(1, 7L);
    Gate.awaitQuestion();
    closed.close();
    assertThatThrownBy(() -> closed.source("orders").push(2, 7L))
        .isInstanceOf(LaminarException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRowThatTheTableCannotHoldIsItsKeysAlone(boolean inline) throws SQLException {
    outside("CREATE TABLE odd (id BIGINT, n BIGINT)");
    outside("INSERT INTO odd VALUES (1, 10), (2, 3000000000), (3, 30)");
    LaminarDB.Builder builder = LaminarDB.builder();
    try (LaminarDB db = (inline ? builder.inline() : builder).build()) {
      db.execute(
          "CREATE SOURCE q (id BIGINT);"
              + "CREATE LOOKUP TABLE odd (id BIGINT, n INT) FROM JDBC (url = '"
              + URL
              + "', table = 'odd', connections = 1);"
              + "CREATE STREAM s AS SELECT q.id, o.n FROM q JOIN odd AS o ON q.id = o.id"
              + " WITH (on_error = 'skip')");
      db.start();
      Subscription rows = db.subscribe("s");
      for (long id : new long[] {9, 1, 2, 3}) {
        db.source("q").push(id);
      }
      db.sync();
      List<String> texts = new ArrayList<>();
      rows.drain().forEach(row -> texts.add(row.getLong("id") + " " + row.getInt("n")));
      assertThat(texts).containsExactly("1 10", "3 30");
      assertThat(db.metrics().query("s").failedRows()).isEqualTo(1);
    }
  }
}
