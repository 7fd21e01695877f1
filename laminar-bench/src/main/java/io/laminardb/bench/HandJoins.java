package io.laminardb.bench;

import io.laminardb.core.batch.Batch;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The joins as a programmer would write them by hand: even batches are trades, odd ones orders, as
 * {@link Feed#pushJoined} feeds them. Rows of a key stand in primitive arrays; results go to a batch, as
 * the engine's.
 */
final class HandJoins {
  private static final long INTERVAL_MS = 5_000;

  private HandJoins() {}

  /** Rows of one side, by key, in the order of time; the first ones are dropped as time goes on. */
  private static final class Side {
    private long[][] times = new long[1024][];
    private long[][] values = new long[1024][];
    private int[] head = new int[1024];
    private int[] tail = new int[1024];

    void add(int id, long time, long value) {
      if (id >= times.length) {
        int larger = Math.max(id + 1, times.length * 2);
        times = Arrays.copyOf(times, larger);
        values = Arrays.copyOf(values, larger);
        head = Arrays.copyOf(head, larger);
        tail = Arrays.copyOf(tail, larger);
      }
      if (times[id] == null) {
        times[id] = new long[8];
        values[id] = new long[8];
      } else if (tail[id] == times[id].length) {
        makeRoom(id);
      }
      times[id][tail[id]] = time;
      values[id][tail[id]++] = value;
    }

    private void makeRoom(int id) {
      int count = tail[id] - head[id];
      int capacity = count > times[id].length / 2 ? 2 * count : times[id].length;
      long[] newTimes = new long[capacity];
      long[] newValues = new long[capacity];
      System.arraycopy(times[id], head[id], newTimes, 0, count);
      System.arraycopy(values[id], head[id], newValues, 0, count);
      times[id] = newTimes;
      values[id] = newValues;
      head[id] = 0;
      tail[id] = count;
    }

    void dropBefore(int id, long time) {
      if (id < times.length) {
        while (head[id] < tail[id] && times[id][head[id]] < time) {
          head[id]++;
        }
      }
    }
  }

  /** W5: each order with the trades of its symbol in the 5 seconds before it. */
  static void interval(Data data, Batch out, Consumer<Batch> consumer) {
    HandResults results = new HandResults(out, consumer);
    TextIds ids = new WordIds();
    Side trades = new Side();
    Side orders = new Side();
    boolean isTrade = true;
    for (VectorSchemaRoot root : data.batches()) {
      TradeRows rows = new TradeRows(root);
      for (int i = 0; i < root.getRowCount(); i++) {
        long symbol = rows.symbol(i);
        int length = rows.symbolLength(i);
        int id = ids.idOf(symbol, length);
        long time = rows.time(i);
        if (isTrade) {
          long price = rows.price(i);
          orders.dropBefore(id, time);
          if (id < orders.times.length) {
            for (int k = orders.head[id]; k < orders.tail[id]; k++) {
              if (orders.times[id][k] - INTERVAL_MS <= time) {
                results.add(symbol, length, price, orders.values[id][k]);
              }
            }
          }
          trades.add(id, time, price);
        } else {
          long volume = rows.volume(i);
          trades.dropBefore(id, time - INTERVAL_MS);
          if (id < trades.times.length) {
            for (int k = trades.head[id]; k < trades.tail[id] && trades.times[id][k] <= time; k++) {
              results.add(symbol, length, trades.values[id][k], volume);
            }
          }
          orders.add(id, time, volume);
        }
      }
      isTrade = !isTrade;
    }
    results.flush();
  }

  /** W6: each order with the last trade of its symbol that is not after it. */
  static void asof(Data data, Batch out, Consumer<Batch> consumer) {
    HandResults results = new HandResults(out, consumer);
    TextIds ids = new WordIds();
    long[] last = new long[1024];
    long[] waiting = new long[4 * 1024]; // time, volume, id, text and length of orders
    int waitingHead = 0;
    int waitingTail = 0;
    boolean isTrade = true;
    for (VectorSchemaRoot root : data.batches()) {
      TradeRows rows = new TradeRows(root);
      for (int i = 0; i < root.getRowCount(); i++) {
        long symbol = rows.symbol(i);
        int length = rows.symbolLength(i);
        int id = ids.idOf(symbol, length);
        long time = rows.time(i);
        if (id >= last.length) {
          last = Arrays.copyOf(last, Math.max(id + 1, last.length * 2));
        }
        if (isTrade) {
          while (waitingHead < waitingTail && waiting[waitingHead] < time) {
            answer(waiting, waitingHead, last, results);
            waitingHead += 4;
          }
          last[id] = rows.price(i);
        } else {
          if (waitingTail == waiting.length) {
            waitingTail -= waitingHead;
            long[] moved =
                2 * waitingTail > waiting.length ? new long[2 * waiting.length] : waiting;
            System.arraycopy(waiting, waitingHead, moved, 0, waitingTail);
            waiting = moved;
            waitingHead = 0;
          }
          waiting[waitingTail] = time;
          waiting[waitingTail + 1] = rows.volume(i);
          waiting[waitingTail + 2] = symbol;
          waiting[waitingTail + 3] = (long) length << 32 | id;
          waitingTail += 4;
        }
      }
      isTrade = !isTrade;
    }
    for (; waitingHead < waitingTail; waitingHead += 4) {
      answer(waiting, waitingHead, last, results);
    }
    results.flush();
  }

  private static void answer(long[] waiting, int at, long[] last, HandResults results) {
    int length = (int) (waiting[at + 3] >>> 32);
    results.add(waiting[at + 2], length, last[(int) waiting[at + 3]], waiting[at + 1]);
  }
}
