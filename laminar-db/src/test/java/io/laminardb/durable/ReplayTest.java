package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.ReplayStep;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.Subscriber;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.VirtualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any moment that a directory remembers can be had back, and gone on from record by record. */
class ReplayTest {
  private static final Instant BEGIN = Instant.parse("2026-11-23T12:00:00Z");
  private static final String CREATE =
      "CREATE SOURCE trades (symbol VARCHAR NOT NULL, volume BIGINT, ts BIGINT NOT NULL);"
          + " CREATE MATERIALIZED VIEW volumes AS"
          + " SELECT symbol, SUM(volume) AS volume FROM trades GROUP BY symbol;"
          + " CREATE STREAM minutes AS SELECT symbol, COUNT(*) AS n FROM trades"
          + " GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)";
  private static final String VOLUMES = "SELECT * FROM volumes ORDER BY symbol";

  @TempDir Path dir;

  private final VirtualClock clock = new VirtualClock(BEGIN.getEpochSecond() * 1_000_000_000L);

  private LaminarDB.Builder builder(boolean inline) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .storageDir(dir)
            .clock(clock)
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)))
            .retainHistory(Duration.ofDays(1));
    return inline ? builder.inline() : builder;
  }

  private static List<String> rows(LaminarDB db, String sql) {
    try (Rows rows = db.query(sql)) {
      return rows.drain().stream().map(Row::toString).toList();
    }
  }

  private Map<String, Long> files() throws IOException {
    Map<String, Long> files = new HashMap<>();
    try (Stream<Path> all = Files.walk(dir)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        files.put(
            path.toString(), Files.getLastModifiedTime(path).toMillis() * 31 + Files.size(path));
      }
    }
    return files;
  }

  /** Pushes a row each second; answers what the view had after each. */
  private List<List<String>> history(boolean inline, int rows, int... checkpointsAfter) {
    List<List<String>> seen = new ArrayList<>();
    try (LaminarDB db = builder(inline).build()) {
      db.execute(CREATE);
      db.start();
      Source trades = db.source("trades");
      for (int i = 0; i < rows; i++) {
        trades.push(i % 2 == 0 ? "A" : "B", 1L << i, i * 20_000L);
        db.sync();
        seen.add(rows(db, VOLUMES));
        for (int after : checkpointsAfter) {
          if (after == i) {
            db.checkpoint();
          }
        }
        clock.advance(Duration.ofSeconds(1));
      }
    }
    return seen;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyMomentIsAsItWas(boolean inline) throws IOException {
    List<List<String>> seen = history(inline, 8, 2, 5);
    Map<String, Long> files = files();
    for (int i = 0; i < 8; i++) {
      Instant moment = BEGIN.plusSeconds(i).plusMillis(500);
      try (LaminarDB then = LaminarDB.replay(dir).until(moment).open()) {
        assertThat(rows(then, VOLUMES)).as("second %d", i).isEqualTo(seen.get(i));
        assertThat(rows(then, "EXPLAIN minutes")).isNotEmpty();
        assertThat(rows(then, "SHOW SOURCES")).hasSize(1);
      }
    }
    try (LaminarDB before = LaminarDB.replay(dir).until(BEGIN.minusSeconds(1)).open()) {
      assertThat(rows(before, "SHOW SOURCES")).isEmpty();
    }
    try (LaminarDB end = LaminarDB.replay(dir).open()) {
      assertThat(rows(end, VOLUMES)).isEqualTo(seen.get(7));
      assertThat(end.step()).isNull();
    }
    assertThat(files()).isEqualTo(files);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void itGoesOnRecordByRecord(boolean inline) {
    List<List<String>> seen = history(inline, 8, 3);
    try (LaminarDB then = LaminarDB.replay(dir).until(0).open()) {
      assertThat(then.replayed()).isNull();
      List<List<String>> again = new ArrayList<>();
      List<Long> positions = new ArrayList<>();
      List<String> statements = new ArrayList<>();
      List<String> minutes = new ArrayList<>();
      Subscription subscription = null;
      for (ReplayStep step = then.step(); step != null; step = then.step()) {
        assertThat(then.replayed()).isEqualTo(step);
        positions.add(step.position());
        if (step.what().startsWith("CREATE")) {
          statements.add(step.what().substring(0, 13));
        }
        if (step.what().startsWith("CREATE STREAM")) {
          subscription = then.subscribe("minutes", row -> minutes.add(row.toString()));
        }
        if (step.what().equals("1 row of trades")) {
          assertThat(step.at()).isEqualTo(BEGIN.plusSeconds(again.size()));
          again.add(rows(then, VOLUMES));
        }
      }
      assertThat(statements).containsExactly("CREATE SOURCE", "CREATE MATERI", "CREATE STREAM");
      assertThat(again).isEqualTo(seen);
      assertThat(positions).isSorted().doesNotHaveDuplicates().startsWith(1L);
      assertThat(minutes).hasSize(4); // the windows of two minutes are closed by then
      subscription.close();
    }
    long middle;
    try (LaminarDB then = LaminarDB.replay(dir).until(BEGIN.plusSeconds(4)).open()) {
      middle = then.replayed().position();
    }
    try (LaminarDB then = LaminarDB.replay(dir).until(middle).open()) {
      assertThat(rows(then, VOLUMES)).isEqualTo(seen.get(4));
      try (Rows live = then.query("SELECT symbol, volume FROM trades WHERE volume > 32")) {
        while (then.step() != null) {
          // to the end
        }
        assertThat(live.drain())
            .extracting(row -> row.getLong("volume"))
            .containsExactly(64L, 128L);
      }
    }
  }

  @Test
  void aReplayIsOnlyRead() {
    history(true, 2);
    try (LaminarDB then = LaminarDB.replay(dir).open()) {
      then.start();
      then.sync();
      List<Runnable> attempts =
          List.of(
              () -> then.source("trades"),
              () -> then.execute("CREATE SOURCE more (id BIGINT)"),
              () -> then.execute("DROP STREAM minutes"),
              () -> then.execute("INSERT INTO trades VALUES ('A', 1, 1)"),
              () -> then.subscribe("minutes", Subscriber.durable("me")),
              () -> then.execute("CHECKPOINT"),
              () -> then.backup(dir.resolve("backup")));
      for (Runnable attempt : attempts) {
        assertThatThrownBy(attempt::run)
            .isInstanceOfSatisfying(
                LaminarException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
                  assertThat(e.getMessage()).contains("this is a replay");
                });
      }
    }
    try (LaminarDB db = builder(true).build()) {
      assertThatThrownBy(db::step).hasMessageContaining("no replay");
      assertThatThrownBy(() -> LaminarDB.replay(dir).open())
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STATE_DIR_LOCKED));
      Path backup = dir.resolveSibling(dir.getFileName() + "-backup");
      db.backup(backup);
      try (LaminarDB then = LaminarDB.replay(backup).until(BEGIN).open()) {
        assertThat(rows(then, VOLUMES)).hasSize(1);
      }
    }
  }

  @Test
  void whatIsNotKeptCannotBeReplayed() {
    try (LaminarDB db =
        LaminarDB.builder()
            .storageDir(dir)
            .clock(clock)
            .checkpoint(new CheckpointConfig(Duration.ofDays(1), 1))
            .inline()
            .build()) {
      db.execute(CREATE);
      db.start();
      db.checkpoint();
      db.source("trades").push("A", 1L, 1L);
      db.sync();
    }
    assertThatThrownBy(() -> LaminarDB.replay(dir).until(1_000).open())
        .hasMessageContaining("INVALID_OPTION")
        .hasMessageContaining("there is no record 1000");
    assertThatThrownBy(() -> LaminarDB.replay(dir.resolve("nowhere")).open())
        .hasMessageContaining("IO_ERROR");
    assertThatThrownBy(() -> LaminarDB.replay(dir.resolve("checkpoints")).open())
        .hasMessageContaining("no directory of a database");
    try (LaminarDB then = LaminarDB.replay(dir).open()) {
      assertThat(rows(then, VOLUMES)).hasSize(1);
    }
  }

  @Test
  void whatIsBehindTheOldestCheckpointIsGoneWithoutHistory() {
    String large = "x".repeat(4 << 20); // a file of the journal is 64 MB
    try (LaminarDB db =
        LaminarDB.builder()
            .storageDir(dir)
            .clock(clock)
            .checkpoint(new CheckpointConfig(Duration.ofDays(1), 1))
            .inline()
            .build()) {
      db.execute("CREATE SOURCE notes (text VARCHAR)");
      db.execute("CREATE MATERIALIZED VIEW counts AS SELECT COUNT(*) AS n FROM notes");
      db.start();
      for (int i = 0; i < 20; i++) {
        db.source("notes").push(large);
        db.sync();
      }
      db.checkpoint();
      clock.advance(Duration.ofSeconds(1));
      db.source("notes").push("small");
    }
    try (LaminarDB then = LaminarDB.replay(dir).open()) {
      assertThat(rows(then, "SELECT n FROM counts")).singleElement().asString().contains("21");
    }
    for (LaminarException refusal :
        List.of(
            refused(() -> LaminarDB.replay(dir).until(3).open()),
            refused(() -> LaminarDB.replay(dir).until(BEGIN.minusSeconds(1)).open()))) {
      assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_OPTION);
      assertThat(refusal.getMessage())
          .contains("what is kept does not reach back to ")
          .contains("retainHistory");
    }
  }

  private static LaminarException refused(Runnable action) {
    try {
      action.run();
    } catch (LaminarException e) {
      return e;
    }
    throw new AssertionError("not refused");
  }

  @Test
  void functionsAreRegisteredAgainAndNothingGoesOutside() throws IOException {
    Path in = Files.writeString(dir.resolveSibling(dir.getFileName() + ".csv"), "x\n1.5\n2.5\n");
    Path out = dir.resolveSibling(dir.getFileName() + "-out.csv");
    DoubleUnaryOperator twice = x -> 2 * x;
    try (LaminarDB db =
        builder(true).registerFunction("twice", DoubleUnaryOperator.class, twice).build()) {
      db.execute(
          "CREATE SOURCE numbers (x DOUBLE) FROM FILES (path = '"
              + in
              + "'); CREATE MATERIALIZED VIEW twos AS SELECT twice(x) AS y FROM numbers;"
              + " CREATE SINK out INTO FILES (path = '"
              + out
              + "') AS SELECT twice(x) AS y FROM numbers");
      db.start();
      db.awaitSources();
    }
    Files.delete(in);
    Files.delete(out);
    try (LaminarDB then =
        LaminarDB.replay(dir)
            .configure(
                program -> program.registerFunction("twice", DoubleUnaryOperator.class, twice))
            .until(0)
            .open()) {
      while (then.step() != null) {
        // to the end
      }
      assertThat(rows(then, "SELECT y FROM twos ORDER BY y")).hasSize(2);
      assertThat(rows(then, "SHOW SINKS")).hasSize(1);
    }
    assertThat(out).doesNotExist();
    assertThatThrownBy(() -> LaminarDB.replay(dir).open()).hasMessageContaining("twice");
  }
}
