package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.AggregateSpec;
import io.laminardb.core.operator.aggregate.AggregateState;
import io.laminardb.core.operator.aggregate.EmitMode;
import io.laminardb.core.operator.aggregate.GroupingOperator;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.operator.aggregate.SessionDistincts;
import io.laminardb.core.operator.aggregate.SessionShape;
import io.laminardb.core.state.KeyProbe;
import io.laminardb.core.state.KeyWatermarks;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import io.laminardb.core.time.TimeTexts;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.ArrowBuf;

/**
 * What operators over sessions share: finding the rows of keys, telling late rows, closing sessions,
 * state as bytes. A row spans {@code [time, time + gap]}, rows of a key that touch are one session,
 * and a row between two sessions makes them one. A session's result leaves when the watermark lies
 * behind its last row and gap: a row exactly there would still have joined.
 *
 * <p>A row is late when the session it makes or joins ends, with its gap, at or before the watermark.
 * A row at or behind the watermark never is, so what is late does not depend on batching. The
 * watermark passed on is the smallest start of an open session, or of one that a row in time may
 * begin.
 *
 * <p>Past 600 lines: a session's life, from the row that begins it to the release of its memory, is said
 * once for all kinds of sessions.
 */
abstract class SessionOperator extends GroupingOperator {
  private static final long KEPT_KEYS = 4096; // at least, where there is no session at all

  protected final WindowShape window;
  protected final long gap;
  protected final AggregateState state;
  protected final SessionTable sessions;
  protected final SessionShape layout;

  /** Room for a chunk of prepared rows' addresses, their keys' rows, and their sessions' rows. */
  protected final long sources;

  protected final long keyRows;
  protected final long targets;

  /** Room for as many addresses as the output has rows. */
  protected final long rowsToEmit;

  /** Where the row of a key holds its kept rows, if rows are kept. */
  protected final int rowsOffset;

  private final KeyTime keyTime; // where keys have watermarks of their own, else null
  private final OpenSessionsByKey byKey; // then
  private final LongList raised = new LongList(); // keys whose watermark the chunk has moved
  private int raisedAt;
  private int chunkStart; // of the rows that are prepared
  private final long[] keyOfRow;
  private final long[] markOfRow; // the watermark of its key before it
  private final ArrowBuf buffer;
  private final LongList emptyKeys = new LongList(); // rows of keys that may be without a session

  /** A session that ends here takes no earlier row any more. */
  protected long lateThrough = Long.MIN_VALUE;

  private long prefetched; // of no meaning
  private boolean keysFound;
  private long watermarkNs = Watermark.NONE;
  private long passedNs = Watermark.NONE;
  private long closedThrough = Long.MIN_VALUE;

  @SuppressWarnings("this-escape")
  protected SessionOperator(
      AggregateSpec spec, WindowShape window, KeyTime keyTime, OperatorContext context) {
    super(spec, context, 1, spec.shape().keyColumns());
    this.window = window;
    this.gap = window.size();
    this.layout = shape.session();
    this.rowsOffset = shape.groups().countOffset() + 8 + SessionShape.ROWS;
    this.state = new AggregateState(shape, context.allocator());
    this.buffer = allocateBuffer();
    this.keyTime = keyTime;
    int words = shape.groups().countOffset() + 8 + 8 * SessionShape.words(layout.keepsRows());
    this.byKey =
        keyTime == null ? null : new OpenSessionsByKey(keyTime, words, context.allocator());
    this.keyOfRow = new long[keyTime == null ? 0 : AggregateKernel.CHUNK_ROWS];
    this.markOfRow = new long[keyOfRow.length];
    long chunk = AggregateKernel.CHUNK_ROWS * 8L;
    this.sources = buffer.memoryAddress();
    this.keyRows = sources + chunk;
    this.targets = keyRows + chunk;
    this.rowsToEmit = targets + chunk;
    this.sessions = new SessionTable(state, shape.groups(), emitted(), byKey, gap, targets);
    kernel.begun = targets;
  }

  private ArrowBuf allocateBuffer() {
    try {
      return StateMemory.allocate(
          context.allocator(), 8L * (3 * AggregateKernel.CHUNK_ROWS + out.capacity()));
    } catch (RuntimeException e) {
      super.close();
      throw e;
    }
  }

