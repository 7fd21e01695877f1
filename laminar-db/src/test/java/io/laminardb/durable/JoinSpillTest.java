package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Source;
import io.laminardb.Subscriber;
import io.laminardb.TestAccess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of joins that leave memory with their rows and come back give the same rows in the same order. */
class JoinSpillTest {
  private static final String MANY = "some text that is too long for its place in the row ";
  private static final String ORDERS = "CREATE SOURCE orders (id BIGINT, name VARCHAR, qty INT)";
  private static final String PEOPLE = "CREATE SOURCE people (id BIGINT, name VARCHAR, least INT)";
  private static final String TAKEN_BACK = " WITH (changelog = 'retract')";
  private static final String COLUMNS =
      "o.id, o.name, o.qty, p.name AS person, p.least FROM orders o ";
  private static final String INNER = "SELECT " + COLUMNS + "JOIN people p ON o.id = p.id";

  private static final String LEFT = "SELECT " + COLUMNS + "LEFT JOIN people p ON o.id = p.id";
  private static final String OF_CHANGELOGS =
      "SELECT o.least AS name, o.n, p.most, p.n AS people FROM"
          + " (SELECT id, MIN(name) AS least, COUNT(*) AS n FROM orders GROUP BY id) o JOIN"
          + " (SELECT id, MAX(name) AS most, COUNT(*) AS n FROM people GROUP BY id) p"
          + " ON o.id = p.id";

  @TempDir Path dir;

  private record Pushed(boolean isOrder, Object[] values) {}

  /** Rows of both sides, of changelogs some that are taken back. */
  private static final class Feed {
    private final Random random;
    private final int keys;
    private final boolean retract;
    private final List<Pushed> pushed = new ArrayList<>();

    Feed(long seed, int keys, boolean retract) {
      this.random = new Random(seed);
      this.keys = keys;
      this.retract = retract;
    }

    void push(Source orders, Source people) {
      if (retract && random.nextInt(3) == 0 && !pushed.isEmpty()) {
        Pushed back = pushed.remove(random.nextInt(pushed.size()));
        (back.isOrder ? orders : people).retract(back.values);
        return;
      }
      Long id = random.nextInt(30) == 0 ? null : (long) random.nextInt(keys);
      String name = (random.nextBoolean() ? MANY : "") + random.nextInt(100);
      Pushed next = new Pushed(random.nextBoolean(), new Object[] {id, name, random.nextInt(5)});
      pushed.add(next);
      (next.isOrder ? orders : people).push(next.values);
    }
  }

  private static void create(LaminarDB db, String query, boolean retract) {
    String with = retract ? TAKEN_BACK : "";
    db.execute(ORDERS + with + "; " + PEOPLE + with + "; CREATE STREAM joined AS " + query);
  }

  private static List<String> run(
      LaminarDB db, String query, boolean retract, int keys, int rows, long seed) {
    create(db, query, retract);
    List<String> texts = new ArrayList<>();
    db.subscribe("joined", row -> texts.add(row.weight() + " " + row));
    db.start();
    Source orders = db.source("orders");
    Source people = db.source("people");
    Feed feed = new Feed(seed, keys, retract);
    for (int i = 0; i < rows; i++) {
      feed.push(orders, people);
      if (rows <= 400) {
        db.sync(); // which side comes first must not be by chance; inline it is not
      }
    }
    if (retract) {
      texts.addAll(Spilling.rows(db, "SELECT * FROM joined"));
    }
    orders.end();
    db.sync();
    people.end();
    db.sync();
    assertThat(db.metrics().query("joined").failure()).isNull();
    return texts;
  }

