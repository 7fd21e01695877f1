package io.laminardb.internal.row;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;

/**
 * Where a row writer writes: a place in a batch, one row after the other. The target owns the
 * batches. A row is seen by nobody before {@link #endRow}; a place that was begun and not ended is
 * begun again. One thread.
 */
public interface RowTarget {
  Schema schema();

  /**
   * Makes place for one row: {@link #row()} of {@link #batch()}. False when the target is full,
   * which only happens when {@code wait} is false.
   */
  boolean begin(boolean wait);

  /** The batch of the place; rows before {@link #row()} may be read by another thread already. */
  Batch batch();

  /** The row of the place. */
  int row();

  /**
   * The text of variable-width column {@code column} needs {@code bytes} bytes and does not fit:
   * makes another place where it does, usually the first row of a fresh batch (see {@link
   * io.laminardb.core.batch.Column#reserve}), or the same place where nobody reads the batch (see
   * {@link io.laminardb.core.batch.Column#makeRoom}). The writer moves what it has written of the
   * row. False, and nothing changed, when the target is full and {@code wait} is false.
   */
  boolean roll(int column, long bytes, boolean wait);

  /**
   * The row is written: publishes it.
   *
   * @param weight +1, or -1 for a retraction into a changelog
   * @return false if the target refused the row; the place is begun again for another
   */
  boolean endRow(int weight);

  /** The place that was begun is not needed: its row failed or was refused. */
  default void giveUp() {}
}
