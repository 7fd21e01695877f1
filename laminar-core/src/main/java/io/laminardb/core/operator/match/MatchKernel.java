package io.laminardb.core.operator.match;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.operator.Kernel;

/** The generated half of pattern matching: the conditions of variables. */
public abstract class MatchKernel extends Kernel {
  /** Reads where the columns of a batch of what conditions ask for are; valid while it is. */
  public abstract void bind(Batch values);

  /** Whether the condition of a variable holds for the first row of the batch. */
  public abstract boolean test(int variable);
}
