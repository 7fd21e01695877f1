package io.laminardb.core.operator.aggregate;

import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.state.RowRun;
import io.laminardb.core.state.Spill;

/**
 * Brings groups together again that were spilled in parts. A table that is full goes on counting for the
 * groups it holds, and each row of another group becomes a part of its own; later the table is emptied and
 * takes parts in their order until it is full again, and the rest waits for the next time. PostgreSQL's
 * hash aggregate does likewise with rows (version 13, nodeAgg.c); it writes them by hash, which reads
 * less where there are many times more groups than memory. Here groups come out in the order of their
 * first rows and rows enter them in their order, so results are those of a state that was never
 * spilled, to the last bit. One thread.
 */
public final class SpilledGroups {
  private final AggregateKernel kernel;
  private final AggregateShape shape;
  private final OperatorContext context;
  private long prefetched; // of no meaning, but that loads are not optimized away

  public SpilledGroups(AggregateKernel kernel, AggregateShape shape, OperatorContext context) {
    this.kernel = kernel;
    this.shape = shape;
    this.context = context;
  }

  /**
   * Where the states of an operator spill to; null where they cannot, or nothing is to. A sum that
   * overflows is found when parts are merged, too late for its row to be skipped.
   */
  public static Spill of(AggregateSpec spec, OperatorContext context) {
    AggregateShape shape = spec.shape();
    boolean canSpill =
        spec.mode() == EmitMode.ON_CLOSE
            && shape.mergeable()
            && !shape.changelogInput()
            && shape.groups().keyWords() > 0
            && !context.skipsFailedRows();
    return canSpill ? context.spill() : null;
  }

  /**
   * Forgets the groups that the table of a state holds, and makes the next ones of those it does not
   * hold its own; the state is spilled.
   */
  public void next(AggregateState state) {
    bring(state.take(), state);
  }

  /** Brings parts of groups into a state; the run is gone then. */
  private void bring(RowRun parts, AggregateState state) {
    try (parts) {
      kernel.attach(state);
      parts.drain(state.heap(), (from, to, count) -> merge(from, to, count, state));
    }
  }

  /** Ends a restore: a state that has nowhere to spill to holds all of its groups itself. */
  public void hold(AggregateState state) {
    RowRun parts = state.takeHomeless();
    if (parts != null) {
      bring(parts, state);
    }
  }

  /** Merges the groups of a state that is {@link #settle}d into those of another one; it keeps them. */
  public void mergeInto(AggregateState target, AggregateState state) {
    kernel.attach(target);
    state.spilled().read(target.heap(), (from, to, count) -> merge(from, to, count, target));
  }

  /**
   * Spills all groups of a state that is spilled, and makes one part of all parts of a group: windows
   * that merge it read that, and sums are those of groups that were never in parts.
   */
  public void settle(AggregateState state) {
    if (!state.isSpilled() || state.spilled().isSettled()) {
      return;
    }
    state.spill();
    RowRun settled = state.newRun();
    try (AggregateState work =
        new AggregateState(shape, context.allocator(), context.spill(), false)) {
      bring(state.take(), work);
      settled.addAll(work.groups(), false);
      while (work.isSpilled()) {
        next(work);
        settled.addAll(work.groups(), false);
      }
    }
    settled.settled();
    state.spillTo(settled);
  }

  private void merge(long sources, long targets, int count, AggregateState state) {
    prefetched += state.groups().prefetch(sources, 0, count);
    state.groups().findOrInsert(sources, targets, 0, count);
    kernel.merge(sources, targets, 0, count);
    state.flushIfLarge();
  }
}
