package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.TestAccess;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.VirtualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody is told that a row is on disk which waits for slower sources of its group. */
class HeldRowsTest {
  @TempDir Path dir;

  private LaminarDB open(boolean inline) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .storageDir(dir)
            .durability(DurabilityMode.SYNC)
            .clock(new VirtualClock()) // no source falls silent, however long the test takes
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
    return (inline ? builder.inline() : builder).build();
  }

  /** The slow source stands at 0 s, the fast one at 100 s: what it pushes next waits. */
  private LaminarDB create(boolean inline) {
    LaminarDB db = open(inline);
    for (String source : List.of("slow", "fast")) {
      db.execute(
          "CREATE SOURCE "
              + source
              + " (ts BIGINT, WATERMARK FOR ts)"
              + " WITH (watermark_group = 'g', max_drift = INTERVAL '1' SECOND)");
    }
    db.execute("CREATE MATERIALIZED VIEW seen AS SELECT ts FROM fast");
    db.start();
    db.source("fast");
    db.source("slow").push(0L);
    db.source("fast").push(100_000L);
    return db;
  }

  private static List<String> seen(LaminarDB db) {
    try (Rows rows = db.query("SELECT ts FROM seen ORDER BY ts")) {
      return rows.drain().stream().map(Row::toString).toList();
    }
  }

  private static void assertHeld(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BACKPRESSURE))
        .hasMessageContaining("source \"fast\"")
        .hasMessageContaining("not on disk");
  }

  @Test
  void inlineAPushAndSyncSayThatARowIsNotOnDisk() {
    LaminarDB db = create(true);
    assertHeld(() -> db.source("fast").push(101_000L));
    assertHeld(db::sync);
    TestAccess.crash(db);
    try (LaminarDB again = open(true)) {
      assertThat(seen(again)).containsExactly("{ts=100000}"); // as was told
      again.start();
      again.source("slow");
      assertHeld(() -> again.source("fast").push(102_000L));
      again.source("slow").push(102_000L); // now it is
      again.sync();
      TestAccess.crash(again);
    }
    try (LaminarDB last = open(true)) {
      assertThat(seen(last)).containsExactly("{ts=100000}", "{ts=102000}");
    }
  }

  @Test
  void aPushWaitsUntilItsRowIsOnDisk() throws Exception {
    LaminarDB db = create(false);
    CompletableFuture<Void> pushed =
        CompletableFuture.runAsync(() -> db.source("fast").push(101_000L));
    while (db.metrics().sources().stream().noneMatch(source -> source.waitingRows() > 0)) {
      Thread.yield();
    }
    assertThat(pushed).isNotDone();
    db.source("slow").push(101_000L);
    pushed.get(60, TimeUnit.SECONDS);
    TestAccess.crash(db);
    try (LaminarDB again = open(false)) {
      assertThat(seen(again)).containsExactly("{ts=100000}", "{ts=101000}");
    }
  }
}
