package io.laminardb.core.operator.sort;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.TestContext;
import io.laminardb.core.operator.scalar.UnionOperator;
import io.laminardb.core.operator.scalar.ValuesOperator;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SnapshotOperatorsTest {
  private static final Schema ROWS =
      Schema.appendOnly(Field.of("k", DataType.VARCHAR), Field.of("v", DataType.BIGINT));

  private final RootAllocator allocator = new RootAllocator();
  private final OperatorContext context = new TestContext(allocator, 2);
  private final Sink sink = new Sink();

  @AfterEach
  void everythingIsFreed() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @Test
  void sortsAtTheEndOfInputAndResumesWhereTheOutputRefused() {
    sink.refuseEveryOther = true;
    try (Operator sort = sort(List.of(new SortOperator.Key(1, true, false)), 1, 3)) {
      push(sort, 0, "b", 2L, "n", null, "a", 9L, "c", 5L, "d", 5L, "e", 1L);
      assertThat(sink.log).isEmpty();
      assertThat(sort.stateRows()).isEqualTo(6);
      watermark(sort, 0, 7);
      watermark(sort, 0, Watermark.END);
    }
    assertThat(sink.log).containsExactly("c 5 +", "d 5 +", "b 2 +", "END");
  }

  @Test
  void sortsWhatWasRestored() {
    StateWriter writer = new StateWriter();
    List<SortOperator.Key> keys = List.of(new SortOperator.Key(0, false, true));
    try (Operator sort = sort(keys, 0, -1)) {
      push(sort, 0, "b", 2L, null, 4L, "a", null);
      sort.snapshot(writer);
    }
    try (Operator sort = sort(keys, 0, -1)) {
      sort.restore(new StateReader(writer.toBytes()));
      watermark(sort, 0, Watermark.END);
    }
    assertThat(sink.log).containsExactly("null 4 +", "a null +", "b 2 +", "END");
  }

  @Test
  void limitWithoutOrderKeepsNoMoreThanItNeeds() {
    try (Operator sort = sort(List.of(), 1, 1)) {
      push(sort, 0, "a", 1L, "b", 2L, "c", 3L);
      assertThat(sort.stateRows()).isEqualTo(2);
      watermark(sort, 0, Watermark.END);
    }
    assertThat(sink.log).containsExactly("b 2 +", "END");
  }

  @Test
  void theWatermarkOfAUnionIsTheLeastOfItsActiveInputs() {
    try (Operator union = new UnionOperator.Factory(ROWS, 2).create(context)) {
      push(union, 1, "a", 1L);
      watermark(union, 0, 10);
      watermark(union, 1, 5);
      watermark(union, 1, Watermark.IDLE);
      watermark(union, 1, 7);
      watermark(union, 0, Watermark.END);
      watermark(union, 1, Watermark.END);
    }
    assertThat(sink.log).containsExactly("a 1 +", "5", "10", "END");
  }

  @Test
  void aUnionIsIdleWhenAllInputsAre() {
    try (Operator union = new UnionOperator.Factory(ROWS, 2).create(context)) {
      watermark(union, 0, Watermark.IDLE);
      watermark(union, 1, Watermark.IDLE);
      watermark(union, 0, 3);
      watermark(union, 0, Watermark.END);
    }
    assertThat(sink.log).containsExactly("IDLE", "3", "IDLE");
  }

  @Test
  void aUnionWithAChangelogWeighsRowsThatCarryNoWeight() {
    sink.refuseEveryOther = true;
    try (Operator union = new UnionOperator.Factory(ROWS.withChangelog(true), 2).create(context)) {
      push(union, 0, "a", 1L, "b", 2L, "c", 3L);
      try (Batch changes = new Batch(ROWS.withChangelog(true), 4, allocator)) {
        changes.column(0).setNull(0);
        changes.column(1).putLong(0, 8);
        changes.endRow(-1);
        feed(() -> union.process(1, changes, sink));
      }
    }
    assertThat(sink.log).containsExactly("a 1 +", "b 2 +", "c 3 +", "null 8 -");
  }

  @Test
  void constantsComeAtTheStartAndOnlyOnce() {
    Object[][] rows = {{"x".getBytes(StandardCharsets.UTF_8), 1L}, {null, 2L}, {new byte[0], null}};
    sink.refuseEveryOther = true;
    StateWriter writer = new StateWriter();
    ValuesOperator.Factory factory = new ValuesOperator.Factory(ROWS, rows);
    try (Operator values = factory.create(context)) {
      feed(() -> values.start(sink));
      values.snapshot(writer);
    }
    try (Operator values = factory.create(context)) {
      values.restore(new StateReader(writer.toBytes()));
      feed(() -> values.start(sink));
    }
    assertThat(sink.log).containsExactly("x 1 +", "null 2 +", " null +", "END");
  }

  private Operator sort(List<SortOperator.Key> keys, long offset, long limit) {
    return new SortOperator.Factory(ROWS, keys, offset, limit, ROWS).create(context);
  }

  private void push(Operator operator, int port, Object... values) {
    try (Batch batch = new Batch(ROWS, values.length / 2, allocator)) {
      for (int i = 0; i < values.length; i += 2) {
        int row = batch.rowCount();
        if (values[i] == null) {
          batch.column(0).setNull(row);
        } else {
          byte[] text = ((String) values[i]).getBytes(StandardCharsets.UTF_8);
          batch.column(0).putBytes(row, text, 0, text.length);
        }
        if (values[i + 1] == null) {
          batch.column(1).setNull(row);
        } else {
          batch.column(1).putLong(row, (Long) values[i + 1]);
        }
        batch.endRow();
      }
      feed(() -> operator.process(port, batch, sink));
    }
  }

  private void watermark(Operator operator, int port, long watermarkNs) {
    feed(() -> operator.watermark(port, watermarkNs, sink));
  }

  private static void feed(java.util.function.Supplier<Progress> call) {
    for (int i = 0; i < 100; i++) {
      if (call.get() == Progress.NEEDS_INPUT) {
        return;
      }
    }
    throw new AssertionError("still blocked");
  }

  /** Writes down what it accepts; may refuse every other offer. */
  private static final class Sink implements Output {
    final List<String> log = new ArrayList<>();
    boolean refuseEveryOther;
    private boolean refused;

    private boolean refuses() {
      refused = refuseEveryOther && !refused;
      return refused;
    }

    @Override
    public boolean offer(Batch batch) {
      if (refuses()) {
        return false;
      }
      for (int row = batch.from(); row < batch.to(); row++) {
        var text = new io.laminardb.core.memory.Utf8();
        String key = "null";
        if (!batch.column(0).isNull(row)) {
          batch.column(0).getBytes(row, text);
          key = text.toString();
        }
        Object value = batch.column(1).isNull(row) ? null : batch.column(1).getLong(row);
        log.add(key + " " + value + (batch.weight(row) > 0 ? " +" : " -"));
      }
      return true;
    }

    @Override
    public boolean watermark(long watermarkNs) {
      if (refuses()) {
        return false;
      }
      log.add(
          watermarkNs == Watermark.END
              ? "END"
              : watermarkNs == Watermark.IDLE ? "IDLE" : Long.toString(watermarkNs));
      return true;
    }
  }
}
