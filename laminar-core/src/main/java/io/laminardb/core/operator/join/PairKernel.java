package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.operator.Kernel;

/** The generated half of a join with a condition beside equal keys: says which pairs it holds for. */
public abstract class PairKernel extends Kernel {
  /** Reads where the columns of a batch of pairs are, left ones first; valid while it is. */
  public abstract void bind(Batch pairs);

  /**
   * Writes to {@code selected} which of the first {@code limit} pairs match, in their order.
   *
   * @return how many
   */
  public abstract int select(int limit, int[] selected);
}