  /** Brings prepared rows from {@link #preparedAt} on into sessions; false for back-pressure. */
  protected abstract boolean enterRows(Batch batch, Output output);

  /** Emits and closes sessions that end at or before {@code target}; false for back-pressure. */
  protected abstract boolean closeEnded(long target, Output output);

  @Override
  protected final void chunkPrepared(Batch batch, int from, int to) {
    if (byKey == null) {
      return;
    }
    chunkStart = from;
    Column times = batch.column(keyTime.timeColumn());
    KeyWatermarks marks = byKey.marks();
    for (int row = from; row < to; row++) {
      if (!times.isNull(row)) {
        long key = marks.key(batch, row);
        keyOfRow[row - from] = key;
        markOfRow[row - from] = marks.watermark(key);
        if (marks.raise(key, times.getLong(row))) {
          raised.add(key);
        }
      }
    }
  }

  /** Whether each row has to be looked at alone, after the sessions that its key's time has ended. */
  protected final boolean isByKey() {
    return byKey != null;
  }

  /**
   * Gets ready for a prepared row: where keys have watermarks of their own, sessions that ended before
   * it are closed, and that watermark says what is late. False for back-pressure.
   */
  protected final boolean turnTo(long prepared, Output output) {
    if (byKey == null) {
      return true;
    }
    int row = rowOf(prepared) - chunkStart;
    long markNs = Math.max(byKey.floorNs, markOfRow[row]);
    lateThrough = window.lateThrough(markNs);
    byKey.to(keyOfRow[row]);
    return closeEndedOf(keyOfRow[row], window.closedThrough(markNs), output);
  }

  @Override
  protected final boolean chunkDone(Output output) {
    for (; raisedAt < raised.size(); raisedAt++) {
      long key = raised.get(raisedAt);
      long through = window.closedThrough(byKey.marks().watermark(key));
      if (!closeEndedOf(key, through, output)) {
        return false;
      }
    }
    raised.clear();
    raisedAt = 0;
    return true;
  }

  /** Emits and closes the ended sessions of a key; false for back-pressure. */
  private boolean closeEndedOf(long key, long target, Output output) {
    if (!byKey.mayEnd(key, target)) {
      return true;
    }
    kernel.attach(state);
    long leastEnd = Long.MAX_VALUE;
    for (long node = byKey.first(key); node != 0; ) {
      long next = byKey.next(node);
      if (sessions.end(node) > target) {
        leastEnd = Math.min(leastEnd, sessions.end(node));
      } else if (out.capacity() - out.rowCount() < 2 && !flush(output)) {
        return false;
      } else {
        sessions.close(node);
        if (spec.mode() == EmitMode.ON_CLOSE) {
          emit(node, 1);
        } else if (spec.mode() == EmitMode.EVERY) {
          emitNetChange(state, node);
        }
        free(node);
      }
      node = next;
    }
    byKey.leastEnd(key, leastEnd);
    return true;
  }

  /**
   * Moves keys on that are behind the watermark of all, whose sessions are closed: they have fallen
   * silent, or the source has promised. Those without open sessions are forgotten.
   */
  private void overtake(long newWatermarkNs) {
    KeyWatermarks marks = byKey.marks();
    if (marks.isEmpty() || marks.least() < newWatermarkNs) {
      byKey.floorNs = newWatermarkNs;
    }
    while (!marks.isEmpty() && marks.least() < newWatermarkNs) {
      if (newWatermarkNs == Watermark.END || byKey.first(marks.slowest()) == 0) {
        marks.removeSlowest();
      } else {
        marks.overtake(marks.slowest(), newWatermarkNs);
      }
    }
  }

  @Override
  protected final void assign(Batch batch) {
    throw new IllegalStateException("rows of sessions have no entries of that kind");
  }

  @Override
  protected final boolean drain(Batch batch, Output output) {
    if (preparedAt == preparedCount) {
      return true;
    }
    if (!keysFound) {
      findKeys();
    }
    kernel.attach(state);
    if (!enterRows(batch, output)) {
      return false;
    }
    dropEmptyKeys();
    keysFound = false;
    return true;
  }

