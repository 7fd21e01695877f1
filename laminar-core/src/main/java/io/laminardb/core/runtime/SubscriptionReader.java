package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;

/**
 * Takes the rows of a subscription that outlives it, from the first one that is not acknowledged on.
 * There is one reader of a subscription at a time. What is given is on disk: taking may wait for one
 * write of the disk, and so may {@link #acknowledge}.
 *
 * <p>Not from within a listener. {@link #acknowledge} and what only looks may come from any thread.
 */
public final class SubscriptionReader implements BatchFeed {
  private static final long PARK_NS = 1_000_000;

  private final Engine engine;
  private final KeptSubscription kept;
  private Batch loan; // or null
  private volatile long next;
  private volatile boolean closed;
  private volatile boolean dropped;

  SubscriptionReader(Engine engine, KeptSubscription kept) {
    this.engine = engine;
    this.kept = kept;
    this.next = kept.acknowledged() + 1;
  }

  @Override
  public String name() {
    return kept.name();
  }

  @Override
  public Schema schema() {
    return kept.stream.schema;
  }

  /**
   * {@inheritDoc}
   *
   * @throws LaminarException the failure of the stream, after its last row; CLOSED; IO_ERROR where rows
   *     cannot be made durable; WRONG_THREAD in a listener
   */
  @Override
  public synchronized Batch poll() {
    release();
    checkOpen();
    if (next > kept.last()) {
      engine.driveForTaker();
    }
    if (next <= kept.last()) {
      loan = engine.take(kept, next);
      next = next + loan.size();
      return loan;
    }
    if (kept.failure() != null) {
      throw kept.failure();
    }
    return null;
  }

  @Override
  public Batch poll(long timeoutNs) {
    long start = System.nanoTime();
    while (true) {
      boolean isLast = state() != Subscription.State.OPEN;
      Batch batch = poll();
      long left = timeoutNs - (System.nanoTime() - start);
      if (batch != null || isLast || left <= 0 || Thread.currentThread().isInterrupted()) {
        return batch;
      }
      kept.await(next - 1, Math.min(left, PARK_NS));
    }
  }

  /** Errors: CLOSED where there is nothing to be taken any more. */
  public void checkOpen() {
    engine.checkOpen();
    if (dropped) {
      throw new LaminarException(ErrorCode.CLOSED, name() + " was dropped.");
    }
    if (closed) {
      throw new LaminarException(ErrorCode.CLOSED, name() + " is no longer followed here.")
          .mend("Subscribe again by its name.");
    }
  }

  /**
   * Rows up to a number are done with: they never come again. Returns when that is on disk.
   *
   * @throws LaminarException INVALID_OPTION for a row that was not taken yet; CLOSED; IO_ERROR
   */
  public void acknowledge(long number) {
    checkOpen();
    if (number >= next) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION,
              "row " + number + " of " + name() + " was not taken yet, " + (next - 1) + " were.")
          .mend("Acknowledge rows that were taken.");
    }
    if (number > kept.acknowledged()) {
      engine.acknowledge(kept, number);
    }
  }

  /** The number of the next row to be taken; any thread. */
  public long next() {
    return next;
  }

  /** Takes rows from a number on that is not acknowledged: they come again. */
  public synchronized void continueAt(long number) {
    release();
    next = number;
  }

  /** The number up to which rows were acknowledged; any thread. */
  public long acknowledged() {
    return kept.acknowledged();
  }

  @Override
  public synchronized void release() {
    if (loan != null) {
      loan.close();
      loan = null;
    }
  }

  @Override
  public long waitingRows() {
    return Math.max(0, kept.last() - next + 1);
  }

  @Override
  public long droppedRows() {
    return 0;
  }

  @Override
  public Subscription.State state() {
    if (closed || dropped) {
      return Subscription.State.CLOSED;
    }
    return kept.failure() != null
        ? Subscription.State.FAILED
        : kept.isEnded() ? Subscription.State.ENDED : Subscription.State.OPEN;
  }

  @Override
  public LaminarException failure() {
    return kept.failure();
  }

  /** The subscription is gone. */
  void drop() {
    dropped = true;
  }

  /** Follows no longer; the subscription stays, and somebody else may. Again: does nothing. */
  @Override
  public void close() {
    release();
    if (!closed) {
      closed = true;
      engine.letGo(kept, this);
    }
  }
}
