package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.TestAccess;
import io.laminardb.core.durable.SpillMode;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** State that was spilled gives the same rows in the same order, to the last bit. */
class SpillTest {
  private static final String TICKS =
      "CREATE SOURCE ticks (id BIGINT NOT NULL, name VARCHAR, price DOUBLE, qty INT, ts BIGINT NOT"
          + " NULL, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)";
  private static final String CALLS =
      "COUNT(*) AS n, COUNT(qty) AS m, SUM(price) AS total, AVG(price) AS mean, SUM(qty) AS pieces,"
          + " MIN(name) AS least, MAX(price) AS most, FIRST(name) AS head, LAST(price) AS tail,"
          + " STDDEV(price) AS spread, APPROX_COUNT_DISTINCT(qty) AS about";
  private static final String MANY = "some text that is too long for its place in the row ";

  @TempDir Path dir;

  private static String query(String keys, String window) {
    return "SELECT " + keys + ", " + CALLS + " FROM ticks GROUP BY " + keys + ", " + window;
  }

  /** Pushes rows that are partly out of order, and returns what came out. */
  private static List<String> run(LaminarDB db, String query, int keys, int rows, long seed) {
    db.execute(TICKS + "; CREATE STREAM results AS " + query);
    List<String> texts = new ArrayList<>();
    db.subscribe("results", row -> texts.add(row.toString()));
    db.start();
    Random random = new Random(seed);
    Source ticks = db.source("ticks");
    for (int i = 0; i < rows; i++) {
      push(ticks, random, keys, i);
    }
    ticks.end();
    db.sync();
    assertThat(db.metrics().query("results").failure()).isNull();
    return texts;
  }

