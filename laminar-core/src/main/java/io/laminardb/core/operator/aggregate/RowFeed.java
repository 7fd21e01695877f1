package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.OperatorContext;

/**
 * Feeds the rows of a batch on loan to a kernel, a run at a time, and reports those that fail or have no
 * time. One thread.
 */
public final class RowFeed {
  private final AggregateKernel kernel;
  private final OperatorContext context;
  private Batch batch; // on loan while a process call is under way, else null
  private int row; // the next one

  public RowFeed(AggregateKernel kernel, OperatorContext context) {
    this.kernel = kernel;
    this.context = context;
  }

  /** Begins with a batch, or goes on with it where a call was BLOCKED. */
  public void begin(Batch newBatch) {
    if (batch == null) {
      batch = newBatch;
      row = batch.from();
      kernel.bind(batch);
      kernel.inputWeights = batch.weightsAddress();
    }
  }

  /** The batch is done with, or given up. */
  public void end() {
    batch = null;
  }

  /** Whether the kernel has had all rows. */
  public boolean isEmpty() {
    return row == batch.to();
  }

  /** The next row. */
  int row() {
    return row;
  }

  /** Leaves the next row out. */
  void skip() {
    row++;
  }

  /** Prepares the next rows and returns how many there are now. */
  public int prepare() {
    int end = Math.min(row + AggregateKernel.CHUNK_ROWS, batch.to());
    RuntimeException failure = null;
    kernel.forgetTexts();
    try {
      kernel.prepare(row, end);
      row = end;
    } catch (RuntimeException e) {
      failure = e;
      row = kernel.row + 1;
    }
    int prepared = kernel.prepared;
    countNullTimes();
    if (failure != null) {
      failed(kernel.row, failure);
    }
    return prepared;
  }

  /**
   * Brings the next rows into their groups, up to where {@link AggregateKernel#fuse} stops.
   *
   * @return what a row failed of, which is not reported yet, or null
   */
  RuntimeException fuse() {
    kernel.target = 0;
    RuntimeException failure = null;
    try {
      kernel.fuse(row, batch.to());
      row = kernel.row;
    } catch (RuntimeException e) {
      failure = e;
      row = kernel.row + 1;
    }
    countNullTimes();
    return failure;
  }

  private void countNullTimes() {
    for (int i = kernel.nullTimes; i > 0; i--) {
      context.nullTimeRow();
    }
  }

  /** Reports a failed row of the batch; a failure that is not the row's own goes on. */
  public void failed(int failedRow, RuntimeException failure) {
    if (failure instanceof LaminarException known && isOfState(known.code())) {
      throw known;
    }
    context.rowFailed(batch, failedRow, failure);
  }

  /** Whether state failed, which is not the row's fault. */
  private static boolean isOfState(ErrorCode code) {
    return switch (code) {
      case MEMORY_BUDGET_EXCEEDED, IO_ERROR, STATE_CORRUPT -> true;
      default -> false;
    };
  }
}
