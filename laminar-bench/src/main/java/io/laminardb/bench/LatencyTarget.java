package io.laminardb.bench;

/** Somebody who is given events one by one and calls back with results. */
abstract class LatencyTarget implements AutoCloseable {
  /** What is asked. */
  enum Kind {
    RUNNING,
    WINDOW
  }

  static final long WINDOW_MS = 60_000;
  static final long MIN_VOLUME = 500;

  final Kind kind;
  private Latencies latencies;
  private long startNs;
  private long intervalNs;
  private long baseEvent; // events of the turns before
  private final int[] causes; // with RUNNING, which event the n-th result is due to
  private final long[] pushedAt; // when each event was pushed
  private int pushed;
  private int answered;

  /**
   * @param events of a turn, at most
   */
  LatencyTarget(Kind kind, int events) {
    this.kind = kind;
    causes = new int[events];
    pushedAt = new long[events];
  }

  /** A turn begins; its event {@code i} is due at {@code startNs + i * intervalNs}. */
  final void begin(Latencies newLatencies, long newStartNs, long newIntervalNs) {
    latencies = newLatencies;
    startNs = newStartNs;
    intervalNs = newIntervalNs;
    pushed = 0;
    answered = 0;
  }

  /** An event, whose time moves on so that every 1,000th one closes a window. */
  final void push(int event, String symbol, long volume, long nowNs) {
    pushedAt[event] = nowNs;
    if (kind == Kind.RUNNING && volume > MIN_VOLUME) {
      causes[pushed++] = event;
    }
    long ts = (baseEvent + event) * (WINDOW_MS / LatencyBench.Events.ROWS_PER_WINDOW);
    push(symbol, 100.25, volume, ts);
  }

  /** All events of the turn are pushed. */
  final void finish() {
    sync();
    baseEvent += 10_000_000; // far behind the last one, so that windows close within a turn
  }

  /** With RUNNING: the next event that passes the filter has been answered. */
  final void answered() {
    record(causes[answered++]);
  }

  /** With WINDOW: a result of a window that ends at {@code windowEndMs} came. */
  final void answered(long windowEndMs) {
    long event = windowEndMs / (WINDOW_MS / LatencyBench.Events.ROWS_PER_WINDOW) - baseEvent;
    if (event > 0) { // else it closes between two turns
      record((int) event);
    }
  }

  private void record(int event) {
    long nowNs = System.nanoTime();
    latencies.record(nowNs - (startNs + event * intervalNs), nowNs - pushedAt[event]);
  }

  abstract void push(String symbol, double price, long volume, long ts);

  abstract void sync();

  @Override
  public abstract void close();
}
