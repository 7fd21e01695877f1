package io.laminardb.api;

import static io.laminardb.api.Texts.await;
import static io.laminardb.api.Texts.error;
import static io.laminardb.api.Texts.inline;
import static io.laminardb.api.Texts.rows;
import static io.laminardb.api.Texts.started;
import static io.laminardb.api.Texts.texts;
import static io.laminardb.api.Texts.threaded;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.RowWriter;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.TypedSource;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Rows in: by value, as records, by writer, in partitions, with watermarks and an end. */
class PushTest {
  private static final String TRADES =
      "CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE, ts BIGINT)";
  private static final String COUNTS =
      "CREATE STREAM counts AS SELECT window_start AS at, COUNT(*) AS n FROM trades"
          + " GROUP BY tumble(ts, INTERVAL '1' SECOND)";

  record Trade(String symbol, Double price, Long ts) {}

  @Test
  void pushesOneRowValuesInColumnOrder() {
    try (LaminarDB db = inline(TRADES)) {
      Subscription all = db.subscribe("trades");
      db.source("trades").push("A", 1.5, 10L);
      db.source("trades").push("B", null, null);
      assertThat(texts(all.drain())).containsExactly("A 1.5 10", "B null null");
    }
  }

  @Test
  void answersTheSameSourceEveryTimeWhateverTheCase() {
    try (LaminarDB db = inline(TRADES)) {
      assertThat(db.source("trades")).isSameAs(db.source("TRADES"));
      assertThat(db.source("trades").name()).isEqualTo("trades");
      assertThat(db.source("trades").schema()).isEqualTo(db.schema("trades"));
      assertThat(db.source("trades").rows()).isSameAs(db.source("trades").rows());
    }
  }

  @Test
  void anUnknownSourceIsNotFound() {
    try (LaminarDB db = inline(TRADES, "CREATE STREAM s AS SELECT symbol FROM trades")) {
      LaminarException unknown = error(() -> db.source("trade"));
      assertThat(unknown.code()).isEqualTo(ErrorCode.OBJECT_NOT_FOUND);
      assertThat(unknown).hasMessageContaining("trades");
      assertThat(error(() -> db.source("s")).code()).isEqualTo(ErrorCode.OBJECT_NOT_FOUND);
    }
  }

  @Test
  void aRowIsTakenWholeOrNotAtAll() {
    try (LaminarDB db = inline(TRADES)) {
      Subscription all = db.subscribe("trades");
      Source trades = db.source("trades");
      assertThat(error(() -> trades.push("A", "dear", 1L)).code())
          .isEqualTo(ErrorCode.SCHEMA_MISMATCH);
      assertThat(error(() -> trades.push("A", 1.0)).code()).isEqualTo(ErrorCode.SCHEMA_MISMATCH);
      assertThat(error(() -> trades.push(null, 1.0, 1L)).code())
          .isEqualTo(ErrorCode.NULL_NOT_ALLOWED);
      trades.push("A", 1.0, 1L);
      assertThat(texts(all.drain())).containsExactly("A 1.0 1");
    }
  }

  @Test
  void tryPushAnswersFalseWhenTheRingIsFull() {
    try (LaminarDB db = LaminarDB.builder().ringRows(64).build()) {
      db.execute(TRADES);
      Source trades = db.source("trades");
      int pushed = 0;
      while (trades.tryPush("A", 1.0, (long) pushed)) {
        pushed++;
      }
      assertThat(pushed).isGreaterThanOrEqualTo(64);
      LaminarException full = error(() -> trades.push("A", 1.0, 0L));
      assertThat(full.code()).isEqualTo(ErrorCode.NOT_STARTED);
      assertThat(full).hasMessageContaining("start()");
      Subscription all = db.subscribe("trades");
      db.start();
      db.sync();
      assertThat(all.drain()).hasSize(pushed);
      assertThat(trades.tryPush("A", 1.0, 0L)).isTrue();
    }
  }

