package io.laminardb.internal.row;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;

/**
 * Fills one batch, which stays the caller's: full means that the caller has to take the rows and
 * clear it. Never waits.
 */
public final class BatchRowTarget implements RowTarget {
  private final Batch batch;

  public BatchRowTarget(Batch batch) {
    this.batch = requireNonNull(batch, "batch");
  }

  @Override
  public Schema schema() {
    return batch.schema();
  }

  @Override
  public boolean begin(boolean wait) {
    return !batch.isFull();
  }

  @Override
  public Batch batch() {
    return batch;
  }

  @Override
  public int row() {
    return batch.rowCount();
  }

  @Override
  public boolean roll(int column, long bytes, boolean wait) {
    batch.column(column).makeRoom(batch.rowCount(), bytes);
    return true;
  }

  @Override
  public boolean endRow(int weight) {
    if (batch.schema().isChangelog()) {
      batch.endRow(weight);
    } else {
      batch.endRow();
    }
    return true;
  }
}
