package io.laminardb.core.runtime;

import static io.laminardb.core.runtime.TestOperators.FILTER;
import static io.laminardb.core.runtime.TestOperators.ROWS;
import static io.laminardb.core.runtime.TestOperators.SUM;
import static io.laminardb.core.runtime.TestOperators.TIMER;
import static io.laminardb.core.runtime.TestOperators.UNION;
import static io.laminardb.core.runtime.TestOperators.WINDOW;
import static io.laminardb.core.runtime.TestOperators.after;
import static io.laminardb.core.runtime.TestOperators.graph;
import static io.laminardb.core.runtime.TestOperators.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.time.VirtualClock;
import io.laminardb.core.time.Watermark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {
  private final BufferAllocator allocator = new RootAllocator();
  private final VirtualClock clock = new VirtualClock(1_000);
  private Engine engine;

  @AfterEach
  void everythingIsFreed() {
    if (engine != null) {
      engine.close();
    }
    assertThat(allocator.getAllocatedMemory()).as(allocator.toVerboseString()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsGoThroughAGraphToASubscription(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
    engine.attach(
        new OperatorGraph("q", List.of(node(FILTER, "s"), after(WINDOW, 0))), QueryOptions.DEFAULT);
    PullSubscription subscription = engine.pull("q");
    SourceHandle handle = engine.openHandle("s");
    push(handle, 1, 0);
    engine.start();
    push(handle, 2, 5);
    push(handle, -1, 6);
    push(handle, 3, 12);
    push(handle, 4, 3); // late
    push(handle, 5, 30);
    engine.sync();
    assertThat(drain(subscription)).containsExactly("2,0", "1,10");
    handle.end();
    engine.sync();
    assertThat(drain(subscription)).containsExactly("1,30");
    assertThat(subscription.state()).isEqualTo(Subscription.State.ENDED);
    Metrics metrics = engine.metrics();
    assertThat(metrics.source("s").rows()).isEqualTo(6);
    assertThat(metrics.query("q").lateRows()).isEqualTo(1);
    assertThat(metrics.query("q").watermarkNs()).isEqualTo(Watermark.END);
    assertThatThrownBy(() -> push(handle, 6, 40)).hasMessageContaining("SOURCE_ENDED");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aListenerIsCalledAndOneThatThrowsIsCutOff(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS));
    engine.attach(graph("q", SUM, "s"), QueryOptions.DEFAULT);
    List<String> seen = new ArrayList<>();
    engine.subscribe("q", batch -> collect(batch, seen));
    Subscription bad =
        engine.subscribe(
            "q",
            batch -> {
              throw new IllegalStateException("no");
            });
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    push(handle, 2, 0);
    push(handle, 3, 0);
    engine.sync();
    assertThat(seen).containsExactly("+0,0", "-0,0", "+2,0", "-2,0", "+5,0");
    assertThat(bad.state()).isEqualTo(Subscription.State.FAILED);
    assertThat(bad.failure().code()).isEqualTo(ErrorCode.LISTENER_FAILED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFullSubscriptionHoldsTheQueryBackAndNothingIsLost(boolean inline) {
    open(small(inline));
    engine.createSource(SourceOptions.of("s", ROWS));
    engine.attach(graph("q", FILTER, "s"), QueryOptions.DEFAULT);
    PullSubscription subscription = engine.pull("q", OverflowPolicy.BLOCK, 4);
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    int pushed = 0;
    LaminarException refused = null;
    while (refused == null) {
      try {
        push(handle, pushed, pushed);
        pushed++;
      } catch (LaminarException e) {
        refused = e;
      }
    }
    assertThat(refused).hasMessageContaining("BACKPRESSURE").hasMessageContaining("\"q\" is full");
    assertThat(handle.beginPlace(false)).isFalse();
    assertThatThrownBy(engine::sync)
        .hasMessageContaining("BACKPRESSURE: sync() waits: subscription to \"q\" is full");
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 1000 && rows.size() < pushed; i++) {
      collectAll(subscription, rows);
      if (rows.size() < pushed) {
        clock.advance(Duration.ofNanos(1));
        syncQuietly();
      }
    }
    assertThat(rows).hasSize(pushed).startsWith("0,0").endsWith(pushed - 1 + "," + (pushed - 1));
    push(handle, 7777, 0);
    engine.sync();
    assertThat(drain(subscription)).containsExactly("7777,0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closingTheSubscriptionThatIsFullLetsOthersGoOn(boolean inline) {
    open(small(inline));
    engine.createSource(SourceOptions.of("s", ROWS));
    engine.attach(graph("q", FILTER, "s"), QueryOptions.DEFAULT);
    PullSubscription full = engine.pull("q", OverflowPolicy.BLOCK, 1);
    PullSubscription other = engine.pull("q");
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    for (int i = 0; i < 6; i++) {
      push(handle, i, i);
    }
    assertThatThrownBy(engine::sync).hasMessageContaining("BACKPRESSURE");
    full.close();
    engine.sync();
    assertThat(drain(other)).containsExactly("0,0", "1,1", "2,2", "3,3", "4,4", "5,5");
    assertThatThrownBy(full::poll).hasMessageContaining("CLOSED");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void dropOldestKeepsTheNewestRowsAndCountsTheOthers(boolean inline) {
    open(small(inline));
    engine.createSource(SourceOptions.of("s", ROWS));
    PullSubscription subscription = engine.pull("s", OverflowPolicy.DROP_OLDEST, 8);
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    for (int i = 0; i < 100; i++) {
      push(handle, i, i);
    }
    engine.sync();
    List<String> rows = drain(subscription);
    assertThat(rows).hasSizeBetween(6, 16).endsWith("99,99");
    assertThat(subscription.droppedRows() + rows.size()).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFailingQueryStopsAloneAndItsReadersAreTold(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS));
    engine.attach(graph("bad", FILTER, "s"), QueryOptions.DEFAULT);
    engine.attach(graph("reader", FILTER, "bad"), QueryOptions.DEFAULT);
    engine.attach(graph("good", SUM, "s"), QueryOptions.DEFAULT.withMaterialized());
    PullSubscription bad = engine.pull("bad");
    PullSubscription reader = engine.pull("reader");
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    push(handle, 1, 0);
    engine.sync();
    push(handle, -13, 0);
    push(handle, 2, 0);
    engine.sync();
    assertThat(engine.state("bad")).isEqualTo(QueryState.FAILED);
    assertThat(engine.failure("bad"))
        .hasMessageContaining("EXPRESSION_FAILED: thirteen. The row: (value = -13, ts = 0).");
    assertThat(engine.state("reader")).isEqualTo(QueryState.FAILED);
    assertThat(engine.state("good")).isEqualTo(QueryState.RUNNING);
    assertThat(bad.poll()).satisfies(batch -> assertThat(batch.size()).isEqualTo(1));
    assertThatThrownBy(bad::poll).hasMessageContaining("EXPRESSION_FAILED");
    assertThat(reader.failure()).hasMessageContaining("its input \"bad\" gives no more rows");
    assertThat(content("good")).containsExactly("+-10,0");
    assertThatThrownBy(() -> engine.attach(graph("late", FILTER, "bad"), QueryOptions.DEFAULT))
        .hasMessageContaining("gives no more rows");
    bad.close();
    reader.close();
    engine.detach("reader");
    engine.detach("bad");
    assertThat(engine.has("bad")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void failedAndLateRowsGoToTheirStreams(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
    engine.attach(
        new OperatorGraph("q", List.of(node(FILTER, "s"), after(WINDOW, 0))),
        QueryOptions.DEFAULT.withErrorStream("q$errors").withLateStream("q_late", ROWS));
    PullSubscription late = engine.pull("q_late");
    PullSubscription errors = engine.pull("q$errors");
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    push(handle, 1, 0);
    push(handle, -13, 25);
    push(handle, 2, 3);
    push(handle, 3, 26);
    engine.sync();
    assertThat(drain(late)).containsExactly("2,3");
    Batch batch = errors.poll();
    assertThat(batch.size()).isEqualTo(1);
    io.laminardb.core.memory.Utf8 text = new io.laminardb.core.memory.Utf8();
    batch.column(1).getBytes(batch.from(), text);
    assertThat(text).hasToString("thirteen.");
    batch.column(2).getBytes(batch.from(), text);
    assertThat(text).hasToString("(value = -13, ts = 25)");
    assertThat(engine.metrics().query("q").failedRows()).isEqualTo(1);
    handle.end();
    engine.sync();
    assertThat(late.state()).isEqualTo(Subscription.State.ENDED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aViewKeepsItsContentAndGivesItToWhoComesLater(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
    engine.attach(graph("v", SUM, "s"), QueryOptions.DEFAULT.withMaterialized());
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    for (int i = 1; i <= 3000; i++) {
      push(handle, i, i);
    }
    engine.sync();
    assertThat(content("v")).containsExactly("+4501500,0");
    PullSubscription subscription = engine.pull("v");
    engine.attach(graph("w", SUM, "v"), QueryOptions.DEFAULT.withMaterialized());
    push(handle, 500, 4000);
    engine.sync();
    assertThat(drain(subscription)).containsExactly("+4501500,0", "-4501500,0", "+4502000,0");
    assertThat(content("w")).containsExactly("+4502000,0");
    assertThatThrownBy(() -> engine.detach("v")).hasMessageContaining("is read by \"w\"");
    assertThat(engine.metrics().query("w").watermarkNs()).isEqualTo(4_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theSlowestHandleHoldsTheWatermarkBackUntilItIsIdle(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
    engine.attach(graph("q", WINDOW, "s"), QueryOptions.DEFAULT);
    PullSubscription subscription = engine.pull("q");
    SourceHandle one = engine.openHandle("s");
    SourceHandle two = engine.openHandle("s");
    engine.start();
    push(one, 1, 100);
    push(two, 1, 5);
    push(one, 1, 95); // behind its own maximum, but not behind the source's watermark
    engine.sync();
    assertThat(drain(subscription)).isEmpty();
    two.watermark(20_000_000);
    engine.sync();
    assertThat(drain(subscription)).containsExactly("1,0");
    clock.advance(Duration.ofSeconds(5));
    push(one, 1, 101);
    engine.sync();
    clock.advance(Duration.ofSeconds(6));
    engine.sync();
    assertThat(drain(subscription)).containsExactly("1,90");
    push(two, 1, 99); // late now
    engine.sync();
    assertThat(engine.metrics().query("q").lateRows()).isEqualTo(1);
    one.end();
    two.end();
    engine.sync();
    assertThat(drain(subscription)).containsExactly("2,100");
  }

  private PullSubscription windowOverTwoOfWhichTheSecondMayBeSilent() {
    Duration timeout = Duration.ofSeconds(1);
    engine.createSource(SourceOptions.of("a", ROWS).withTime(1, 0));
    engine.createSource(SourceOptions.of("b", ROWS).withTime(1, 0).withIdleTimeout(timeout));
    engine.attach(
        new OperatorGraph("q", List.of(node(UNION, "a", "b"), after(WINDOW, 0))),
        QueryOptions.DEFAULT);
    return engine.pull("q");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSourceThatNobodyEverFedHoldsNoOtherInputBack(boolean inline) {
    open(inline);
    PullSubscription subscription = windowOverTwoOfWhichTheSecondMayBeSilent();
    SourceHandle a = engine.openHandle("a");
    clock.advance(Duration.ofSeconds(5)); // before start() time does not count
    engine.start();
    push(a, 1, 50);
    engine.sync();
    assertThat(drain(subscription)).isEmpty();
    clock.advance(Duration.ofSeconds(2));
    engine.sync();
    assertThat(engine.metrics().source("b").idle()).isTrue();
    push(a, 1, 61);
    engine.sync();
    assertThat(drain(subscription)).containsExactly("1,50");
    SourceHandle b = engine.openHandle("b");
    push(b, 1, 62);
    engine.sync();
    push(a, 1, 90);
    engine.sync();
    assertThat(drain(subscription)).isEmpty(); // b speaks again, and is at 62
    push(b, 1, 71);
    engine.sync();
    assertThat(drain(subscription)).containsExactly("2,60");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSilentSourceHoldsNoOtherInputBack(boolean inline) {
    open(inline);
    PullSubscription subscription = windowOverTwoOfWhichTheSecondMayBeSilent();
    SourceHandle a = engine.openHandle("a");
    SourceHandle b = engine.openHandle("b");
    engine.start();
    push(a, 1, 50);
    push(b, 1, 5);
    engine.sync();
    assertThat(drain(subscription)).isEmpty();
    Metrics.OperatorMetrics window = engine.metrics().query("q").operators().get(1);
    assertThat(window.waiting().untilWatermarkNs()).isEqualTo(10_000_000);
    assertThat(window.heldBackBy()).isEqualTo("b");
    assertThat(window.heldBackAtNs()).isEqualTo(5_000_000);
    clock.advance(Duration.ofSeconds(2));
    engine.sync();
    assertThat(engine.metrics().source("b").idle()).isTrue();
    assertThat(drain(subscription)).containsExactly("1,0");
    push(a, 1, 51);
    engine.sync();
    push(b, 1, 52);
    engine.sync();
    push(a, 1, 70);
    engine.sync();
    assertThat(drain(subscription)).isEmpty();
    b.end();
    engine.sync();
    assertThat(drain(subscription)).containsExactly("3,50");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void timersFireWhenTheClockReachesThem(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS));
    engine.attach(graph("q", TIMER, "s"), QueryOptions.DEFAULT);
    PullSubscription subscription = engine.pull("q");
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    push(handle, 1, 0);
    engine.sync();
    assertThat(drain(subscription)).isEmpty();
    clock.advance(Duration.ofNanos(100));
    engine.sync();
    assertThat(drain(subscription)).containsExactly("1100,0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsWaitForTheStartAndAFullHandleNamesIt(boolean inline) {
    open(small(inline));
    engine.createSource(SourceOptions.of("s", ROWS));
    SourceHandle handle = engine.openHandle("s");
    push(handle, 1, 0);
    assertThatThrownBy(engine::sync).hasMessageContaining("NOT_STARTED");
    assertThatThrownBy(
            () -> {
              while (true) {
                push(handle, 1, 0);
              }
            })
        .hasMessageContaining("NOT_STARTED")
        .hasMessageContaining("start()");
    PullSubscription subscription = engine.pull("s");
    engine.start();
    engine.sync();
    assertThat(drain(subscription)).hasSizeGreaterThanOrEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void queriesComeAndGoWhileDataFlows(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    long kept = -1;
    for (int i = 0; i < 200; i++) {
      push(handle, i, i);
      engine.attach(
          new OperatorGraph("q", List.of(node(FILTER, "s"), after(WINDOW, 0))),
          QueryOptions.DEFAULT.withMaterialized());
      PullSubscription subscription = engine.pull("q");
      push(handle, i, i);
      engine.sync();
      subscription.close();
      engine.detach("q");
      if (i == 10) {
        engine.sync();
        kept = allocator.getAllocatedMemory();
      }
    }
    assertThat(allocator.getAllocatedMemory()).isEqualTo(kept);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void controlFromAListenerIsRefusedButClosingIsNot(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS));
    List<String> seen = new ArrayList<>();
    Subscription[] own = new Subscription[1];
    own[0] =
        engine.subscribe(
            "s",
            batch -> {
              try {
                engine.metrics();
              } catch (LaminarException e) {
                seen.add(e.code().name());
              }
              own[0].close();
            });
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    push(handle, 1, 0);
    engine.sync();
    push(handle, 2, 0);
    engine.sync();
    assertThat(seen).containsExactly("WRONG_THREAD");
    assertThat(own[0].state()).isEqualTo(Subscription.State.CLOSED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aListenerMayPushIntoAnotherSource(boolean inline) {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS));
    engine.createSource(SourceOptions.of("t", ROWS));
    SourceHandle s = engine.openHandle("s");
    SourceHandle t = engine.openHandle("t");
    engine.subscribe("s", batch -> push(t, batch.column(0).getLong(batch.from()) + 1, 0));
    PullSubscription subscription = engine.pull("t");
    engine.start();
    push(s, 1, 0);
    engine.sync();
    engine.sync();
    assertThat(drain(subscription)).containsExactly("2,0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aHandleUsedByTwoThreadsSaysSo(boolean inline) throws Exception {
    open(inline);
    engine.createSource(SourceOptions.of("s", ROWS));
    SourceHandle handle = engine.openHandle("s");
    handle.beginPlace(true);
    LaminarException[] seen = new LaminarException[1];
    Thread other =
        new Thread(
            () -> {
              try {
                handle.beginPlace(true);
              } catch (LaminarException e) {
                seen[0] = e;
              }
            });
    other.start();
    other.join();
    assertThat(seen[0].code()).isEqualTo(ErrorCode.WRONG_THREAD);
    engine.close();
    assertThatThrownBy(() -> handle.endPlace(1)).hasMessageContaining("CLOSED");
    assertThatThrownBy(engine::sync).hasMessageContaining("CLOSED");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closingAmidstEverythingNeitherHangsNorLeaks(boolean inline) {
    open(small(inline));
    engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
    engine.attach(graph("f", FILTER, "s"), QueryOptions.DEFAULT.withMaterialized());
    PullSubscription loaned = engine.pull("f");
    engine.attach(graph("q", SUM, "f"), QueryOptions.DEFAULT.withMaterialized());
    PullSubscription full = engine.pull("q", OverflowPolicy.BLOCK, 1);
    SourceHandle handle = engine.openHandle("s");
    engine.start();
    push(handle, 1, 1);
    assertThat(loaned.poll(60_000_000_000L)).isNotNull();
    assertThatThrownBy(
            () -> {
              while (true) {
                push(handle, 1, 1);
              }
            })
        .hasMessageContaining("BACKPRESSURE");
    engine.close();
    assertThat(full.state()).isEqualTo(Subscription.State.FAILED);
  }

  private void open(boolean inline) {
    engine =
        new Engine(
            EngineOptions.DEFAULT
                .withInline(inline)
                .withClock(clock)
                .withStallTimeout(Duration.ofMillis(200)),
            allocator);
  }

  private void open(EngineOptions options) {
    engine = new Engine(options.withClock(clock), allocator);
  }

  private static EngineOptions small(boolean inline) {
    return EngineOptions.DEFAULT
        .withInline(inline)
        .withRingRows(8)
        .withBatchRows(3)
        .withStallTimeout(Duration.ofMillis(200));
  }

  private void syncQuietly() {
    try {
      engine.sync();
    } catch (LaminarException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.BACKPRESSURE);
    }
  }

  private List<String> content(String name) {
    List<String> rows = new ArrayList<>();
    for (Batch batch : engine.contents(List.of(name), allocator).get(0)) {
      try (batch) {
        collect(batch, rows);
      }
    }
    return rows;
  }

  private static void collectAll(PullSubscription subscription, List<String> rows) {
    rows.addAll(drain(subscription));
  }

  private static void push(SourceHandle handle, long value, long ts) {
    PlacedRow.push(handle, value, ts);
  }

  private static List<String> drain(PullSubscription subscription) {
    List<String> rows = new ArrayList<>();
    Batch batch;
    while ((batch = subscription.poll()) != null) {
      collect(batch, rows);
    }
    return rows;
  }

  private static void collect(Batch batch, List<String> rows) {
    for (int row = batch.from(); row < batch.to(); row++) {
      String weight = batch.schema().isChangelog() ? batch.weight(row) > 0 ? "+" : "-" : "";
      rows.add(weight + batch.column(0).getLong(row) + "," + batch.column(1).getLong(row));
    }
  }
}
