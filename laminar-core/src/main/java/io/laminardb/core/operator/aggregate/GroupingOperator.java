package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.RowCursor;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.ArrowBuf;

/**
 * What all aggregate operators share. A fused kernel brings rows into the groups of one state after
 * another by itself; {@link #enter} says which. Otherwise rows are prepared chunk by chunk, assigned to the states they
 * belong to (an <em>entry</em> for each row and state), found in the tables of groups and accumulated.
 * Results are written to one batch that is lent to the output when it is full and at the end of a
 * call. Everything half done is a field, so each step can be BLOCKED and taken up again.
 *
 * <p>Entries are worked on in <em>segments</em> of one state. A retraction is a segment of its own,
 * because it may empty its group: the row of the group is then free before the next row comes, as it
 * is in any other batching.
 */
public abstract class GroupingOperator implements Operator {
  protected final OperatorContext context;
  protected final AggregateSpec spec;
  protected final AggregateShape shape;
  protected final AggregateKernel kernel;
  protected final Batch out;

  /** Prepared rows; those from {@link #preparedAt} on have no entries yet. */
  protected int preparedAt;

  protected int preparedCount;

  /** Where kernels are fused: the state of the row before, or null, and the times of its rows. */
  protected AggregateState current;

  protected long currentFirst;
  protected long currentLast = -1;

  private final ArrowBuf memory;
  private final long sources;
  private final long targets;
  private final int entryCapacity;
  private final int[] runEnd; // entries below it belong to the state of the same index
  private final AggregateState[] runState;
  private final EmittedRow emitted; // with EVERY, else null
  private int runCount;
  private int run;
  private int entryCount;
  private int entry;
  private int segmentStart;
  private int segmentEnd;
  private boolean timerSet;
  private long timerNs; // when the period is over
  private long wakeNs = Watermark.NONE; // what the one timer of the operator is set to
  private final LongList failedTargets = new LongList();
  private final RowFeed feed;

  /**
   * @param maxStatesPerRow how many windows a row may belong to
   * @param firstKeptColumn with EVERY, the first output column that changes in the life of a group
   */
  @SuppressWarnings("this-escape")
  protected GroupingOperator(
      AggregateSpec spec, OperatorContext context, int maxStatesPerRow, int firstKeptColumn) {
    this.spec = spec;
    this.shape = spec.shape();
    this.context = context;
    this.entryCapacity = shape.fused() ? 1 : Math.max(AggregateKernel.CHUNK_ROWS, maxStatesPerRow);
    long scratchBytes =
        shape.fused()
            ? shape.sourceBytes()
            : (long) AggregateKernel.CHUNK_ROWS * shape.sourceBytes();
    this.memory = StateMemory.allocate(context.allocator(), scratchBytes + entryCapacity * 16L);
    AggregateKernel opened = null;
    Batch results = null;
    try {
      opened = spec.kernels().get();
      opened.open(context.allocator());
      opened.shape(shape);
      opened.scratch = memory.memoryAddress();
      results =
          new Batch(shape.output(), Math.max(4, context.batchCapacity()), context.allocator());
      opened.bindOutput(results);
    } catch (RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      if (results != null) {
        results.close();
      }
      memory.close();
      throw e;
    }
    this.kernel = opened;
    this.feed = new RowFeed(kernel, context);
    this.out = results;
    this.sources = memory.memoryAddress() + scratchBytes;
    this.targets = sources + entryCapacity * 8L;
    this.runEnd = new int[entryCapacity];
    this.runState = new AggregateState[entryCapacity];
    this.emitted =
        spec.mode() == EmitMode.EVERY
            ? new EmittedRow(shape.output(), firstKeptColumn, shape.groups().emittedOffset())
            : null;
    kernel.emitted = emitted;
  }

  /**
   * Makes entries for prepared rows from {@link #preparedAt} on, as many as there is room for, and
   * moves {@link #preparedAt} behind them.
   */
  protected abstract void assign(Batch batch);

  /**
   * Where kernels are fused: makes the state that a row belongs to the {@link #current} one, and sets
   * the times of its rows; false when the row can go nowhere, which has been reported.
   */
  protected boolean enter(Batch batch, int row, long time) {
    throw new IllegalStateException("rows have states of their own");
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    feed.begin(batch);
    try {
      boolean done = shape.fused() ? fuse(batch, output) : prepareAndDrain(batch, output);
      if (!done || !flush(output)) {
        return Progress.BLOCKED;
      }
    } catch (RuntimeException e) {
      abandon();
      throw e;
    }
    feed.end();
    setTimer();
    return Progress.NEEDS_INPUT;
  }