  private void findKeys() {
    for (int i = preparedAt; i < preparedCount; i++) {
      Memory.putLong(sources + 8L * i, preparedRow(i));
    }
    try {
      prefetched += state.groups().prefetch(sources, preparedAt, preparedCount);
      state.groups().findOrInsert(sources, keyRows, preparedAt, preparedCount);
    } catch (RuntimeException e) {
      for (int i = preparedAt; i < state.groups().resolved(); i++) {
        emptyKeys.add(keyRow(i));
      }
      dropEmptyKeys();
      throw e;
    }
    keysFound = true;
  }

  /** The row of the key of a prepared row. */
  protected final long keyRow(int index) {
    return Memory.getLong(keyRows + 8L * index);
  }

  /** Says that the row of a key may be without a session. */
  protected final void mayBeEmpty(long head) {
    emptyKeys.add(head);
  }

  /** Removes rows of keys whose only rows were late or failed. */
  private void dropEmptyKeys() {
    for (int i = 0; i < emptyKeys.size(); i++) {
      long head = emptyKeys.get(i);
      if (Memory.getLong(head) != 0 && !sessions.isInUse(head) && sessions.head(head) == 0) {
        state.groups().remove(head);
      }
    }
    emptyKeys.clear();
  }

  /** Whether a row that touches no session may begin one. */
  protected final boolean mayBegin(Batch batch, long row, long time, long head) {
    if (time > Long.MAX_VALUE - gap || time < Long.MIN_VALUE + gap) {
      mayBeEmpty(head);
      rowFailed(batch, rowOf(row), WindowShape.outOfRange(time));
      return false;
    }
    if (time + gap <= lateThrough) {
      mayBeEmpty(head);
      context.lateRow(batch, rowOf(row));
      return false;
    }
    return true;
  }

  /** The session that a row touches beside {@code node}, or 0. */
  protected final long otherTouching(long node, long time) {
    return sessions.next(node) == 0 ? 0 : sessions.touching(sessions.next(node), time);
  }

  /** Whether a row comes too late for the open sessions it touches. */
  protected final boolean isLate(long node, long other, long time) {
    return time + gap <= lateThrough
        && sessions.end(node) <= lateThrough
        && (other == 0 || sessions.end(other) <= lateThrough);
  }

  /** Accumulates one row; throws where it fails, and nothing has changed then. */
  protected final void accumulate(long row, long node) {
    Memory.putLong(rowsToEmit, row);
    Memory.putLong(rowsToEmit + 8, node);
    kernel.accumulate(rowsToEmit, rowsToEmit + 8, 0, 1);
  }

  protected final void emit(long node, int weight) {
    Memory.putLong(rowsToEmit, node);
    kernel.emit(rowsToEmit, 0, 1, weight);
  }

  /** Takes back what was written from row {@code at} of the output on. */
  protected final void unwrite(int at) {
    out.rowCount(at);
    kernel.revive(at);
  }

  @Override
  protected final boolean sameKept(int at, int other) {
    int start = shape.keyColumns();
    return out.column(start).getLong(at) == out.column(start).getLong(other)
        && out.column(start + 1).getLong(at) == out.column(start + 1).getLong(other)
        && kernel.sameResults(at, other);
  }

  /** Frees what the accumulators of a session own; its place in the list stays. */
  protected final void release(long node) {
    long next = sessions.next(node);
    long head = sessions.head(node);
    long kept = layout.keepsRows() ? Memory.getLong(node + rowsOffset) : 0;
    for (int i = 0; i < layout.distinctLists().size(); i++) {
      SessionDistincts.clear(
          state.distinct(i), Memory.getLong(node + layout.distinctLists().get(i)));
    }
    shape.groups().release(node, state.heap());
    sessions.relink(node, head, next);
    if (layout.keepsRows()) {
      Memory.putLong(node + rowsOffset, kept);
    }
  }

  /** Frees the row of a place that has not become a session. */
  protected final void unplace(long node) {
    long head = sessions.head(node);
    release(node);
    if (head != 0 && head != node) {
      sessions.free(node);
    }
  }

  /** Frees the row of what is no session any more; with EVERY once what was emitted is taken back. */
  protected final void discard(long node) {
    release(node);
    if (spec.mode() == EmitMode.EVERY && emitted().isEmitted(node)) {
      markDirty(state, node);
    } else {
      forgetAndFree(node);
    }
  }

  private void forgetAndFree(long node) {
    if (spec.mode() == EmitMode.EVERY) {
      emitted().forget(node, state.heap());
    }
    sessions.free(node);
  }