  @Test
  void aSourceThatDropsTheOldestNeverWaitsAndCountsWhatItDropped() {
    int rows = 10_000;
    try (LaminarDB db = LaminarDB.builder().ringRows(64).build()) {
      db.execute(TRADES + " WITH (on_full = 'drop-oldest')");
      Source trades = db.source("trades");
      for (int i = 0; i < rows; i++) {
        assertThat(trades.tryPush("A", 1.0, (long) i)).isTrue(); // nothing runs yet
      }
      trades.watermark(rows);
      Subscription all = db.subscribe("trades");
      db.start();
      db.sync();
      List<String> kept = texts(all.drain());
      assertThat(kept).hasSizeGreaterThanOrEqualTo(48).last().isEqualTo("A 1.0 9999");
      assertThat(kept.get(0)).isEqualTo("A 1.0 " + (rows - kept.size()));
      long dropped = rows - kept.size();
      assertThat(db.metrics().source("trades").droppedRows()).isEqualTo(dropped);
      assertThat(db.metrics().source("trades").rows()).isEqualTo(kept.size());
      assertThat(db.metrics().source("trades").waitingRows()).isZero();
      assertThat(rows(db, "SHOW SOURCES").get(0)).contains(" " + dropped + " ");
    }
  }

  @Test
  void aSourceThatDropsTheOldestIsNotHeldUpByAFullListener() throws Exception {
    try (LaminarDB db = LaminarDB.builder().ringRows(64).build()) {
      db.execute(TRADES + " WITH (on_full = 'drop-oldest')");
      CountDownLatch inListener = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      List<Long> seen = new ArrayList<>();
      db.subscribe(
          "trades",
          row -> {
            inListener.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            seen.add(row.getLong("ts"));
          });
      db.start();
      Source trades = db.source("trades");
      trades.push("A", 1.0, 0L);
      inListener.await();
      for (long i = 1; i < 5_000; i++) {
        trades.push("A", 1.0, i);
      }
      goOn.countDown();
      db.sync();
      assertThat(seen).isSorted().startsWith(0L).endsWith(4_999L);
      assertThat(seen.size() + db.metrics().source("trades").droppedRows()).isEqualTo(5_000);
    }
  }

  @Test
  void syncBeforeStartNamesStartWhenRowsWait() {
    try (LaminarDB db = LaminarDB.open()) {
      db.execute(TRADES);
      db.sync();
      db.source("trades").push("A", 1.0, 1L);
      assertThat(error(db::sync).code()).isEqualTo(ErrorCode.NOT_STARTED);
      assertThat(db.isStarted()).isFalse();
      db.start();
      db.start();
      assertThat(db.isStarted()).isTrue();
      db.sync();
      assertThat(db.metrics().source("trades").rows()).isEqualTo(1);
    }
  }

  @Test
  void inlineAFullRingIsBackpressureAndNamesWhoIsFull() {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .inline()
            .ringRows(64)
            .subscriptionRows(64)
            .stallTimeout(Duration.ofMillis(10));
    try (LaminarDB db = started(builder, TRADES, "CREATE STREAM s AS SELECT symbol FROM trades")) {
      Subscription rows = db.subscribe("s");
      Source trades = db.source("trades");
      List<String> pushed = new ArrayList<>();
      LaminarException full = null;
      while (full == null) {
        try {
          trades.push("A" + pushed.size(), 1.0, 1L);
          pushed.add("A" + pushed.size());
        } catch (LaminarException e) {
          full = e;
        }
      }
      assertThat(full.code()).isEqualTo(ErrorCode.BACKPRESSURE);
      assertThat(full).hasMessageContaining("subscription to \"s\"");
      assertThat(trades.tryPush("no", 1.0, 1L)).isFalse();
      assertThat(error(db::sync).code()).isEqualTo(ErrorCode.BACKPRESSURE);
      List<String> got = new ArrayList<>();
      while (got.size() < pushed.size()) {
        got.addAll(texts(rows.drain()));
      }
      assertThat(got).isEqualTo(pushed);
    }
  }

