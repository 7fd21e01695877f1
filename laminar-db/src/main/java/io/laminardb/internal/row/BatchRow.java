package io.laminardb.internal.row;

import io.laminardb.Row;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Utf8;
import java.math.BigDecimal;

/**
 * The row a callback sees: moved from row to row of batches on loan, never allocated anew. Whoever
 * moves it calls {@link #detach} before the loan ends, so that a row that was kept fails instead of
 * reading other rows.
 */
public final class BatchRow extends AbstractRow {
  private final Utf8 view = new Utf8();
  private Batch batch;
  private int row;

  /** A cursor for rows of {@code schema}, at no row yet. */
  public BatchRow(Schema schema) {
    super(schema);
  }

  /** Looks at a row of a batch of the same columns. */
  public BatchRow at(Batch newBatch, int newRow) {
    batch = newBatch;
    row = newRow;
    return this;
  }

  /** Looks at nothing: reading fails with CLOSED. */
  public void detach() {
    batch = null;
  }

  @Override
  public int weight() {
    return batch().weight(row);
  }

  @Override
  public Row copy() {
    return OwnedRow.of(schema(), batch(), row);
  }

  @Override
  boolean nullAt(int column) {
    return column(column).isNull(row);
  }

  @Override
  long longAt(int column) {
    return column(column).getLong(row);
  }

  @Override
  double doubleAt(int column) {
    return column(column).getDouble(row);
  }

  @Override
  BigDecimal decimalAt(int column) {
    return Decimals.get(column(column), row);
  }

  @Override
  String textAt(int column) {
    column(column).getBytes(row, view);
    return view.toString();
  }

  @Override
  byte[] bytesAt(int column) {
    return OwnedRow.bytes(column(column), row, view);
  }

  @Override
  NestedValues.Copy nestedAt(int column) {
    column(column).getBytes(row, view);
    return NestedValues.Copy.of(column(column).type(), view);
  }

  private Column column(int index) {
    return batch().column(index);
  }

  private Batch batch() {
    if (batch == null) {
      throw new LaminarException(
              ErrorCode.CLOSED, "the row was read after its callback had returned.")
          .mend("Keep row.copy() instead of the row.");
    }
    return batch;
  }
}