  @Override
  protected final void removeEmptied(AggregateState ignored, long row) {
    sessions.free(row); // of a session that is gone
  }

  /** Frees a session that was closed. */
  protected void free(long node) {
    release(node);
    forgetAndFree(node);
  }

  @Override
  public final Progress watermark(int port, long newWatermarkNs, Output output) {
    if (newWatermarkNs == Watermark.IDLE) {
      return output.watermark(newWatermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    if (newWatermarkNs > watermarkNs) {
      if (!closeThrough(window.closedThrough(newWatermarkNs), output)) {
        return Progress.BLOCKED;
      }
      watermarkNs = newWatermarkNs;
      lateThrough = window.lateThrough(watermarkNs);
      if (byKey != null) {
        overtake(newWatermarkNs);
      }
    }
    if (!flush(output)) {
      return Progress.BLOCKED;
    }
    long held = heldBack();
    if (held != Watermark.NONE && held >= passedNs) {
      if (!output.watermark(held)) {
        return Progress.BLOCKED;
      }
      passedNs = held;
    }
    return Progress.NEEDS_INPUT;
  }

  private long heldBack() {
    if (watermarkNs == Watermark.END) {
      return Watermark.END;
    }
    long start = Math.min(window.earliestOpenStart(closedThrough), sessions.earliestStart());
    return start == Long.MIN_VALUE ? Watermark.NONE : Math.min(watermarkNs, window.toNanos(start));
  }

  private boolean closeThrough(long target, Output output) {
    kernel.attach(state);
    if (!closeEnded(target, output)) {
      return false;
    }
    if (target == Long.MAX_VALUE && spec.mode() == EmitMode.EVERY && !emitDirty(state, output)) {
      return false; // no timer may come any more
    }
    if (sessions.size() == 0 && state.groups().rows() > KEPT_KEYS && !state.hasDirty()) {
      state.clear(0);
      sessions.clear();
    } else {
      sessions.sweep();
    }
    closedThrough = Math.max(closedThrough, target);
    return true;
  }

  /** Emits and closes ended sessions as the mode wants it. */
  protected final boolean emitEnded(long target, Output output) {
    if (spec.mode() == EmitMode.ON_CLOSE) {
      return emitResults(target, output);
    }
    while (true) {
      if (spec.mode() == EmitMode.EVERY && out.capacity() - out.rowCount() < 2 && !flush(output)) {
        return false;
      }
      long node = sessions.closeNext(target);
      if (node == 0) {
        return true;
      }
      if (spec.mode() == EmitMode.EVERY) {
        emitNetChange(state, node);
      }
      free(node);
    }
  }

  private boolean emitResults(long target, Output output) {
    while (true) {
      if (out.isFull() && !flush(output)) {
        return false;
      }
      int room = out.capacity() - out.rowCount();
      int count = 0;
      for (long node; count < room && (node = sessions.closeNext(target)) != 0; count++) {
        Memory.putLong(rowsToEmit + 8L * count, node);
      }
      kernel.emit(rowsToEmit, 0, count, 1);
      for (int i = 0; i < count; i++) {
        free(Memory.getLong(rowsToEmit + 8L * i));
      }
      if (count < room) {
        return true;
      }
    }
  }

  @Override
  public final Progress timer(long nowEpochNs, Output output) {
    if (spec.mode() != EmitMode.EVERY) {
      return Progress.NEEDS_INPUT;
    }
    if (!emitDirty(state, output) || !flush(output)) {
      return Progress.BLOCKED;
    }
    timerDone();
    return Progress.NEEDS_INPUT;
  }

  @Override
  protected final boolean hasDirty() {
    return state.hasDirty();
  }

  @Override
  protected final void abandon() {
    super.abandon();
    keysFound = false;
    raised.clear();
    raisedAt = 0;
  }

  /** Writes what a key has beside its sessions. */
  protected void snapshotKey(long head, StateWriter writer) {}

  /** Reads what {@link #snapshotKey} wrote. */
  protected void restoreKey(long head, StateReader reader) {}

  @Override
  public final void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(kernel.sequence);
    writer.putLong(watermarkNs);
    writer.putLong(passedNs);
    writer.putLong(closedThrough);
    writer.putLong(sessions.nextId());
    if (byKey != null) {
      writer.putLong(byKey.floorNs);
      writer.putBlock(byKey.snapshot());
    }
    TableSnapshot rows = TableSnapshot.of(state.groups(), context.allocator());
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (rows.count(group) == 0) {
        continue;
      }
      writer.section(group);
      for (int i = 0; i < rows.count(group); i++) {
        if (sessions.isInUse(rows.row(group, i))) {
          writeKey(rows.row(group, i), writer);
        }
      }
    }
  }