  private boolean prepareAndDrain(Batch batch, Output output) {
    while (drain(batch, output)) {
      if (preparedAt < preparedCount) {
        assign(batch);
      } else if (!chunkDone(output)) {
        return false;
      } else if (!feed.isEmpty()) {
        preparedAt = 0;
        preparedCount = 0; // should preparing fail
        int from = feed.row();
        preparedCount = feed.prepare();
        chunkPrepared(batch, from, feed.row());
      } else {
        return true;
      }
    }
    return false;
  }

  /** Rows {@code [from, to)} of a batch, those that are filtered out too, have been prepared. */
  protected void chunkPrepared(Batch batch, int from, int to) {}

  /** All prepared rows are in their groups; false for back-pressure, and it is called again. */
  protected boolean chunkDone(Output output) {
    return true;
  }

  /** Entries {@code [from, to)} are in their groups of {@code state}, but for those that failed. */
  protected void segmentDone(AggregateState state, int from, int to) {}

  /** Brings rows into their groups, state by state; false for back-pressure. */
  private boolean fuse(Batch batch, Output output) {
    kernel.attach(current);
    while (true) {
      if (out.capacity() - out.rowCount() < 2 && !flush(output)) {
        return false;
      }
      if (feed.isEmpty()) {
        return true;
      }
      kernel.firstTime = currentFirst;
      kernel.lastTime = currentLast;
      RuntimeException failure = feed.fuse();
      if (failure != null) {
        if (kernel.target != 0) {
          dropIfEmpty(current, kernel.target);
        }
        feed.failed(kernel.row, failure);
      } else if (kernel.isOutside) {
        if (enter(batch, feed.row(), kernel.time)) {
          kernel.attach(current);
        } else {
          feed.skip();
        }
      }
    }
  }

  /** A failure ends the call: what has been prepared is not taken up again. */
  protected void abandon() {
    feed.end();
    entryCount = 0;
    entry = 0;
    segmentStart = 0;
    segmentEnd = 0;
    runCount = 0;
    run = 0;
    preparedAt = 0;
    preparedCount = 0;
  }

  /** Reports a failed row; a failure that is not the row's own goes on. */
  protected final void rowFailed(Batch batch, int row, RuntimeException failure) {
    feed.failed(row, failure);
  }

  /** Where prepared row {@code index} lies. */
  protected final long preparedRow(int index) {
    return kernel.scratch + (long) index * shape.sourceBytes();
  }

  /** The row of the batch that a prepared row was made from. */
  protected final int rowOf(long prepared) {
    return Memory.getInt(prepared + shape.rowOffset());
  }

  /** The event time of a prepared row, in units of the time attribute. */
  protected final long timeOf(long prepared) {
    return Memory.getLong(prepared + shape.timeOffset());
  }

  /** Entries there is room for. */
  protected final int room() {
    return entryCapacity - entryCount;
  }

  /** Makes an entry: a prepared row goes to a state. */
  protected final void addEntry(long prepared, AggregateState state) {
    if (runCount == 0 || runState[runCount - 1] != state) {
      runState[runCount++] = state;
    }
    Memory.putLong(sources + ((long) entryCount << 3), prepared);
    runEnd[runCount - 1] = ++entryCount;
  }

  /** Makes entries of prepared rows {@code [from, to)}, for which there is room. */
  protected final void addEntries(int from, int to, AggregateState state) {
    if (from == to) {
      return;
    }
    if (runCount == 0 || runState[runCount - 1] != state) {
      runState[runCount++] = state;
    }
    final int stride = shape.sourceBytes();
    long at = sources + ((long) entryCount << 3);
    long row = preparedRow(from);
    for (int i = from; i < to; i++, at += 8, row += stride) {
      Memory.putLong(at, row);
    }
    entryCount += to - from;
    runEnd[runCount - 1] = entryCount;
  }

  /** Makes entries of all prepared rows that are left, for one state. */
  protected final void addEntries(AggregateState state) {
    addEntries(preparedAt, preparedCount, state);
    preparedAt = preparedCount;
  }

