package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.GeneratedFactory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.AggregateSpec;
import io.laminardb.core.operator.aggregate.AggregateState;
import io.laminardb.core.operator.aggregate.EmitMode;
import io.laminardb.core.operator.aggregate.GroupingOperator;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.state.KeyProbe;
import io.laminardb.core.state.KeyWatermarks;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeTexts;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.ArrowBuf;

/**
 * GROUP BY over windows of rows whose keys have watermarks of their own: the windows of a key close as
 * its time goes on, and a row is late by its key's watermark.
 *
 * <p>The watermark of the input, which is the least of all keys that are not silent, closes windows
 * too: where it overtakes a key, that key has fallen silent or the source has promised. Such a key is
 * forgotten with its last window; should it speak again, it is late before that watermark, so that no
 * window is answered twice.
 *
 * <p>Lateness is judged row by row, windows are closed after each chunk: what comes out is the same.
 */
public final class KeyedWindowOperator extends GroupingOperator {
  private static final int CHUNK = AggregateKernel.CHUNK_ROWS;

  private final WindowShape window;
  private final KeyTime time;
  private final PaneList panes;
  private final OpenWindowsByKey keys;
  private final KeyWatermarks marks;
  private final WindowWatermark watermark;
  private final WindowCursor cursor;
  private final ArrowBuf buffer; // a row to emit; then rows of keys
  private final int[] found = new int[1];
  private final LongList raised = new LongList(); // keys whose watermark the chunk has moved
  private int raisedAt;
  private int chunkStart; // of the rows that are prepared
  private final long[] keyOfRow = new long[CHUNK];
  private final long[] closedOfRow = new long[CHUNK]; // ends here or earlier: late

  /** Ends here or earlier are closed for all keys, those unknown too. */
  private long floor = Long.MIN_VALUE;

  private boolean closed;

  private KeyedWindowOperator(
      AggregateSpec spec, WindowShape window, KeyTime time, OperatorContext context) {
    super(spec, context, 1, spec.shape().firstResult());
    this.window = window;
    this.time = time;
    this.cursor = new WindowCursor(window);
    this.watermark = new WindowWatermark(window, window.kind() == WindowShape.Kind.CUMULATE);
    this.panes = new PaneList(shape, window, context.allocator(), null);
    ArrowBuf allocated = null;
    try {
      int rows = Math.max(CHUNK, out.capacity());
      allocated = StateMemory.allocate(context.allocator(), 8L * (1 + rows));
      this.keys = new OpenWindowsByKey(time, shape.groups(), context.allocator());
    } catch (RuntimeException e) {
      if (allocated != null) {
        allocated.close();
      }
      super.close();
      throw e;
    }
    this.marks = keys.marks();
    this.buffer = allocated;
  }

  /** The plan-time half. */
  public static OperatorFactory factory(
      AggregateSpec spec, WindowShape window, KeyTime time, String generatedSource) {
    return new GeneratedFactory(
        spec.shape().output(),
        generatedSource,
        "KeyedWindow " + spec.mode() + " " + window + " " + time + spec.shape().fingerprint(),
        window.watermarkGrainNs(),
        window.watermarkOffsetNs(),
        Recall.FROM_STATE,
        context -> new KeyedWindowOperator(spec, window, time, context));
  }

  @Override
  protected void chunkPrepared(Batch batch, int from, int to) {
    chunkStart = from;
    Column times = batch.column(time.timeColumn());
    for (int row = from; row < to; row++) {
      if (times.isNull(row)) {
        continue;
      }
      long key = marks.key(batch, row);
      keyOfRow[row - from] = key;
      closedOfRow[row - from] = Math.max(floor, window.closedThrough(marks.watermark(key)));
      if (marks.raise(key, times.getLong(row))) {
        raised.add(key);
      }
    }
  }

  /** An entry for each open window of a row. */
  @Override
  protected void assign(Batch batch) {
    for (; preparedAt < preparedCount; preparedAt++) {
      long row = preparedRow(preparedAt);
      long closedThrough = closedOfRow[rowOf(row) - chunkStart];
      if (!cursor.inWindow()) {
        startRow(batch, row, closedThrough);
      }
      for (; cursor.inWindow(); cursor.next()) {
        if (room() == 0) {
          return;
        }
        if (cursor.windowEnd() > closedThrough) {
          addEntry(row, panes.findOrCreate(cursor.windowStart(), cursor.windowEnd()));
        }
      }
    }
  }

  private void startRow(Batch batch, long row, long closedThrough) {
    if (!cursor.start(timeOf(row))) {
      context.rowFailed(batch, rowOf(row), WindowShape.outOfRange(timeOf(row)));
    } else if (cursor.inWindow() && cursor.lastEnd() <= closedThrough) {
      context.lateRow(batch, rowOf(row));
      cursor.leave();
    }
  }

  @Override
  protected void segmentDone(AggregateState state, int from, int to) {
    for (int i = from; i < to; i++) {
      long group = target(i);
      if (Memory.getLong(group) != 0 && !keys.isLinked(group) && isLive(group)) {
        keys.link(keyOfRow[rowOf(source(i)) - chunkStart], group, state.start, state.end);
      }
    }
  }

  @Override
  protected boolean chunkDone(Output output) {
    for (; raisedAt < raised.size(); raisedAt++) {
      long key = raised.get(raisedAt);
      long through = window.closedThrough(marks.watermark(key));
      if (keys.leastEnd(key) <= through && !closeKey(key, through, output)) {
        return false;
      }
    }
    raised.clear();
    raisedAt = 0;
    dropEmptyPanes();
    return true;
  }

