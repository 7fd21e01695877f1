package io.laminardb.core.operator.over;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.AggregateShape;
import io.laminardb.core.operator.aggregate.AggregateState;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The aggregates over one frame as it moves along a partition: rows that enter are accumulated, rows
 * that leave are taken back where that gives the same as beginning anew.
 *
 * <p>A <em>target</em> is the row of state of one group, and {@link #from} and {@link #to} are the
 * places it holds; the caller sets the three to go on with a partition. One thread.
 */
final class FrameAggregate implements AutoCloseable {
  private static final int CHUNK_ROWS = 64;

  /** The group that is worked on, or 0. */
  long target;

  /** The places of the rows it holds. */
  int from;

  int to;

  private final Frame frame;
  private final boolean slides; // rows can be taken back
  private final AggregateShape shape;
  private final AggregateKernel kernel;
  private final AggregateState state;
  private final RowCodec codec; // of the same rows, with weights
  private final Batch entering; // rows on their way into the group, or out of it
  private final Batch results;
  private final ArrowBuf memory;
  private final long sources;
  private final long targets;
  private RuntimeException failure; // of the results around a gap
  private boolean isComputed; // the results are those of the group as it is

  FrameAggregate(OverSpec.FrameSpec spec, Schema input, BufferAllocator allocator) {
    frame = spec.frame();
    slides = spec.slides();
    shape = spec.shape();
    codec = new RowCodec(input.withChangelog(true));
    long scratchBytes = (long) AggregateKernel.CHUNK_ROWS * shape.sourceBytes();
    memory = StateMemory.allocate(allocator, scratchBytes + 16L * CHUNK_ROWS);
    sources = memory.memoryAddress() + scratchBytes;
    targets = sources + 8L * CHUNK_ROWS;
    AggregateKernel opened = null;
    Batch rows = null;
    try {
      opened = spec.kernels().get();
      opened.open(allocator);
      opened.shape(shape);
      opened.scratch = memory.memoryAddress();
      rows = new Batch(codec.schema(), CHUNK_ROWS, allocator);
      results = new Batch(shape.output(), 2, allocator);
    } catch (RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      if (rows != null) {
        rows.close();
      }
      memory.close();
      throw e;
    }
    kernel = opened;
    entering = rows;
    state = new AggregateState(shape, allocator);
    kernel.bindOutput(results);
  }

  Frame frame() {
    return frame;
  }

  /** Whether it holds no row from one place to the next. */
  boolean beginsAnew() {
    return frame.excludes() && !slides;
  }

  /** A group that holds nothing; freed by {@link #drop}. */
  long create() {
    long row = state.groups().allocateDetached();
    shape.groups().zero(row);
    return row;
  }

  /** Frees a group of {@link #create}. */
  void drop(long group) {
    shape.groups().release(group, state.heap());
    state.groups().freeDetached(group);
  }

  /** Says that what follows is about another group or place. */
  void moved() {
    isComputed = false;
  }

  /** Empties the group. */
  void reset(int place) {
    shape.groups().release(target, state.heap());
    for (int i = 0; i < shape.distincts().size(); i++) {
      state.distinct(i).clear(1 << 16);
    }
    from = place;
    to = place;
    isComputed = false;
  }

  /** Has the group hold rows {@code [start, end)} of a partition. */
  void moveTo(long partition, int start, int end) {
    if (start == from && end == to) {
      return;
    }
    isComputed = false;
    if (from < to && (start < from || end < to)) { // a distance of months may go back
      reset(start);
    }
    boolean holds = from < to;
    if (holds && start > from && (!slides || start >= to)) {
      reset(start);
    } else if (holds && start > from) {
      bring(partition, from, start, -1);
      from = start;
    } else if (!holds) {
      from = start;
      to = start;
    }
    if (end > to) {
      bring(partition, to, end, 1);
      to = end;
    }
  }

  /**
   * Computes the results over rows {@code [start, end)} of a partition without {@code [gap, behind)},
   * but with row {@code kept} of these unless it is negative.
   */
  void moveAround(long partition, int start, int end, int gap, int behind, int kept) {
    failure = null;
    if (slides) {
      moveTo(partition, start, end);
      bringAround(partition, gap, behind, kept, -1);
      tryCompute();
      bringAround(partition, gap, behind, kept, 1);
    } else {
      reset(0);
      bring(partition, start, gap, 1);
      if (kept >= 0) {
        bring(partition, kept, kept + 1, 1);
      }
      bring(partition, behind, end, 1);
      tryCompute();
      reset(0);
    }
    isComputed = true;
  }

  private void tryCompute() {
    try {
      compute();
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void bringAround(long partition, int first, int last, int kept, int weight) {
    bring(partition, first, kept < 0 ? last : kept, weight);
    if (kept >= 0) {
      bring(partition, kept + 1, last, weight);
    }
  }

  private void bring(long partition, int first, int last, int weight) {
    kernel.attach(state);
    for (int at = first; at < last; ) {
      int count = Math.min(CHUNK_ROWS, last - at);
      entering.clear();
      for (int i = 0; i < count; i++) {
        long row = PartitionedRows.row(partition, at + i);
        codec.read(PartitionedRows.bytesOf(row), entering, weight);
      }
      kernel.bind(entering);
      kernel.inputWeights = entering.weightsAddress();
      kernel.forgetTexts();
      kernel.prepare(0, count);
      for (int i = 0; i < kernel.prepared; i++) {
        Memory.putLong(sources + 8L * i, kernel.scratch + (long) i * shape.sourceBytes());
        Memory.putLong(targets + 8L * i, target);
      }
      kernel.accumulate(sources, targets, 0, kernel.prepared);
      at += count;
    }
  }

  /** Writes a result of the group to a row of a column. */
  void write(int result, Column column, int row) {
    if (failure != null) {
      RuntimeException failed = failure;
      failure = null;
      throw failed;
    }
    if (!isComputed) {
      compute();
    }
    column.copyFrom(results.column(result), 0, 1, row);
  }

  private void compute() {
    results.clear();
    Memory.putLong(targets, target);
    kernel.attach(state);
    kernel.emit(targets, 0, 1, 1);
    isComputed = true;
  }

  void writeGroup(long group, StateWriter writer) {
    TableSnapshot.writeRow(state.groups(), group, writer);
  }

  long readGroup(StateReader reader) {
    return TableSnapshot.readDetached(state.groups(), 0, reader);
  }

  long sequence() {
    return kernel.sequence;
  }

  void sequence(long restored) {
    kernel.sequence = restored;
  }

  long bytes() {
    return state.bytes() + memory.capacity();
  }

  @Override
  public void close() {
    state.close();
    kernel.close();
    entering.close();
    results.close();
    memory.close();
  }
}
