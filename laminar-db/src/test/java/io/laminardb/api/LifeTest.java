package io.laminardb.api;

import static io.laminardb.api.Texts.await;
import static io.laminardb.api.Texts.error;
import static io.laminardb.api.Texts.rows;
import static io.laminardb.api.Texts.started;
import static io.laminardb.api.Texts.texts;
import static io.laminardb.api.Texts.threaded;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.QueryState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening with settings, running out of memory, closing in the middle of everything. */
@Timeout(300)
class LifeTest {
  private static final String TICKS = "CREATE SOURCE ticks (id BIGINT, text VARCHAR)";
  private static final String COUNTS =
      "CREATE MATERIALIZED VIEW counts AS SELECT id, COUNT(*) AS n, MAX(text) AS text"
          + " FROM ticks GROUP BY id";

  @Test
  void refusesSettingsThatAreNotThereYet() {
    assertThat(error(() -> LaminarDB.builder().cores(2)).code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(error(() -> LaminarDB.builder().memoryBudget(0)).code())
        .isEqualTo(ErrorCode.INVALID_OPTION);
    try (LaminarDB db = LaminarDB.builder().cores(1).spinning().build()) {
      db.start();
      db.sync();
    }
  }

  @Test
  void variablesStandInStringLiterals() {
    try (LaminarDB db =
        started(
            LaminarDB.builder().inline().variable("kind", "even"),
            TICKS,
            "CREATE STREAM s AS SELECT id, '${kind}' AS kind, '${none:-odd}' AS other FROM ticks")) {
      Subscription s = db.subscribe("s");
      db.source("ticks").push(1L, null);
      assertThat(texts(s.drain())).containsExactly("1 even odd");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aQueryBeyondTheBudgetFailsAndTheDatabaseRunsOn(boolean inline) {
    LaminarDB.Builder builder = LaminarDB.builder().memoryBudget(24 << 20).ringRows(1024);
    try (LaminarDB db = started(inline ? builder.inline() : builder, TICKS, COUNTS)) {
      db.execute(
          "CREATE STREAM few AS SELECT MOD(id, 10) AS d, COUNT(*) AS n FROM ticks GROUP BY 1");
      Source ticks = db.source("ticks");
      String text = "some text that is too long for its place in the row";
      for (long id = 0; db.metrics().query("counts").state() == QueryState.RUNNING; id++) {
        for (int i = 0; i < 1000; i++) {
          ticks.push(id * 1000 + i, text);
        }
        assertThat(id).isLessThan(5000);
      }
      db.sync();
      assertThat(db.metrics().query("counts").failure())
          .startsWith("MEMORY_BUDGET_EXCEEDED")
          .contains("memoryBudget");
      assertThat(db.metrics().query("few").state()).isEqualTo(QueryState.RUNNING);
      db.execute("DROP MATERIALIZED VIEW counts");
      db.execute(COUNTS);
      ticks.push(1L, text);
      db.sync();
      assertThat(rows(db, "SELECT id, n FROM counts")).containsExactly("1 1");
    }
  }

  @Test
  void whatDoesNotFitTheBudgetIsRefusedInOurWords() {
    try (LaminarDB db = LaminarDB.builder().memoryBudget(1 << 16).build()) {
      db.execute(TICKS);
      LaminarException refused = error(() -> db.source("ticks").push(1L, "a"));
      assertThat(refused.code()).isEqualTo(ErrorCode.MEMORY_BUDGET_EXCEEDED);
      assertThat(refused).hasMessageContaining("memoryBudget");
    }
  }

  @Test
  void closesWithFullSubscriptionsAndWaitingProducers() throws Exception {
    LaminarDB db = started(LaminarDB.builder().subscriptionRows(64).ringRows(64), TICKS, COUNTS);
    Subscription full = db.subscribe("ticks");
    AtomicReference<Throwable> ended = new AtomicReference<>();
    Thread producer =
        new Thread(
            () -> {
              Source ticks = db.source("ticks");
              try {
                for (long i = 0; true; i++) {
                  ticks.push(i, "x");
                }
              } catch (Throwable e) {
                ended.set(e);
              }
            });
    producer.start();
    await("a full ring", () -> db.metrics().source("ticks").waitingRows() >= 64);
    db.close();
    producer.join();
    assertThat(((LaminarException) ended.get()).code()).isEqualTo(ErrorCode.CLOSED);
    full.close();
    db.close();
  }

  @Test
  void closesFromAnotherThreadWhileEverybodyIsAtWork() throws Exception {
    for (int round = 0; round < 10; round++) {
      LaminarDB db = threaded(TICKS, COUNTS);
      CountDownLatch busy = new CountDownLatch(3);
      AtomicReference<Throwable> unexpected = new AtomicReference<>();
      Runnable[] jobs = {
        () -> db.source("ticks").push(1L, "x"),
        () -> db.query("SELECT * FROM counts").drain(),
        () -> {
          try (Subscription counts = db.subscribe("counts")) {
            counts.drain();
          }
        }
      };
      Thread[] threads = new Thread[jobs.length];
      for (int i = 0; i < jobs.length; i++) {
        Runnable job = jobs[i];
        threads[i] =
            new Thread(
                () -> {
                  try {
                    job.run();
                    busy.countDown();
                    while (true) {
                      job.run();
                    }
                  } catch (LaminarException e) {
                    if (e.code() != ErrorCode.CLOSED) {
                      unexpected.set(e);
                    }
                  } catch (Throwable e) {
                    unexpected.set(e);
                  }
                });
        threads[i].start();
      }
      busy.await();
      db.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(unexpected.get()).isNull();
    }
  }

  @Test
  void closesWhileFilesAreFollowedAndWritten(@TempDir Path directory) throws Exception {
    Path in = directory.resolve("in.csv");
    Path out = directory.resolve("out.csv");
    Files.writeString(in, "id,text\n1,a\n2,b\n");
    LaminarDB db =
        threaded(
            "CREATE SOURCE ticks (id BIGINT, text VARCHAR) FROM FILES (path = '"
                + in
                + "',"
                + " follow = 'true')",
            "CREATE SINK copy INTO FILES (path = '" + out + "', mode = 'append') FROM ticks");
    await("the rows", () -> db.metrics().source("ticks").rows() == 2);
    Files.writeString(in, "id,text\n1,a\n2,b\n3,c\n");
    db.close();
    assertThat(Files.readAllLines(out)).startsWith("id,text", "1,a", "2,b");
  }

  @Test
  void closesWithoutAStart() {
    try (LaminarDB db = LaminarDB.open()) {
      db.execute(TICKS);
      db.execute(COUNTS);
      db.source("ticks").push(1L, "x");
    }
  }

  @Test
  void closesBetweenTwoPollsOfAnotherThread() throws Exception {
    LaminarDB db = threaded(TICKS);
    Subscription ticks = db.subscribe("ticks");
    for (long i = 0; i < 100; i++) {
      db.source("ticks").push(i, "x");
    }
    db.sync();
    CountDownLatch polled = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    AtomicReference<String> first = new AtomicReference<>();
    Thread taker =
        new Thread(
            () -> {
              first.set(Texts.text(ticks.poll()));
              polled.countDown();
              try {
                closed.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    taker.start();
    polled.await();
    db.close();
    closed.countDown();
    taker.join();
    assertThat(first.get()).isEqualTo("0 x");
  }

  @Test
  void inlineAndThreadedGiveTheSameRows() {
    List<List<String>> answers =
        List.of(
            answer(LaminarDB.builder().inline()),
            answer(LaminarDB.builder()),
            answer(LaminarDB.builder().ringRows(64).batchRows(16)));
    assertThat(answers.get(0)).hasSize(1_000);
    assertThat(answers.get(1)).isEqualTo(answers.get(0));
    assertThat(answers.get(2)).isEqualTo(answers.get(0));
  }

  private static List<String> answer(LaminarDB.Builder builder) {
    try (LaminarDB db =
        started(
            builder,
            "CREATE SOURCE t (k INT, v BIGINT, ts BIGINT, WATERMARK FOR ts)",
            "CREATE STREAM w AS SELECT k, SUM(v) AS s, window_start AS at FROM t"
                + " GROUP BY k, tumble(ts, INTERVAL '1' SECOND)")) {
      Subscription w = db.subscribe("w");
      for (int i = 0; i < 10_000; i++) {
        db.source("t").push(i % 10, (long) i, i * 10L - i % 7);
      }
      db.source("t").end();
      db.sync();
      List<String> rows = texts(w.drain());
      return rows.stream().sorted().toList();
    }
  }
}
