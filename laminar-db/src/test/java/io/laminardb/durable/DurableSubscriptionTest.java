package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.CheckpointConfig;
import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscriber;
import io.laminardb.TestAccess;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a subscriber gets that comes again by its name. */
class DurableSubscriptionTest {
  private static final Subscriber BILLING = Subscriber.durable("billing");
  private static final String SETUP =
      "CREATE SOURCE orders (id BIGINT NOT NULL, item VARCHAR);"
          + "CREATE STREAM large AS SELECT id, item FROM orders WHERE id >= 10;"
          + "CREATE MATERIALIZED VIEW items AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item";

  @TempDir Path dir;

  private LaminarDB open(boolean inline) {
    return open(inline, 1 << 20);
  }

  private LaminarDB open(boolean inline, int subscriptionRows) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .storageDir(dir)
            .subscriptionRows(subscriptionRows)
            .stallTimeout(Duration.ofMillis(300))
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
    return (inline ? builder.inline() : builder).build();
  }

  private static void push(LaminarDB db, long... ids) {
    for (long id : ids) {
      db.source("orders").push(id, "item" + id % 3);
    }
    db.sync();
  }

  private static List<Long> ids(List<Row> rows) {
    return rows.stream().map(row -> row.getLong("id")).toList();
  }

  private static List<String> texts(List<Row> rows) {
    return rows.stream().map(row -> row.weight() + " " + row).toList();
  }

  private static String shown(LaminarDB db) {
    try (Rows rows = db.query("SHOW SUBSCRIPTIONS")) {
      StringBuilder text = new StringBuilder();
      for (Row row : rows.drain()) {
        for (int i = 0; i < row.schema().size(); i++) {
          text.append(row.getObject(i)).append(' ');
        }
      }
      return text.toString().strip();
    }
  }

  private static void refused(ErrorCode code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(LaminarException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void goesOnBehindTheLastRowThatWasAcknowledged(boolean inline) {
    for (boolean checkpoint : new boolean[] {false, true}) {
      dir = dir.resolve("checkpoint" + checkpoint);
      LaminarDB db = open(inline);
      db.execute(SETUP);
      db.start();
      push(db, 9, 10);
      DurableSubscription billing = db.subscribe("large", BILLING);
      assertThat(billing.drain()).as("rows from before it was there").isEmpty();
      push(db, 11, 5, 12, 13);
      assertThat(billing.poll().getLong("id")).isEqualTo(11);
      assertThat(billing.sequence()).isEqualTo(1);
      billing.ack();
      assertThat(ids(billing.drain())).containsExactly(12L, 13L);
      assertThat(billing.sequence()).isEqualTo(3);
      billing.ack(2);
      if (checkpoint) {
        db.checkpoint();
      }
      push(db, 14);
      assertThat(shown(db)).isEqualTo("billing large 4 2 2");
      TestAccess.crash(db);

      try (LaminarDB again = open(inline)) {
        assertThat(shown(again)).isEqualTo("billing large 4 2 2");
        DurableSubscription resumed = again.subscribe("large", BILLING);
        assertThat(resumed.sequence()).isEqualTo(2);
        assertThat(ids(resumed.drain())).containsExactly(13L, 14L);
        assertThat(resumed.sequence()).isEqualTo(4);
        again.start();
        push(again, 15);
        assertThat(resumed.poll(Duration.ofSeconds(60)).getLong("id")).isEqualTo(15);
        resumed.ack();
        assertThat(shown(again)).isEqualTo("billing large 5 5 0");
        assertThat(resumed.acknowledged()).isEqualTo(5);
      }
      try (LaminarDB last = open(inline)) {
        assertThat(last.subscribe("large", BILLING).drain()).isEmpty();
        assertThat(shown(last)).isEqualTo("billing large 5 5 0");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofAViewWhatItHoldsComesFirstAndIsTheSameAfterACrash(boolean inline) {
    LaminarDB db = open(inline);
    db.execute(SETUP);
    db.execute("CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR)");
    db.start();
    for (int id = 0; id < 300; id++) {
      push(db, id);
      db.execute("INSERT INTO users VALUES (?, ?)", id * 7 % 300, "user" + id);
    }
    db.execute("DELETE FROM users WHERE id < 100");
    db.checkpoint();
    push(db, 1, 2, 3);
    db.execute("INSERT INTO users VALUES (5, 'five'), (3, 'three')");
    DurableSubscription items = db.subscribe("items", Subscriber.durable("items reader"));
    DurableSubscription users = db.subscribe("users", Subscriber.durable("users"));
    push(db, 4);
    db.execute("DELETE FROM users WHERE id = 200");
    List<String> ofItems = texts(items.drain());
    List<String> ofUsers = texts(users.drain());
    assertThat(ofItems).hasSize(5);
    assertThat(ofUsers).hasSize(203);
    items.ack(1);
    users.ack(50);
    TestAccess.crash(db);

    try (LaminarDB again = open(inline)) {
      assertThat(texts(again.subscribe("items", Subscriber.durable("ITEMS READER")).drain()))
          .isEqualTo(ofItems.subList(1, 5));
      assertThat(texts(again.subscribe("users", Subscriber.durable("users")).drain()))
          .isEqualTo(ofUsers.subList(50, 203));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFullOneHoldsItsQueryBackUntilRowsAreAcknowledged(boolean inline) {
    LaminarDB db = open(inline, 4);
    db.execute(SETUP);
    db.start();
    DurableSubscription billing = db.subscribe("large", BILLING);
    push(db, 10, 11, 12, 13);
    refused(ErrorCode.BACKPRESSURE, "subscription \"billing\" is full", () -> push(db, 14));
    assertThat(ids(billing.drain())).containsExactly(10L, 11L, 12L, 13L);
    refused(ErrorCode.BACKPRESSURE, "subscription \"billing\" is full", db::sync);
    billing.ack(2);
    push(db, 15);
    assertThat(ids(billing.drain())).containsExactly(14L, 15L);
    billing.ack();
    push(db, 16, 17, 18, 19);
    assertThatThrownBy(() -> push(db, 20)).isInstanceOf(LaminarException.class);
    TestAccess.crash(db);

    try (LaminarDB again = open(inline, 4)) {
      DurableSubscription resumed = again.subscribe("large", BILLING);
      assertThat(resumed.sequence()).isEqualTo(6);
      again.start();
      assertThat(ids(resumed.drain())).startsWith(16L, 17L, 18L, 19L);
      resumed.ack();
      push(again, 21);
      assertThat(ids(resumed.drain())).endsWith(21L);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFullOneThatNobodyFollowsCanBeDroppedAndTheRowsGoOn(boolean inline) {
    LaminarDB db = open(inline, 4);
    db.execute(SETUP + "; CREATE SUBSCRIPTION billing ON large");
    db.execute("CREATE MATERIALIZED VIEW totals AS SELECT COUNT(*) AS n FROM large");
    db.start();
    refused(
        ErrorCode.BACKPRESSURE,
        "subscription \"billing\" is full",
        () -> {
          push(db, 10, 11, 12, 13, 14, 15);
          db.sync();
        });
    db.execute("DROP SUBSCRIPTION billing");
    db.sync();
    long total = count(db);
    assertThat(total).isGreaterThan(4);
    push(db, 16);
    db.sync();
    assertThat(count(db)).isEqualTo(total + 1);
    TestAccess.crash(db);

    try (LaminarDB again = open(inline, 4)) {
      assertThat(count(again)).isEqualTo(total + 1);
      assertThat(again.query("SHOW SUBSCRIPTIONS").drain()).isEmpty();
    }
  }

  private static long count(LaminarDB db) {
    try (Rows rows = db.query("SELECT n FROM totals")) {
      return rows.drain().get(0).getLong(0);
    }
  }

  @Test
  void itsNameIsForOneStreamAndOneFollowerAtATime() {
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(SETUP);
      db.start();
      DurableSubscription billing = db.subscribe("large", BILLING);
      refused(
          ErrorCode.OBJECT_IN_USE,
          "subscription \"billing\" is followed already",
          () -> db.subscribe("LARGE", Subscriber.durable("Billing")));
      refused(ErrorCode.OBJECT_EXISTS, "on \"large\"", () -> db.subscribe("items", BILLING));
      push(db, 10, 11);
      assertThat(billing.poll().getLong("id")).isEqualTo(10);
      refused(ErrorCode.INVALID_OPTION, "row 2", () -> billing.ack(2));
      billing.close();
      refused(ErrorCode.CLOSED, "billing", billing::poll);
      refused(ErrorCode.CLOSED, "billing", billing::ack);

      DurableSubscription second = db.subscribe("large", BILLING);
      assertThat(ids(second.drain())).containsExactly(10L, 11L);
      second.ack();
      refused(ErrorCode.OBJECT_IN_USE, "\"billing\"", () -> db.execute("DROP STREAM large"));
      db.execute("DROP STREAM large CASCADE");
      refused(ErrorCode.CLOSED, "was dropped", second::poll);
      assertThat(shown(db)).isEmpty();
      assertThat(second.isEnded()).isTrue();
    }
  }

  public record Wrong(long id, int item) {}

  public record Order(long id, String item) {}

  @Test
  void rowsThatCouldNotBeGivenAreNotGiven() {
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(SETUP);
      db.start();
      DurableSubscription billing = db.subscribe("large", BILLING);
      db.source("orders").push(10L, "a");
      db.source("orders").push(11L, "b");
      assertThatThrownBy(() -> billing.drain(Wrong.class)).isInstanceOf(LaminarException.class);
      assertThat(billing.sequence()).isZero();
      assertThat(billing.drain(Order.class))
          .containsExactly(new Order(10, "a"), new Order(11, "b"));
      assertThat(billing.sequence()).isEqualTo(2);
      db.source("orders").end();
      db.sync();
      assertThat(billing.isEnded()).isTrue();
    }
  }

  /** Every row once and with the same number, whatever is taken, acknowledged and lost when. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsLostOrRepeatedOverCrashes(boolean inline) {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    TreeMap<Long, String> given = new TreeMap<>();
    List<String> expected = new ArrayList<>();
    long id = 10;
    long acknowledged = 0;
    for (int life = 0; life < 8; life++) {
      LaminarDB db = open(inline, 500);
      if (life == 0) {
        db.execute(SETUP);
      }
      db.start();
      DurableSubscription billing = db.subscribe("large", BILLING);
      assertThat(billing.sequence()).as("seed %s", seed).isEqualTo(acknowledged);
      for (int step = random.nextInt(12); step > 0; step--) {
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            for (int count = random.nextInt(30); count > 0; count--) {
              db.source("orders").push(id, "item" + id);
              expected.add("item" + id++);
            }
            db.sync();
          }
          case 2, 3 -> {
            Row row;
            for (int most = random.nextInt(40);
                most > 0 && (row = billing.poll()) != null;
                most--) {
              String before = given.put(billing.sequence(), row.getString("item"));
              assertThat(before).as("seed %s", seed).isIn(null, row.getString("item"));
            }
            acknowledged = Math.max(0, billing.sequence() - random.nextInt(4));
            billing.ack(acknowledged);
            acknowledged = billing.acknowledged();
          }
          default -> db.checkpoint();
        }
      }
      TestAccess.crash(db);
    }
    try (LaminarDB db = open(inline)) {
      DurableSubscription billing = db.subscribe("large", BILLING);
      for (Row row = billing.poll(); row != null; row = billing.poll()) {
        given.put(billing.sequence(), row.getString("item"));
      }
    }
    assertThat(given.values()).as("seed %s", seed).containsExactlyElementsOf(expected);
    assertThat(given.lastKey()).as("seed %s", seed).isEqualTo(expected.size());
  }
}
