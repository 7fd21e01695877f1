package io.laminardb.core.connector;

import io.laminardb.core.batch.Batch;

/** Tells which rows of a source somebody wants. For the thread that drives the reader. */
public interface RowFilter {
  /**
   * Whether somebody may want a row: the columns of {@link SourceDemand#first} of it are written, the
   * row is not ended yet. Rows are asked for in order; the last one may be asked for again when it was
   * written anew. Never throws: a row that it fails on is wanted.
   */
  boolean keeps(Batch batch, int row);
}
