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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups without a window that leave memory and come back give the same rows in the same order. */
class RunningSpillTest {
  private static final String TICKS =
      "CREATE SOURCE ticks (id BIGINT NOT NULL, name VARCHAR, price DOUBLE, qty INT)";
  private static final String TAKEN_BACK = " WITH (changelog = 'retract')";
  private static final String CALLS =
      "COUNT(*) AS n, SUM(price) AS total, AVG(price) AS mean, MIN(name) AS least, MAX(price) AS"
          + " most, STDDEV(price) AS spread, COUNT(DISTINCT qty) AS kinds, COUNT(DISTINCT name) AS"
          + " names";
  private static final String MANY = "some text that is too long for its place in the row ";

  @TempDir Path dir;

  private record Tick(long id, String name, double price, Integer qty) {}

  /** Rows, some of which are taken back later. */
  private static final class Ticks {
    private final Random random;
    private final int keys;
    private final boolean retract;
    private final Deque<Tick> pushed = new ArrayDeque<>();

    Ticks(long seed, int keys, boolean retract) {
      this.retract = retract;
      random = new Random(seed);
      this.keys = keys;
    }

    void push(Source source) {
      if (retract && random.nextInt(3) == 0 && !pushed.isEmpty()) {
        Tick back = random.nextBoolean() ? pushed.pollFirst() : pushed.pollLast();
        source.retract(back.id, back.name, back.price, back.qty);
        return;
      }
      long id = random.nextInt(keys);
      String name = random.nextInt(9) == 0 ? null : (id % 3 == 0 ? MANY : "") + id;
      Integer qty = random.nextInt(5) == 0 ? null : random.nextInt(100);
      Tick tick = new Tick(id, name, random.nextInt(1000) / 8.0, qty);
      pushed.add(tick);
      source.push(tick.id, tick.name, tick.price, tick.qty);
    }
  }

  /** Of rows that are taken back what there is now comes last; of others nobody asks for that. */
  private static List<String> run(
      LaminarDB db, String query, boolean retract, int keys, int rows, long seed) {
    db.execute(TICKS + (retract ? TAKEN_BACK : "") + "; CREATE STREAM results AS " + query);
    List<String> texts = new ArrayList<>();
    db.subscribe("results", row -> texts.add(row.weight() + " " + row));
    db.start();
    Source source = db.source("ticks");
    Ticks ticks = new Ticks(seed, keys, retract);
    for (int i = 0; i < rows; i++) {
      ticks.push(source);
    }
    db.sync();
    if (retract) {
      texts.addAll(Spilling.rows(db, "SELECT * FROM results"));
    }
    source.end();
    db.sync();
    assertThat(db.metrics().query("results").failure()).isNull();
    return texts;
  }

  private static void drain(DurableSubscription results, List<String> received) {
    for (Row row = results.poll(); row != null; row = results.poll()) {
      received.add(row.weight() + " " + row);
    }
    results.ack();
  }

  private static String query(String keys) {
    return "SELECT " + keys + ", " + CALLS + " FROM ticks GROUP BY " + keys;
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "name", "id, name", "name, qty"})
  void whatSpillsAlwaysIsAsIfItHadNot(String keys) {
    long seed = Spilling.seed();
    List<String> expected;
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      expected = run(db, query(keys), true, 40, 3000, seed);
    }
    for (boolean inline : new boolean[] {true, false}) {
      LaminarDB.Builder builder = TestAccess.spillAlways(LaminarDB.builder().spillDir(dir));
      try (LaminarDB db = (inline ? builder.inline() : builder).build()) {
        assertThat(run(db, query(keys), true, 40, 3000, seed))
            .as("seed %d, inline %s", seed, inline)
            .isEqualTo(expected);
      }
    }
    assertThat(dir.resolve("spill")).doesNotExist();
  }

  @Test
  void aBudgetSmallerThanTheStateIsEnough() {
    long seed = Spilling.seed();
    String query =
        "SELECT id, COUNT(DISTINCT most) AS mosts, SUM(total) AS total, SUM(names) AS names FROM ("
            + query("id, name")
            + ") GROUP BY id";
    List<String> expected;
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      expected = run(db, query, false, 50_000, 90_000, seed);
    }
    LaminarDB.Builder builder = Spilling.shortOfMemory();
    try (LaminarDB db = builder.build()) {
      assertThatThrownBy(() -> run(db, query, false, 50_000, 90_000, seed))
          .hasMessageContaining("MEMORY_BUDGET_EXCEEDED");
    }
    try (LaminarDB db = builder.spillDir(dir).build()) {
      assertThat(run(db, query, false, 50_000, 90_000, seed))
          .as("seed %d", seed)
          .isEqualTo(expected);
      assertThat(db.metrics().query("results").spilledBytes()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void spilledGroupsAreThereAfterACrash(boolean always) {
    String query = query("id, name");
    long seed = Spilling.seed();
    int keys = always ? 40 : 30_000;
    int rows = always ? 500 : 12_000;
    List<String> expected;
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      expected = run(db, query, always, keys, 6 * rows, seed);
    }
    List<String> received = new ArrayList<>();
    Ticks ticks = new Ticks(seed, keys, always);
    for (int life = 0; life < 6; life++) {
      LaminarDB.Builder builder = Spilling.durable(dir);
      if (!always) {
        builder.memoryBudget(12 << 20).ringRows(256).batchRows(256);
      } else if (life != 4) {
        TestAccess.spillAlways(builder);
      }
      LaminarDB db = builder.build();
      if (life == 0) {
        db.execute(TICKS + (always ? TAKEN_BACK : "") + "; CREATE STREAM results AS " + query);
      }
      DurableSubscription results = db.subscribe("results", Subscriber.durable("test"));
      db.start();
      Source source = db.source("ticks");
      for (int i = 0; i < rows; i++) {
        ticks.push(source);
        if (i % 64 == 0) {
          drain(results, received);
        }
        if (i % (rows / 3) == rows / 4) {
          db.checkpoint();
        }
      }
      db.sync();
      drain(results, received);
      if (always && life == 5) {
        received.addAll(Spilling.rows(db, "SELECT * FROM results"));
      }
      TestAccess.crash(db);
    }
    assertThat(received).as("seed %d", seed).isEqualTo(expected);
  }
}