  /** Works entries off; false for back-pressure. */
  protected boolean drain(Batch batch, Output output) {
    while (entry < entryCount) {
      if (entry == segmentEnd && isForgotten(entry)) {
        segmentEnd = ++entry;
        continue;
      }
      if (entry == segmentEnd) {
        beginSegment();
      }
      if (spec.mode() != EmitMode.CHANGES) {
        accumulate(batch);
      } else {
        if (out.capacity() - out.rowCount() < 2 && !flush(output)) {
          return false;
        }
        emitChanges(batch);
      }
      if (entry == segmentEnd) {
        endSegment();
      }
    }
    entryCount = 0;
    entry = 0;
    segmentStart = 0;
    segmentEnd = 0;
    runCount = 0;
    run = 0;
    return true;
  }

  private void beginSegment() {
    while (runEnd[run] <= entry) {
      run++;
    }
    AggregateState state = runState[run];
    segmentStart = entry;
    segmentEnd = shape.changelogInput() ? endBeforeRetraction(runEnd[run]) : runEnd[run];
    kernel.attach(state);
    try {
      findTargets(state, sources, targets, entry, segmentEnd);
    } catch (RuntimeException e) {
      // Groups that were made have to get their rows, so that none is left without any.
      kernel.accumulate(sources, targets, entry, state.groups().resolved());
      throw e;
    }
  }

  /** Finds the rows that entries {@code [from, to)} go to. */
  private static void findTargets(
      AggregateState state, long sources, long targets, int from, int to) {
    state.groups().findOrInsert(sources, targets, from, to);
  }

  private int endBeforeRetraction(int end) {
    if (isRetraction(entry)) {
      return entry + 1;
    }
    int i = entry + 1;
    while (i < end && !isRetraction(i)) {
      i++;
    }
    return i;
  }

  /** Whether an entry takes back what has been forgotten, which has been counted; it is left out. */
  protected boolean isForgotten(int index) {
    return false;
  }

  /** Whether an entry takes a row back. */
  protected final boolean isRetraction(int index) {
    return Memory.getInt(source(index) + shape.rowOffset() + 4) < 0;
  }

  /** The prepared row of an entry. */
  protected final long source(int index) {
    return Memory.getLong(sources + ((long) index << 3));
  }

  /** The group's row of an entry. */
  protected final long target(int index) {
    return Memory.getLong(targets + ((long) index << 3));
  }

  private void accumulate(Batch batch) {
    try {
      kernel.accumulate(sources, targets, entry, segmentEnd);
      entry = segmentEnd;
    } catch (RuntimeException e) {
      entryFailed(batch, e);
    }
  }

  private void emitChanges(Batch batch) {
    try {
      entry = kernel.changes(sources, targets, entry, segmentEnd);
    } catch (RuntimeException e) {
      entryFailed(batch, e);
    }
  }

  private void entryFailed(Batch batch, RuntimeException failure) {
    int failed = kernel.entry;
    failedTargets.add(target(failed));
    entry = failed + 1;
    try {
      rowFailed(batch, rowOf(source(failed)), failure);
    } catch (RuntimeException e) {
      dropFailed();
      throw e;
    }
  }

  private void endSegment() {
    AggregateState state = runState[run];
    if (spec.mode() == EmitMode.EVERY) {
      for (int i = segmentStart; i < segmentEnd; i++) {
        if (emitted.markDirty(target(i))) {
          state.dirty.add(target(i));
        }
      }
    }
    if (shape.changelogInput() && isRetraction(segmentStart)) {
      dropIfEmpty(state, target(segmentStart));
    }
    if (failedTargets.size() > 0) {
      dropFailed();
    }
    segmentDone(state, segmentStart, segmentEnd);
  }

  private void dropFailed() {
    for (int i = 0; i < failedTargets.size(); i++) {
      long target = failedTargets.get(i);
      if (Memory.getLong(target) != 0) {
        dropIfEmpty(runState[run], target);
      }
    }
    failedTargets.clear();
  }

  private void dropIfEmpty(AggregateState state, long target) {
    if (shape.groups().count(target) != 0) {
      return;
    }
    shape.groups().release(target, state.heap());
    if (spec.mode() != EmitMode.EVERY && !shape.isGlobal()) {
      state.groups().remove(target);
    }
  }

  /** Lends the results written so far; false for back-pressure. */
  protected final boolean flush(Output output) {
    return output.flush(out);
  }

  /** Whether a group is there for SQL: it has rows, or it is the one group of a global aggregate. */
  protected final boolean isLive(long row) {
    return shape.isGlobal() || shape.groups().count(row) > 0;
  }

