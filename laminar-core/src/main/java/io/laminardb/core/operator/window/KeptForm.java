package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;

/** How {@link KeptRows} keep a row as bytes. */
interface KeptForm {
  /** Bytes needed for a row, given as its prepared row and its number in the batch. */
  int length(Batch batch, int row, long prepared);

  /** Writes a row to {@code block}. */
  void write(Batch batch, int row, long prepared, long block);

  /** Whether two rows of the same key, time and length are the same, so that one takes back the other. */
  boolean isSame(long block, long other, int length);

  /** Makes a row whole that was copied to {@code block} byte by byte. */
  void moved(long block);
}
