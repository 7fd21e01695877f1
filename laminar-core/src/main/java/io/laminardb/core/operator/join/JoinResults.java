package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.state.RowStore;
import java.util.List;

/**
 * The results of a join on their way out: pairs, which become a batch when there are many, and the batch
 * until the output accepts it. Rows they refer to must not be freed before, but doomed. One thread.
 */
final class JoinResults implements AutoCloseable {
  private static final int MIN_CAPACITY = 2;

  private final RowStore[] stores;
  private final Pairs pairs;
  private final byte[] weights; // null of append-only results
  private final Batch out;

  /**
   * @param stores of both sides; borrowed
   * @param left the rows of port 0
   * @param columns which columns of the left side and, behind them, of the right side
   */
  JoinResults(
      RowStore[] stores,
      Schema left,
      List<Integer> columns,
      Schema output,
      OperatorContext context) {
    int capacity = Math.max(MIN_CAPACITY, context.batchCapacity());
    this.stores = stores;
    this.pairs = new Pairs(stores, left.size(), columns, capacity);
    this.weights = output.isChangelog() ? new byte[capacity] : null;
    this.out = new Batch(output, capacity, context.allocator());
  }

  /** Makes sure of room for some results, at most two; false for back-pressure. */
  boolean makeRoom(int results, Output output) {
    return out.rowCount() == 0 && pairs.room() >= results || flush(output);
  }

  /** Results there is room for without another {@link #makeRoom}. */
  int room() {
    return pairs.room();
  }

  /** Adds a row of {@code port} and one of the other side; 0 is none. */
  void add(int port, long row, long other, int weight) {
    assert weights != null || weight > 0 : "a retraction in an append-only result";
    if (weights != null) {
      weights[pairs.count()] = (byte) weight;
    }
    pairs.add(port, row, other);
  }

  /** Has the output take all results, and frees rows that are doomed; false for back-pressure. */
  boolean flush(Output output) {
    int count = pairs.count();
    if (count > 0 && out.rowCount() == 0) {
      pairs.moveTo(out);
      if (weights != null) {
        Memory.copyFromHeap(weights, 0, out.weightsAddress(), count);
      }
    }
    if (out.rowCount() > 0) {
      if (!output.offer(out)) {
        return false;
      }
      out.clear();
    }
    stores[0].freeDoomed();
    stores[1].freeDoomed();
    return true;
  }

  @Override
  public void close() {
    out.close();
  }
}
