package io.laminardb.core.runtime;

import static io.laminardb.core.runtime.TestOperators.FILTER;
import static io.laminardb.core.runtime.TestOperators.ROWS;
import static io.laminardb.core.runtime.TestOperators.SUM;
import static io.laminardb.core.runtime.TestOperators.UNION;
import static io.laminardb.core.runtime.TestOperators.WINDOW;
import static io.laminardb.core.runtime.TestOperators.after;
import static io.laminardb.core.runtime.TestOperators.grained;
import static io.laminardb.core.runtime.TestOperators.graph;
import static io.laminardb.core.runtime.TestOperators.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.OperatorFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same disordered rows give the same results, however they come and wherever they run. */
class BatchingTest {
  private record Mode(
      boolean inline, int chunk, int ringRows, int batchRows, boolean rebuild, boolean grained) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void resultsDoNotDependOnBatching(long seed) {
    List<long[]> rows = rows(new Random(seed), 600);
    String expected = null;
    for (boolean inline : new boolean[] {true, false}) {
      for (int chunk : new int[] {1, 7, 200, 1000}) {
        for (int ringRows : new int[] {1, 5, 4000}) {
          for (boolean rebuild : new boolean[] {false, true}) {
            boolean grained = chunk % 2 == 0;
            Mode mode = new Mode(inline, chunk, ringRows, 1 + chunk % 5, rebuild, grained);
            String result = run(rows, mode);
            if (expected == null) {
              expected = result;
              assertThat(result).contains("late=").doesNotContain("late=0");
            }
            assertThat(result).as("seed %d, %s", seed, mode).isEqualTo(expected);
          }
        }
      }
    }
  }

  @Test
  void wellOrderedRowsAreNotCut() {
    try (BufferAllocator allocator = new RootAllocator();
        Engine engine = new Engine(EngineOptions.DEFAULT.withInline(true), allocator)) {
      engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
      SourceHandle handle = engine.openHandle("s");
      engine.start();
      try (Batch batch = new Batch(ROWS, 1000, allocator)) {
        for (int i = 0; i < 1000; i++) {
          batch.column(0).putLong(i, i);
          batch.column(1).putLong(i, i / 3);
          batch.endRow();
        }
        handle.append(batch);
      }
      assertThat(engine.metrics().source("s").batches()).isEqualTo(1);
    }
  }

  @Test
  void rowsBehindAWatermarkStayInOneBatchAsLongAsTheirWindowIsOpen() {
    try (BufferAllocator allocator = new RootAllocator();
        Engine engine = new Engine(EngineOptions.DEFAULT.withInline(true), allocator)) {
      engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
      engine.attach(
          new OperatorGraph(
              "q",
              List.of(
                  node(grained(FILTER, Long.MAX_VALUE), "s"),
                  after(grained(WINDOW, 10_000_000), 0))),
          QueryOptions.DEFAULT);
      SourceHandle handle = engine.openHandle("s");
      engine.start();
      try (Batch batch = new Batch(ROWS, 1000, allocator)) {
        for (int i = 0; i < 1000; i++) {
          batch.column(0).putLong(i, i);
          batch.column(1).putLong(i, i == 500 ? 2 : 9 - i % 10);
          batch.endRow();
        }
        batch.column(1).putLong(800, 10);
        handle.append(batch);
      }
      Metrics metrics = engine.metrics();
      assertThat(metrics.source("s").batches()).isEqualTo(2);
      assertThat(metrics.query("q").lateRows()).isEqualTo(199);
    }
  }

  private static List<long[]> rows(Random random, int count) {
    List<long[]> rows = new ArrayList<>();
    long time = random.nextInt(100) - 50;
    for (int i = 0; i < count; i++) {
      time += random.nextInt(4);
      long ts = time - (random.nextInt(4) == 0 ? random.nextInt(60) : 0);
      rows.add(
          new long[] {random.nextInt(100) - 12, random.nextInt(50) == 0 ? Long.MIN_VALUE : ts});
    }
    return rows;
  }

  private static String run(List<long[]> rows, Mode mode) {
    try (BufferAllocator allocator = new RootAllocator()) {
      String result = run(rows, mode, allocator);
      assertThat(allocator.getAllocatedMemory()).as("%s", mode).isZero();
      return result;
    }
  }

  private static String run(List<long[]> rows, Mode mode, BufferAllocator allocator) {
    EngineOptions options =
        EngineOptions.DEFAULT
            .withInline(mode.inline)
            .withRingRows(mode.ringRows)
            .withBatchRows(Math.max(2, mode.batchRows));
    try (Engine engine = new Engine(options, allocator)) {
      engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 5_000_000));
      OperatorFactory filter = mode.grained ? grained(FILTER, Long.MAX_VALUE) : FILTER;
      OperatorFactory union = mode.grained ? grained(UNION, Long.MAX_VALUE) : UNION;
      OperatorFactory window = mode.grained ? grained(WINDOW, 10_000_000) : WINDOW;
      engine.attach(
          new OperatorGraph(
              "q",
              List.of(node(filter, "s"), node(filter, "s"), after(union, 0, 1), after(window, 2))),
          QueryOptions.DEFAULT.withLateStream("late", ROWS));
      engine.attach(graph("sum", SUM, "q"), QueryOptions.DEFAULT.withMaterialized());
      PullSubscription windows = engine.pull("q");
      PullSubscription late = engine.pull("late");
      SourceHandle handle = engine.openHandle("s");
      engine.start();
      push(rows, mode, engine, handle, allocator);
      handle.end();
      engine.sync();
      Metrics.QueryMetrics metrics = engine.metrics().query("q");
      List<String> content = new ArrayList<>();
      for (Batch batch : engine.contents(List.of("sum"), allocator).get(0)) {
        try (batch) {
          collect(batch, content);
        }
      }
      List<String> lateRows = drain(late);
      lateRows.sort(null);
      return drain(windows)
          + " "
          + content
          + " late="
          + lateRows.size()
          + lateRows
          + (mode.rebuild ? "" : check(metrics, lateRows));
    }
  }

  private static String check(Metrics.QueryMetrics metrics, List<String> lateRows) {
    assertThat(metrics.lateRows()).isEqualTo(lateRows.size());
    return "";
  }

  private static void push(
      List<long[]> rows, Mode mode, Engine engine, SourceHandle handle, BufferAllocator allocator) {
    try (Batch batch = new Batch(ROWS, mode.chunk, allocator)) {
      int sent = 0;
      for (long[] each : rows) {
        if (mode.chunk == 1) {
          PlacedRow.push(handle, each[0], each[1]);
        } else {
          int at = batch.rowCount();
          batch.column(0).putLong(at, each[0]);
          batch.column(1).putLong(at, each[1]);
          if (each[1] == Long.MIN_VALUE) {
            batch.column(1).setNull(at);
          }
          batch.endRow();
          if (batch.isFull()) {
            handle.append(batch);
            batch.clear();
          }
        }
        if (mode.rebuild && ++sent % 97 == 0) {
          engine.sync();
          engine.rebuild();
        }
      }
      handle.append(batch);
    }
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
      rows.add(batch.column(0).getLong(row) + "," + batch.column(1).getLong(row));
    }
  }
}
