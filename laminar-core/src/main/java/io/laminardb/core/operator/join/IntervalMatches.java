package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Goes through the kept rows of one side that match a row of a batch of the other: a stretch of its
 * key's run, and of that the rows for which the condition holds, which is evaluated for many pairs at
 * a time. One thread.
 */
final class IntervalMatches implements AutoCloseable {
  private final JoinSpec spec;
  private final TimedRows[] sides;
  private final PairKernel kernel; // null: every row of the stretch matches
  private final Batch pairs;
  private final long[] candidates;
  private final int[] selected;
  private int selectedCount;
  private int selectedAt;
  private long run; // of the key
  private int next; // the row of the run to look at next
  private int count; // rows of the run
  private long latest; // time of the last row of the stretch
  private int port; // of the row under way
  private Batch batch; // it is in; borrowed
  private int row;
  private long current;

  IntervalMatches(JoinSpec spec, TimedRows[] sides, int batchCapacity, BufferAllocator allocator) {
    this.spec = spec;
    this.sides = sides;
    if (spec.condition() == null) {
      kernel = null;
      pairs = null;
      candidates = null;
      selected = null;
      return;
    }
    candidates = new long[batchCapacity];
    selected = new int[batchCapacity];
    pairs = new Batch(spec.pairs(), batchCapacity, allocator);
    kernel = spec.condition().get();
    try {
      kernel.open(allocator);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Begins with the rows of a key whose times are in {@code [earliest, latest]}.
   *
   * @param entry of the key on the other side, or 0
   */
  void open(long entry, long earliest, long newLatest, int newPort, Batch newBatch, int newRow) {
    latest = newLatest;
    port = newPort;
    batch = newBatch;
    row = newRow;
    selectedCount = 0;
    selectedAt = 0;
    next = 0;
    count = 0;
    if (entry != 0) {
      run = TimedRows.run(entry);
      next = Run.firstFrom(run, earliest);
      count = Run.count(run);
    }
  }

  /** Moves to the next match; false at the end. Throws what the condition throws. */
  boolean advance() {
    if (kernel == null) {
      if (!isInStretch()) {
        return false;
      }
      current = Run.row(run, next++);
      return true;
    }
    while (selectedAt == selectedCount) {
      if (!isInStretch()) {
        return false;
      }
      select();
    }
    current = candidates[selected[selectedAt++]];
    return true;
  }

  private boolean isInStretch() {
    return next < count && Run.order(run, next) <= latest;
  }

  /** The match it stands at. */
  long current() {
    return current;
  }

  private void select() {
    pairs.clear();
    final int other = 1 - port;
    int found = 0;
    while (found < candidates.length && isInStretch()) {
      long candidate = Run.row(run, next++);
      copy(batch, row, pairs, spec.firstColumn(port));
      sides[other].read(candidate, pairs, spec.firstColumn(other));
      pairs.endRow();
      candidates[found++] = candidate;
    }
    kernel.bind(pairs);
    selectedAt = 0;
    selectedCount = 0;
    selectedCount = kernel.select(found, selected);
  }

  /** Copies a row into the last, not yet ended row of a batch, from {@code firstColumn} on. */
  static void copy(Batch source, int row, Batch target, int firstColumn) {
    int at = target.rowCount();
    for (int i = 0; i < source.schema().size(); i++) {
      target.column(firstColumn + i).copyFrom(source.column(i), row, row + 1, at);
    }
  }

  @Override
  public void close() {
    if (kernel != null) {
      kernel.close();
    }
    if (pairs != null) {
      pairs.close();
    }
  }
}
