package io.laminardb.core.runtime;

import static io.laminardb.core.runtime.TestOperators.CHANGES;
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
import io.laminardb.core.ring.RowWriter;
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
        new OperatorGraph("q", List.of(node(FILTER, "s"), after(WINDOW, 0))),
        QueryOptions.DEFAULT);
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

  private static void push(SourceHandle handle, long value, long ts) {
    RowWriter row = handle.beginRow();
    row.setLong(0, value);
    row.setLong(1, ts);
    handle.endRow();
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
