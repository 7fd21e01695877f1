package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries come and go, and databases close, in the middle of anything: nothing leaks or hangs. */
class LeakAndChurnTest {
  private static final String SOURCE = "CREATE SOURCE t (k VARCHAR, v INT, ts BIGINT)";
  private static final int CYCLES = Integer.getInteger("laminar.churn.cycles", 10_000);

  @Test
  void tenThousandCreateAndDropCyclesLeakNothing() {
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.start();
      db.execute(SOURCE);
      cycles(db, 400);
      long classes = loadedClasses();
      int threads = Thread.activeCount();
      cycles(db, CYCLES);
      assertThat(loadedClasses()).isLessThan(classes + 50); // a query makes several of its own
      assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
      assertThat(db.metrics().queries()).isEmpty();
      assertThat(db.metrics().subscriptions()).isEmpty();
    } // close() refuses to leak memory
  }

  private static void cycles(LaminarDB db, int count) {
    Source source = db.source("t");
    for (int n = 0; n < count; n++) {
      String filter = n % 4 == 0 ? " WHERE v > " + n : "";
      db.execute(
          n % 2 == 0
              ? "CREATE STREAM s AS SELECT k, SUM(v) AS total FROM t"
                  + filter
                  + " GROUP BY k, tumble(ts, INTERVAL '1' MINUTE)"
              : "CREATE MATERIALIZED VIEW s AS SELECT k, MAX(v) AS most FROM t GROUP BY k");
      if (n % 16 == 0) {
        try (Subscription subscription = db.subscribe("s")) {
          source.push("a", n, 1_000L);
          subscription.drain();
        }
      }
      db.execute(n % 2 == 0 ? "DROP STREAM s" : "DROP MATERIALIZED VIEW s");
    }
  }

  /** Classes loaded once the collector has taken those that nobody refers to. */
  private static long loadedClasses() {
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 3; attempt++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }
    return least;
  }

  @Test
  void queriesComeAndGoWhileRowsArePushed() {
    assertTimeoutPreemptively(
        Duration.ofMinutes(5),
        () -> {
          AtomicReference<Throwable> failure = new AtomicReference<>();
          try (LaminarDB db = LaminarDB.open()) {
            db.start();
            db.execute(SOURCE);
            AtomicBoolean done = new AtomicBoolean();
            Thread pusher =
                new Thread(
                    () -> {
                      try {
                        Source source = db.source("t");
                        for (long n = 0; !done.get(); n++) {
                          source.push("k" + n % 10, (int) (n % 100), n);
                        }
                      } catch (Throwable e) {
                        failure.set(e);
                      }
                    });
            pusher.start();
            for (int n = 0; n < 200; n++) {
              db.execute(
                  "CREATE STREAM s AS SELECT k, SUM(v) AS s FROM t GROUP BY k, tumble(ts, INTERVAL '1' SECOND)");
              db.execute("CREATE MATERIALIZED VIEW m AS SELECT k, COUNT(*) AS n FROM s GROUP BY k");
              if (n % 10 == 0) {
                try (var rows = db.query("SELECT COUNT(*) AS n FROM m")) {
                  assertThat(rows.drain()).hasSize(1);
                }
              }
              db.execute("DROP STREAM s CASCADE");
            }
            done.set(true);
            pusher.join();
          }
          assertThat(failure.get()).isNull();
        });
  }

  @Test
  void closingWhileAThreadPushesNeverHangs() {
    for (int round = 0; round < 10; round++) {
      assertTimeoutPreemptively(
          Duration.ofMinutes(5),
          () -> {
            LaminarDB db = LaminarDB.builder().ringRows(64).build();
            db.start();
            db.execute(SOURCE + "; CREATE STREAM s AS SELECT k, v FROM t");
            CountDownLatch pushing = new CountDownLatch(1);
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread pusher =
                new Thread(
                    () -> {
                      try {
                        Source source = db.source("t");
                        for (long n = 0; ; n++) {
                          source.push("k", 1, n);
                          if (n == 1_000) {
                            pushing.countDown();
                          }
                        }
                      } catch (LaminarException e) {
                        // CLOSED, which ends the loop
                      } catch (Throwable e) {
                        failure.set(e);
                      }
                    });
            pusher.start();
            pushing.await();
            db.close();
            pusher.join();
            assertThat(failure.get()).isNull();
          });
    }
  }

  @Test
  void closingWithAFullSubscriptionNeverHangs() {
    assertTimeoutPreemptively(
        Duration.ofMinutes(5),
        () -> {
          LaminarDB db =
              LaminarDB.builder().ringRows(64).batchRows(16).subscriptionRows(32).build();
          db.start();
          db.execute(SOURCE + "; CREATE STREAM s AS SELECT k, v FROM t");
          Subscription subscription = db.subscribe("s");
          Source source = db.source("t");
          int taken = 0;
          for (int n = 0; n < 100_000 && source.tryPush("k", n, (long) n); n++) {
            taken = n;
          }
          assertThat(taken).isLessThan(99_999); // nobody takes rows, so the source filled up
          db.close();
          // What waited went with the database, and whoever asks is told so.
          assertThatThrownBy(subscription::drain)
              .isInstanceOfSatisfying(
                  LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
        });
  }

  @Test
  void closingWhileFilesAreFollowedNeverHangs(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("t.csv"), "k,v\na,1\nb,2\n");
    assertTimeoutPreemptively(
        Duration.ofMinutes(5),
        () -> {
          try (LaminarDB db = LaminarDB.open()) {
            db.execute(
                "CREATE SOURCE t (k VARCHAR, v INT) FROM FILES (path = '"
                    + file
                    + "', format = 'csv', header = 'true', follow = 'true')");
            db.execute("CREATE STREAM s AS SELECT k, v FROM t");
            Subscription subscription = db.subscribe("s");
            db.start();
            assertThat(subscription.poll(Duration.ofSeconds(60))).isNotNull();
          }
        });
  }
}
