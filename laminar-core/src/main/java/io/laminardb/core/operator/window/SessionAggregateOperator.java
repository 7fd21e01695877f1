package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.AggregateSpec;
import io.laminardb.core.operator.aggregate.AggregateState;
import io.laminardb.core.operator.aggregate.EmitMode;
import io.laminardb.core.operator.aggregate.GroupingOperator;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import io.laminardb.core.time.TimeTexts;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.ArrowBuf;

/**
 * GROUP BY over sessions: a row spans {@code [time, time + gap]}, rows of a key that touch are one
 * session, and a row between two sessions makes them one. A session's result leaves when the
 * watermark lies behind its last row and gap: a row exactly there would still have joined.
 *
 * <p>A row is late when the session it makes or joins ends, with its gap, at or before the watermark.
 * A row at or behind the watermark never is, so what is late does not depend on batching. The
 * watermark passed on is the smallest start of an open session, or of one that a row in time may
 * begin.
 */
public final class SessionAggregateOperator extends GroupingOperator {
  private final WindowShape window;
  private final long gap;
  private final AggregateState state;
  private final SessionTable sessions;
  private final ArrowBuf buffer;
  private final long sources;
  private final long keyRows;
  private final long targets;
  private final long rowsToEmit;
  private final LongList due = new LongList();
  private final LongList emptyKeys = new LongList(); // rows of keys that may be without a session

  private boolean keysFound;
  private int entryCount; // sources and targets not yet accumulated
  private int dueAt = -1;
  private long watermarkNs = Watermark.NONE;
  private long passedNs = Watermark.NONE;
  private long closedThrough = Long.MIN_VALUE;
  private long lateThrough =
      Long.MIN_VALUE; // a session that ends here takes no earlier row any more

