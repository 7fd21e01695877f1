package io.laminardb.api;

import static io.laminardb.api.Texts.await;
import static io.laminardb.api.Texts.error;
import static io.laminardb.api.Texts.inline;
import static io.laminardb.api.Texts.text;
import static io.laminardb.api.Texts.texts;
import static io.laminardb.api.Texts.threaded;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.QueryState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Rows out: pulled, called back, as records, published; slow and failing receivers. */
class SubscribeTest {
  private static final String TICKS = "CREATE SOURCE ticks (id INT NOT NULL, v BIGINT)";
  private static final String EVEN =
      "CREATE STREAM even AS SELECT id, v FROM ticks WHERE MOD(id, 2) = 0";
  private static final String SUMS =
      "CREATE MATERIALIZED VIEW sums AS SELECT id, SUM(v) AS total FROM ticks GROUP BY id";

  record Tick(int id, Long v) {}

  @Test
  void pullsRowsOneByOneOrAllAtOnce() {
    try (LaminarDB db = inline(TICKS, EVEN)) {
      Subscription even = db.subscribe("EVEN");
      assertThat(even.schema()).isEqualTo(db.schema("even"));
      Source ticks = db.source("ticks");
      for (int i = 0; i < 7; i++) {
        ticks.push(i, (long) i);
      }
      assertThat(text(even.poll())).isEqualTo("0 0");
      assertThat(even.poll(Duration.ofSeconds(1)).getInt("id")).isEqualTo(2);
      assertThat(texts(even.drain())).containsExactly("4 4", "6 6");
      assertThat(even.poll()).isNull();
      assertThat(even.poll(Duration.ofMillis(1))).isNull();
      assertThat(even.isEnded()).isFalse();
      ticks.end();
      assertThat(even.isEnded()).isTrue();
      assertThat(even.poll(Duration.ofSeconds(5))).isNull();
      even.close();
      even.close();
    }
  }

  @Test
  void pollAndDrainMayTakeTurns() {
    try (LaminarDB db = inline(TICKS)) {
      Subscription ticks = db.subscribe("ticks");
      for (int i = 0; i < 6; i++) {
        db.source("ticks").push(i, i == 3 ? null : (long) i);
      }
      assertThat(text(ticks.poll())).isEqualTo("0 0");
      assertThat(ticks.drain(Tick.class))
          .startsWith(new Tick(1, 1L), new Tick(2, 2L), new Tick(3, null))
          .hasSize(5);
      db.source("ticks").push(7, 7L);
      db.source("ticks").push(8, 8L);
      assertThat(text(ticks.poll())).isEqualTo("7 7");
      assertThat(texts(ticks.drain())).containsExactly("8 8");
    }
  }

  @Test
  void aWaitingPollWakesUpWithTheRow() {
    try (LaminarDB db = threaded(TICKS)) {
      Subscription ticks = db.subscribe("ticks");
      Thread producer = new Thread(() -> db.source("ticks").push(1, 2L));
      producer.start();
      assertThat(ticks.poll(Duration.ofSeconds(60)).getLong("v")).isEqualTo(2);
    }
  }

  @Test
  void drainedRowsAreCopiesThatMayBeKept() {
    List<Row> rows;
    try (LaminarDB db = inline(TICKS)) {
      Subscription ticks = db.subscribe("ticks");
      db.source("ticks").push(1, 2L);
      rows = ticks.drain();
      assertThat(rows.get(0).copy()).isSameAs(rows.get(0));
    }
    assertThat(texts(rows)).containsExactly("1 2");
  }

  @Test
  void theRowOfACallbackIsValidUntilItReturns() {
    try (LaminarDB db = inline(TICKS)) {
      AtomicReference<Row> seen = new AtomicReference<>();
      List<Row> copies = new ArrayList<>();
      db.subscribe(
          "ticks",
          row -> {
            seen.set(row);
            copies.add(row.copy());
          });
      db.source("ticks").push(1, 2L);
      db.source("ticks").push(3, null);
      assertThat(texts(copies)).containsExactly("1 2", "3 null");
      assertThat(error(() -> seen.get().getInt(0)).code()).isEqualTo(ErrorCode.CLOSED);
      Row last = copies.get(1);
      assertThat(last.isNull("v")).isTrue();
      assertThat(error(() -> last.getLong("v")).code()).isEqualTo(ErrorCode.NULL_NOT_ALLOWED);
      assertThat(error(() -> last.getLong("w")).code()).isEqualTo(ErrorCode.COLUMN_NOT_FOUND);
      assertThat(error(() -> last.getDate("id")).code()).isEqualTo(ErrorCode.TYPE_MISMATCH);
    }
  }

