package io.laminardb.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.CheckpointConfig;
import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscriber;
import io.laminardb.TestAccess;
import io.laminardb.core.time.VirtualClock;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a table outside has answered once is not asked again, whatever it would answer now. */
class DurableLookupTest {
  private static final long SEED = Long.getLong("laminar.seed", 20_261_123);
  private static final String KEPT = ", cache_ttl = '10 s'";

  @TempDir Path dir;
  private final VirtualClock clock = new VirtualClock(0);
  private Customers customers;

  @BeforeEach
  void makeTheOtherDatabase() throws SQLException {
    customers = new Customers();
  }

  @AfterEach
  void dropTheOtherDatabase() throws SQLException {
    customers.close();
  }

  private LaminarDB open(boolean inline) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .clock(clock)
            .storageDir(dir)
            .retainHistory(Duration.ofDays(1))
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
    LaminarDB db = (inline ? builder.inline() : builder).build();
    return db;
  }

  private LaminarDB create(boolean inline, String options, String with) {
    LaminarDB db = open(inline);
    db.execute(Customers.named(options, with));
    db.start();
    return db;
  }

  private LaminarDB crash(LaminarDB db, boolean inline) {
    TestAccess.crash(db);
    LaminarDB again = open(inline);
    again.start();
    return again;
  }

  private static DurableSubscription subscribe(LaminarDB db) {
    return db.subscribe("named", Subscriber.durable("reader"));
  }

  /** What was not acknowledged, by number. */
  private static Map<Long, String> rows(DurableSubscription subscription) {
    Map<Long, String> rows = new TreeMap<>();
    for (Row row = subscription.poll(); row != null; row = subscription.poll()) {
      rows.put(subscription.sequence(), row.getInt("id") + " " + row.getString("name"));
    }
    return rows;
  }

  private static void push(LaminarDB db, int id, Long customer) {
    db.source("orders").push(id, customer);
    db.sync();
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void anAnswerIsTheSameAfterACrash(boolean inline, boolean checkpoint) throws SQLException {
    LaminarDB db = create(inline, KEPT, "");
    subscribe(db);
    push(db, 1, 7L);
    push(db, 2, 2000L);
    if (checkpoint) {
      db.checkpoint();
    }
    customers.execute("UPDATE customers SET name = 'other' WHERE id = 7");
    customers.execute("INSERT INTO customers VALUES (2000, 'new')");
    db = crash(db, inline);
    push(db, 3, 7L);
    clock.advance(Duration.ofSeconds(9));
    push(db, 4, 2000L);
    clock.advance(Duration.ofSeconds(2));
    push(db, 5, 7L);
    push(db, 6, 2000L);
    assertThat(rows(subscribe(db)).values())
        .containsExactly("1 name 7", "2 null", "3 name 7", "4 null", "5 other", "6 new");
    db.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasNotAnsweredIsAskedAgain(boolean checkpoint) throws Exception {
    LaminarDB db = create(false, "", "");
    DurableSubscription before = subscribe(db);
    push(db, 1, 7L);
    assertThat(rows(before).values()).containsExactly("1 name 7");
    Gate.close();
    db.source("orders").push(2, 8L);
    db.source("orders").push(3, 7L);
    Gate.awaitQuestion();
    Gate.awaitQuestion();
    while (!db.metrics().query("named").operators().toString().contains("rows in flight 2")) {
      Thread.yield();
    }
    if (checkpoint) {
      db.checkpoint();
    }
    TestAccess.crash(db);
    customers.execute("UPDATE customers SET name = 'other' WHERE id < 10");
    Gate.open();
    try (LaminarDB again = open(false)) {
      again.start();
      again.sync();
      assertThat(rows(subscribe(again)).values())
          .containsExactly("1 name 7", "2 other", "3 name 7");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aQuestionThatFailedHasFailed(boolean checkpoint) {
    LaminarDB db = create(true, ", retries = 0", "WITH (on_error = 'skip')");
    subscribe(db);
    Gate.failNext(1);
    push(db, 1, 7L);
    push(db, 2, 7L);
    if (checkpoint) {
      db.checkpoint();
    }
    db = crash(db, true);
    assertThat(rows(subscribe(db)).values()).containsExactly("2 name 7");
    assertThat(db.metrics().query("named").failedRows()).isEqualTo(1);
    db.close();
  }

  @Test
  void whenTooManyRowsWaitNothingElseComesIn() throws InterruptedException {
    LaminarDB db = create(false, ", max_in_flight = 4", "");
    DurableSubscription named = subscribe(db);
    db.execute("CREATE SOURCE other (n INT); CREATE MATERIALIZED VIEW seen AS SELECT n FROM other");
    Gate.close();
    for (int i = 0; i < 4; i++) {
      db.source("orders").push(i, (long) i + 1);
    }
    Gate.awaitQuestion();
    while (!db.metrics().query("named").operators().toString().contains("rows in flight 4")) {
      Thread.yield();
    }
    db.source("other").push(1);
    Gate.open();
    for (int i = 4; i < 100; i++) {
      db.source("orders").push(i, (long) i + 1);
    }
    db.sync();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      expected.add(i + " name " + (i + 1));
    }
    assertThat(rows(named).values()).containsExactlyElementsOf(expected);
    try (Rows seen = db.query("SELECT n FROM seen")) {
      assertThat(seen.drain()).hasSize(1);
    }
    db.close();
  }

  @Test
  void whatWasAnsweredCanBeLookedAtAndVerifiedLater() throws SQLException {
    LaminarDB db = create(true, ", cache_ttl = '0 s'", "");
    db.execute(
        "CREATE MATERIALIZED VIEW names AS SELECT c.name, COUNT(*) AS n FROM orders AS o JOIN customers"
            + " AS c ON o.customer = c.id GROUP BY c.name");
    push(db, 1, 7L);
    customers.execute("UPDATE customers SET name = 'other' WHERE id = 7");
    push(db, 2, 7L);
    assertThat(db.verify("names")).isNull();
    TestAccess.crash(db);
    customers.execute("DROP TABLE customers");
    try (LaminarDB then = LaminarDB.replay(dir).open();
        Rows names = then.query("SELECT name, n FROM names ORDER BY name")) {
      assertThat(names.drain().toString()).contains("name 7").contains("other");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void numbersAndRowsStayWhateverIsAnsweredLater(boolean inline) throws SQLException {
    for (long seed = SEED; seed < SEED + 2; seed++) {
      Random random = new Random(seed);
      Path first = dir;
      dir = dir.resolve("seed" + seed);
      LaminarDB db = create(inline, ", cache_rows = 5, cache_ttl = '2 s'", "");
      db.execute(
          "CREATE MATERIALIZED VIEW names AS SELECT name, COUNT(*) AS n FROM named GROUP BY name");
      DurableSubscription named = subscribe(db);
      Map<Long, String> seen = new TreeMap<>();
      for (int id = 1; id <= 300; id++) {
        db.source("orders").push(id, random.nextInt(10) == 0 ? null : 1L + random.nextInt(12));
        int what = random.nextInt(30);
        if (what < 4) {
          customers.execute("UPDATE customers SET name = 'at " + id + "' WHERE id < 20");
        } else if (what == 4) {
          db.checkpoint();
        } else if (what < 9) {
          clock.advance(Duration.ofSeconds(1));
        } else if (what < 11) {
          db.sync();
          addAll(seen, rows(named), seed);
          db = crash(db, inline);
          named = subscribe(db);
        }
      }
      db.sync();
      addAll(seen, rows(named), seed);
      Map<String, Long> counts = new HashMap<>();
      int last = 0;
      for (Map.Entry<Long, String> row : seen.entrySet()) {
        String[] words = row.getValue().split(" ", 2);
        assertThat(row.getKey().intValue()).as("seed %d", seed).isEqualTo(++last);
        assertThat(words[0]).as("seed %d", seed).isEqualTo(Integer.toString(last));
        counts.merge(words[1], 1L, Long::sum);
      }
      assertThat(last).isEqualTo(300);
      Map<String, Long> view = new HashMap<>();
      try (Rows rows = db.query("SELECT name, n FROM names")) {
        rows.drain().forEach(row -> view.put(row.getString("name") + "", row.getLong("n")));
      }
      assertThat(view).as("seed %d", seed).isEqualTo(counts);
      assertThat(db.verify("names")).as("seed %d", seed).isNull();
      db.close();
      dir = first;
    }
  }

  /** Rows that came before come again as they were. */
  private static void addAll(Map<Long, String> seen, Map<Long, String> rows, long seed) {
    rows.forEach(
        (number, row) -> {
          String before = seen.put(number, row);
          assertThat(before == null ? row : before)
              .as("seed %d, row %d", seed, number)
              .isEqualTo(row);
        });
  }
}
