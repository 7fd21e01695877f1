package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.GeneratedFactory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.aggregate.AggregateSpec;
import io.laminardb.core.operator.aggregate.EmitMode;

/**
 * GROUP BY over sessions of append-only rows; see {@link SessionOperator} for when they close.
 *
 * <p>Rows that come in order are done in one generated loop, {@link
 * io.laminardb.core.operator.aggregate.AggregateKernel#sessions}; each other row is looked at alone.
 * A row that fails has neither made nor prolonged a session.
 */
public final class SessionAggregateOperator extends SessionOperator {
  private SessionAggregateOperator(
      AggregateSpec spec, WindowShape window, KeyTime keyTime, OperatorContext context) {
    super(spec, window, keyTime, context);
  }

  /**
   * The plan-time half.
   *
   * @param keyTime where keys, which groups are of, have watermarks of their own; else null
   */
  public static OperatorFactory factory(
      AggregateSpec spec, WindowShape window, KeyTime keyTime, String generatedSource) {
    return new GeneratedFactory(
        spec.shape().output(),
        generatedSource,
        "SessionAggregate "
            + spec.mode()
            + " "
            + window
            + " "
            + (keyTime == null ? "" : keyTime)
            + spec.shape().fingerprint(),
        Recall.FROM_STATE,
        context ->
            spec.shape().changelogInput()
                ? new ChangelogSessionOperator(spec, window, context)
                : new SessionAggregateOperator(spec, window, keyTime, context));
  }

  @Override
  protected boolean enterRows(Batch batch, Output output) {
    boolean changes = spec.mode() == EmitMode.CHANGES;
    long earliest = Long.MIN_VALUE + gap;
    kernel.sessionAfter = lateThrough < earliest + gap ? earliest - 1 : lateThrough - gap;
    kernel.sessionBefore = Long.MAX_VALUE - gap + 1;
    while (preparedAt < preparedCount) {
      if (!turnTo(preparedRow(preparedAt), output)) {
        return false;
      }
      if (changes || isByKey()) {
        if (out.capacity() - out.rowCount() < 3 && !flush(output)) {
          return false;
        }
      } else {
        enterInOrder(batch);
      }
      if (preparedAt < preparedCount) {
        enter(batch, preparedRow(preparedAt), keyRow(preparedAt));
        preparedAt++;
      }
    }
    return true;
  }

  /** Enters rows up to the first one that needs a closer look. */
  private void enterInOrder(Batch batch) {
    int from = preparedAt;
    RuntimeException failure = null;
    kernel.sessionId = sessions.nextId();
    try {
      preparedAt = kernel.sessions(sources, keyRows, from, preparedCount);
    } catch (RuntimeException e) {
      failure = e;
      preparedAt = kernel.entry;
    }
    sessions.nextId(kernel.sessionId);
    for (int i = 0; i < kernel.begunCount; i++) {
      long head = Memory.getLong(targets + 8L * i);
      sessions.opened(head, head);
    }
    if (spec.mode() == EmitMode.EVERY) {
      for (int i = from; i < preparedAt; i++) {
        markDirty(state, keyRow(i));
      }
    }
    if (failure != null) {
      int failed = preparedAt++;
      mayBeEmpty(keyRow(failed));
      rowFailed(batch, rowOf(preparedRow(failed)), failure);
    }
  }

  /** One row, in any order; with EMIT CHANGES the sessions it touches go, the one they make comes. */
  private void enter(Batch batch, long row, long head) {
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
    boolean changes = spec.mode() == EmitMode.CHANGES;
    int at = out.rowCount();
    if (changes && node != 0) {
      emit(node, -1);
      if (other != 0) {
        emit(other, -1);
      }
    }
    boolean isPlaced = node == 0 || other != 0;
    long target = isPlaced ? sessions.place(head) : node;
    try {
      accumulate(row, target);
      if (other != 0) {
        merge(other, target);
        merge(target, node);
      }
    } catch (RuntimeException e) {
      unwrite(at);
      if (isPlaced) {
        unplace(target);
      }
      mayBeEmpty(head);
      rowFailed(batch, rowOf(row), e);
      return;
    }
    if (node == 0) {
      node = target;
      sessions.open(node, head, time, time);
    } else {
      sessions.extend(node, time);
      if (other != 0) {
        unplace(target);
        sessions.absorb(node, other);
        discard(other);
      }
    }
    if (spec.mode() == EmitMode.EVERY) {
      markDirty(state, node);
    } else if (changes) {
      emit(node, 1);
      if (!isPlaced && sameKept(at, at + 1)) {
        unwrite(at);
      }
    }
  }

  /** Brings {@code from} into {@code to}, or fails and changes neither. */
  private void merge(long from, long to) {
    Memory.putLong(rowsToEmit, from);
    Memory.putLong(rowsToEmit + 8, to);
    kernel.merge(rowsToEmit, rowsToEmit + 8, 0, 1);
  }

  @Override
  protected boolean closeEnded(long target, Output output) {
    return emitEnded(target, output);
  }
}
