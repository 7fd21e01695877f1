package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Goes through the kept rows of one side that match a row of the other: a stretch of its key's run,
 * and of that the rows for which the condition holds, which is evaluated for many pairs at a time. One
 * thread.
 */
final class TimedMatches implements AutoCloseable {
  private final PairKernel kernel; // null: every row of the stretch matches
  private final Pairs pairs;
  private final Batch columns; // of the pairs
  private final long[] candidates;
  private final int[] selected;
  private int selectedCount;
  private int selectedAt;
  private long run; // of the key
  private int next; // the row of the run to look at next
  private int count; // rows of the run
  private long latest; // time of the last row of the stretch
  private int port; // of the row under way
  private long row;
  private long current;

  TimedMatches(JoinSpec spec, TimedSides sides, int batchCapacity, BufferAllocator allocator) {
    if (spec.condition() == null) {
      kernel = null;
      pairs = null;
      columns = null;
      candidates = null;
      selected = null;
      return;
    }
    candidates = new long[batchCapacity];
    selected = new int[batchCapacity];
    pairs =
        new Pairs(
            sides.stores(),
            spec.left().size(),
            IntStream.range(0, spec.pairs().size()).boxed().toList(),
            batchCapacity);
    columns = new Batch(spec.pairs(), batchCapacity, allocator);
    kernel = spec.condition().get();
    try {
      kernel.open(allocator);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Begins with nothing: a row that has no match. */
  void openNone() {
    next = 0;
    count = 0;
    selectedCount = 0;
    selectedAt = 0;
  }

  /** Begins with the rows of a run whose times are in {@code [earliest, latest]}. */
  void open(long newRun, long earliest, long newLatest, int newPort, long newRow) {
    run = newRun;
    next = Run.firstFrom(newRun, earliest);
    count = Run.count(newRun);
    latest = newLatest;
    port = newPort;
    row = newRow;
    selectedCount = 0;
    selectedAt = 0;
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
    int found = 0;
    while (found < candidates.length && isInStretch()) {
      long candidate = Run.row(run, next++);
      pairs.add(port, row, candidate);
      candidates[found++] = candidate;
    }
    columns.clear();
    pairs.moveTo(columns);
    kernel.bind(columns);
    selectedAt = 0;
    selectedCount = 0;
    selectedCount = kernel.select(found, selected);
  }

  @Override
  public void close() {
    if (kernel != null) {
      kernel.close();
    }
    if (columns != null) {
      columns.close();
    }
  }
}
