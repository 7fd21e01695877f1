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
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.SimulatedStorageProvider;
import io.laminardb.storage.file.SimulatedFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a query that is replaced has not kept is had from retained history. */
class RebuildTest {
  private static final String VIEW = "CREATE OR REPLACE MATERIALIZED VIEW q AS SELECT %s FROM a";

  @TempDir Path dir;

  private LaminarDB.Builder builder(int checkpoints) {
    return LaminarDB.builder()
        .inline()
        .storageDir(dir)
        .checkpoint(new CheckpointConfig(Duration.ofDays(1), checkpoints));
  }

  private LaminarDB open() {
    return builder(2).retainHistory(Duration.ofDays(1)).build();
  }

  private static List<String> rows(LaminarDB db, String sql) {
    try (Rows rows = db.query(sql)) {
      return rows.drain().stream().map(Row::toString).sorted().toList();
    }
  }

  private static List<Long> column(LaminarDB db, String sql) {
    try (Rows rows = db.query(sql)) {
      return rows.drain().stream().map(row -> row.getLong(0)).toList();
    }
  }

  private static void define(LaminarDB db) {
    db.execute("CREATE SOURCE a (k VARCHAR, v BIGINT)");
    db.execute(VIEW.formatted("SUM(v) AS s"));
    db.start();
  }

  private static void push(LaminarDB db, long... values) {
    for (long value : values) {
      db.source("a").push("k" + value % 2, value);
    }
    db.sync();
  }

  @Test
  void aCrashLeavesTheOneQueryOrTheOther() {
    try (LaminarDB db = open()) {
      define(db);
      push(db, 4, 7, 2);
    }
    for (int life = 0; life < 4; life++) {
      LaminarDB db = open();
      db.start();
      String query = life % 2 == 0 ? "MAX(v) AS s" : "MIN(v) AS s";
      db.execute(VIEW.formatted(query));
      assertThat(column(db, "SELECT s FROM q")).containsExactly(life % 2 == 0 ? 7L : 2L);
      if (life > 1) {
        db.checkpoint();
      }
      db.sync();
      TestAccess.crash(db);
    }
    try (LaminarDB db = open()) {
      assertThat(column(db, "SELECT s FROM q")).containsExactly(2L);
      db.start();
      push(db, 1);
      assertThat(column(db, "SELECT s FROM q")).containsExactly(1L);
      assertThat(db.verify("q")).isNull();
    }
    try (LaminarDB then = LaminarDB.replay(dir).open()) { // from the newest checkpoint
      assertThat(column(then, "SELECT s FROM q")).containsExactly(1L);
    }
  }

