package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup is the database of one moment, whatever goes on meanwhile. */
class BackupTest {
  private static final String CREATE =
      "CREATE SOURCE trades (symbol VARCHAR NOT NULL, volume BIGINT)%s;"
          + " CREATE MATERIALIZED VIEW volumes AS"
          + " SELECT symbol, SUM(volume) AS volume FROM trades GROUP BY symbol";

  @TempDir Path dir;

  private LaminarDB open(String name, boolean inline) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .storageDir(dir.resolve(name))
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
    return (inline ? builder.inline() : builder).build();
  }

  private static List<String> volumes(LaminarDB db) {
    try (Rows rows = db.query("SELECT * FROM volumes ORDER BY symbol")) {
      return rows.drain().stream().map(Row::toString).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBackupOpensWithTheStateOfItsMoment(boolean inline) {
    List<String> first;
    List<String> second;
    List<String> last;
    try (LaminarDB db = open("db", inline)) {
      db.execute(CREATE.formatted(""));
      db.start();
      Source trades = db.source("trades");
      trades.push("A", 1L);
      db.sync();
      first = volumes(db);
      assertThat(db.execute("BACKUP TO '" + dir.resolve("first") + "'").get(0).message())
          .startsWith("backup up to record ")
          .endsWith("first");
      trades.push("A", 10L);
      db.checkpoint();
      trades.push("B", 5L);
      db.sync();
      second = volumes(db);
      BackupInfo backup = db.backup(dir.resolve("second"));
      assertThat(backup.checkpoint()).isEqualTo(1);
      trades.push("B", 50L);
      db.sync();
      last = volumes(db);
    }
    assertThat(List.of(first, second, last)).doesNotHaveDuplicates();
    for (int times = 0;
        times < 2;
        times++) { // a backup is a database: it is opened, closed, opened
      try (LaminarDB one = open("first", inline);
          LaminarDB two = open("second", inline);
          LaminarDB db = open("db", inline)) {
        assertThat(volumes(one)).isEqualTo(first);
        assertThat(volumes(two)).isEqualTo(second);
        assertThat(volumes(db)).isEqualTo(last);
      }
    }
    try (LaminarDB one = open("first", inline)) {
      one.start();
      one.source("trades").push("A", 10L);
      one.source("trades").push("B", 5L);
      one.sync();
      assertThat(volumes(one)).isEqualTo(second);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsThatOnlyCheckpointsKeepAreInABackup(boolean inline) {
    List<String> expected;
    try (LaminarDB db = open("db", inline)) {
      db.execute(CREATE.formatted(" WITH (durability = 'none')"));
      db.start();
      db.source("trades").push("A", 1L);
      db.sync();
      expected = volumes(db);
      db.backup(dir.resolve("backup"));
    }
    try (LaminarDB backup = open("backup", inline)) {
      assertThat(expected).hasSize(1);
      assertThat(volumes(backup)).isEqualTo(expected);
    }
  }

  @Test
  void backupsAreTakenWhileRowsFlow() throws InterruptedException {
    try (LaminarDB db = open("db", false)) {
      db.execute(CREATE.formatted(""));
      db.start();
      Source trades = db.source("trades");
      Thread producer =
          new Thread(
              () -> {
                for (long i = 0; i < 200_000; i++) {
                  trades.push("A", 1L);
                }
              });
      producer.start();
      long pushedBefore = 0;
      for (int i = 0; i < 3; i++) {
        db.backup(dir.resolve("backup" + i));
      }
      producer.join();
      for (int i = 0; i < 3; i++) {
        assertThat(LaminarDB.check(dir.resolve("backup" + i)).isWhole()).isTrue();
        try (LaminarDB backup = open("backup" + i, true);
            Rows rows = backup.query("SELECT volume FROM volumes")) {
          long volume = rows.drain().stream().mapToLong(row -> row.getLong("volume")).sum();
          assertThat(volume).isBetween(pushedBefore, 200_000L);
          pushedBefore = volume;
        }
      }
    }
  }

  @Test
  void aBackupGoesOnlyWhereNothingIs() throws IOException {
    Path taken = Files.createDirectory(dir.resolve("taken"));
    Files.writeString(taken.resolve("mine.txt"), "mine");
    try (LaminarDB db = open("db", true)) {
      assertThatThrownBy(() -> db.execute("BACKUP TO '" + taken + "'"))
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR);
                assertThat(e.position().column()).isEqualTo(11);
                assertThat(e.getMessage()).contains("not empty");
              });
      assertThatThrownBy(() -> db.backup(dir.resolve("db"))).hasMessageContaining("not empty");
      assertThat(taken).isDirectoryContaining(path -> path.endsWith("mine.txt"));
    }
    try (LaminarDB memory = LaminarDB.open()) {
      assertThatThrownBy(() -> memory.backup(dir.resolve("none")))
          .hasMessageContaining("NOT_SUPPORTED")
          .hasMessageContaining("in memory");
    }
  }

  @Test
  void everyChecksumIsChecked() throws IOException {
    Path backup = dir.resolve("backup");
    try (LaminarDB db = open("db", true)) {
      db.execute(CREATE.formatted(""));
      db.start();
      db.source("trades").push("A", 1L);
      db.checkpoint();
      db.source("trades").push("A", 2L);
      db.sync();
      db.backup(backup);
      assertThatThrownBy(() -> LaminarDB.check(dir.resolve("db")))
          .hasMessageContaining("STATE_DIR_LOCKED");
    }
    StorageReport whole = LaminarDB.check(backup);
    assertThat(whole.isWhole()).isTrue();
    assertThat(whole.checkpoints()).hasSize(1);
    assertThat(whole.lastPosition()).isPositive();
    Path journal;
    try (var files = Files.list(backup.resolve("journal"))) {
      journal =
          files.max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length())).orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(journal);
    bytes[bytes.length / 2] ^= 1;
    Files.write(journal, bytes);
    assertThat(LaminarDB.check(backup).isWhole()).isFalse();
    assertThatThrownBy(() -> LaminarDB.check(dir.resolve("nowhere")))
        .hasMessageContaining("IO_ERROR");
  }
}
