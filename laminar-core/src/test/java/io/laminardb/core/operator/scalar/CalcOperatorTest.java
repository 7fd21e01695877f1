package io.laminardb.core.operator.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.TestContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalcOperatorTest {
  private static final Schema CHANGES = Schema.changelog(Field.notNull("v", DataType.BIGINT));

  private final RootAllocator allocator = new RootAllocator();

  @AfterEach
  void everythingIsFreed() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7})
  void anUpdateIsNotTornApart(int batchRows) {
    long seed = 20261123;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int changes = 1 + random.nextInt(12);
      List<String> expected = new ArrayList<>();
      Set<Integer> insidePairs = new HashSet<>();
      Collector out = new Collector(random);
      try (Operator calc = CalcFactory.of(CHANGES, Even::new, null).create(context(batchRows));
          Batch input = new Batch(CHANGES, 2 * changes, allocator)) {
        for (int i = 0; i < changes; i++) {
          long value = 4L * i + random.nextInt(2);
          if (random.nextBoolean()) {
            add(input, value, -1, expected);
            add(input, value + 2, 1, expected);
            if (value % 2 == 0) {
              insidePairs.add(expected.size() - 1);
            }
          } else {
            add(input, value, random.nextBoolean() ? 1 : -1, expected);
          }
        }
        while (calc.process(0, input, out) == Progress.BLOCKED) {}
      }
      assertThat(out.rows).as("seed %d, round %d", seed, round).isEqualTo(expected);
      assertThat(out.ends).as("seed %d, round %d", seed, round).noneMatch(insidePairs::contains);
    }
  }

  @Test
  void aRetractionThatNothingFollowsGoesOutWithItsBatch() {
    Collector out = new Collector(null);
    List<String> expected = new ArrayList<>();
    try (Operator calc = CalcFactory.of(CHANGES, Even::new, null).create(context(2));
        Batch input = new Batch(CHANGES, 4, allocator)) {
      add(input, 2, 1, expected);
      add(input, 4, -1, expected);
      assertThat(calc.process(0, input, out)).isEqualTo(Progress.NEEDS_INPUT);
    }
    assertThat(out.rows).isEqualTo(expected);
    assertThat(out.ends).containsExactly(2);
  }

  private TestContext context(int batchRows) {
    return new TestContext(allocator, batchRows);
  }

  private static void add(Batch batch, long value, int weight, List<String> expected) {
    batch.column(0).putLong(batch.rowCount(), value);
    batch.endRow(weight);
    if (value % 2 == 0) {
      expected.add((weight > 0 ? "+" : "-") + value);
    }
  }

  /** Rows as they came, and where batches ended. */
  private static final class Collector implements Output {
    final List<String> rows = new ArrayList<>();
    final List<Integer> ends = new ArrayList<>();
    private final Random refusals;

    Collector(Random refusals) {
      this.refusals = refusals;
    }

    @Override
    public boolean offer(Batch batch) {
      if (refusals != null && refusals.nextInt(3) == 0) {
        return false;
      }
      for (int row = batch.from(); row < batch.to(); row++) {
        rows.add((batch.weight(row) > 0 ? "+" : "-") + batch.column(0).getLong(row));
      }
      ends.add(rows.size());
      return true;
    }

    @Override
    public boolean watermark(long watermarkNs) {
      return true;
    }
  }

  /** Passes even numbers. */
  private static final class Even extends CalcKernel {
    private Column values;

    @Override
    public void bind(Batch in) {
      values = in.column(0);
    }

    @Override
    public int run(Batch in, int from, int limit, Batch out) {
      int at = from;
      for (; at < limit && !out.isFull(); at++) {
        row = at;
        if (values.getLong(at) % 2 == 0) {
          out.column(0).putLong(out.rowCount(), values.getLong(at));
          out.endRow(in.weight(at));
        }
      }
      return at;
    }
  }
}
