package io.laminardb.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The queries by hand: push, filter, map update, callback, all on the caller's thread. */
class LatencyLoop extends LatencyTarget {
  /** The aggregates of a symbol, handed to the callback. */
  static final class Totals {
    final String symbol;
    double turnover;
    long volume;
    long count;
    long windowEnd;

    Totals(String symbol) {
      this.symbol = symbol;
    }
  }

  private final Map<String, Totals> totals = new HashMap<>();
  private final Consumer<Totals> listener;
  private long windowEnd = Long.MIN_VALUE;
  private long seen;

  LatencyLoop(Kind kind, LatencyBench.Events events) {
    super(kind, events);
    listener =
        kind == Kind.RUNNING
            ? result -> {
              seen += result.volume + result.count;
              answered();
            }
            : result -> {
              seen += result.count + (result.turnover / result.volume > 0 ? 1 : 0);
              answered(result.windowEnd);
            };
  }

  @Override
  void push(String symbol, double price, long volume, long ts) {
    if (kind == Kind.RUNNING) {
      if (passes(volume)) {
        Totals changed = totalsOf(symbol);
        changed.volume += volume;
        changed.count++;
        listener.accept(changed);
      }
      return;
    }
    if (ts >= windowEnd) {
      close(windowEnd);
      windowEnd = Math.floorDiv(ts, WINDOW_MS) * WINDOW_MS + WINDOW_MS;
    }
    Totals changed = totalsOf(symbol);
    changed.turnover += price * volume;
    changed.volume += volume;
    changed.count++;
  }

  private Totals totalsOf(String symbol) {
    Totals known = totals.get(symbol);
    if (known == null) {
      known = new Totals(symbol);
      totals.put(symbol, known);
    }
    return known;
  }

  private void close(long end) {
    for (Totals each : totals.values()) {
      if (each.count != 0) {
        each.windowEnd = end;
        listener.accept(each);
        each.turnover = 0;
        each.volume = 0;
        each.count = 0;
      }
    }
  }

  @Override
  void sync() {}

  @Override
  public void close() {
    super.close();
    if (seen == 0) {
      throw new IllegalStateException("the loop has seen no result");
    }
  }
}
