package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Goes through the rows of one side that match a row of the other: the rows of a key, and of them
 * those for which the condition holds, which is evaluated for many pairs at a time. One thread.
 */
final class Matches implements AutoCloseable {
  private final RowCodec[] codecs;
  private final int[] firstColumns;
  private final PairKernel kernel; // null: every row of the key matches
  private final Batch pairs;
  private final long[] candidates;
  private final int[] selected;
  private int selectedCount;
  private int selectedAt;
  private long next; // the row of the key to look at next, or 0
  private int port; // of the row under way
  private long rowAddress; // its bytes
  private long current;

  Matches(JoinSpec spec, RowCodec[] codecs, int batchCapacity, BufferAllocator allocator) {
    this.codecs = codecs;
    this.firstColumns = new int[] {0, spec.left().size()};
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
   * Begins with the rows of a key.
   *
   * @param firstRow of the other side, or 0
   * @param newPort of the row they may match
   * @param newRowAddress its bytes
   */
  void open(long firstRow, int newPort, long newRowAddress) {
    next = firstRow;
    port = newPort;
    rowAddress = newRowAddress;
    selectedCount = 0;
    selectedAt = 0;
    current = 0;
  }

  /** Moves to the next match; false at the end. Throws what the condition throws. */
  boolean advance() {
    if (kernel == null) {
      current = next;
      if (current == 0) {
        return false;
      }
      next = JoinRows.next(current);
      return true;
    }
    while (selectedAt == selectedCount) {
      if (next == 0) {
        current = 0;
        return false;
      }
      select();
    }
    current = candidates[selected[selectedAt++]];
    return true;
  }

  /** The match it stands at. */
  long current() {
    return current;
  }

  private void select() {
    pairs.clear();
    final int other = 1 - port;
    int count = 0;
    while (next != 0 && count < candidates.length) {
      codecs[port].readColumns(rowAddress, pairs, firstColumns[port]);
      codecs[other].readColumns(JoinRows.bytes(next), pairs, firstColumns[other]);
      pairs.endRow();
      candidates[count++] = next;
      next = JoinRows.next(next);
    }
    kernel.bind(pairs);
    selectedAt = 0;
    selectedCount = 0;
    selectedCount = kernel.select(count, selected);
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