  @Test
  void threadedPushWaitsUntilRowsAreTaken() throws Exception {
    LaminarDB.Builder builder = LaminarDB.builder().ringRows(64).subscriptionRows(64);
    try (LaminarDB db = started(builder, TRADES)) {
      Subscription rows = db.subscribe("trades");
      Thread producer =
          new Thread(
              () -> {
                for (int i = 0; i < 5000; i++) {
                  db.source("trades").push("A", (double) i, 1L);
                }
              });
      producer.start();
      List<String> got = new ArrayList<>();
      await(
          "all rows",
          () -> {
            got.addAll(texts(rows.drain()));
            return got.size() == 5000;
          });
      producer.join();
      assertThat(got.get(4999)).isEqualTo("A 4999.0 1");
    }
  }

  @Test
  void syncNamesTheFullSubscriptionWhenNothingMoves() {
    LaminarDB.Builder builder =
        LaminarDB.builder().subscriptionRows(64).stallTimeout(Duration.ofMillis(50));
    try (LaminarDB db = started(builder, TRADES)) {
      Subscription rows = db.subscribe("trades");
      Source trades = db.source("trades");
      for (int i = 0; i < 1000; i++) {
        trades.push("A", 1.0, 1L);
      }
      LaminarException full = error(db::sync);
      assertThat(full.code()).isEqualTo(ErrorCode.BACKPRESSURE);
      assertThat(full).hasMessageContaining("subscription to \"trades\"");
      rows.close();
      db.sync();
      assertThat(db.metrics().source("trades").rows()).isEqualTo(1000);
    }
  }

  @Test
  void recordsComeInAndGoOut() {
    try (LaminarDB db = inline(TRADES)) {
      Subscription all = db.subscribe("trades");
      TypedSource<Trade> trades = db.source("trades", Trade.class);
      trades.push(new Trade("A", 1.5, 10L));
      assertThat(trades.tryPush(new Trade("B", null, 11L))).isTrue();
      trades.source().push("C", 2.0, 12L);
      assertThat(all.drain(Trade.class))
          .containsExactly(
              new Trade("A", 1.5, 10L), new Trade("B", null, 11L), new Trade("C", 2.0, 12L));
      assertThat(trades.source()).isSameAs(db.source("trades"));
    }
  }

  record Alien(String symbol, Double price, Long ts, int colour) {}

  @Test
  void aRecordThatDoesNotFitIsRefused() {
    try (LaminarDB db = inline(TRADES)) {
      assertThat(error(() -> db.source("trades", Alien.class)).code())
          .isEqualTo(ErrorCode.SCHEMA_MISMATCH);
      assertThat(error(() -> db.source("none", Trade.class)).code())
          .isEqualTo(ErrorCode.OBJECT_NOT_FOUND);
    }
  }

  @Test
  void retractsOnlyInAChangelog() {
    try (LaminarDB db =
        inline(
            TRADES,
            "CREATE SOURCE orders (id INT, amount INT) WITH (changelog = 'retract')",
            "CREATE MATERIALIZED VIEW total AS SELECT SUM(amount) AS total FROM orders")) {
      assertThat(error(() -> db.source("trades").retract("A", 1.0, 1L)).code())
          .isEqualTo(ErrorCode.SCHEMA_MISMATCH);
      assertThat(
              error(() -> db.source("trades", Trade.class).retract(new Trade("A", 1.0, 1L))).code())
          .isEqualTo(ErrorCode.SCHEMA_MISMATCH);
      Subscription changes = db.subscribe("orders");
      Source orders = db.source("orders");
      orders.push(1, 10);
      orders.push(2, 20);
      orders.retract(1, 10);
      assertThat(texts(changes.drain())).containsExactly("1 10", "2 20", "-1 10");
      assertThat(rows(db, "SELECT * FROM total")).containsExactly("20");
    }
  }

