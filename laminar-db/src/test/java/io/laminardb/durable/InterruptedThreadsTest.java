package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An executor that shuts down interrupts its threads, which then close their database. */
class InterruptedThreadsTest {
  @TempDir Path directory;

  @AfterEach
  void nobodyIsInterruptedAnyMore() {
    Thread.interrupted();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatTheyDoWithFilesIsDone(boolean inline) throws IOException {
    Path out = directory.resolve("out.csv");
    Thread.currentThread().interrupt();
    try (LaminarDB db = open(inline, DurabilityMode.ASYNC)) {
      db.execute("CREATE SOURCE s (k BIGINT, v BIGINT)");
      db.execute("CREATE MATERIALIZED VIEW sums AS SELECT k, SUM(v) AS v FROM s GROUP BY k");
      db.execute("CREATE SINK written INTO FILES (path = '" + out + "') AS SELECT k, v FROM s");
      db.start();
      db.source("s").push(1L, 1L);
      db.checkpoint();
      db.execute("INSERT INTO s VALUES (1, 2)");
      db.execute("CHECKPOINT");
      db.backup(directory.resolve("backup"));
      db.source("s").push(1L, 4L);
      db.verify("sums");
    }
    assertThat(LaminarDB.check(directory.resolve("db")).damage()).isEmpty();
    try (LaminarDB db = open(inline, DurabilityMode.ASYNC)) {
      db.start();
      assertThat(rows(db, "SELECT k, v FROM sums")).containsExactly("{k=1, v=7}");
    }
    assertThat(LaminarDB.check(directory.resolve("backup")).damage()).isEmpty();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(Files.readAllLines(out)).containsExactly("k,v", "1,1", "1,2", "1,4");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readFilesToTheirEnd(boolean inline) throws IOException {
    Path in = Files.writeString(directory.resolve("in.csv"), "k\n1\n2\n3\n");
    Thread.currentThread().interrupt();
    try (LaminarDB db = open(inline, DurabilityMode.ASYNC)) {
      db.execute("CREATE SOURCE s (k BIGINT) FROM FILES (path = '" + in + "')");
      db.execute("CREATE MATERIALIZED VIEW seen AS SELECT k FROM s");
      db.start();
    }
    assertThat(Thread.interrupted()).isTrue();
    try (LaminarDB db = open(inline, DurabilityMode.ASYNC)) {
      db.start();
      db.sync();
      assertThat(rows(db, "SELECT k FROM seen ORDER BY k"))
          .containsExactly("{k=1}", "{k=2}", "{k=3}");
    }
  }

  @Test
  void waitForNoDiskAndAreToldThatTheRowWasAccepted() {
    try (LaminarDB db = open(false, DurabilityMode.SYNC)) {
      db.execute("CREATE SOURCE s (k BIGINT)");
      db.execute("CREATE MATERIALIZED VIEW seen AS SELECT k FROM s");
      db.start();
      Thread.currentThread().interrupt();
      assertThatThrownBy(
              () -> {
                for (long k = 0; ; k++) { // each may be on disk before that is looked at
                  db.source("s").push(k);
                }
              })
          .isInstanceOfSatisfying(
              LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BACKPRESSURE))
          .hasMessageContaining("accepted")
          .hasMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
      db.sync();
      assertThat(rows(db, "SELECT k FROM seen")).isNotEmpty();
    }
  }

  @Test
  void closeTheDatabaseBesideThoseWhoUseIt() throws Exception {
    for (int round = 0; round < 10; round++) {
      List<Throwable> ended = new CopyOnWriteArrayList<>();
      List<Thread> users = new ArrayList<>();
      CountDownLatch begun = new CountDownLatch(2);
      try (LaminarDB db = LaminarDB.open()) {
        db.execute("CREATE SOURCE s (k BIGINT)");
        db.execute("CREATE MATERIALIZED VIEW counts AS SELECT k, COUNT(*) AS n FROM s GROUP BY k");
        db.start();
        Source source = db.source("s");
        users.add(repeat(begun, ended, () -> source.push(1L)));
        users.add(repeat(begun, ended, () -> rows(db, "SELECT n FROM counts")));
        begun.await();
        Thread.currentThread().interrupt();
      }
      assertThat(Thread.interrupted()).isTrue();
      for (Thread user : users) {
        user.join();
      }
      assertThat(ended)
          .hasSize(2)
          .allSatisfy(e -> assertThat(((LaminarException) e).code()).isEqualTo(ErrorCode.CLOSED));
    }
  }

  /** Does something until it fails. */
  private static Thread repeat(CountDownLatch begun, List<Throwable> ended, Runnable use) {
    Thread thread =
        new Thread(
            () -> {
              try {
                use.run();
                begun.countDown();
                while (true) {
                  use.run();
                }
              } catch (Throwable e) {
                begun.countDown();
                ended.add(e);
              }
            });
    thread.start();
    return thread;
  }

  private LaminarDB open(boolean inline, DurabilityMode mode) {
    LaminarDB.Builder builder =
        LaminarDB.builder().storageDir(directory.resolve("db")).durability(mode);
    return (inline ? builder.inline() : builder).build();
  }

  private static List<String> rows(LaminarDB db, String sql) {
    try (Rows rows = db.query(sql)) {
      return rows.drain().stream().map(Row::toString).toList();
    }
  }
}
