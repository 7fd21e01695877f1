package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.LaminarException;

/**
 * Receives the rows of a stream on the thread that made them: the reactor's, or inline the caller's.
 * It holds up the query as long as it runs. A listener that throws gets no more calls.
 */
@FunctionalInterface
public interface BatchListener {
  /** Takes rows {@code [batch.from(), batch.to())}, on loan until it returns. */
  void onBatch(Batch batch);

  /** The stream's watermark, in nanoseconds; also IDLE, not END. */
  default void onWatermark(long watermarkNs) {}

  /** No more rows will come. */
  default void onEnd() {}

  /** The query failed or was dropped; no more rows will come. */
  default void onFailure(LaminarException failure) {}

  /** The subscription is over; frees what the listener holds. May be called again. */
  default void free() {}
}
