package io.laminardb.core.connector;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;

/** A sink with checked options, not yet opened. Immutable; any thread may call. */
public interface SinkConnector {
  /**
   * What holds in a durable database. EXACTLY_ONCE needs {@link #openTransactional}; without it rows since
   * the last checkpoint are written again after a crash.
   */
  Guarantee guarantee();

  /**
   * Checks at CREATE that rows of {@code schema} can be written; touches nothing outside.
   *
   * @throws LaminarException NOT_SUPPORTED or INVALID_OPTION if not
   */
  default void check(Schema schema) {}

  /**
   * Opens a writer. May block.
   *
   * @throws LaminarException IO_ERROR if the outside cannot be reached
   */
  SinkWriter open(Schema schema);

  /**
   * Opens a writer for a durable database. May block.
   *
   * @return null where this connector knows no transactions; then {@link #open} is called
   * @throws LaminarException IO_ERROR if the outside cannot be reached
   */
  default TransactionalWriter openTransactional(Schema schema) {
    return null;
  }
}
