package io.laminardb.core.operator.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.TestContext;
import io.laminardb.core.operator.match.PathValue.Kind;
import io.laminardb.core.operator.match.RowPattern.Alternation;
import io.laminardb.core.operator.match.RowPattern.Concatenation;
import io.laminardb.core.operator.match.RowPattern.Repetition;
import io.laminardb.core.operator.match.RowPattern.Variable;
import io.laminardb.core.operator.sort.SortOperator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is kept while matches may still come. */
class MatchStateTest {
  private static final Schema INPUT =
      new Schema(
          List.of(
              new Field("k", DataType.BIGINT, false, false),
              new Field("ts", DataType.BIGINT, false, false)),
          false);
  private static final Schema OUTPUT = new Schema(List.of(Field.of("n", DataType.BIGINT)), false);
  private static final int ROWS = 4_000;

  private final RootAllocator allocator = new RootAllocator();
  private long results;

  @AfterEach
  void everythingIsFreed() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @Test
  void twoWaysThatNoConditionTellsApartAreOne() {
    // (A | B)* C, any row for A and B: one way more with each row, or twice as many
    RowPattern any = new Alternation(List.of(new Variable(0), new Variable(1)));
    RowPattern pattern =
        new Concatenation(
            List.of(new Repetition(any, 0, RowPattern.UNBOUNDED, false), new Variable(2)));
    try (Operator operator = operator(pattern, MatchSpec.UNBOUNDED)) {
      long bytes = 0;
      for (int i = 0; i < ROWS; i++) {
        push(operator, 1, i);
        assertThat(operator.stateRows()).isLessThanOrEqualTo(i + 1);
        bytes = operator.stateBytes();
      }
      assertThat(results).isZero();
      assertThat(bytes).isLessThan(256L * ROWS);
    }
  }

  @Test
  void theSpanAndTheWatermarkFreeRowsAndPartitions() {
    RowPattern pattern =
        new Concatenation(
            List.of(
                new Variable(0),
                new Repetition(new Variable(1), 0, RowPattern.UNBOUNDED, false),
                new Variable(2)));
    try (Operator operator = operator(pattern, 10)) {
      long most = 0;
      long bytes = 0;
      for (int i = 0; i < ROWS; i++) {
        push(operator, i, i); // a partition each
        most = Math.max(most, operator.stateRows());
        bytes = i == ROWS / 10 ? operator.stateBytes() : bytes;
      }
      assertThat(most).isLessThanOrEqualTo(12);
      assertThat(operator.stateBytes()).isEqualTo(bytes);
    }
  }

  private Operator operator(RowPattern pattern, long span) {
    MatchSpec spec =
        new MatchSpec(
            INPUT,
            List.of(0),
            List.of(new SortOperator.Key(1, false, false)),
            List.of("A", "B", "C"),
            PatternAutomaton.of(pattern),
            List.of(),
            new Schema(List.of(), false),
            new MatchSpec.Conditions(
                () ->
                    new MatchKernel() {
                      @Override
                      public void bind(Batch values) {}

                      @Override
                      public boolean test(int variable) {
                        return variable < 2;
                      }
                    },
                IntStream.range(0, 3).mapToObj(i -> List.<Integer>of()).toList()),
            span,
            MatchSpec.Rows.ONE,
            new MatchSpec.Skip(MatchSpec.Skip.To.PAST_LAST, 0, null),
            List.of(new PathValue(Kind.COUNT, 1, -1, 0, 0, false)),
            OUTPUT);
    return new MatchOperator.Factory(spec, null, "", null).create(new TestContext(allocator, 16));
  }

  private void push(Operator operator, long key, long time) {
    Output output =
        new Output() {
          @Override
          public boolean offer(Batch batch) {
            results += batch.size();
            return true;
          }

          @Override
          public boolean watermark(long watermarkNs) {
            return true;
          }
        };
    try (Batch batch = new Batch(INPUT, 1, allocator)) {
      batch.column(0).putLong(0, key);
      batch.column(1).putLong(0, time);
      batch.endRow();
      assertThat(operator.process(0, batch, output)).isEqualTo(Progress.NEEDS_INPUT);
    }
    assertThat(operator.watermark(0, time * 1_000_000, output)).isEqualTo(Progress.NEEDS_INPUT);
  }
}