  /** A pane whose only rows failed has none. */
  private void dropEmptyPanes() {
    while (panes.size() > 0 && panes.get(0).groups().rows() == 0) {
      panes.dropFirst();
    }
  }

  /** Emits and frees the groups of a key in windows that have ended; false for back-pressure. */
  private boolean closeKey(long key, long through, Output output) {
    long leastEnd = Long.MAX_VALUE;
    long previous = 0;
    for (long group = keys.first(key); group != 0; ) {
      long next = keys.next(group);
      if (keys.end(group) <= through) {
        if (out.capacity() - out.rowCount() < 2 && !flush(output)) {
          return false;
        }
        keys.unlink(key, previous, group);
        close(group);
      } else {
        leastEnd = Math.min(leastEnd, keys.end(group));
        previous = group;
      }
      group = next;
    }
    keys.leastEnd(key, leastEnd);
    return true;
  }

  private void close(long group) {
    AggregateState pane = panes.find(keys.start(group), keys.end(group));
    kernel.attach(pane);
    if (spec.mode() == EmitMode.ON_CLOSE) {
      Memory.putLong(buffer.memoryAddress(), group);
      kernel.emit(buffer.memoryAddress(), 0, 1, 1);
    } else if (spec.mode() == EmitMode.EVERY) {
      emitNetChange(pane, group);
      emitted().forget(group, pane.heap());
    }
    shape.groups().release(group, pane.heap());
    pane.groups().remove(group);
    if (pane.groups().rows() == 0) {
      panes.drop(pane);
    }
  }

  @Override
  protected void abandon() {
    super.abandon();
    raised.clear();
    raisedAt = 0;
    cursor.leave();
  }

  @Override
  public Progress watermark(int port, long newWatermarkNs, Output output) {
    if (newWatermarkNs == Watermark.IDLE) {
      return watermark.passIdle(output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    if (watermark.isQuiet(newWatermarkNs)) {
      return Progress.NEEDS_INPUT;
    }
    long through = watermark.endClosedAt(newWatermarkNs); // nothing where it is not a new one
    if (through != Long.MIN_VALUE && !closeOvertaken(newWatermarkNs, through, output)) {
      return Progress.BLOCKED;
    }
    if (!flush(output)) {
      return Progress.BLOCKED;
    }
    watermark.closed(through);
    return watermark.pass(newWatermarkNs, output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  /** Closes windows of keys that are behind the watermark of all; false for back-pressure. */
  private boolean closeOvertaken(long watermarkNs, long through, Output output) {
    boolean overtaken = marks.isEmpty();
    while (!marks.isEmpty() && marks.least() < watermarkNs) {
      overtaken = true;
      long key = marks.slowest();
      if (keys.leastEnd(key) <= through && !closeKey(key, through, output)) {
        return false;
      }
      if (keys.first(key) == 0) {
        marks.removeSlowest();
      } else {
        marks.overtake(key, watermarkNs);
      }
    }
    if (overtaken) {
      floor = Math.max(floor, through);
    }
    return true;
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

  @Override
  protected boolean hasDirty() {
    return panes.hasDirty();
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(kernel.sequence);
    writer.putLong(floor);
    watermark.snapshot(writer);
    panes.writeHeaders(writer);
    writer.putBlock(keys.snapshot());
    panes.writeGroups(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        kernel.sequence = Math.max(kernel.sequence, reader.getLong());
        floor = Math.max(floor, reader.getLong());
        watermark.restore(reader);
        panes.readHeaders(reader);
        keys.restore(reader.getBlock());
      } else {
        panes.readGroup(reader);
      }
    }
    panes.finishRestore(emitted());
    relink();
    setTimer();
  }

  private void relink() {
    long rows = buffer.memoryAddress() + 8;
    try (KeyProbe probe = keys.outputProbe(shape.output())) {
      for (int i = 0; i < panes.size(); i++) {
        kernel.attach(panes.get(i));
        for (long at = 0; at >= 0; ) {
          at = panes.get(i).groups().scan(at, rows, CHUNK, found);
          for (int j = 0; j < found[0]; j++) {
            long group = Memory.getLong(rows + 8L * j);
            kernel.emitKeys(group, 0);
            keys.relink(out, 0, probe, group);
            kernel.revive(0);
          }
        }
      }
    }
    out.clear();
  }

  @Override
  public void recall(Output output) {
    for (int i = 0; i < panes.size(); i++) {
      recall(panes.get(i), buffer.memoryAddress() + 8, output);
    }
  }

  @Override
  public long stateRows() {
    return panes.rows() + marks.size();
  }

  @Override
  public long stateBytes() {
    return panes.bytes() + marks.bytes();
  }

  @Override
  public Waiting waiting() {
    if (panes.size() == 0) {
      return null;
    }
    AggregateState first = panes.get(0);
    long until = window.toNanos(first.end);
    long held = until + window.allowedLatenessNs();
    return new Waiting(
        "window "
            + TimeTexts.ofWindow(window.toNanos(first.start), until)
            + " of "
            + first.groups().rows()
            + (first.groups().rows() == 1 ? " key" : " keys")
            + ", each for its own time",
        held < until ? until : held);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      panes.close();
      keys.close();
      buffer.close();
      super.close();
    }
  }
}
