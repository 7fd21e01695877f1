package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.GeneratedFactory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.operator.aggregate.AggregateSpec;
import io.laminardb.core.operator.aggregate.AggregateState;
import io.laminardb.core.operator.aggregate.EmitMode;
import io.laminardb.core.operator.aggregate.GroupingOperator;
import io.laminardb.core.operator.aggregate.SpilledGroups;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;
import io.laminardb.core.time.TimeTexts;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.ArrowBuf;

/**
 * GROUP BY over TUMBLE, HOP and CUMULATE windows.
 *
 * <p>State is kept per window, or, where windows overlap and groups can be merged, per <em>pane</em>:
 * a slice of time that every window is made of; a window that closes merges its panes. A row looks
 * its pane up only when it leaves the pane of the row before. Closing drops a whole state.
 */
public final class WindowAggregateOperator extends GroupingOperator {
  private static final int MERGE_ROWS = 512;

  private final WindowShape window;
  private final boolean mergesPanes;
  private final long gridStep; // distance of the starts of states
  private final PaneList panes;
  private final SpilledGroups spilled;
  private final ArrowBuf buffer; // addresses: rows to emit or to merge, then their targets
  private final long rowsToEmit;
  private final long mergeTargets;
  private final int[] found = new int[1];

  private final WindowWatermark watermark;
  private final WindowCursor cursor; // of a prepared row whose entries did not all fit

  private AggregateState closing;
  private long closingAt;
  private boolean closed;

  private WindowAggregateOperator(
      AggregateSpec spec, WindowShape window, boolean mergesPanes, OperatorContext context) {
    super(spec, context, 1, spec.shape().firstResult());
    this.window = window;
    this.mergesPanes = mergesPanes;
    this.gridStep = mergesPanes ? window.paneSize() : window.slide();
    this.cursor = new WindowCursor(window);
    this.watermark = new WindowWatermark(window, window.kind() == WindowShape.Kind.CUMULATE);
    this.panes = new PaneList(shape, window, context, SpilledGroups.of(spec, context));
    this.spilled = new SpilledGroups(kernel, shape, context);
    this.buffer = allocateBuffer();
    this.rowsToEmit = buffer.memoryAddress();
    this.mergeTargets = rowsToEmit + 8L * Math.max(MERGE_ROWS, out.capacity());
  }

  private ArrowBuf allocateBuffer() {
    try {
      return StateMemory.allocate(
          context.allocator(), 8L * (Math.max(MERGE_ROWS, out.capacity()) + MERGE_ROWS));
    } catch (RuntimeException e) {
      super.close();
      throw e;
    }
  }

  /** The plan-time half. */
  public static OperatorFactory factory(
      AggregateSpec spec, WindowShape window, String generatedSource) {
    boolean mergesPanes = window.mergesPanes(spec.mode()) && spec.shape().mergeable();
    return new GeneratedFactory(
        spec.shape().output(),
        generatedSource,
        "WindowAggregate " + spec.mode() + " " + window + " " + spec.shape().fingerprint(),
        window.watermarkGrainNs(),
        window.watermarkOffsetNs(),
        Recall.FROM_STATE,
        context -> new WindowAggregateOperator(spec, window, mergesPanes, context));
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    Progress progress = super.process(port, batch, output);
    panes.flushSpilled();
    return progress;
  }

  @Override
  public boolean spill(boolean hot) {
    return panes.spillFirst(hot ? null : current);
  }

  @Override
  protected void assign(Batch batch) {
    if (mergesPanes || window.isTumbling()) {
      assignPanes(batch);
    } else {
      assignWindows(batch);
    }
  }

  /** One entry a row. Rows of one pane in a row cost a comparison each. */
  private void assignPanes(Batch batch) {
    final int end = Math.min(preparedCount, preparedAt + room());
    final int stride = shape.sourceBytes();
    final int timeOffset = shape.timeOffset();
    int at = preparedAt;
    while (at < end) {
      int from = at;
      long row = preparedRow(at);
      long start = currentFirst;
      long last = currentLast;
      for (; at < end; at++, row += stride) {
        long time = Memory.getLong(row + timeOffset);
        if (time < start || time > last) {
          break;
        }
      }
      addEntries(from, at, current);
      if (at < end && !enter(batch, rowOf(row), timeOf(row))) {
        at++;
      }
    }
    preparedAt = at;
  }

  @Override
  protected boolean enter(Batch batch, int row, long time) {
    long at = window.axis(time);
    long start = at - WindowShape.phase(at, gridStep, window.offset());
    long end = start + gridStep;
    if (start > at || end < at || !window.reaches(time)) {
      outOfRange(batch, row, time);
      return false;
    }
    if (mergesPanes) {
      if (start < Long.MIN_VALUE + window.size()) {
        outOfRange(batch, row, time);
        return false;
      }
      long lastEnd = lastWindowEnd(start);
      if (lastEnd == Long.MIN_VALUE) {
        return false; // between two windows
      }
      if (lastEnd < end) {
        outOfRange(batch, row, time);
        return false;
      }
      if (lastEnd <= watermark.closedThrough()) {
        context.lateRow(batch, row);
        return false;
      }
    } else if (end <= watermark.closedThrough()) {
      context.lateRow(batch, row);
      return false;
    }
    current = panes.findOrCreate(start, end);
    currentFirst = window.time(start);
    currentLast = window.time(end) - 1;
    return true;
  }

