package io.laminardb.core.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.LaminarException;

/** Takes rows outside. One thread at a time; every method may block on the outside. */
public interface SinkWriter extends AutoCloseable {
  /**
   * Writes rows {@code [from, to)} of {@code batch}, which is borrowed until return.
   *
   * @throws LaminarException IO_ERROR if the outside fails; the writer is then of no more use
   */
  void write(Batch batch, int from, int to);

  /** Hands everything written so far to the outside. */
  void flush();

  /** The stream has ended well: flushes, and makes visible what was held back until now. */
  void finish();

  /**
   * Lets go of what is open. Without {@link #finish} before, rows that the sink shows all at once
   * are discarded.
   */
  @Override
  void close();
}
