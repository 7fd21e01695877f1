package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.operator.Kernel;

/** The generated half of a {@link CalcOperator}: filters rows and writes projected ones. */
public abstract class CalcKernel extends Kernel {
  /** Reads where the columns of a batch are; valid while the batch is. */
  public abstract void bind(Batch in);

  /**
   * Appends to {@code out} the projections of the rows of {@code [from, limit)} that pass, until all
   * have been looked at or {@code out} is full. The weights of the rows go along.
   *
   * <p>When an expression fails, {@link #row} is the row it failed on and {@code out} holds what was
   * complete before it.
   *
   * @return the row to continue at; {@code limit} when all have been looked at
   */
  public abstract int run(Batch in, int from, int limit, Batch out);
}