  /** In every third call that the change makes; what comes behind it is right as well. */
  @Test
  void aCrashWhileTheChangeIsWrittenLeavesTheOneOrTheOther() throws IOException {
    boolean crashed = true;
    int halves = 0;
    for (int call = 0; crashed; call += 3) {
      SimulatedFileSystem files = new SimulatedFileSystem(2);
      files.createDirectories(dir);
      LaminarDB db = simulated(files);
      define(db);
      db.execute("CREATE MATERIALIZED VIEW other AS SELECT SUM(v) AS s FROM a");
      push(db, 4, 7, 2);
      files.crashIn(call);
      try {
        db.execute(VIEW.formatted("MAX(v) AS s"));
      } catch (LaminarException e) {
        assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.IO_ERROR);
      }
      crashed = files.hasCrashed();
      crash(db, files);

      db = simulated(files);
      db.start();
      long found = column(db, "SELECT s FROM q").get(0);
      assertThat(found).as("crash in call %d", call).isIn(13L, 7L);
      halves += found == 13 ? 1 : 0;
      String kept = "CREATE OR REPLACE MATERIALIZED VIEW other AS SELECT SUM(v) AS s FROM a";
      db.execute(kept + " HAVING COUNT(*) > 0");
      db.execute(VIEW.formatted("MIN(v) AS s"));
      push(db, 1);
      crash(db, files);
      try (LaminarDB again = simulated(files)) {
        assertThat(column(again, "SELECT s FROM other"))
            .as("crash in call %d", call)
            .containsExactly(14L);
        assertThat(column(again, "SELECT s FROM q"))
            .as("crash in call %d", call)
            .containsExactly(1L);
      }
    }
    assertThat(halves).isPositive();
  }

  private static void crash(LaminarDB db, SimulatedFileSystem files) {
    files.crashIn(0);
    try {
      TestAccess.crash(db);
    } catch (LaminarException e) {
      assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.IO_ERROR);
    }
    files.restart();
  }

  /** With a buffer that takes a few records at most. */
  private LaminarDB simulated(SimulatedFileSystem files) {
    StorageOptions sizes = new StorageOptions(1024, 4096, 2, Duration.ofDays(1), false);
    return TestAccess.storage(builder(2), new SimulatedStorageProvider(files), sizes)
        .durability(DurabilityMode.SYNC)
        .build();
  }

  @Test
  void readersGetWhatChangesAndNoRowTwice() {
    try (LaminarDB db = open()) {
      define(db);
      db.execute("CREATE STREAM large AS SELECT k, v FROM a WHERE v > 5");
      DurableSubscription large = db.subscribe("large", Subscriber.durable("of_large"));
      db.execute("CREATE MATERIALIZED VIEW above AS SELECT SUM(s) AS s FROM q");
      DurableSubscription q = db.subscribe("q", Subscriber.durable("of_q"));
      push(db, 4, 7, 8);
      drain(q);
      assertThat(drain(large)).hasSize(2);

      db.execute(VIEW.formatted("SUM(v) AS s") + " WHERE v < 8");
      assertThat(drain(q)).containsExactly("-{s=19}", "{s=11}");
      assertThat(column(db, "SELECT s FROM above")).containsExactly(11L);

      db.execute(
          "CREATE OR REPLACE STREAM large AS SELECT x.k, y.v FROM a x JOIN a y ON x.v = y.v + 3");
      assertThat(drain(large)).isEmpty();
      push(db, 10);
      assertThat(drain(large)).containsExactly("{k=k0, v=7}");
      assertThat(large.sequence()).isEqualTo(3);
    }
  }

  private static List<String> drain(DurableSubscription subscription) {
    List<String> rows = new ArrayList<>();
    for (Row row = subscription.poll(); row != null; row = subscription.poll()) {
      rows.add(row.toString());
    }
    return rows;
  }

  @Test
  void historyThatBeginsLateIsUsedAsFarAsItReaches() {
    String large = "x".repeat(4 << 20); // a file of the journal is 64 MB
    try (LaminarDB db = builder(1).build()) {
      db.execute("CREATE SOURCE a (k VARCHAR, v BIGINT)");
      db.execute(VIEW.formatted("SUM(v) AS s"));
      db.start();
      for (long v = 1; v <= 20; v++) {
        db.source("a").push(large, v);
      }
      db.sync();
    }
    try (LaminarDB db = open()) {
      db.start();
      push(db, 3, 5);
      String min = VIEW.formatted("MIN(v) AS s");
      assertThat(rows(db, "EXPLAIN REPLACE " + min).toString())
          .contains("Aggregate MIN(v)")
          .contains("state=rebuilt, why=from retained history since ")
          .contains("; what came before is not known");
      db.execute(min);
      assertThat(column(db, "SELECT s FROM q")).containsExactly(3L);
      db.execute(VIEW.formatted("MIN(v) + 1 AS s")); // what is kept stays, however old
      assertThat(column(db, "SELECT s FROM q")).containsExactly(4L);
    }
  }

  @Test
  void aQueryThatFailsOnHistoryChangesNothing() {
    try (LaminarDB db = open()) {
      define(db);
      push(db, 4, 0, 2);
      assertThatThrownBy(() -> db.execute(VIEW.formatted("SUM(8 / v) AS s")))
          .hasMessageContaining("EXPRESSION_FAILED");
      push(db, 1);
      assertThat(column(db, "SELECT s FROM q")).containsExactly(7L);
      db.execute(VIEW.formatted("MAX(v) AS s"));
      assertThat(column(db, "SELECT s FROM q")).containsExactly(4L);
    }
  }

  @Test
  void aQueryThatHasFailedIsMended() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE a (k VARCHAR, v BIGINT)");
      db.execute(VIEW.formatted("SUM(8 / v) AS s"));
      db.start();
      push(db, 4, 0, 2);
      db.execute(VIEW.formatted("SUM(8 / NULLIF(v, 0)) AS s"));
      assertThat(column(db, "SELECT s FROM q")).containsExactly(6L);
      push(db, 8);
      assertThat(column(db, "SELECT s FROM q")).containsExactly(7L);
    }
  }

  @Test
  void whatIsReadMayHaveComeAndGoneMeanwhile() {
    try (LaminarDB db = open()) {
      define(db);
      push(db, 1, 2);
      db.execute("CREATE STREAM even AS SELECT k, v FROM a WHERE v % 2 = 0");
      push(db, 3, 4);
      db.execute("DROP STREAM even");
      db.execute("CREATE STREAM even AS SELECT k, v + 100 AS v FROM a WHERE v % 2 = 0");
      push(db, 5, 6);
      db.execute("CREATE OR REPLACE STREAM even AS SELECT k, v + 200 AS v FROM a WHERE v % 2 = 0");
      push(db, 8);
      db.execute("CREATE OR REPLACE MATERIALIZED VIEW q AS SELECT SUM(v) AS s FROM even");
      assertThat(column(db, "SELECT s FROM q")).containsExactly(106L + 208L);
    }
  }

  @Test
  void whatHistoryCannotSayIsToldAndBeginsAnew() {
    try (LaminarDB db = open()) {
      db.execute("CREATE SOURCE a (k VARCHAR, v BIGINT) WITH (durability = 'none')");
      db.execute(VIEW.formatted("SUM(v) AS s"));
      db.start();
      push(db, 4);
      String max = VIEW.formatted("MAX(v) AS s");
      assertThat(rows(db, "EXPLAIN REPLACE " + max).toString())
          .contains("state=lost, why=was Aggregate SUM(v)")
          .contains("no history: rows of source \"a\" are in no journal");
      db.execute(max);
      push(db, 3);
      assertThat(column(db, "SELECT s FROM q")).containsExactly(3L);
    }
  }

  @Test
  void withoutRetainedHistoryItBeginsAnew() {
    try (LaminarDB db = builder(2).build()) {
      define(db);
      push(db, 4);
      String max = VIEW.formatted("MAX(v) AS s");
      assertThat(rows(db, "EXPLAIN REPLACE " + max).toString()).doesNotContain("history");
      db.execute(max);
      push(db, 3);
      assertThat(column(db, "SELECT s FROM q")).containsExactly(3L);
    }
  }
}
