package io.laminardb.core.operator;

import io.laminardb.core.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The world of an operator under test, in which nothing out of the ordinary is expected.
 *
 * @param batchCapacity rows of the batches it emits
 */
public record TestContext(BufferAllocator allocator, int batchCapacity) implements OperatorContext {
  @Override
  public long nowEpochNs() {
    return 0;
  }

  @Override
  public void timerAt(long epochNs) {
    throw new AssertionError("no timer expected");
  }

  @Override
  public void lateRow(Batch batch, int row) {
    throw new AssertionError("no late row expected");
  }

  @Override
  public void nullTimeRow() {
    throw new AssertionError("no row without time expected");
  }

  @Override
  public void rowFailed(Batch batch, int row, RuntimeException failure) {
    throw failure;
  }
}
