package io.laminardb.core.runtime;

import static io.laminardb.core.runtime.TestOperators.FILTER;
import static io.laminardb.core.runtime.TestOperators.ROWS;
import static io.laminardb.core.runtime.TestOperators.SUM;
import static io.laminardb.core.runtime.TestOperators.WINDOW;
import static io.laminardb.core.runtime.TestOperators.after;
import static io.laminardb.core.runtime.TestOperators.graph;
import static io.laminardb.core.runtime.TestOperators.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.graph.OperatorGraph;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Producers, takers and control threads at once. */
class EngineStressTest {
  private static final int PRODUCERS = 3;
  private static final int ROWS_EACH = 40_000;

  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyRowArrivesWhileQueriesComeAndGo(boolean inline) throws Exception {
    try (BufferAllocator allocator = new RootAllocator()) {
      EngineOptions options = EngineOptions.DEFAULT.withInline(inline).withRingRows(256);
      try (Engine engine = new Engine(options, allocator)) {
        engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
        engine.attach(graph("q", FILTER, "s"), QueryOptions.DEFAULT);
        engine.attach(graph("sum", SUM, "q"), QueryOptions.DEFAULT.withMaterialized());
        PullSubscription subscription =
            engine.pull("q", OverflowPolicy.BLOCK, inline ? 1 << 20 : 1000);
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong taken = new AtomicLong();
        engine.start();
        Thread taker = thread(() -> take(subscription, taken));
        Thread control = thread(() -> control(engine, done));
        Thread[] producers = new Thread[PRODUCERS];
        for (int i = 0; i < PRODUCERS; i++) {
          SourceHandle handle = engine.openHandle("s");
          producers[i] = thread(() -> produce(handle));
        }
        for (Thread producer : producers) {
          producer.join();
        }
        done.set(true);
        control.join();
        taker.join();
        engine.sync();
        assertThat(failures).isEmpty();
        long expected = PRODUCERS * (long) ROWS_EACH;
        assertThat(taken.get()).isEqualTo(expected * (ROWS_EACH - 1) / 2);
        for (Batch batch : engine.contents(List.of("sum"), allocator).get(0)) {
          try (batch) {
            assertThat(batch.column(0).getLong(0)).isEqualTo(taken.get());
          }
        }
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closingASubscriptionEndsTheLoanOfItsThread(boolean inline) {
    try (BufferAllocator allocator = new RootAllocator()) {
      EngineOptions options = EngineOptions.DEFAULT.withInline(inline);
      try (Engine engine = new Engine(options, allocator)) {
        engine.createSource(SourceOptions.of("s", ROWS));
        engine.start();
        SourceHandle handle = engine.openHandle("s");
        for (OverflowPolicy policy : OverflowPolicy.values()) {
          PullSubscription subscription = engine.pull("s", policy, 100);
          PlacedRow.push(handle, 1, 1);
          engine.sync();
          assertThat(subscription.poll()).as("on loan").isNotNull();
          subscription.close();
          assertThat(engine.metrics().subscriptions()).isEmpty();
        }
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closingUnderLoadFreesEverything(boolean inline) throws Exception {
    for (int round = 0; round < 20; round++) {
      try (BufferAllocator allocator = new RootAllocator()) {
        EngineOptions options = EngineOptions.DEFAULT.withInline(inline).withRingRows(64);
        Engine engine = new Engine(options, allocator);
        engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
        engine.attach(graph("q", SUM, "s"), QueryOptions.DEFAULT.withMaterialized());
        PullSubscription subscription = engine.pull("q", OverflowPolicy.DROP_OLDEST, 100);
        engine.start();
        SourceHandle handle = engine.openHandle("s");
        AtomicLong sum = new AtomicLong();
        Thread producer = thread(() -> untilClosed(() -> produce(handle)));
        Thread taker = thread(() -> untilClosed(() -> take(subscription, sum)));
        Random random = new Random(round);
        for (int i = random.nextInt(20); i > 0; i--) {
          engine.metrics();
        }
        engine.close();
        producer.join();
        taker.join();
        assertThat(failures).isEmpty();
        assertThat(allocator.getAllocatedMemory()).as("round %d", round).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSubscriptionThatDropsItsOldestNeverHoldsAProducerUp(boolean inline) throws Exception {
    try (BufferAllocator allocator = new RootAllocator()) {
      EngineOptions options = EngineOptions.DEFAULT.withInline(inline).withRingRows(8);
      try (Engine engine = new Engine(options, allocator)) {
        engine.createSource(SourceOptions.of("s", ROWS));
        PullSubscription subscription = engine.pull("s", OverflowPolicy.DROP_OLDEST, 16);
        engine.start();
        SourceHandle handle = engine.openHandle("s");
        AtomicLong sum = new AtomicLong();
        Thread taker = thread(() -> take(subscription, sum));
        produce(handle);
        taker.join();
        assertThat(failures).isEmpty();
        assertThat(sum.get()).isPositive();
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  private static void untilClosed(Runnable action) {
    try {
      action.run();
    } catch (io.laminardb.core.error.LaminarException e) {
      assertThat(e.code()).isEqualTo(io.laminardb.core.error.ErrorCode.CLOSED);
    }
  }

  private static void control(Engine engine, AtomicBoolean done) {
    int rounds = 0;
    while (!done.get() || rounds < 5) {
      engine.attach(
          new OperatorGraph("w", List.of(node(FILTER, "s"), after(WINDOW, 0))),
          QueryOptions.DEFAULT.withLateStream("late", ROWS));
      PullSubscription late = engine.pull("late", OverflowPolicy.DROP_OLDEST, 100);
      assertThat(engine.metrics().query("w")).isNotNull();
      late.poll();
      late.close();
      engine.detach("w");
      rounds++;
    }
  }

  private static void take(PullSubscription subscription, AtomicLong taken) {
    Batch batch;
    while ((batch = subscription.take()) != null) {
      long sum = 0;
      for (int row = batch.from(); row < batch.to(); row++) {
        sum += batch.column(0).getLong(row);
      }
      taken.addAndGet(sum);
    }
  }

  private static void produce(SourceHandle handle) {
    for (int i = 0; i < ROWS_EACH; i++) {
      PlacedRow.push(handle, i, i / 10);
    }
    handle.end();
  }

  private Thread thread(Runnable action) {
    Thread thread = new Thread(action);
    thread.setUncaughtExceptionHandler((failed, thrown) -> failures.add(thrown));
    thread.start();
    return thread;
  }
}
