package io.laminardb.core.operator;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;

/**
 * One step of a query, for one task, on one thread. Rows, watermarks and timers come in, results go
 * to the {@link Output} of that call. An operator has no other way to reach the world than its
 * {@link OperatorContext}: no threads, clocks, statics or I/O, so that it runs the same inline, on a
 * reactor and in replay.
 *
 * <p><b>Resuming.</b> When the output refuses, an operator answers {@link Progress#BLOCKED} and the
 * very same call comes again; nothing may be done twice or lost. Between a BLOCKED answer and its
 * resumption no other call comes, except {@link #close}.
 *
 * <p><b>Ownership.</b> A batch is on loan during {@code process}; rows {@code [batch.from(),
 * batch.to())} are read, and copied by who keeps them. On a resumed call the batch and its range are
 * the same.
 *
 * <p><b>Failing rows.</b> An expression that fails on a row is reported through {@link
 * OperatorContext#rowFailed}, before any state has changed for that row.
 */
public interface Operator extends AutoCloseable {
  /** Takes rows of input {@code port}. */
  Progress process(int port, Batch batch, Output output);

  /**
   * Takes a watermark of input {@code port}: nanoseconds since the epoch, IDLE or END, never going
   * back. Emits what it closes, then passes its own watermark on.
   */
  Progress watermark(int port, long watermarkNs, Output output);

  /** Processing time reached what was asked of {@link OperatorContext#timerAt}. */
  default Progress timer(long nowEpochNs, Output output) {
    return Progress.NEEDS_INPUT;
  }

  /**
   * Takes what work that was given to {@link OperatorContext#inBackground} has brought; emits nothing yet.
   * May come between a BLOCKED answer and its resumption, and twice of what was asked twice.
   */
  default void answered(byte[] answer) {
    throw new IllegalStateException(getClass().getSimpleName() + " asks nobody");
  }

  /**
   * Emits what {@link #answered} has made possible. Not called where another call was refused: that one
   * comes again and has to look.
   */
  default Progress completed(Output output) {
    return Progress.NEEDS_INPUT;
  }

  /** Asks for everything that is wanted and was not answered: after a restore, when somebody may be asked. */
  default void askAgain() {}

  /** Whether no more input should come before an answer does. */
  default boolean isFull() {
    return false;
  }

  /**
   * The graph starts (or a query was attached to a running one): what is true without any input is
   * emitted now, such as the zero of a global COUNT. Not called when state was restored.
   */
  default Progress start(Output output) {
    return Progress.NEEDS_INPUT;
  }

  /** Writes all state, key group by key group. Called between batches; stateless ones write nothing. */
  default void snapshot(StateWriter writer) {}

  /** Rebuilds the state a {@link #snapshot} wrote, into a fresh operator of the same factory. */
  default void restore(StateReader reader) {}

  /**
   * Tells the rows of the output that hold now and may still be taken back, with weight 1, where the
   * factory says {@link Recall#FROM_STATE}. Changes nothing. Called between batches and never while
   * BLOCKED.
   *
   * @param output takes everything
   */
  default void recall(Output output) {
    throw new IllegalStateException(getClass().getSimpleName() + " recalls nothing");
  }

  /** Forgets rows that a {@link #recall} which has failed wrote and did not offer. */
  default void forgetRecalled() {}

  /**
   * Moves some state to {@link OperatorContext#spill()}, what was used longest ago first. Called between
   * batches, never while BLOCKED, and again as long as memory is short.
   *
   * @param hot whether what is being written may go too
   * @return whether memory was freed
   */
  default boolean spill(boolean hot) {
    return false;
  }

  /** Rows of state held now. */
  default long stateRows() {
    return 0;
  }

  /** Bytes of memory held for state now. */
  default long stateBytes() {
    return 0;
  }

  /** What this operator waits for, for a person who asks why a query is silent; or null. */
  default Waiting waiting() {
    return null;
  }

  /** Counters of its own, for EXPLAIN ANALYZE, such as "hits 7, misses 2"; or null. */
  default String counters() {
    return null;
  }

  /** Frees all memory. */
  @Override
  void close();
}
