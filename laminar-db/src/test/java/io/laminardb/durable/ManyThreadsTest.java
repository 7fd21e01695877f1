package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.TestAccess;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.error.LaminarException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threads push while others define, look and take checkpoints, and everything ends at once. */
class ManyThreadsTest {
  private static final int PRODUCERS = 4;
  private static final int LIVES = 4;
  private static final int STATEMENTS = 6;

  @TempDir Path dir;

  @Test
  void noPushThatReturnedIsLostAndNoneIsThereTwice() throws Exception {
    AtomicLongArray returned = new AtomicLongArray(PRODUCERS);
    for (int life = 0; life < LIVES; life++) {
      LaminarDB db = open();
      check(db, returned);
      db.start();
      List<Thread> producers = new ArrayList<>();
      for (int i = 0; i < PRODUCERS; i++) {
        Source source = i == 0 ? db.source("rows") : db.source("rows").partition();
        int producer = i;
        Thread thread = new Thread(() -> produce(source, producer, returned));
        thread.start();
        producers.add(thread);
      }
      for (int i = 0; i < STATEMENTS; i++) {
        db.execute("CREATE STREAM s" + i + " AS SELECT p, n FROM rows WHERE n % 7 = " + i);
        db.checkpoint();
        try (Rows rows = db.query("SELECT COUNT(*) FROM counts")) {
          assertThat(rows.drain()).hasSize(1);
        }
        if (i % 2 == 0) {
          db.execute("DROP STREAM s" + i);
        }
      }
      for (int i = 1; i < STATEMENTS; i += 2) {
        db.execute("DROP STREAM s" + i);
      }
      TestAccess.crash(db);
      for (Thread producer : producers) {
        producer.join();
      }
    }
    try (LaminarDB db = open()) {
      check(db, returned);
    }
  }

  private LaminarDB open() {
    LaminarDB db =
        LaminarDB.builder()
            .storageDir(dir)
            .durability(DurabilityMode.SYNC)
            .checkpoint(CheckpointConfig.every(Duration.ofMillis(30)))
            .build();
    db.execute("CREATE SOURCE IF NOT EXISTS rows (p INT NOT NULL, n BIGINT NOT NULL)");
    db.execute(
        "CREATE MATERIALIZED VIEW IF NOT EXISTS counts AS SELECT p, COUNT(*) AS c, MAX(n) AS last,"
            + " COUNT(DISTINCT n) AS d FROM rows GROUP BY p");
    return db;
  }

  /** Pushes numbers until the database is gone. */
  private static void produce(Source source, int producer, AtomicLongArray returned) {
    try {
      while (true) {
        source.push(producer, returned.get(producer) + 1);
        returned.incrementAndGet(producer);
      }
    } catch (LaminarException e) {
      // It is gone.
    }
  }

  /** The row of which nobody knows whether it was pushed may be there: it is counted from now on. */
  private static void check(LaminarDB db, AtomicLongArray returned) {
    try (Rows rows = db.query("SELECT p, c, last, d FROM counts")) {
      for (Row row : rows.drain()) {
        int producer = row.getInt("p");
        long count = row.getLong("c");
        assertThat(row.getLong("last")).isEqualTo(count);
        assertThat(row.getLong("d")).isEqualTo(count);
        assertThat(count - returned.get(producer)).isBetween(0L, 1L);
        returned.set(producer, count);
      }
    }
  }
}
