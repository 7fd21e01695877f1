package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;

/** Reads rows once more that records only count. Called while they are taken in again; may block. */
@FunctionalInterface
public interface Rereading {
  /**
   * Rows of a source that its connector has read before.
   *
   * @param source its name
   * @param place what the connector told {@link SourceHandle#offset} last before them
   * @param behind how many rows lie between that and the first of them
   * @return {@code count} rows, which the caller closes; null where they are lost, and that is accepted
   * @throws io.laminardb.core.error.LaminarException STATE_CORRUPT where they are lost
   */
  Batch read(String source, byte[] place, long behind, int count);
}
