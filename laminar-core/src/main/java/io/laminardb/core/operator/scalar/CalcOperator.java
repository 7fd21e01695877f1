package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;

/**
 * Filters, then projects, in arrival order. Keeps no rows across calls: whatever a batch gives has
 * been accepted when {@code process} is done with it.
 *
 * <p>Of a changelog, a retraction followed by an insertion of the same projected row is left out.
 */
final class CalcOperator implements Operator {
  private final OperatorContext context;
  private final CalcKernel kernel;
  private final Batch out; // what was projected and not accepted yet
  private final Unchanged unchanged;
  private boolean started; // whether the batch on loan has been bound
  private int next; // the row of it to continue at
  private RuntimeException failure; // of the row before; told once the rows before that are out

  CalcOperator(Schema schema, CalcKernel kernel, OperatorContext context) {
    this.context = context;
    this.kernel = kernel;
    kernel.open(context.allocator());
    try {
      this.out = new Batch(schema, context.batchCapacity(), context.allocator());
    } catch (RuntimeException e) {
      kernel.close();
      throw e;
    }
    this.unchanged = schema.isChangelog() ? new Unchanged(out, context.allocator()) : null;
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (!started) {
      kernel.bind(batch);
      next = batch.from();
      started = true;
    }
    while (true) {
      boolean done = next == batch.to();
      if (out.rowCount() > 0 && (done || failure != null || out.isFull()) && !flush(output)) {
        return Progress.BLOCKED;
      }
      if (failure != null) {
        tellFailure(batch);
      } else if (done) {
        started = false;
        return Progress.NEEDS_INPUT;
      } else {
        advance(batch);
      }
    }
  }

  private void tellFailure(Batch batch) {
    RuntimeException told = failure;
    failure = null;
    context.rowFailed(batch, kernel.row, told);
  }

  private void advance(Batch batch) {
    try {
      next = kernel.run(batch, next, batch.to(), out);
    } catch (RuntimeException e) {
      next = kernel.row + 1;
      failure = e;
    }
  }

  private boolean flush(Output output) {
    Batch rows = unchanged == null ? out : unchanged.compact();
    if (rows.size() > 0 && !output.offer(rows)) {
      return false;
    }
    out.clear();
    if (unchanged != null) {
      unchanged.clear();
    }
    return true;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public void close() {
    kernel.close();
    out.close();
    if (unchanged != null) {
      unchanged.close();
    }
  }
}
