package io.laminardb.core.operator.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateHeap;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DistinctSketchTest {
  private final DistinctSketch sketch = new DistinctSketch();
  private RootAllocator allocator;
  private StateHeap heap;
  private ArrowBuf rows;
  private long view;
  private long other;

  @BeforeEach
  void open() {
    allocator = new RootAllocator();
    heap = new StateHeap(allocator);
    rows = allocator.buffer(32);
    view = rows.memoryAddress();
    other = view + 16;
    Memory.fill(view, 32, (byte) 0);
  }

  @AfterEach
  void close() {
    heap.close();
    rows.close();
    allocator.close();
  }

  @Test
  void countsFewValuesExactlyAndEachOnce() {
    for (int round = 0; round < 3; round++) {
      for (long value = 0; value < 300; value++) {
        DistinctSketch.add(view, value, heap);
      }
    }
    assertThat(sketch.estimate(view)).isEqualTo(300);
  }

  @Test
  void staysWithinThreeStandardErrorsForManyValues() {
    long added = 0;
    for (long count : new long[] {500, 2_000, 5_000, 20_000, 100_000, 1_000_000}) {
      for (; added < count; added++) {
        DistinctSketch.add(view, added, heap);
      }
      assertThat((double) sketch.estimate(view) / count).isBetween(0.952, 1.048);
    }
  }

  @Test
  void aMergedSketchIsThatOfAllValues() {
    for (long[] sizes :
        new long[][] {{10, 200}, {200, 5_000}, {5_000, 10}, {5_000, 9_000}, {0, 7}}) {
      Memory.fill(view, 32, (byte) 0);
      for (long value = 0; value < sizes[0]; value++) {
        DistinctSketch.add(view, value, heap);
      }
      for (long value = 5; value < sizes[1]; value++) {
        DistinctSketch.add(other, value, heap);
      }
      long estimate = sketch.estimate(other);
      DistinctSketch.merge(view, other, heap);
      for (long value = 0; value < sizes[0]; value++) {
        DistinctSketch.add(other, value, heap);
      }
      assertThat(sketch.estimate(view)).isEqualTo(sketch.estimate(other));
      assertThat(sketch.estimate(view)).isGreaterThanOrEqualTo(estimate);
    }
  }

  @Test
  void anEmptySketchCountsNothing() {
    assertThat(sketch.estimate(view)).isZero();
  }
}
