package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.connector.RowFilter;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.scalar.CalcKernel;
import io.laminardb.sql.lower.QueryCompiler;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Filters by a generated kernel. What it found of a row of a batch is kept, so that a row which the
 * reader has asked for is not looked at again. A row that a condition fails on is wanted: the query
 * tells of it.
 */
final class KernelFilter implements RowFilter, AutoCloseable {
  private final CalcKernel kernel;
  private final Batch verdicts; // of the rows of the batch so far

  KernelFilter(CalcKernel kernel, int conditions, BufferAllocator allocator) {
    this.kernel = kernel;
    kernel.open(allocator);
    try {
      verdicts = new Batch(QueryCompiler.verdicts(conditions), Batch.DEFAULT_CAPACITY, allocator);
    } catch (RuntimeException e) {
      kernel.close();
      throw e;
    }
  }

  /** Begins with another batch, whose rows start at 0. */
  void clear() {
    verdicts.clear();
  }

  @Override
  public boolean keeps(Batch batch, int row) {
    if (row < verdicts.rowCount()) {
      forget(row);
    }
    evaluate(batch, row + 1);
    return isWanted(row);
  }

  private void forget(int row) {
    for (int i = 0; i < verdicts.schema().size(); i++) {
      Memory.setBit(verdicts.column(i).validityAddress(), row);
    }
    verdicts.rowCount(row);
  }

  /** Looks at all rows up to {@code limit} that were not looked at before. */
  void evaluate(Batch batch, int limit) {
    if (verdicts.rowCount() < limit) {
      kernel.bind(batch);
    }
    while (verdicts.rowCount() < limit) {
      int row = verdicts.rowCount();
      try {
        kernel.run(batch, row, limit, verdicts);
      } catch (RuntimeException e) {
        int failed = verdicts.rowCount();
        verdicts.column(0).putBoolean(failed, true);
        verdicts.rowCount(failed + 1);
      }
    }
  }

  /** What was found of a row. */
  boolean isWanted(int row) {
    for (int i = 0; i < verdicts.schema().size(); i++) {
      Column verdict = verdicts.column(i);
      if (!verdict.isNull(row) && verdict.getBoolean(row)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    kernel.close();
    verdicts.close();
  }
}