  @Test
  void aRowWriterWritesInAnyOrderAndSeesNothingOfAnOpenRow() {
    try (LaminarDB db = inline(TRADES)) {
      Subscription all = db.subscribe("trades");
      RowWriter row = db.source("trades").rows();
      int symbol = row.column("SYMBOL");
      int price = row.column("price");
      int ts = row.column("ts");
      row.begin().setLong(ts, 5).setString(symbol, "gone").setString(symbol, "A");
      assertThat(all.drain()).isEmpty();
      assertThat(row.endRow()).isTrue();
      row.begin().setString(symbol, "discarded");
      row.begin().setDouble(price, 2.5).setString(symbol, "B");
      assertThat(row.endRow()).isTrue();
      row.begin().setDouble(price, 1);
      assertThat(error(row::endRow).code()).isEqualTo(ErrorCode.NULL_NOT_ALLOWED);
      row.setString(symbol, "C");
      assertThat(row.endRow()).isTrue();
      assertThat(texts(all.drain())).containsExactly("A null 5", "B 2.5 null", "C 1.0 null");
      assertThat(error(() -> row.column("colour")).code()).isEqualTo(ErrorCode.COLUMN_NOT_FOUND);
    }
  }

  @Test
  void explicitWatermarksCloseWindows() {
    try (LaminarDB db = inline(TRADES, COUNTS)) {
      Subscription counts = db.subscribe("counts");
      Source trades = db.source("trades");
      trades.push("A", 1.0, 100L);
      trades.push("A", 1.0, 200L);
      trades.watermark(999);
      assertThat(counts.drain()).isEmpty();
      trades.watermark(1000);
      assertThat(texts(counts.drain())).containsExactly("0 2");
      trades.push("A", 1.0, 300L); // too late
      trades.watermark(500); // back: nothing
      trades.push("A", 1.0, 1300L);
      trades.watermark(Instant.ofEpochMilli(2000));
      assertThat(texts(counts.drain())).containsExactly("1000 1");
      assertThat(db.metrics().query("counts").lateRows()).isEqualTo(1);
    }
  }

  @Test
  void endClosesEverythingAndIsIdempotent() {
    try (LaminarDB db = inline(TRADES, COUNTS)) {
      Subscription counts = db.subscribe("counts");
      Source trades = db.source("trades");
      trades.push("A", 1.0, 100L);
      trades.end();
      trades.end();
      trades.close();
      assertThat(texts(counts.drain())).containsExactly("0 1");
      assertThat(counts.isEnded()).isTrue();
      assertThat(error(() -> trades.push("A", 1.0, 100L)).code()).isEqualTo(ErrorCode.SOURCE_ENDED);
      assertThat(error(() -> trades.tryPush("A", 1.0, 100L)).code())
          .isEqualTo(ErrorCode.SOURCE_ENDED);
      assertThat(error(() -> trades.watermark(1)).code()).isEqualTo(ErrorCode.SOURCE_ENDED);
      assertThat(error(trades::partition).code()).isEqualTo(ErrorCode.SOURCE_ENDED);
      assertThat(rows(db, "SHOW SOURCES").get(0)).contains("ENDED");
    }
  }

