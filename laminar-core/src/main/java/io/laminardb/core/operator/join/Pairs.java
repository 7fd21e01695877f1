package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.state.RowStore;
import java.util.List;

/**
 * Rows of two sides side by side, by their addresses, until they are made columns: a loop a column over
 * all of them. One thread.
 */
final class Pairs {
  private final RowStore[] stores;
  private final int[] ports; // of each column, whose it is
  private final int[] places; // and which of the stored ones
  private final long[][] rows;
  private final boolean[] lacks = new boolean[2]; // a port has no row in one of them
  private int count;

  /**
   * @param stores of both sides; borrowed
   * @param leftColumns columns of the left side's schema
   * @param columns which ones of the left side's and, behind them, of the right side's
   */
  Pairs(RowStore[] stores, int leftColumns, List<Integer> columns, int capacity) {
    this.stores = stores;
    this.ports = new int[columns.size()];
    this.places = new int[columns.size()];
    this.rows = new long[2][capacity];
    for (int i = 0; i < ports.length; i++) {
      int column = columns.get(i);
      ports[i] = column < leftColumns ? JoinType.LEFT_PORT : JoinType.RIGHT_PORT;
      places[i] = stores[ports[i]].format().place(column - ports[i] * leftColumns);
    }
  }

  /** Adds a pair; there has to be room. 0 is no row, and has NULLs. */
  void add(long left, long right) {
    put(JoinType.LEFT_PORT, left);
    put(JoinType.RIGHT_PORT, right);
    count++;
  }

  /** As {@link #add}, with the row of {@code port} first. */
  void add(int port, long row, long other) {
    put(port, row);
    put(1 - port, other);
    count++;
  }

  private void put(int port, long row) {
    if (row == 0) {
      rows[port][count] = stores[port].zeros();
      lacks[port] = true;
    } else {
      rows[port][count] = row;
    }
  }

  int count() {
    return count;
  }

  /** Pairs there is still room for. */
  int room() {
    return rows[0].length - count;
  }

  /** The row of a side of a pair. */
  long row(int port, int index) {
    return rows[port][index];
  }

  /** Makes them the rows of an empty batch, and forgets them; weights are the caller's affair. */
  void moveTo(Batch batch) {
    for (int i = 0; i < ports.length; i++) {
      RowStore store = stores[ports[i]];
      long none = lacks[ports[i]] ? store.zeros() : 0;
      store.format().read(places[i], rows[ports[i]], count, batch.column(i), 0, none);
    }
    batch.rowCount(count);
    count = 0;
    lacks[0] = false;
    lacks[1] = false;
  }
}
