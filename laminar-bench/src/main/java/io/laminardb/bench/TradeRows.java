package io.laminardb.bench;

import io.laminardb.core.memory.Memory;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The columns of a batch of {@link Data}, as the hand-written loops read them. */
final class TradeRows {
  private final long offsets;
  private final long texts;
  private final long prices;
  private final long volumes;
  private final long times;

  TradeRows(VectorSchemaRoot root) {
    offsets = Data.offsets(root, 0);
    texts = Data.address(root, 0);
    prices = Data.address(root, 1);
    volumes = Data.address(root, 2);
    times = Data.address(root, 3);
  }

  /** Where the symbol of a row is. */
  long symbol(int row) {
    return texts + Memory.getInt(offsets + ((long) row << 2));
  }

  int symbolLength(int row) {
    long at = offsets + ((long) row << 2);
    return Memory.getInt(at + 4) - Memory.getInt(at);
  }

  /** The bits of the price. */
  long price(int row) {
    return Memory.getLong(prices + ((long) row << 3));
  }

  long volume(int row) {
    return Memory.getLong(volumes + ((long) row << 3));
  }

  long time(int row) {
    return Memory.getLong(times + ((long) row << 3));
  }
}
