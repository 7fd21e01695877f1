package io.laminardb.core.operator;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.state.Spill;
import java.util.List;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;

/** An operator's world: memory, timers, failures, counters. Used on the operator's thread only. */
public interface OperatorContext {
  /** Where all memory of the operator comes from; budgeted. */
  BufferAllocator allocator();

  /** Rows an output batch of this operator should hold. */
  int batchCapacity();

  /** Processing time in nanoseconds since the epoch, as of this duty cycle. */
  long nowEpochNs();

  /** Asks for one {@link Operator#timer} call at or after {@code epochNs}; replaces an earlier wish. */
  void timerAt(long epochNs);

  /** Counts a row that came too late, with the row for {@code LATE DATA TO}. */
  void lateRow(Batch batch, int row);

  /** Counts a row whose time is NULL and which therefore belongs to no window. */
  void nullTimeRow();

  /** Counts rows of state that were forgotten as nothing had touched them for a while. */
  default void expiredRows(long rows) {}

  /**
   * An expression failed on a row. Returns when the query skips such rows ({@code on_error =
   * 'skip'}: counted and diverted); otherwise throws the exception that stops the query.
   */
  void rowFailed(Batch batch, int row, RuntimeException failure);

  /** Whether tables are to track changes, as checkpoints copy only what has changed. */
  default boolean tracksChanges() {
    return false;
  }

  /**
   * The present rows of a table or view by some of its columns, to be closed with the operator.
   *
   * @param columns its key, or those of an index
   */
  default TableRows tableRows(String table, List<Integer> columns) {
    throw new IllegalStateException("there are no tables here");
  }

  /** Whether {@link #rowFailed} returns, so that a row has to fail before anything of it was added. */
  default boolean skipsFailedRows() {
    return false;
  }

  /** Where state goes that memory has no room for; null where it has to stay in memory. */
  default Spill spill() {
    return null;
  }

  /**
   * Runs something that may block, on another thread. The bytes it gives come to {@link
   * Operator#answered}, in a durable database once they are written down; null comes to nobody. What it
   * was given has to live on the heap: the operator may be closed before it has ended. Throws nothing.
   */
  default void inBackground(Supplier<byte[]> work) {
    throw new IllegalStateException("nothing runs in the background here");
  }

  /**
   * Whether somebody outside may be asked now. Not while what was written down is taken in again: what was
   * answered comes from there, and {@link Operator#askAgain} when that is over.
   */
  default boolean mayAsk() {
    return true;
  }

  /**
   * Whether a call may be BLOCKED until an answer comes. Not in a durable database, where nothing comes
   * in before a call has come to its end: there {@link Operator#isFull} says that no more should come.
   */
  default boolean mayAwaitAnswers() {
    return true;
  }
}
