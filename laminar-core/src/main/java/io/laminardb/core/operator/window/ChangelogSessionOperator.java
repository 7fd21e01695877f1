package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.aggregate.AggregateSpec;
import io.laminardb.core.operator.aggregate.EmitMode;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;

/**
 * GROUP BY over sessions of rows that may be taken back. The rows of open sessions are kept: without
 * one of them a session may begin later, end earlier, fall into two, or be gone. Where sessions join
 * or fall apart, rows move from one to the other.
 *
 * <p>A retraction of a row that is not held (any more) is late: its session is closed.
 */
class ChangelogSessionOperator extends SessionOperator {
  protected final KeptRows rows;

  ChangelogSessionOperator(AggregateSpec spec, WindowShape window, OperatorContext context) {
    this(spec, window, new PreparedForm(spec.shape()), context);
  }

  @SuppressWarnings("this-escape")
  ChangelogSessionOperator(
      AggregateSpec spec, WindowShape window, KeptForm form, OperatorContext context) {
    super(spec, window, null, context);
    try {
      rows = new KeptRows(form, state.heap(), rowsOffset, context.allocator());
    } catch (RuntimeException e) {
      super.close();
      throw e;
    }
  }

  @Override
  protected boolean enterRows(Batch batch, Output output) {
    for (; preparedAt < preparedCount; preparedAt++) {
      if (out.capacity() - out.rowCount() < 3 && !flush(output)) {
        return false;
      }
      long row = preparedRow(preparedAt);
      int weight = Memory.getInt(row + shape.rowOffset() + 4);
      if (weight > 0) {
        add(batch, row, keyRow(preparedAt));
      } else {
        takeBack(batch, row, keyRow(preparedAt));
      }
    }
    return true;
  }

  private boolean emitsChanges() {
    return spec.mode() == EmitMode.CHANGES;
  }

  private void add(Batch batch, long row, long head) {
    long time = timeOf(row);
    long node = sessions.touching(head, time);
    long other = node == 0 ? 0 : otherTouching(node, time);
    if (node == 0) {
      if (!mayBegin(batch, row, time, head)) {
        return;
      }
    } else if (isLate(node, other, time)) {
      context.lateRow(batch, rowOf(row));
      return;
    }
    int at = out.rowCount();
    boolean isNew = node == 0;
    if (emitsChanges() && !isNew) {
      emit(node, -1);
      if (other != 0) {
        emit(other, -1);
      }
    }
    if (isNew) {
      node = sessions.place(head);
    }
    try {
      accumulate(row, node);
    } catch (RuntimeException e) {
      unwrite(at);
      if (isNew) {
        unplace(node);
        mayBeEmpty(head);
      }
      rowFailed(batch, rowOf(row), e);
      return;
    }
    rows.add(batch, rowOf(row), row, head, time);
    if (isNew) {
      sessions.open(node, head, time, time);
    } else {
      sessions.extend(node, time);
      if (other != 0) {
        join(head, node, other);
      }
    }
    changed(node, 0, at, !isNew && other == 0);
  }

  /** Says what became of sessions after a row: {@code other} is one more, or 0. */
  private void changed(long node, long other, int at, boolean mayBeSame) {
    if (spec.mode() == EmitMode.EVERY) {
      markDirty(state, node);
      if (other != 0) {
        markDirty(state, other);
      }
    } else if (emitsChanges()) {
      emit(node, 1);
      if (other != 0) {
        emit(other, 1);
      } else if (mayBeSame && sameKept(at, at + 1)) {
        unwrite(at);
      }
    }
  }

  /** Makes two sessions that a row connects one: {@code other} goes. */
  private void join(long head, long node, long other) {
    move(head, sessions.first(other), sessions.last(other), 0, node);
    sessions.absorb(node, other);
    discard(other);
  }

  /** Moves the rows of some time from one session to another one, either of which may be 0. */
  private void move(long head, long first, long last, long from, long to) {
    for (long entry = rows.from(head, first, Long.MIN_VALUE);
        entry != 0 && KeptRows.time(entry) <= last;
        entry = rows.next(head, entry)) {
      if (from != 0) {
        accumulate(KeptRows.block(entry), -1, from);
      }
      accumulate(KeptRows.block(entry), 1, to);
    }
  }

  /** Accumulates a kept row. */
  protected void accumulate(long block, int weight, long node) {
    Memory.putInt(block + shape.rowOffset() + 4, weight);
    accumulate(block, node);
  }

  private void takeBack(Batch batch, long row, long head) {
    long time = timeOf(row);
    long entry = rows.find(batch, rowOf(row), row, head, time);
    if (entry == 0) {
      mayBeEmpty(head);
      context.lateRow(batch, rowOf(row));
      return;
    }
    long node = sessions.touching(head, time);
    while (time < sessions.first(node) || time > sessions.last(node)) {
      node = otherTouching(node, time);
    }
    int at = out.rowCount();
    if (emitsChanges()) {
      emit(node, -1);
    }
    try {
      accumulate(row, node);
    } catch (RuntimeException e) {
      unwrite(at);
      rowFailed(batch, rowOf(row), e);
      return;
    }
    rows.remove(head, entry);
    long before = rows.upTo(head, time);
    long behind = rows.from(head, time, Long.MIN_VALUE);
    boolean hasBefore = before != 0 && KeptRows.time(before) >= sessions.first(node);
    boolean hasBehind = behind != 0 && KeptRows.time(behind) <= sessions.last(node);
    if (!hasBefore && !hasBehind) {
      sessions.close(node);
      discard(node);
      return;
    }
    long other = 0;
    long lastBefore = hasBefore ? KeptRows.time(before) : 0;
    long firstBehind = hasBehind ? KeptRows.time(behind) : 0;
    if (!hasBefore) {
      sessions.shrink(node, firstBehind, sessions.last(node));
    } else if (!hasBehind) {
      sessions.shrink(node, sessions.first(node), lastBefore);
    } else if (firstBehind > lastBefore + gap) {
      other = split(head, node, lastBefore, firstBehind);
    }
    changed(node, other, at, true);
  }

  /** Makes two sessions of one: what begins at {@code first} is another one, which is returned. */
  private long split(long head, long node, long last, long first) {
    long other = sessions.place(head);
    long end = sessions.last(node);
    move(head, first, end, node, other);
    sessions.open(other, head, first, end);
    sessions.shrink(node, sessions.first(node), last);
    return other;
  }

  @Override
  protected boolean closeEnded(long target, Output output) {
    return emitEnded(target, output);
  }

  @Override
  protected void free(long node) {
    rows.remove(sessions.head(node), sessions.first(node), sessions.last(node));
    super.free(node);
  }

  @Override
  protected void snapshotKey(long head, StateWriter writer) {
    rows.snapshot(head, writer);
  }

  @Override
  protected void restoreKey(long head, StateReader reader) {
    rows.restore(head, reader);
  }

  @Override
  public long stateRows() {
    return super.stateRows() + rows.size();
  }

  @Override
  public void close() {
    rows.close();
    super.close();
  }
}