  @Test
  void rowsComeAsRecords() {
    try (LaminarDB db = inline(TICKS)) {
      List<Tick> heard = new ArrayList<>();
      Subscription ticks = db.subscribe("ticks", Tick.class, heard::add);
      db.source("ticks").push(1, 2L);
      db.source("ticks").push(3, null);
      assertThat(heard).containsExactly(new Tick(1, 2L), new Tick(3, null));
      assertThat(ticks.drain()).isEmpty();
      assertThat(ticks.drain(Tick.class)).isEmpty();
      assertThat(ticks.droppedRows()).isZero();
      ticks.close();
      db.source("ticks").push(5, 6L);
      assertThat(heard).hasSize(2);
    }
  }

  @Test
  void aViewGivesItsContentFirst() {
    try (LaminarDB db = inline(TICKS, SUMS)) {
      Source ticks = db.source("ticks");
      ticks.push(1, 10L);
      ticks.push(2, 20L);
      ticks.push(1, 5L);
      Subscription pulled = db.subscribe("sums");
      List<String> heard = new ArrayList<>();
      db.subscribe("sums", row -> heard.add(text(row)));
      ticks.push(2, 1L);
      assertThat(texts(pulled.drain()))
          .containsExactlyInAnyOrder("1 15", "2 20", "-2 20", "2 21")
          .endsWith("-2 20", "2 21");
      assertThat(heard).containsExactlyInAnyOrder("1 15", "2 20", "-2 20", "2 21");
    }
  }

  @Test
  void subscribeLatestDropsTheOldestAndCountsThem() {
    try (LaminarDB db = inline(TICKS)) {
      Subscription latest = db.subscribeLatest("ticks", 100);
      Source ticks = db.source("ticks");
      for (int i = 0; i < 1000; i++) {
        ticks.push(i, (long) i);
      }
      List<Row> rows = latest.drain();
      assertThat(rows.size() + latest.droppedRows()).isEqualTo(1000);
      assertThat(rows.size()).isLessThanOrEqualTo(100).isPositive();
      assertThat(rows.get(rows.size() - 1).getInt("id")).isEqualTo(999);
      for (int i = 1; i < rows.size(); i++) {
        assertThat(rows.get(i).getInt("id")).isEqualTo(rows.get(i - 1).getInt("id") + 1);
      }
      var metrics = db.metrics().subscriptions().get(0);
      assertThat(metrics.droppedRows()).isEqualTo(latest.droppedRows());
      assertThat(metrics.rows()).isEqualTo(1000);
    }
  }

  @Test
  void aListenerThatThrowsEndsItsSubscriptionAndNoOther() {
    try (LaminarDB db = inline(TICKS, EVEN)) {
      Subscription failing =
          db.subscribe(
              "even",
              row -> {
                throw new IllegalStateException("no taste for " + row.getInt("id"));
              });
      Subscription other = db.subscribe("even");
      Source ticks = db.source("ticks");
      ticks.push(0, 0L);
      ticks.push(2, 2L);
      assertThat(texts(other.drain())).containsExactly("0 0", "2 2");
      assertThat(failing.isEnded()).isTrue();
      LaminarException failure = error(failing::poll);
      assertThat(failure).hasMessageContaining("no taste for 0");
      assertThat(db.metrics().query("even").state()).isEqualTo(QueryState.RUNNING);
    }
  }

  @Test
  void aQueryThatFailsStopsWhileOthersRunOn() {
    try (LaminarDB db =
        inline(
            TICKS,
            EVEN,
            "CREATE STREAM inverse AS SELECT id, 100 / v AS w FROM ticks",
            "CREATE STREAM after AS SELECT w FROM inverse")) {
      Subscription inverse = db.subscribe("inverse");
      Subscription even = db.subscribe("even");
      Source ticks = db.source("ticks");
      ticks.push(1, 10L);
      ticks.push(2, 0L);
      ticks.push(4, 1L);
      assertThat(texts(inverse.drain())).containsExactly("1 10");
      LaminarException failure = error(inverse::drain);
      assertThat(failure.code()).isEqualTo(ErrorCode.EXPRESSION_FAILED);
      assertThat(failure).hasMessageContaining("id = 2, v = 0");
      assertThat(texts(even.drain())).containsExactly("2 0", "4 1");
      var metrics = db.metrics();
      assertThat(metrics.query("inverse").state()).isEqualTo(QueryState.FAILED);
      assertThat(metrics.query("after").state()).isEqualTo(QueryState.FAILED);
      assertThat(metrics.query("after").failure()).contains("inverse");
      assertThat(metrics.query("even").state()).isEqualTo(QueryState.RUNNING);
      assertThat(db.query("SHOW STREAMS LIKE 'inverse'").drain().get(0).getString("state"))
          .isEqualTo("FAILED");
      db.execute("DROP STREAM inverse CASCADE");
      db.execute("CREATE STREAM inverse AS SELECT id, 100 / NULLIF(v, 0) AS w FROM ticks");
      Subscription mended = db.subscribe("inverse");
      ticks.push(2, 0L);
      assertThat(texts(mended.drain())).containsExactly("2 null");
    }
  }