  private SessionAggregateOperator(
      AggregateSpec spec, WindowShape window, OperatorContext context) {
    super(spec, context, 1, spec.shape().keyColumns());
    this.window = window;
    this.gap = window.size();
    this.state = new AggregateState(shape, context.allocator());
    this.buffer = allocateBuffer();
    long chunk = AggregateKernel.CHUNK_ROWS * 8L;
    this.sources = buffer.memoryAddress();
    this.keyRows = sources + chunk;
    this.targets = keyRows + chunk;
    this.rowsToEmit = targets + chunk;
    this.sessions = new SessionTable(state, shape.groups(), gap, targets);
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

  /** The plan-time half; input is append-only. */
  public static OperatorFactory factory(
      AggregateSpec spec, WindowShape window, String generatedSource) {
    return new OperatorFactory() {
      @Override
      public Operator create(OperatorContext context) {
        return new SessionAggregateOperator(spec, window, context);
      }

      @Override
      public Schema outputSchema() {
        return spec.shape().output();
      }

      @Override
      public String generatedSource() {
        return generatedSource;
      }

      @Override
      public String fingerprint() {
        return "SessionAggregate " + spec.mode() + " " + window + " " + spec.shape().fingerprint();
      }
    };
  }

  @Override
  protected void assign(Batch batch) {
    throw new IllegalStateException("rows of sessions have no entries of that kind");
  }

  @Override
  protected boolean drain(Batch batch, Output output) {
    if (preparedAt == preparedCount) {
      return true;
    }
    if (!keysFound) {
      findKeys();
    }
    kernel.attach(state);
    if (spec.mode() == EmitMode.CHANGES) {
      for (; preparedAt < preparedCount; preparedAt++) {
        if (out.capacity() - out.rowCount() < 3 && !flush(output)) {
          return false;
        }
        changeSession(batch, preparedRow(preparedAt), keyRow(preparedAt));
      }
    } else {
      for (; preparedAt < preparedCount; preparedAt++) {
        enterSession(batch, preparedRow(preparedAt), keyRow(preparedAt));
      }
      accumulateEntries(batch);
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

  private long keyRow(int index) {
    return Memory.getLong(keyRows + 8L * index);
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
  private boolean mayBegin(Batch batch, long row, long time, long head) {
    if (time > Long.MAX_VALUE - gap || time < Long.MIN_VALUE + gap) {
      emptyKeys.add(head);
      rowFailed(batch, rowOf(row), WindowShape.outOfRange(time));
      return false;
    }
    if (time + gap <= lateThrough) {
      emptyKeys.add(head);
      context.lateRow(batch, rowOf(row));
      return false;
    }
    return true;
  }

  /** Whether a row comes too late for the open sessions it touches, {@code node} the first. */
  private boolean isLate(long node, long time) {
    if (time + gap > lateThrough || sessions.last(node) + gap > lateThrough) {
      return false;
    }
    long other = sessions.next(node) == 0 ? 0 : sessions.touching(sessions.next(node), time);
    return other == 0 || sessions.last(other) + gap <= lateThrough;
  }

  private void enterSession(Batch batch, long row, long head) {
    long time = timeOf(row);
    long node = sessions.touching(head, time);
    if (node == 0) {
      if (!mayBegin(batch, row, time, head)) {
        return;
      }
      node = sessions.begin(head, time);
    } else if (isLate(node, time)) {
      context.lateRow(batch, rowOf(row));
      return;
    } else {
      sessions.extend(node, time);
      if (sessions.next(node) != 0) {
        long other = sessions.touching(sessions.next(node), time);
        if (other != 0) {
          accumulateEntries(batch);
          merge(node, other);
        }
      }
    }
    Memory.putLong(sources + 8L * entryCount, row);
    Memory.putLong(targets + 8L * entryCount, node);
    entryCount++;
  }

  private void accumulateEntries(Batch batch) {
    int at = 0;
    boolean failures = false;
    while (at < entryCount) {
      try {
        kernel.accumulate(sources, targets, at, entryCount);
        at = entryCount;
      } catch (RuntimeException e) {
        int failed = kernel.entry;
        failures = true;
        at = failed + 1;
        rowFailed(batch, rowOf(Memory.getLong(sources + 8L * failed)), e);
      }
    }
    if (spec.mode() == EmitMode.EVERY) {
      for (int i = 0; i < entryCount; i++) {
        markDirty(state, Memory.getLong(targets + 8L * i));
      }
    }
    if (failures) {
      dropFailedSessions();
    }
    entryCount = 0;
  }

  /** A session whose only row failed has never been. */
  private void dropFailedSessions() {
    for (int i = 0; i < entryCount; i++) {
      long node = Memory.getLong(targets + 8L * i);
      if (shape.groups().count(node) == 0 && sessions.id(node) != 0) {
        dropSession(node);
      }
    }
  }

  private void dropSession(long node) {
    sessions.end(node);
    release(node);
    forget(node);
    sessions.free(node);
  }

  /** Brings {@code other} into {@code node}; both are sessions of one key. */
  private void merge(long node, long other) {
    Memory.putLong(rowsToEmit, other);
    Memory.putLong(rowsToEmit + 8, node);
    kernel.merge(rowsToEmit, rowsToEmit + 8, 0, 1);
    sessions.absorb(node, other);
    release(other);
    if (spec.mode() == EmitMode.EVERY && emitted().isEmitted(other)) {
      markDirty(state, other); // what was emitted of it is taken back at its turn
    } else {
      forget(other);
      sessions.free(other);
    }
  }

  /** Frees what the accumulators of a session own; its place in the list stays. */
  private void release(long node) {
    long next = sessions.next(node);
    long head = sessions.head(node);
    shape.groups().release(node, state.heap());
    sessions.relink(node, head, next);
  }

  private void forget(long node) {
    if (spec.mode() == EmitMode.EVERY) {
      emitted().forget(node, state.heap());
    }
  }

  @Override
  protected void removeEmptied(AggregateState ignored, long row) {
    sessions.free(row); // of a session that was merged away
  }

  /** One row with EMIT CHANGES: the sessions it touches go, the one they make comes. */
  private void changeSession(Batch batch, long row, long head) {
    long time = timeOf(row);
    long node = sessions.touching(head, time);
    long other = 0;
    int at = out.rowCount();
    boolean isNew = node == 0;
    if (isNew) {
      if (!mayBegin(batch, row, time, head)) {
        return;
      }
      node = sessions.begin(head, time);
    } else if (isLate(node, time)) {
      context.lateRow(batch, rowOf(row));
      return;
    } else {
      emit(node, -1);
      other = sessions.next(node) == 0 ? 0 : sessions.touching(sessions.next(node), time);
      if (other != 0) {
        emit(other, -1);
      }
    }
    long first = sessions.first(node);
    long last = sessions.last(node);
    sessions.extend(node, time);
    Memory.putLong(sources, row);
    Memory.putLong(targets, node);
    try {
      kernel.accumulate(sources, targets, 0, 1);
    } catch (RuntimeException e) {
      out.rowCount(at);
      kernel.revive(at);
      sessions.restoreBounds(node, first, last);
      if (isNew) {
        dropSession(node);
      }
      rowFailed(batch, rowOf(row), e);
      return;
    }
    if (other != 0) {
      merge(node, other);
    }
    emit(node, 1);
    if (!isNew && other == 0 && sameKept(at, at + 1)) {
      out.rowCount(at);
      kernel.revive(at);
    }
  }

  private void emit(long node, int weight) {
    Memory.putLong(rowsToEmit, node);
    kernel.emit(rowsToEmit, 0, 1, weight);
  }

  @Override
  protected boolean sameKept(int at, int other) {
    int start = shape.keyColumns();
    return out.column(start).getLong(at) == out.column(start).getLong(other)
        && out.column(start + 1).getLong(at) == out.column(start + 1).getLong(other)
        && kernel.sameResults(at, other);
  }

  @Override
  public Progress watermark(int port, long newWatermarkNs, Output output) {
    if (newWatermarkNs == Watermark.IDLE) {
      return output.watermark(newWatermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    if (newWatermarkNs > watermarkNs) {
      long target = window.closedThrough(newWatermarkNs);
      if (!closeThrough(target, output)) {
        return Progress.BLOCKED;
      }
      watermarkNs = newWatermarkNs;
      lateThrough = window.lateThrough(watermarkNs);
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
    if (dueAt < 0) {
      due.clear();
      sessions.due(target, due);
      dueAt = 0;
    }
    kernel.attach(state);
    boolean done =
        switch (spec.mode()) {
          case ON_CLOSE -> emitDue(output);
          case EVERY -> emitDueChanges(output);
          case CHANGES -> {
            for (; dueAt < due.size(); dueAt += 3) {
              close(dueAt);
            }
            yield true;
          }
        };
    if (!done) {
      return false;
    }
    if (target == Long.MAX_VALUE && spec.mode() == EmitMode.EVERY && !emitDirty(state, output)) {
      return false; // no timer may come any more
    }
    dueAt = -1;
    due.clear();
    sessions.sweep();
    closedThrough = Math.max(closedThrough, target);
    return true;
  }

  private boolean emitDue(Output output) {
    while (dueAt < due.size()) {
      if (out.isFull() && !flush(output)) {
        return false;
      }
      int room = out.capacity() - out.rowCount();
      int count = 0;
      int at = dueAt;
      for (; at < due.size() && count < room; at += 3) {
        if (isFirstEntry(at)) {
          Memory.putLong(rowsToEmit + 8L * count++, due.get(at + 1));
        }
      }
      kernel.emit(rowsToEmit, 0, count, 1);
      for (; dueAt < at; dueAt += 3) {
        close(dueAt);
      }
    }
    return true;
  }

  /** Whether the session was not listed just before: it may be registered twice. */
  private boolean isFirstEntry(int at) {
    return at == 0 || due.get(at + 2) != due.get(at - 1);
  }

  private boolean emitDueChanges(Output output) {
    for (; dueAt < due.size(); dueAt += 3) {
      if (isFirstEntry(dueAt)) {
        if (out.capacity() - out.rowCount() < 2 && !flush(output)) {
          return false;
        }
        emitNetChange(state, due.get(dueAt + 1));
        close(dueAt);
      }
    }
    return true;
  }

  /** Ends the session of an entry, with its key's row where it was the last. */
  private void close(int at) {
    long node = due.get(at + 1);
    if (!isFirstEntry(at)) {
      return;
    }
    sessions.end(node);
    release(node);
    forget(node);
    sessions.free(node);
  }

  @Override
  public Progress timer(long nowEpochNs, Output output) {
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
  protected boolean hasDirty() {
    return state.hasDirty();
  }

  @Override
  protected void abandon() {
    super.abandon();
    keysFound = false;
    entryCount = 0;
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(kernel.sequence);
    writer.putLong(watermarkNs);
    writer.putLong(passedNs);
    writer.putLong(closedThrough);
    writer.putLong(sessions.nextId);
    TableSnapshot rows = TableSnapshot.of(state.groups(), context.allocator());
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (rows.count(group) == 0) {
        continue;
      }
      writer.section(group);
      for (int i = 0; i < rows.count(group); i++) {
        long head = rows.row(group, i);
        if (!sessions.isInUse(head)) {
          continue;
        }
        int count = 0;
        for (long node = sessions.next(head); node != 0; node = sessions.next(node)) {
          count++;
        }
        writer.putInt(count);
        for (long node = head; node != 0; node = sessions.next(node)) {
          TableSnapshot.writeRow(state.groups(), node, writer);
        }
      }
    }
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        kernel.sequence = Math.max(kernel.sequence, reader.getLong());
        watermarkNs = reader.getLong();
        passedNs = reader.getLong();
        closedThrough = reader.getLong();
        lateThrough = window.lateThrough(watermarkNs);
        sessions.nextId = Math.max(sessions.nextId, reader.getLong());
      } else {
        while (reader.hasMore()) {
          restoreKey(reader);
        }
      }
    }
    setTimer();
  }

  private void restoreKey(StateReader reader) {
    int more = reader.getInt();
    long head = TableSnapshot.readRow(state.groups(), reader);
    sessions.restoredHead(head);
    restored(head);
    for (int i = 0; i < more; i++) {
      long node = TableSnapshot.readDetached(state.groups(), head, reader);
      sessions.append(head, node);
      restored(node);
    }
  }

  private void restored(long node) {
    sessions.restored(node);
    if (spec.mode() == EmitMode.EVERY && emitted().isDirty(node)) {
      emitted().clearDirty(node);
      markDirty(state, node);
    }
  }

  @Override
  public long stateRows() {
    return sessions.size();
  }

  @Override
  public long stateBytes() {
    return state.bytes() + sessions.bytes();
  }

  @Override
  public Waiting waiting() {
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
    buffer.close();
    super.close();
  }
}
