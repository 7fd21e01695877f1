package io.laminardb.bench;

import io.laminardb.core.batch.Batch;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;

/** LAG and Top-N as a programmer would write them by hand for just that query. */
final class HandOvers {
  private static final int TOP = 10;

  private HandOvers() {}

  /** W9_LAG: each trade's volume with the price of the trade of its symbol before it, 0 without one. */
  static void lag(Data data, Batch out, Consumer<Batch> consumer) {
    HandResults results = new HandResults(out, consumer);
    TextIds ids = new WordIds();
    long[] last = new long[1024];
    for (VectorSchemaRoot root : data.batches()) {
      TradeRows rows = new TradeRows(root);
      for (int i = 0; i < root.getRowCount(); i++) {
        int id = ids.idOf(rows.symbol(i), rows.symbolLength(i));
        if (id >= last.length) {
          last = Arrays.copyOf(last, Math.max(id + 1, last.length * 2));
        }
        results.add(rows.symbol(i), rows.symbolLength(i), last[id], rows.volume(i));
        last[id] = rows.price(i);
      }
    }
    results.flush();
  }

  /** W9_TOP: the ten trades of the largest volumes of each symbol, every change. */
  static void top(Data data, Batch out, Consumer<Batch> consumer) {
    HandResults results = new HandResults(out, consumer);
    TextIds ids = new WordIds();
    int[] count = new int[1024];
    long[][] volumes = new long[1024][];
    long[][] prices = new long[1024][];
    for (VectorSchemaRoot root : data.batches()) {
      TradeRows rows = new TradeRows(root);
      for (int i = 0; i < root.getRowCount(); i++) {
        int id = ids.idOf(rows.symbol(i), rows.symbolLength(i));
        if (id >= count.length) {
          int larger = Math.max(id + 1, count.length * 2);
          count = Arrays.copyOf(count, larger);
          volumes = Arrays.copyOf(volumes, larger);
          prices = Arrays.copyOf(prices, larger);
        }
        if (volumes[id] == null) {
          volumes[id] = new long[TOP];
          prices[id] = new long[TOP];
        }
        long volume = rows.volume(i);
        long[] best = volumes[id];
        long[] bestPrices = prices[id];
        int at = count[id];
        if (at == TOP) {
          if (best[TOP - 1] >= volume) {
            continue;
          }
          at--;
          results.add(rows.symbol(i), rows.symbolLength(i), bestPrices[at], best[at], -1);
        } else {
          count[id]++;
        }
        for (; at > 0 && best[at - 1] < volume; at--) {
          best[at] = best[at - 1];
          bestPrices[at] = bestPrices[at - 1];
        }
        best[at] = volume;
        bestPrices[at] = rows.price(i);
        results.add(rows.symbol(i), rows.symbolLength(i), rows.price(i), volume, 1);
      }
    }
    results.flush();
  }
}