  @Test
  void pushAfterCloseIsClosed() {
    LaminarDB db = threaded(TRADES);
    Source trades = db.source("trades");
    trades.push("A", 1.0, 1L);
    db.close();
    db.close();
    assertThat(error(() -> trades.push("A", 1.0, 1L)).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(error(() -> trades.tryPush("A", 1.0, 1L)).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(error(() -> trades.rows().begin()).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(error(() -> db.execute("SHOW SOURCES")).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(error(db::sync).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(error(db::start).code()).isEqualTo(ErrorCode.CLOSED);
    trades.close();
  }

  @Test
  void pushToADroppedSourceIsClosed() {
    try (LaminarDB db = threaded(TRADES)) {
      Source trades = db.source("trades");
      db.execute("DROP SOURCE trades");
      assertThat(error(() -> trades.push("A", 1.0, 1L)).code()).isEqualTo(ErrorCode.CLOSED);
      db.execute(TRADES);
      db.source("trades").push("A", 1.0, 1L);
      db.sync();
      assertThat(db.metrics().source("trades").rows()).isEqualTo(1);
    }
  }

  @Test
  void aSecondThreadInAPartitionIsTheWrongThread() throws Exception {
    try (LaminarDB db = threaded(TRADES)) {
      Source trades = db.source("trades");
      RowWriter open = trades.rows().begin();
      AtomicReference<LaminarException> refused = new AtomicReference<>();
      Thread other = new Thread(() -> refused.set(error(() -> trades.push("B", 1.0, 1L))));
      other.start();
      other.join();
      assertThat(refused.get().code()).isEqualTo(ErrorCode.WRONG_THREAD);
      open.setString(0, "A");
      assertThat(open.endRow()).isTrue();
      db.sync();
      assertThat(db.metrics().source("trades").rows()).isEqualTo(1);
    }
  }

  @Test
  void theWatermarkIsTheLeastOfThePartitions() {
    try (LaminarDB db = inline(TRADES, COUNTS)) {
      Subscription counts = db.subscribe("counts");
      Source first = db.source("trades");
      Source second = first.partition();
      assertThat(second).isNotSameAs(first);
      first.push("A", 1.0, 100L);
      first.push("A", 1.0, 5000L);
      assertThat(counts.drain()).isEmpty();
      second.push("B", 1.0, 200L); // not late: its partition has not come that far
      second.push("B", 1.0, 1500L);
      assertThat(texts(counts.drain())).containsExactly("0 2");
      second.end();
      assertThat(texts(counts.drain())).containsExactly("1000 1");
      first.end();
      assertThat(texts(counts.drain())).containsExactly("5000 1");
    }
  }

  @Test
  void anIdlePartitionHoldsNobodyBackAfterTheTimeout() {
    VirtualClock clock = new VirtualClock(0);
    LaminarDB.Builder builder = LaminarDB.builder().inline().clock(clock);
    String source =
        "CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, ts BIGINT)"
            + " WITH (idle_timeout = INTERVAL '5' SECOND)";
    try (LaminarDB db = started(builder, source, COUNTS)) {
      Subscription counts = db.subscribe("counts");
      Source first = db.source("trades");
      Source second = first.partition();
      first.push("A", 1.0, 100L);
      second.push("B", 1.0, 100L);
      clock.advance(Duration.ofSeconds(4));
      first.push("A", 1.0, 1500L);
      db.sync();
      assertThat(counts.drain()).isEmpty();
      clock.advance(Duration.ofSeconds(2)); // the second one has been silent for 6 s
      db.sync();
      assertThat(texts(counts.drain())).containsExactly("0 2");
    }
  }

  @Test
  void partitionsOfSeveralThreadsAddUp() throws Exception {
    LaminarDB.Builder builder = LaminarDB.builder().clock(new VirtualClock()); // none falls silent
    try (LaminarDB db = started(builder, TRADES, COUNTS)) {
      Subscription counts = db.subscribe("counts");
      int threads = 4;
      int seconds = 50;
      CountDownLatch go = new CountDownLatch(1);
      List<Source> partitions = new ArrayList<>(List.of(db.source("trades")));
      while (partitions.size() < threads) {
        partitions.add(partitions.get(0).partition());
      }
      List<Thread> producers = new ArrayList<>();
      for (Source partition : partitions) {
        Thread producer =
            new Thread(
                () -> {
                  try (partition) {
                    go.await();
                    for (long ts = 0; ts < seconds * 1000L; ts += 5) {
                      partition.push("A", 1.0, ts);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        producer.start();
        producers.add(producer);
      }
      go.countDown();
      for (Thread producer : producers) {
        producer.join();
      }
      db.sync();
      List<String> expected = new ArrayList<>();
      for (int second = 0; second < seconds; second++) {
        expected.add(second * 1000 + " " + threads * 200);
      }
      assertThat(texts(counts.drain())).isEqualTo(expected);
      assertThat(db.metrics().query("counts").lateRows()).isZero();
      assertThat(db.metrics().source("trades").handles()).isEqualTo(threads);
    }
  }

  @Test
  void inlinePushReturnsAfterTheListenersRan() {
    try (LaminarDB db = inline(TRADES)) {
      List<String> heard = new ArrayList<>();
      db.subscribe("trades", row -> heard.add(Thread.currentThread().getName()));
      db.source("trades").push("A", 1.0, 1L);
      assertThat(heard).containsExactly(Thread.currentThread().getName());
    }
  }
}
