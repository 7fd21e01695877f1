package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;

/**
 * Passes on every row with columns that it computes beside columns of the input, which are on loan like
 * the batch they came in: only what is computed is written. A row that fails is left out. Of append-only
 * rows.
 */
final class ExtendOperator implements Operator {
  private final Schema schema;
  private final Schema computedSchema;
  private final CalcKernel kernel; // of the computed columns
  private final int[] sources;
  private final OperatorContext context;
  private Batch computed; // its rows are numbered as those of the batch on loan
  private Batch source; // whose columns the view borrows
  private Batch view;
  private boolean started; // whether the batch on loan has been bound
  private int from; // rows [from, to) are computed, and not accepted yet
  private int to;
  private RuntimeException failure; // of row {@code to}; told once the rows before it are out

  /**
   * @param sources of each output column, the input column it is; or -1 for the next computed one
   */
  ExtendOperator(
      Schema schema,
      Schema computedSchema,
      CalcKernel kernel,
      int[] sources,
      OperatorContext context) {
    this.schema = schema;
    this.computedSchema = computedSchema;
    this.kernel = kernel;
    this.sources = sources;
    this.context = context;
    kernel.open(context.allocator());
    try {
      computed = new Batch(computedSchema, context.batchCapacity(), context.allocator());
    } catch (RuntimeException e) {
      kernel.close();
      throw e;
    }
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (!started) {
      start(batch);
    }
    while (true) {
      if (from < to) {
        view.range(from, to);
        if (!output.offer(view)) {
          return Progress.BLOCKED;
        }
        from = to;
      }
      if (failure != null) {
        RuntimeException told = failure;
        failure = null;
        from = ++to;
        context.rowFailed(batch, to - 1, told);
      }
      if (to == batch.to()) {
        started = false;
        return Progress.NEEDS_INPUT;
      }
      compute(batch);
    }
  }

  private void start(Batch batch) {
    if (batch.to() > computed.capacity()) {
      Batch larger = new Batch(computedSchema, batch.to(), context.allocator());
      computed.close();
      computed = larger;
      source = null;
    }
    if (batch != source) {
      source = batch;
      view = Batch.view(schema, columns(batch), batch);
    }
    computed.clear();
    kernel.bind(batch);
    from = batch.from();
    to = from;
    started = true;
  }

  private Column[] columns(Batch batch) {
    Column[] columns = new Column[sources.length];
    int next = 0;
    for (int i = 0; i < columns.length; i++) {
      columns[i] = sources[i] >= 0 ? batch.column(sources[i]) : computed.column(next++);
    }
    return columns;
  }

  private void compute(Batch batch) {
    computed.continueAt(to);
    try {
      to = kernel.run(batch, to, batch.to(), computed);
    } catch (RuntimeException e) {
      to = kernel.row;
      failure = e;
    }
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public void close() {
    kernel.close();
    computed.close();
  }
}
