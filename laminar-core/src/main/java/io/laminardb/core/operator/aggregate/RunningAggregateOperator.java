package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.GeneratedFactory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowCursor;
import io.laminardb.core.state.Spill;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;
import io.laminardb.core.time.Watermark;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.ArrowBuf;

/**
 * GROUP BY without a window: one state for ever. Emits each change, the net changes of a period, or
 * everything at the end of input. Without keys there is exactly one group, which has a result from
 * the start on and never goes.
 */
public final class RunningAggregateOperator extends GroupingOperator {
  private final AggregateState state;
  private final Spill spill; // null where groups stay in memory
  private final LongPredicate isKept; // by EVERY, which has noted the address of a group
  private final ArrowBuf rowBuffer;
  private final int[] found = new int[1];
  private final GroupExpiries expiries; // null where groups are kept
  private long expiring; // a group that is to be taken back, or 0
  private RowCursor results; // of all groups, while they are emitted at the end of input; else null
  private boolean ended;
  private long watermarkNs = Watermark.NONE;

  private RunningAggregateOperator(AggregateSpec spec, OperatorContext context) {
    super(spec, context, 1, spec.shape().firstResult());
    this.spill = canSpill(spec) ? context.spill() : null;
    this.state = AggregateState.running(shape, context, spill);
    this.isKept = emitted() == null ? row -> false : emitted()::isDirty;
    this.current = state;
    AggregateSpec.Expiry expiry = spec.expiry();
    this.expiries = expiry == null ? null : new GroupExpiries(expiry.ttlNs(), expiry.offset());
    this.rowBuffer = allocateRowBuffer();
  }

  /** Whether groups may leave memory: those that expire are noted by their addresses. */
  private static boolean canSpill(AggregateSpec spec) {
    return spec.shape().groups().keyWords() > 0 && spec.expiry() == null;
  }

  private ArrowBuf allocateRowBuffer() {
    try {
      return StateMemory.allocate(context.allocator(), 8L * Math.max(8, out.capacity()));
    } catch (RuntimeException e) {
      super.close();
      throw e;
    }
  }

  /** The plan-time half. */
  public static OperatorFactory factory(AggregateSpec spec, String generatedSource) {
    return new GeneratedFactory(
        spec.shape().output(),
        generatedSource,
        "RunningAggregate "
            + spec.mode()
            + " "
            + spec.shape().fingerprint()
            + (spec.expiry() == null ? "" : " " + spec.expiry()),
        Recall.FROM_STATE,
        context -> new RunningAggregateOperator(spec, context));
  }

  @Override
  public Progress start(Output output) {
    if (shape.groups().keyWords() > 0) {
      return Progress.NEEDS_INPUT;
    }
    if (state.groups().rows() == 0) {
      long row = globalGroup();
      if (spec.mode() == EmitMode.CHANGES) {
        Memory.putLong(rowBuffer.memoryAddress(), row);
        kernel.attach(state);
        kernel.emit(rowBuffer.memoryAddress(), 0, 1, 1);
      } else if (spec.mode() == EmitMode.EVERY) {
        markDirty(state, row);
        if (!emitDirty(state, output)) {
          return Progress.BLOCKED;
        }
      }
    }
    return flush(output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  private long globalGroup() {
    long source = rowBuffer.memoryAddress();
    Memory.putLong(source, Keys.finish(Keys.SEED));
    return state.groups().findOrInsert(source);
  }

  @Override
  protected void assign(Batch batch) {
    addEntries(state);
  }

  @Override
  public Progress watermark(int port, long newWatermarkNs, Output output) {
    if (newWatermarkNs == Watermark.END && !ended) {
      if (!finish(output)) {
        return Progress.BLOCKED;
      }
      ended = true;
    }
    if (!flush(output)) {
      return Progress.BLOCKED;
    }
    if (spec.mode() == EmitMode.ON_CLOSE && newWatermarkNs != Watermark.END) {
      return Progress.NEEDS_INPUT; // all rows are still to come
    }
    if (!output.watermark(newWatermarkNs)) {
      return Progress.BLOCKED;
    }
    watermarkNs = newWatermarkNs;
    return Progress.NEEDS_INPUT;
  }

  private boolean finish(Output output) {
    return switch (spec.mode()) {
      case CHANGES -> true;
      case EVERY -> emitDirty(state, output);
      case ON_CLOSE -> emitAll(output);
    };
  }

  private boolean emitAll(Output output) {
    if (shape.groups().keyWords() == 0 && state.groups().rows() == 0) {
      globalGroup();
    }
    kernel.attach(state);
    if (results == null) {
      results = new RowCursor(state.groups(), context.allocator());
    }
    long rows = rowBuffer.memoryAddress();
    for (int count = -1; count != 0; ) {
      if (out.isFull() && !flush(output)) {
        return false;
      }
      count = results.next(rows, out.capacity() - out.rowCount());
      kernel.emit(rows, 0, keepLive(rows, count), 1);
    }
    closeResults();
    return true;
  }

  private void closeResults() {
    if (results != null) {
      results.close();
      results = null;
    }
  }

  private int keepLive(long rows, int count) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      long row = Memory.getLong(rows + 8L * i);
      if (isLive(row)) {
        Memory.putLong(rows + 8L * kept++, row);
      }
    }
    return kept;
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    Progress progress = super.process(port, batch, output);
    if (progress != Progress.BLOCKED) {
      state.keepRoom(isKept);
    }
    return progress;
  }

