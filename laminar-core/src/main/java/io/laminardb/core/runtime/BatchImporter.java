package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;

/** Makes batches of what producers hand over, on their threads. */
@FunctionalInterface
public interface BatchImporter<T> {
  /**
   * The rows of {@code rows} as a batch of the source's columns.
   *
   * @param shell a closed batch of imported columns to {@link Batch#adopt adopt} them, or null; closed
   *     again when this throws
   */
  Batch batch(T rows, Batch shell);
}
