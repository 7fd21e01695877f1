package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;

/** Pushes rows of BIGINT columns in place. */
final class PlacedRow {
  private PlacedRow() {}

  /** Pushes one row; the least value stands for NULL. */
  static void push(SourceHandle handle, long... values) {
    handle.beginPlace(true);
    Batch batch = handle.placeRing().placeBatch();
    int row = handle.placeRing().placeRow();
    for (int i = 0; i < values.length; i++) {
      if (values[i] == Long.MIN_VALUE) {
        batch.column(i).setNull(row);
      } else {
        batch.column(i).putLong(row, values[i]);
      }
    }
    handle.endPlace(1);
  }
}