  /** With EVERY: emits the net changes of a state; false for back-pressure. */
  protected final boolean emitDirty(AggregateState state, Output output) {
    kernel.attach(state);
    while (state.dirtyAt < state.dirty.size()) {
      if (out.capacity() - out.rowCount() < 2 && !flush(output)) {
        return false;
      }
      emitNetChange(state, state.dirty.get(state.dirtyAt));
      state.dirtyAt++;
    }
    state.dirty.clear();
    state.dirtyAt = 0;
    return true;
  }

  /** With EVERY: emits the net change of one group, if it has changed. */
  protected final void emitNetChange(AggregateState state, long row) {
    if (!emitted.isDirty(row)) {
      return; // it has been emitted out of turn
    }
    state.groups().touch(row);
    int at = out.rowCount();
    boolean wasEmitted = emitted.isEmitted(row);
    boolean isLive = isLive(row);
    if (wasEmitted) {
      kernel.emitKeys(row, at);
      emitted.write(row, out, at);
      out.endRow(-1);
    }
    if (isLive) {
      Memory.putLong(targets, row);
      kernel.emit(targets, 0, 1, 1);
      if (wasEmitted && sameKept(at, at + 1)) {
        out.rowCount(at);
        kernel.revive(at);
      } else {
        emitted.save(row, out, out.rowCount() - 1, state.heap());
      }
      emitted.clearDirty(row);
    } else {
      emitted.forget(row, state.heap());
      removeEmptied(state, row);
    }
  }

  /**
   * Tells what was emitted of the groups of a state and not taken back.
   *
   * @param rows room for as many addresses as the output has rows
   */
  protected final void recall(AggregateState state, long rows, Output output) {
    kernel.attach(state);
    try (RowCursor cursor = new RowCursor(state.groups(), context.allocator())) {
      for (int count; (count = cursor.next(rows, out.capacity())) > 0; flush(output)) {
        recall(rows, count);
      }
    }
  }

  @Override
  public final void forgetRecalled() {
    out.clear();
  }

  private void recall(long rows, int count) {
    for (int i = 0; i < count; i++) {
      long row = Memory.getLong(rows + 8L * i);
      if (emitted == null) {
        if (isLive(row)) {
          kernel.emit(rows, i, i + 1, 1);
        }
      } else if (emitted.isEmitted(row)) {
        recallEmitted(row);
      }
    }
  }

  /** With EVERY: writes what was said of a group last. */
  protected final void recallEmitted(long row) {
    kernel.emitKeys(row, out.rowCount());
    emitted.write(row, out, out.rowCount());
    out.endRow(1);
  }

  /** Whether two rows of the output are the same for those who saw the first. */
  protected boolean sameKept(int at, int other) {
    return kernel.sameResults(at, other);
  }

  /** Frees the row of a group that is gone and of which nothing is left to say. */
  protected void removeEmptied(AggregateState state, long row) {
    state.groups().remove(row);
  }

  /** With EVERY: whether something waits for the timer. */
  protected abstract boolean hasDirty();

  /** With EVERY: the timer has been called and its work is done. */
  protected final void timerDone() {
    timerSet = false;
    woken();
  }

  /** The timer has been called; sets it again for what is still to come of EVERY. */
  protected final void woken() {
    wakeNs = Watermark.NONE;
    if (timerSet) {
      wakeAt(timerNs);
    }
    setTimer();
  }

  /** Has the timer called by then; it may be called sooner. */
  protected final void wakeAt(long epochNs) {
    if (wakeNs == Watermark.NONE || epochNs < wakeNs) {
      wakeNs = epochNs;
      context.timerAt(epochNs);
    }
  }

  protected final void setTimer() {
    if (spec.mode() == EmitMode.EVERY && !timerSet && hasDirty()) {
      timerSet = true;
      timerNs = context.nowEpochNs() + spec.emitEveryNs();
      wakeAt(timerNs);
    }
  }

  /** With EVERY: whether the period is over that began with the first change. */
  protected final boolean isTimerDue(long nowEpochNs) {
    return timerSet && nowEpochNs >= timerNs;
  }

  protected final EmittedRow emitted() {
    return emitted;
  }

  /** Marks a group as changed, for the next emission of EVERY. */
  protected final void markDirty(AggregateState state, long row) {
    if (emitted.markDirty(row)) {
      state.dirty.add(row);
    }
  }

  @Override
  public void close() {
    kernel.close();
    out.close();
    memory.close();
  }
}