  private static void push(Source ticks, Random random, int keys, int i) {
    long id = random.nextInt(keys);
    ticks.push(
        id,
        random.nextInt(9) == 0 ? null : (id % 3 == 0 ? MANY : "") + id,
        random.nextDouble() * 1e9 - random.nextInt(1000),
        random.nextInt(5) == 0 ? null : random.nextInt(100),
        i * 10L - random.nextInt(6000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tumble(ts, INTERVAL '10' SECOND)",
        "hop(ts, INTERVAL '10' SECOND, INTERVAL '2' SECOND)",
        "hop(ts, INTERVAL '10' SECOND, INTERVAL '3' SECOND)",
        "cumulate(ts, INTERVAL '10' SECOND, INTERVAL '2' SECOND)",
      })
  void whatSpillsAlwaysIsAsIfItHadNot(String window) {
    long seed = Spilling.seed();
    for (String keys : List.of("id", "name", "id, name")) {
      List<String> expected;
      try (LaminarDB db = LaminarDB.builder().inline().build()) {
        expected = run(db, query(keys, window), 40, 5000, seed);
      }
      for (boolean inline : new boolean[] {true, false}) {
        LaminarDB.Builder builder = LaminarDB.builder().spillDir(dir);
        TestAccess.spillAlways(builder);
        try (LaminarDB db = (inline ? builder.inline() : builder).build()) {
          assertThat(run(db, query(keys, window), 40, 5000, seed))
              .as("keys %s, seed %d, inline %s", keys, seed, inline)
              .isEqualTo(expected);
        }
      }
    }
    assertThat(dir.resolve("spill")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tumble(ts, INTERVAL '5' MINUTE)",
        "hop(ts, INTERVAL '10' MINUTE, INTERVAL '5' MINUTE)",
      })
  void aBudgetSmallerThanTheStateIsEnough(String window) throws Exception {
    long seed = Spilling.seed();
    String query = query("id", window);
    List<String> expected;
    long stateBytes;
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      expected = run(db, query, 50_000, 60_000, seed);
    }
    LaminarDB.Builder builder = Spilling.shortOfMemory();
    try (LaminarDB db = builder.build()) {
      assertThatThrownBy(() -> run(db, query, 50_000, 60_000, seed))
          .hasMessageContaining("MEMORY_BUDGET_EXCEEDED");
    }
    try (LaminarDB db = builder.spillDir(dir).build()) {
      assertThat(run(db, query, 50_000, 60_000, seed)).as("seed %d", seed).isEqualTo(expected);
    }
    assertThat(Files.list(dir).filter(Files::isDirectory)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void spilledStateIsThereAfterACrash(boolean checkpoint) {
    String query = query("id, name", "hop(ts, INTERVAL '10' SECOND, INTERVAL '2' SECOND)");
    long seed = Spilling.seed();
    List<String> expected;
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      expected = run(db, query, 40, 3000, seed);
    }
    List<String> received = new ArrayList<>();
    Random random = new Random(seed);
    for (int life = 0; life < 6; life++) {
      LaminarDB.Builder builder = Spilling.durable(dir);
      LaminarDB db = (life == 4 ? builder : TestAccess.spillAlways(builder)).build();
      if (life == 0) {
        db.execute(TICKS + "; CREATE STREAM results AS " + query);
      }
      Subscription results = db.subscribe("results");
      db.start();
      Source ticks = db.source("ticks");
      for (int i = life * 500; i < life * 500 + 500; i++) {
        push(ticks, random, 40, i);
      }
      if (life == 5) {
        ticks.end();
      }
      db.sync();
      results.drain().forEach(row -> received.add(row.toString()));
      if (checkpoint) {
        db.checkpoint();
      }
      TestAccess.crash(db);
    }
    assertThat(received).as("seed %d", seed).isEqualTo(expected);
  }

  @Test
  void openWindowsAreSeenThoughTheyAreSpilled() {
    LaminarDB.Builder builder = TestAccess.spillAlways(LaminarDB.builder().inline().spillDir(dir));
    try (LaminarDB db = builder.build()) {
      db.execute(
          TICKS
              + "; CREATE MATERIALIZED VIEW sums AS SELECT id, COUNT(*) AS n FROM ticks GROUP BY"
              + " id, tumble(ts, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE");
      db.start();
      for (int i = 0; i < 100; i++) {
        db.source("ticks").push((long) (i % 7), "a", 1.0, 1, 1000L + i);
      }
      db.sync();
      assertThat(db.metrics().query("sums").stateRows()).isEqualTo(100); // a part for each row
      assertThat(db.metrics().query("sums").spilledBytes()).isPositive();
      assertThat(Spilling.rows(db, "EXPLAIN ANALYZE sums"))
          .anyMatch(row -> row.contains("KiB written"));
    }
  }

  @Test
  void settingsSayWhetherStateSpills() {
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      assertThatThrownBy(() -> db.execute("SET state.spill = 'rocksdb'"))
          .isInstanceOf(LaminarException.class)
          .hasMessageContaining("spillDir");
      db.execute("SET state.spill = 'none'");
      assertThatThrownBy(() -> db.execute("SET state.spill = 'tape'"))
          .hasMessageContaining("'rocksdb'");
    }
    LaminarDB.Builder builder = Spilling.shortOfMemory();
    builder.spillDir(dir).stateSpill(SpillMode.NONE);
    String query = query("id", "tumble(ts, INTERVAL '5' MINUTE)");
    try (LaminarDB db = builder.build()) {
      assertThatThrownBy(() -> run(db, query, 50_000, 60_000, 1))
          .hasMessageContaining("MEMORY_BUDGET_EXCEEDED");
      db.execute("DROP STREAM results; DROP SOURCE ticks; SET state.spill = 'rocksdb'");
      run(db, query, 50_000, 60_000, 1);
    }
  }

  @Test
  void aDirectoryBelongsToOneDatabase() {
    try (LaminarDB db = LaminarDB.builder().spillDir(dir).build()) {
      assertThatThrownBy(() -> LaminarDB.builder().spillDir(dir).build())
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STATE_DIR_LOCKED));
      db.start();
    }
  }
}
