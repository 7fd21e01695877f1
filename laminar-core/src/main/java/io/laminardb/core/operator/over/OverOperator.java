package io.laminardb.core.operator.over;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.state.StateMemory;
import org.apache.arrow.memory.ArrowBuf;

/**
 * Functions over partitions in any order, of append-only rows or changes. Every row is kept with the
 * results it was emitted with. When rows come or go, the part of the partition that may see them is
 * computed again, and rows whose results are others than before are taken back and added anew.
 *
 * <p>That part is an interval: the union, over functions and changed rows, of the rows whose frame may
 * hold a changed one. It is kept as the places before it and behind it that nothing has touched, so
 * that it stays true while other rows come and go. A row's tag holds its results as bytes.
 */
public final class OverOperator extends PartitionOperator {
  /** Rows at the start of a partition that no change since it settled concerns. */
  private static final int BEFORE = WORDS;

  /** Rows at its end likewise. */
  private static final int BEHIND = WORDS + 8;

  private static final long UNTOUCHED = Long.MAX_VALUE;

  /**
   * Makes them.
   *
   * @param generatedSource of the kernels, or null
   */
  public record Factory(OverSpec spec, OverMode mode, String generatedSource)
      implements OperatorFactory {
    public Factory {
      requireNonNull(spec, "spec");
      requireNonNull(mode, "mode");
      if (spec.output().isChangelog() == mode.isFinal()) {
        throw new IllegalArgumentException("what is emitted once is no changelog");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new OverOperator(spec, mode, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    @Override
    public long watermarkGrainNs() {
      return mode.timeColumn() < 0 ? Long.MAX_VALUE : 0;
    }

    @Override
    public String fingerprint() {
      return spec.fingerprint() + mode;
    }
  }

  private final OverSpec spec;
  private final OverEvaluator evaluator;
  private final RowCodec results;
  private final Batch fresh; // one row, of which only the results are written
  private ArrowBuf scratch; // its results as bytes
  private int place = -1; // of the partition that is being worked on, or -1
  private int end;

  private OverOperator(OverSpec spec, OverMode mode, OperatorContext context) {
    super(spec.input(), spec.output(), spec.partition(), spec.keys(), mode, 2, true, context);
    this.spec = spec;
    this.results = OverEvaluator.results(spec, spec.output());
    OverEvaluator opened = null;
    Batch row = null;
    try {
      opened = new OverEvaluator(spec, rows, context.allocator());
      row = new Batch(spec.output(), 1, context.allocator());
      scratch = StateMemory.allocate(context.allocator(), 256);
    } catch (RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      if (row != null) {
        row.close();
      }
      super.close();
      throw e;
    }
    this.evaluator = opened;
    this.fresh = row;
  }

  @Override
  void add(long partition) {
    int at = rows.placeIn(partition);
    boolean isNew = PartitionedRows.isEmpty(partition);
    long stored = rows.insertLooked(partition, at);
    if (!isFinal()) {
      if (isNew) {
        untouched(partition);
      }
      touch(partition, stored, at);
    }
  }

  @Override
  void take(long partition) {
    int at = rows.placeOfEqual(partition);
    if (at < 0) {
      if (PartitionedRows.isEmpty(partition)) {
        untouched(partition);
      }
      rows.owe(partition);
      return;
    }
    long taken = PartitionedRows.row(partition, at);
    if (isEmitted(taken)) {
      emit(taken, -1);
    }
    if (isFinal()) {
      rows.remove(partition, at, at + 1);
      return;
    }
    long copy = rows.store(); // its place among the others is asked for when it is gone
    rows.remove(partition, at, at + 1);
    touch(partition, copy, at);
    rows.free(copy);
  }

  private static void untouched(long partition) {
    Memory.putLong(partition + BEFORE, UNTOUCHED);
    Memory.putLong(partition + BEHIND, UNTOUCHED);
  }

  /** A row came to a place, or went from it: notes who may see that. */
  private void touch(long partition, long row, int at) {
    int count = PartitionedRows.count(partition);
    FrameBounds bounds = evaluator.bounds;
    bounds.begin(partition);
    int first = rows.peersIn(partition);
    int last = rows.placeIn(partition);
    int from = Math.min(at, count);
    int to = Math.min(at + 1, count);
    for (OverSpec.Call call : spec.calls()) {
      switch (call.function()) {
        case ROW_NUMBER -> to = count;
        case RANK, DENSE_RANK -> {
          from = Math.min(from, first);
          to = count;
        }
        case PERCENT_RANK, CUME_DIST, NTILE -> {
          from = 0;
          to = count;
        }
        case LAG ->
            to = call.ignoreNulls() ? count : Math.max(to, within(at + call.count() + 1, count));
        case LEAD ->
            from = call.ignoreNulls() ? 0 : Math.min(from, within(at - call.count(), count));
        case FIRST_VALUE, LAST_VALUE, NTH_VALUE, AGGREGATE -> {
          Frame frame = spec.frames().get(call.frame()).frame();
          from = Math.min(from, bounds.affectedFrom(frame, row, at, first, last));
          to = Math.max(to, bounds.affectedTo(frame, row, at, last));
        }
      }
    }
    Memory.putLong(partition + BEFORE, Math.min(Memory.getLong(partition + BEFORE), from));
    Memory.putLong(partition + BEHIND, Math.min(Memory.getLong(partition + BEHIND), count - to));
    markDirty(partition);
  }

  private static int within(long wanted, int count) {
    return (int) Math.max(0, Math.min(wanted, count));
  }

  @Override
  boolean settle(long partition, Output output) {
    if (place < 0) {
      int count = PartitionedRows.count(partition);
      long behind = Math.min(count, Memory.getLong(partition + BEHIND));
      place = (int) Math.min(count, Memory.getLong(partition + BEFORE));
      end = (int) (count - behind);
      if (place < end) {
        evaluator.begin(partition, place);
      }
    }
    while (place < end) {
      if (!hasRoom(output)) {
        return false;
      }
      evaluator.move(place);
      compare(PartitionedRows.row(partition, place));
      place++;
    }
    untouched(partition);
    place = -1;
    return true;
  }

  /** Emits a row whose results are others than before. */
  private void compare(long row) {
    fresh.clear();
    RuntimeException failure = evaluator.write(0, fresh, 0);
    if (failure != null) {
      fail(row, failure);
      return;
    }
    fresh.rowCount(1);
    int length = Math.toIntExact(results.length(fresh, 0));
    if (length > scratch.capacity()) {
      scratch.close();
      scratch = StateMemory.allocate(context.allocator(), length * 2L);
    }
    long bytes = scratch.memoryAddress();
    results.write(fresh, 0, bytes);
    if (isEmitted(row)) {
      if (PartitionedRows.tagLength(row) == length
          && Memory.equal(PartitionedRows.tagBytes(row), bytes, length)) {
        return;
      }
      emit(row, -1);
    }
    rows.setBytes(row, bytes, length);
    emit(row, 1);
  }

  /** The results of a row have failed: says so once, until they are there again. */
  private void fail(long row, RuntimeException failure) {
    if (isEmitted(row)) {
      emit(row, -1);
    } else if (PartitionedRows.tag(row) != 0) {
      return;
    }
    rows.setBytes(row, scratch.memoryAddress(), 0);
    rows.failed(row, failure, context);
  }

  /** Whether a row has been emitted and not been taken back; one that has failed has no results. */
  @Override
  boolean isEmitted(long row) {
    return PartitionedRows.tag(row) != 0 && PartitionedRows.tagLength(row) > 0;
  }

  /** Writes a row with the results it is tagged with. */
  @Override
  void emit(long row, int weight) {
    rows.codec().readColumns(PartitionedRows.bytesOf(row), out, 0);
    results.readColumns(PartitionedRows.tagBytes(row), out, 0);
    out.endRow(weight);
  }

  @Override
  boolean complete(long partition, Output output) {
    int count = PartitionedRows.count(partition);
    if (place < 0) {
      place = 0;
      if (count > 0) {
        evaluator.begin(partition, 0);
      }
    }
    for (; place < count; place++) {
      if (!hasRoom(output)) {
        return false;
      }
      evaluator.move(place);
      long row = PartitionedRows.row(partition, place);
      RuntimeException failure = evaluator.write(0, out, out.rowCount());
      if (failure != null) {
        rows.failed(row, failure, context);
      } else {
        rows.codec().readColumns(PartitionedRows.bytesOf(row), out, 0);
        out.endRow();
      }
    }
    place = -1;
    return true;
  }

  @Override
  public long stateBytes() {
    return super.stateBytes() + evaluator.bytes();
  }

  @Override
  public void close() {
    evaluator.close();
    fresh.close();
    scratch.close();
    super.close();
  }
}
