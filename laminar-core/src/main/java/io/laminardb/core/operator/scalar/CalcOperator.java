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
 * <p>Of a changelog, a retraction followed by an insertion of the same projected row is left out, and
 * no batch ends between a retraction and the insertion that follows it.
 */
final class CalcOperator implements Operator {
  private final OperatorContext context;
  private final CalcKernel kernel;
  private final Batch out; // what was projected and not accepted yet
  private final Unchanged unchanged;
  private boolean started; // whether the batch on loan has been bound
  private int next; // the row of it to continue at
  private boolean cut; // what was projected goes out before the next row
  private RuntimeException failure; // of the row before; told once the rows before that are out

  CalcOperator(Schema schema, CalcKernel kernel, OperatorContext context) {
    this.context = context;
    this.kernel = kernel;
    kernel.open(context.allocator());
    try {
      int least = schema.isChangelog() ? 2 : 1;
      this.out = new Batch(schema, Math.max(least, context.batchCapacity()), context.allocator());
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
      if (out.rowCount() > 0
          && (done || cut || failure != null || out.isFull())
          && !flush(output)) {
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
      if (unchanged != null && out.isFull()) {
        keepPairTogether(batch);
      }
    } catch (RuntimeException e) {
      next = kernel.row + 1;
      failure = e;
    }
  }

  /** A retraction at the end of a full batch goes with the insertion behind it, to the next one. */
  private void keepPairTogether(Batch batch) {
    int last = out.rowCount() - 1;
    if (next < batch.to() && out.weight(last) < 0 && batch.weight(next) > 0) {
      out.rowCount(last);
      next--; // the kernel stops right behind the row that filled the batch
      cut = true;
    }
  }

  private boolean flush(Output output) {
    Batch rows = unchanged == null ? out : unchanged.compact();
    if (rows.size() > 0 && !output.offer(rows)) {
      return false;
    }
    out.clear();
    cut = false;
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
