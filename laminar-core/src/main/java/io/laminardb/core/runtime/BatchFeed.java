package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;

/**
 * Rows of a stream that are taken batch by batch, by one thread at a time. A batch is on loan until the
 * next call of a taking method, {@link #release()} or {@link #close()}.
 */
public interface BatchFeed extends AutoCloseable {
  /** What people call it. */
  String name();

  /** The rows it gives. */
  Schema schema();

  /** Takes what is there, one batch at most; null when there is nothing now. */
  Batch poll();

  /** As {@link #poll()}, but waits for rows up to {@code timeoutNs}. */
  Batch poll(long timeoutNs);

  /** Ends the loan. */
  void release();

  /** Rows that can be taken; any thread. */
  long waitingRows();

  /** Rows that were dropped as nobody took them; any thread. */
  long droppedRows();

  /** Where it is in its life; any thread. */
  Subscription.State state();

  /** Why no more rows come, or null; any thread. */
  LaminarException failure();

  @Override
  void close();
}