  @Test
  void subscribingToNothingIsNotFound() {
    try (LaminarDB db = inline(TICKS)) {
      assertThat(error(() -> db.subscribe("tick")).code()).isEqualTo(ErrorCode.OBJECT_NOT_FOUND);
      assertThat(error(() -> db.publisher("tick")).code()).isEqualTo(ErrorCode.OBJECT_NOT_FOUND);
      assertThat(error(() -> db.subscribe("tick", row -> {})).code())
          .isEqualTo(ErrorCode.OBJECT_NOT_FOUND);
    }
  }

  @Test
  void aDroppedStreamEndsItsSubscriptions() {
    try (LaminarDB db = inline(TICKS, EVEN)) {
      Subscription even = db.subscribe("even");
      db.source("ticks").push(2, 2L);
      db.execute("DROP STREAM even");
      assertThat(texts(even.drain())).containsExactly("2 2");
      assertThat(error(even::poll).code()).isEqualTo(ErrorCode.CLOSED);
      assertThat(even.isEnded()).isTrue();
    }
  }

  /** Keeps what it gets; asks for rows only as told. */
  private static final class Keeper implements Flow.Subscriber<Row> {
    final List<String> rows = Collections.synchronizedList(new ArrayList<>());
    volatile Flow.Subscription subscription;
    volatile Throwable error;
    volatile boolean complete;

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
      subscription = newSubscription;
    }

    @Override
    public void onNext(Row row) {
      rows.add(text(row));
    }

    @Override
    public void onError(Throwable thrown) {
      error = thrown;
    }

    @Override
    public void onComplete() {
      complete = true;
    }
  }

  @Test
  void publishesAsManyRowsAsWereRequested() {
    try (LaminarDB db = threaded(TICKS)) {
      Keeper first = new Keeper();
      Keeper second = new Keeper();
      db.publisher("ticks").subscribe(first);
      db.publisher("ticks").subscribe(second);
      await("subscribed", () -> first.subscription != null && second.subscription != null);
      Source ticks = db.source("ticks");
      for (int i = 0; i < 10; i++) {
        ticks.push(i, null);
      }
      db.sync();
      first.subscription.request(3);
      await("three rows", () -> first.rows.size() == 3);
      second.subscription.request(Long.MAX_VALUE);
      second.subscription.request(Long.MAX_VALUE);
      await("all rows", () -> second.rows.size() == 10);
      assertThat(first.rows).containsExactly("0 null", "1 null", "2 null");
      first.subscription.request(7);
      await("the others", () -> first.rows.size() == 10);
      ticks.end();
      await("the end", () -> first.complete && second.complete);
      assertThat(first.error).isNull();
    }
  }

  @Test
  void aPublisherPassesFailuresOnAndCanBeCancelled() {
    try (LaminarDB db =
        threaded(TICKS, "CREATE STREAM inverse AS SELECT 100 / v AS w FROM ticks")) {
      Keeper keeper = new Keeper();
      Keeper cancelled = new Keeper();
      Keeper wrong = new Keeper();
      db.publisher("inverse").subscribe(keeper);
      db.publisher("inverse").subscribe(cancelled);
      db.publisher("inverse").subscribe(wrong);
      await(
          "subscribed",
          () ->
              keeper.subscription != null
                  && cancelled.subscription != null
                  && wrong.subscription != null);
      cancelled.subscription.cancel();
      wrong.subscription.request(0);
      await("the refusal", () -> wrong.error instanceof IllegalArgumentException);
      await("two left", () -> db.metrics().subscriptions().size() == 1);
      keeper.subscription.request(10);
      db.source("ticks").push(1, 4L);
      db.source("ticks").push(1, 0L);
      await("the failure", () -> keeper.error != null);
      assertThat(keeper.rows).containsExactly("25");
      assertThat(((LaminarException) keeper.error).code()).isEqualTo(ErrorCode.EXPRESSION_FAILED);
      assertThat(cancelled.error).isNull();
      assertThat(cancelled.complete).isFalse();
    }
  }

  @Test
  void aListenerMayCloseItsSubscription() {
    try (LaminarDB db = inline(TICKS)) {
      AtomicReference<Subscription> self = new AtomicReference<>();
      List<String> heard = new ArrayList<>();
      self.set(
          db.subscribe(
              "ticks",
              row -> {
                heard.add(text(row));
                self.get().close();
              }));
      db.source("ticks").push(1, 1L);
      db.source("ticks").push(2, 2L);
      assertThat(heard).containsExactly("1 1");
      assertThat(db.metrics().subscriptions()).isEmpty();
    }
  }
}