  private static void drain(DurableSubscription joined, List<String> received) {
    for (Row row = joined.poll(); row != null; row = joined.poll()) {
      received.add(row.weight() + " " + row);
    }
    joined.ack();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        INNER,
        LEFT,
        "SELECT " + COLUMNS + "FULL JOIN people p ON o.id = p.id AND o.qty >= p.least",
        "SELECT * FROM orders o WHERE EXISTS (SELECT * FROM people p WHERE p.id = o.id)",
        "SELECT * FROM orders o WHERE NOT EXISTS"
            + " (SELECT * FROM people p WHERE p.id = o.id AND p.least > o.qty)"
      })
  void whatSpillsAlwaysIsAsIfItHadNot(String query) {
    for (boolean retract : new boolean[] {true, false}) {
      long seed = Spilling.seed();
      List<String> expected;
      try (LaminarDB db = LaminarDB.builder().inline().build()) {
        expected = run(db, query, retract, 12, 200, seed);
      }
      LaminarDB.Builder builder = TestAccess.spillAlways(LaminarDB.builder().spillDir(dir));
      try (LaminarDB db = (retract ? builder.inline() : builder).build()) {
        assertThat(run(db, query, retract, 12, 200, seed))
            .as("seed %d, retract %s", seed, retract)
            .isEqualTo(expected);
      }
    }
    assertThat(dir.resolve("spill")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBudgetSmallerThanTheStateIsEnough(boolean changelogs) {
    long seed = Spilling.seed();
    String query =
        "SELECT COUNT(*) AS n, SUM(LENGTH(name)) AS total FROM ("
            + (changelogs ? OF_CHANGELOGS : LEFT)
            + ")";
    List<String> expected;
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      expected = run(db, query, false, 20_000, 40_000, seed);
    }
    LaminarDB.Builder builder = Spilling.shortOfMemory();
    try (LaminarDB db = builder.build()) {
      assertThatThrownBy(() -> run(db, query, false, 20_000, 40_000, seed))
          .hasMessageContaining("MEMORY_BUDGET_EXCEEDED");
    }
    try (LaminarDB db = builder.spillDir(dir).build()) {
      List<String> texts = run(db, query, false, 20_000, 40_000, seed);
      assertThat(db.metrics().query("joined").operators())
          .anyMatch(operator -> operator.label().equals("Join") && operator.spillReadBytes() > 0);
      assertThat(texts.equals(expected)).as("seed %d", seed).isTrue();
    }
  }

  @Test
  void spilledKeysAreThereAfterACrash() {
    String query = "SELECT " + COLUMNS + "FULL JOIN people p ON o.id = p.id AND o.qty >= p.least";
    long seed = Spilling.seed();
    int rows = 60;
    List<String> expected = new ArrayList<>();
    List<String> expectedHeld;
    List<String> held = List.of();
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      create(db, query, true);
      db.subscribe("joined", row -> expected.add(row.weight() + " " + row));
      db.start();
      Feed feed = new Feed(seed, 12, true);
      for (int i = 0; i < 6 * rows; i++) {
        feed.push(db.source("orders"), db.source("people"));
      }
      expectedHeld = Spilling.rows(db, "SELECT * FROM joined");
    }
    List<String> received = new ArrayList<>();
    Feed feed = new Feed(seed, 12, true);
    for (int life = 0; life < 6; life++) {
      LaminarDB.Builder builder = Spilling.durable(dir);
      LaminarDB db = (life == 4 ? builder : TestAccess.spillAlways(builder)).build();
      if (life == 0) {
        create(db, query, true);
      }
      DurableSubscription joined = db.subscribe("joined", Subscriber.durable("test"));
      db.start();
      for (int i = 0; i < rows; i++) {
        feed.push(db.source("orders"), db.source("people"));
        if (i % 30 == 20) {
          db.checkpoint();
        }
      }
      db.sync();
      drain(joined, received);
      if (life == 5) {
        held = Spilling.rows(db, "SELECT * FROM joined");
      }
      TestAccess.crash(db);
    }
    assertThat(received.equals(expected)).as("seed %d", seed).isTrue();
    assertThat(held).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expectedHeld);
  }
}
