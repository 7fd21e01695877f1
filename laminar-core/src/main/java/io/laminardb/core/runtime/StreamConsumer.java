package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.LaminarException;

/**
 * Who takes the rows of a stream: an operator of another query, a subscription, a sink. Called on the
 * reactor's thread.
 */
public interface StreamConsumer {
  /** What people call it. */
  String name();

  /**
   * Takes rows on loan; all of them on true. On false (back-pressure) the same batch comes again, and
   * the consumer continues where it stopped.
   */
  boolean offer(Batch batch);

  /** Takes a watermark, IDLE or END; false for back-pressure, the same call comes again. */
  boolean watermark(long watermarkNs);

  /** Pushes on what is buffered, for a sync; false as long as it is not done. Never waits. */
  default boolean flush() {
    return true;
  }

  /** The stream will give no more rows: its query failed or was dropped. */
  default void failed(LaminarException failure) {}
}