  private void outOfRange(Batch batch, int row, long time) {
    context.rowFailed(batch, row, WindowShape.outOfRange(time));
  }

  /** An entry for each open window of a row. */
  private void assignWindows(Batch batch) {
    for (; preparedAt < preparedCount; preparedAt++) {
      long row = preparedRow(preparedAt);
      if (!cursor.inWindow()) {
        startRow(batch, row);
      }
      for (; cursor.inWindow(); cursor.next()) {
        if (room() == 0) {
          return;
        }
        if (cursor.windowEnd() > watermark.closedThrough()) {
          addEntry(row, panes.findOrCreate(cursor.windowStart(), cursor.windowEnd()));
        }
      }
    }
  }

  private void startRow(Batch batch, long row) {
    if (!cursor.start(timeOf(row))) {
      outOfRange(batch, rowOf(row), timeOf(row));
    } else if (cursor.inWindow() && cursor.lastEnd() <= watermark.closedThrough()) {
      context.lateRow(batch, rowOf(row));
      cursor.leave();
    }
  }

  /** The end of the last window that a pane is part of; MIN_VALUE where it is part of none. */
  private long lastWindowEnd(long paneStart) {
    long phase =
        window.kind() == WindowShape.Kind.CUMULATE
            ? WindowShape.phase(paneStart, window.size(), window.offset())
            : WindowShape.phase(paneStart, window.slide(), window.offset());
    if (phase >= window.size()) {
      return Long.MIN_VALUE;
    }
    return paneStart - phase + window.size();
  }

  /** The smallest end of a window that contains a pane and ends behind {@code after}. */
  private long nextEnd(AggregateState pane, long after) {
    if (window.kind() == WindowShape.Kind.CUMULATE) {
      return after < pane.end
          ? pane.end
          : after - WindowShape.phase(after, window.slide(), window.offset()) + window.slide();
    }
    long least = Math.max(pane.end - 1, after); // the end lies behind it
    // Ends lie on the grid of starts, shifted by size.
    long end = least - WindowShape.phase(least - window.size(), window.slide(), window.offset());
    return end + window.slide();
  }