  @Override
  public boolean spill(boolean hot) {
    long before = state.bytes();
    if (hot && spill != null) {
      state.leaveAll(isKept);
    }
    return state.bytes() < before;
  }

  @Override
  protected boolean isForgotten(int index) {
    boolean forgotten = expiries != null && isRetraction(index) && isGone(source(index));
    if (forgotten) {
      context.expiredRows(1);
    }
    return forgotten;
  }

  /** Whether no group is there for a row; with EVERY it may only wait to be taken back. */
  private boolean isGone(long source) {
    long group = state.groups().find(source);
    return group == 0 || spec.mode() == EmitMode.EVERY && !isLive(group);
  }

  @Override
  protected void segmentDone(AggregateState changed, int from, int to) {
    if (expiries == null) {
      return;
    }
    for (int i = from; i < to; i++) {
      if (Memory.getLong(target(i)) != 0) {
        expiries.touch(target(i), context.nowEpochNs());
      }
    }
    askForTimer();
  }

  private void askForTimer() {
    if (expiries != null && expiries.firstNs() != Watermark.NONE) {
      wakeAt(expiries.firstNs());
    }
  }

  /**
   * Takes groups back that no row has touched for so long, with EVERY at the end of the period; false for
   * back-pressure.
   */
  private boolean expire(long nowEpochNs, Output output) {
    kernel.attach(state);
    while (expiring != 0 || (expiring = expiries.next(state.groups(), nowEpochNs)) != 0) {
      if (out.isFull() && !flush(output)) {
        return false;
      }
      if (spec.mode() == EmitMode.EVERY) {
        shape.groups().release(expiring, state.heap());
        markDirty(state, expiring);
        context.expiredRows(1);
        expiring = 0;
        continue;
      }
      if (isLive(expiring)) {
        Memory.putLong(rowBuffer.memoryAddress(), expiring);
        kernel.emit(rowBuffer.memoryAddress(), 0, 1, -1);
      }
      state.groups().touch(expiring);
      shape.groups().release(expiring, state.heap());
      state.groups().remove(expiring);
      context.expiredRows(1);
      expiring = 0;
    }
    return flush(output);
  }

  @Override
  public Progress timer(long nowEpochNs, Output output) {
    if (expiries != null && !expire(nowEpochNs, output)) {
      return Progress.BLOCKED;
    }
    if (!isTimerDue(nowEpochNs)) {
      woken();
    } else if (emitDirty(state, output) && flush(output)) {
      timerDone();
    } else {
      return Progress.BLOCKED;
    }
    askForTimer();
    return Progress.NEEDS_INPUT;
  }

  @Override
  public void recall(Output output) {
    recall(state, rowBuffer.memoryAddress(), output);
  }

  @Override
  protected boolean hasDirty() {
    return state.dirty.size() > 0;
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(kernel.sequence);
    writer.putLong(watermarkNs);
    writer.putByte(ended ? 1 : 0);
    state.writeHeader(writer);
    state.writePages(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        kernel.sequence = Math.max(kernel.sequence, reader.getLong());
        watermarkNs = reader.getLong();
        ended = reader.getByte() != 0;
        state.readHeader(reader);
      } else {
        TablePages.read(reader);
        if (spill != null && spill.isTight()) {
          state.leaveAll(isKept);
        }
      }
    }
    state.finishRestore(emitted());
    if (expiries != null) {
      expiries.restored(state.groups(), rowBuffer.memoryAddress(), found);
    }
    askForTimer();
    setTimer();
  }

  @Override
  public long stateRows() {
    return state.rows();
  }

  @Override
  public long stateBytes() {
    return state.bytes();
  }

  @Override
  public String counters() {
    return spill == null ? null : spill.toString();
  }

  @Override
  public void close() {
    closeResults();
    state.close();
    rowBuffer.close();
    super.close();
  }
}