  private void writeKey(long head, StateWriter writer) {
    int more = 0;
    for (long node = sessions.next(head); node != 0; node = sessions.next(node)) {
      more++;
    }
    writer.putInt(more);
    for (long node = head; node != 0; node = sessions.next(node)) {
      TableSnapshot.writeRow(state.groups(), node, writer);
      for (int i = 0; i < layout.distinctLists().size(); i++) {
        SessionDistincts.write(
            state.distinct(i), Memory.getLong(node + layout.distinctLists().get(i)), writer);
      }
    }
    snapshotKey(head, writer);
  }

  @Override
  public final void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        kernel.sequence = Math.max(kernel.sequence, reader.getLong());
        watermarkNs = reader.getLong();
        passedNs = reader.getLong();
        closedThrough = reader.getLong();
        lateThrough = window.lateThrough(watermarkNs);
        sessions.nextId(Math.max(sessions.nextId(), reader.getLong()));
        if (byKey != null) {
          byKey.floorNs = reader.getLong();
          byKey.restore(reader.getBlock());
        }
      } else {
        while (reader.hasMore()) {
          readKey(reader);
        }
      }
    }
    setTimer();
  }

  private void readKey(StateReader reader) {
    int more = reader.getInt();
    long head = TableSnapshot.readRow(state.groups(), reader);
    sessions.relink(head, head, 0);
    if (byKey != null) {
      toKeyOf(head);
    }
    restored(head, reader);
    for (int i = 0; i < more; i++) {
      long node = TableSnapshot.readDetached(state.groups(), head, reader);
      sessions.append(head, node);
      restored(node, reader);
    }
    restoreKey(head, reader);
  }

  /** Moves to the key of a restored row. */
  private void toKeyOf(long head) {
    kernel.attach(state);
    kernel.emitKeys(head, 0);
    try (KeyProbe probe = keyTime.outputProbe(shape.output(), context.allocator())) {
      byKey.to(out, 0, probe);
    }
    kernel.revive(0);
    out.clear();
  }

  private void restored(long node, StateReader reader) {
    for (int i = 0; i < layout.distinctLists().size(); i++) {
      SessionDistincts.read(state.distinct(i), node, layout.distinctLists().get(i), reader);
    }
    sessions.restored(node);
    if (spec.mode() == EmitMode.EVERY && emitted().isDirty(node)) {
      emitted().clearDirty(node);
      markDirty(state, node);
    }
  }

  @Override
  public long stateRows() {
    return sessions.size() + state.rows() - state.groups().rows();
  }

  @Override
  public final void recall(Output output) {
    kernel.attach(state);
    TableSnapshot rows = TableSnapshot.of(state.groups(), context.allocator());
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      for (int i = 0; i < rows.count(group); i++) {
        for (long node = rows.row(group, i); node != 0; node = sessions.next(node)) {
          if (out.isFull()) {
            flush(output);
          }
          recall(node);
        }
      }
    }
    flush(output);
  }

  private void recall(long node) {
    if (emitted() == null) {
      if (sessions.id(node) != 0) {
        emit(node, 1);
      }
    } else if (emitted().isEmitted(node)) {
      recallEmitted(node);
    }
  }

  @Override
  public final long stateBytes() {
    return state.bytes() + (byKey == null ? 0 : byKey.marks().bytes());
  }

  @Override
  public final Waiting waiting() {
    long start = sessions.earliestStart();
    if (start == Long.MAX_VALUE) {
      return null;
    }
    return new Waiting(
        sessions.size()
            + (sessions.size() == 1 ? " open session, not" : " open sessions, none")
            + " before "
            + TimeTexts.of(window.toNanos(start)),
        window.toNanos(start + gap) + window.allowedLatenessNs() + 1);
  }

  @Override
  public void close() {
    state.close();
    if (byKey != null) {
      byKey.close();
    }
    buffer.close();
    super.close();
  }
}