  @Override
  public Progress watermark(int port, long newWatermarkNs, Output output) {
    if (newWatermarkNs == Watermark.IDLE) {
      return watermark.passIdle(output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    if (watermark.isQuiet(newWatermarkNs)) {
      return Progress.NEEDS_INPUT;
    }
    boolean done =
        closeThrough(watermark.endClosedAt(newWatermarkNs), output)
            && flush(output)
            && watermark.pass(newWatermarkNs, output);
    return done ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  private boolean closeThrough(long target, Output output) {
    currentFirst = 0;
    currentLast = -1;
    current = null;
    while (true) {
      if (closing != null) {
        if (!emitAll(closing, output) || !flushLast(target, output)) {
          return false;
        }
        closingAt = 0;
        panes.giveBack(closing);
        closing = null;
      }
      if (mergesPanes) {
        if (!mergeNext(target)) {
          break;
        }
      } else if (panes.size() > 0 && panes.get(0).end <= target) {
        if (!closeFirst(target, output)) {
          return false;
        }
      } else {
        break;
      }
    }
    watermark.closed(target);
    return true;
  }

  /** Emits and drops the first state; false for back-pressure. */
  private boolean closeFirst(long target, Output output) {
    AggregateState first = panes.get(0);
    boolean done =
        switch (spec.mode()) {
          case CHANGES -> true;
          case EVERY -> emitDirty(first, output);
          case ON_CLOSE -> emitAll(first, output);
        };
    if (!done || !flushLast(target, output)) {
      return false;
    }
    closingAt = 0;
    panes.dropFirst();
    return true;
  }

  /** Lends the results of the last window that closes before its state goes: they wait for nothing. */
  private boolean flushLast(long target, Output output) {
    return closesAnother(target) || flush(output);
  }

  private boolean closesAnother(long target) {
    if (!mergesPanes) {
      return panes.size() > 1 && panes.get(1).end <= target;
    }
    for (int i = 0; i < panes.size(); i++) {
      if (lastWindowEnd(panes.get(i).start) > watermark.closedThrough()) {
        return nextEnd(panes.get(i), watermark.closedThrough()) <= target;
      }
    }
    return false;
  }

  private boolean emitAll(AggregateState state, Output output) {
    while (true) {
      kernel.attach(state);
      while (closingAt >= 0) {
        if (out.isFull() && !flush(output)) {
          return false;
        }
        int room = out.capacity() - out.rowCount();
        closingAt = state.groups().scan(closingAt, rowsToEmit, room, found);
        kernel.emit(rowsToEmit, 0, shape.changelogInput() ? keepLive(found[0]) : found[0], 1);
      }
      if (!state.isSpilled()) {
        return true;
      }
      panes.makeRoom(state);
      spilled.next(state);
      closingAt = 0;
    }
  }

  private int keepLive(int count) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      long row = Memory.getLong(rowsToEmit + 8L * i);
      if (isLive(row)) {
        Memory.putLong(rowsToEmit + 8L * kept++, row);
      }
    }
    return kept;
  }

  /** Merges the panes of the next window to close into {@link #closing}; false when there is none. */
  private boolean mergeNext(long target) {
    while (panes.size() > 0) {
      AggregateState oldest = panes.get(0);
      if (lastWindowEnd(oldest.start) <= watermark.closedThrough()) {
        panes.dropFirst();
        continue;
      }
      long end = nextEnd(oldest, watermark.closedThrough());
      if (end > target) {
        return false;
      }
      long start =
          window.kind() == WindowShape.Kind.CUMULATE
              ? oldest.start - WindowShape.phase(oldest.start, window.size(), window.offset())
              : end - window.size();
      merge(start, end);
      watermark.closed(end);
      return true;
    }
    return false;
  }

  private void merge(long start, long end) {
    panes.makeRoom(null);
    for (int i = 0; i < panes.size() && panes.get(i).end <= end; i++) {
      spilled.settle(panes.get(i)); // first, as there is room for it now
    }
    AggregateState merged = panes.take();
    panes.bound(merged, start, end);
    try {
      for (int i = 0; i < panes.size() && panes.get(i).end <= end; i++) {
        if (panes.get(i).start >= start) {
          mergeInto(merged, panes.get(i));
        }
      }
    } catch (RuntimeException e) {
      panes.giveBack(merged);
      throw e;
    }
    closing = merged;
  }

  private void mergeInto(AggregateState merged, AggregateState pane) {
    if (pane.isSpilled()) {
      spilled.mergeInto(merged, pane);
      return;
    }
    kernel.attach(merged);
    kernel.mergeFrom(pane);
    for (long at = 0; at >= 0; ) {
      at = pane.groups().scan(at, rowsToEmit, MERGE_ROWS, found);
      merged.groups().findOrInsert(rowsToEmit, mergeTargets, 0, found[0]);
      kernel.merge(rowsToEmit, mergeTargets, 0, found[0]);
      merged.flushIfLarge();
    }
  }

  @Override
  public Progress timer(long nowEpochNs, Output output) {
    if (spec.mode() != EmitMode.EVERY) {
      return Progress.NEEDS_INPUT;
    }
    for (int i = 0; i < panes.size(); i++) {
      if (!emitDirty(panes.get(i), output)) {
        return Progress.BLOCKED;
      }
    }
    if (!flush(output)) {
      return Progress.BLOCKED;
    }
    timerDone();
    return Progress.NEEDS_INPUT;
  }

  /** The rows of open windows; those of closed ones are final. */
  @Override
  public void recall(Output output) {
    for (int i = 0; i < panes.size(); i++) {
      recall(panes.get(i), rowsToEmit, output);
    }
  }

  @Override
  protected boolean hasDirty() {
    return panes.hasDirty();
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(kernel.sequence);
    watermark.snapshot(writer);
    panes.writeHeaders(writer);
    panes.writePages(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      int section = reader.section();
      if (section == StateWriter.NO_KEY_GROUP) {
        kernel.sequence = Math.max(kernel.sequence, reader.getLong());
        watermark.restore(reader);
        panes.readHeaders(reader);
      } else if (section == StateWriter.SPILLED) {
        panes.readSpilled(reader);
      } else {
        TablePages.read(reader);
      }
    }
    panes.finishRestore(emitted());
    panes.all().forEach(spilled::hold);
    setTimer();
  }

  @Override
  public long stateRows() {
    return panes.rows();
  }

  @Override
  public long stateBytes() {
    return panes.bytes();
  }

  @Override
  public String counters() {
    return panes.spill() == null ? null : panes.spill().toString();
  }

  @Override
  public Waiting waiting() {
    if (panes.size() == 0) {
      return null;
    }
    AggregateState first = panes.get(0);
    long start = first.start;
    long end = first.end;
    if (mergesPanes) {
      end = nextEnd(first, watermark.closedThrough());
      start = end - window.size();
    }
    long until = window.toNanos(end);
    long held = until + window.allowedLatenessNs();
    return new Waiting(
        "window "
            + TimeTexts.ofWindow(window.toNanos(start), until)
            + " of "
            + first.groups().rows()
            + (first.groups().rows() == 1 ? " key" : " keys")
            + (first.isSpilled() ? " in memory and more on disk" : ""),
        held < until ? until : held);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (closing != null) {
        closing.close();
      }
      panes.close();
      buffer.close();
      super.close();
    }
  }
}
