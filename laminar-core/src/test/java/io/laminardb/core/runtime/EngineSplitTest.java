package io.laminardb.core.runtime;

import static io.laminardb.core.runtime.TestOperators.FILTER;
import static io.laminardb.core.runtime.TestOperators.ROWS;
import static io.laminardb.core.runtime.TestOperators.UNION;
import static io.laminardb.core.runtime.TestOperators.WINDOW;
import static io.laminardb.core.runtime.TestOperators.after;
import static io.laminardb.core.runtime.TestOperators.graph;
import static io.laminardb.core.runtime.TestOperators.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.graph.OperatorGraph;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineSplitTest {
  private final BufferAllocator allocator = new RootAllocator();
  private final List<String> ofFirst = new ArrayList<>();
  private final List<String> ofSecond = new ArrayList<>();
  private Engine engine;
  private SourceHandle handle;

  @AfterEach
  void everythingIsFreed() {
    engine.close();
    assertThat(allocator.getAllocatedMemory()).as(allocator.toVerboseString()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPartRunsOnceForTwoQueriesAndStaysForTheLastOfThem(boolean inline) {
    open(inline);
    assertThat(engine.split(graph("part", WINDOW, "s"), graph("first", UNION, "part"), false))
        .isTrue();
    assertThat(attachSecond()).isTrue();
    engine.subscribe("second", batch -> collect(batch, ofSecond));
    push(1, 0);
    push(2, 5);
    push(3, 12);
    engine.sync();
    assertThat(ofFirst).containsExactly("2,0");
    assertThat(ofSecond).containsExactly("2,0");
    Metrics metrics = engine.metrics();
    assertThat(metrics.query("part").operators()).hasSize(1);
    assertThat(metrics.query("part").operators().get(0).rowsIn()).isEqualTo(3);
    assertThat(metrics.query("first").rowsIn()).isEqualTo(1);
    assertThat(metrics.query("second").rowsIn()).isEqualTo(1);

    engine.detach("first");
    assertThatThrownBy(() -> engine.detach("part")).hasMessageContaining("OBJECT_IN_USE");
    push(4, 25);
    engine.sync();
    assertThat(ofSecond).containsExactly("2,0", "1,10");
    engine.detach("second");
    engine.detach("part");
    assertThat(engine.has("part")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aQueryThatHasSeenRowsIsLeftAsItIs(boolean inline) {
    open(inline);
    push(1, 0);
    engine.sync();
    assertThat(engine.split(graph("part", WINDOW, "s"), graph("first", UNION, "part"), false))
        .isFalse();
    assertThat(engine.has("part")).isFalse();
    push(2, 12);
    engine.sync();
    assertThat(ofFirst).containsExactly("1,0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReaderThatWouldMissRowsOfAPartIsRefused(boolean inline) {
    open(inline);
    assertThat(engine.split(graph("part", WINDOW, "s"), graph("first", UNION, "part"), false))
        .isTrue();
    push(1, 0);
    engine.sync();
    assertThat(engine.isUntouched("part")).isFalse();
    assertThat(attachSecond()).isFalse();
    assertThat(engine.has("second")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatKeepsNothingIsTakenOutWhileRowsFlow(boolean inline) {
    engine = new Engine(options(inline), allocator);
    engine.createSource(SourceOptions.of("s", ROWS));
    engine.attach(
        new OperatorGraph("first", List.of(node(FILTER, "s"), after(UNION, 0))),
        QueryOptions.DEFAULT);
    start();
    push(1, 0);
    engine.sync();
    assertThat(engine.split(graph("part", FILTER, "s"), graph("first", UNION, "part"), true))
        .isTrue();
    push(-1, 1);
    push(2, 2);
    engine.sync();
    assertThat(ofFirst).containsExactly("1,0", "2,2");
    assertThat(engine.metrics().query("part").rowsIn()).isEqualTo(2);
  }

  private boolean attachSecond() {
    return engine.attach(graph("second", UNION, "part"), QueryOptions.DEFAULT, List.of("part"));
  }

  private void open(boolean inline) {
    engine = new Engine(options(inline), allocator);
    engine.createSource(SourceOptions.of("s", ROWS).withTime(1, 0));
    engine.attach(
        new OperatorGraph("first", List.of(node(WINDOW, "s"), after(UNION, 0))),
        QueryOptions.DEFAULT);
    start();
  }

  private void start() {
    engine.subscribe("first", batch -> collect(batch, ofFirst));
    handle = engine.openHandle("s");
    engine.start();
  }

  private static EngineOptions options(boolean inline) {
    return EngineOptions.DEFAULT.withInline(inline);
  }

  private void push(long value, long ts) {
    PlacedRow.push(handle, value, ts);
  }

  private static void collect(Batch batch, List<String> rows) {
    for (int row = batch.from(); row < batch.to(); row++) {
      rows.add(batch.column(0).getLong(row) + "," + batch.column(1).getLong(row));
    }
  }
}
