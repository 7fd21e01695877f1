package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;

/** Passes on some columns of every row, on loan like the batch they came in. */
final class PickOperator implements Operator {
  private final Schema schema;
  private final int[] columns;
  private Batch source; // whose columns the view borrows
  private Batch view;

  PickOperator(Schema schema, int[] columns) {
    this.schema = schema;
    this.columns = columns;
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (batch != source) {
      source = batch;
      view = Batch.view(schema, batch, columns);
    }
    view.range(batch.from(), batch.to());
    return output.offer(view) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public void close() {}
}
