package io.laminardb.bench;

import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

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
  private int answered;
  private final Semaphore turns = new Semaphore(0);

  /**
   * @param events of each turn
   */
  LatencyTarget(Kind kind, LatencyBench.Events events) {
    this.kind = kind;
    causes = IntStream.range(0, events.count).filter(i -> passes(events.volumes[i])).toArray();
    pushedAt = new long[events.count];
  }

  /** With RUNNING: whether an event passes the filter. */
  static boolean passes(long volume) {
    return volume > MIN_VOLUME;
  }

  /** A turn begins; its event {@code i} is due at {@code startNs + i * intervalNs}. */
  final void begin(Latencies newLatencies, long newStartNs, long newIntervalNs) {
    latencies = newLatencies;
    startNs = newStartNs;
    intervalNs = newIntervalNs;
    answered = 0;
    turns.release();
  }

  /** An event, whose time moves on so that every 1,000th one closes a window. */
  final void push(int event, String symbol, long volume, long nowNs) {
    pushedAt[event] = nowNs;
    long ts = (baseEvent + event) * (WINDOW_MS / LatencyBench.Events.ROWS_PER_WINDOW);
    push(symbol, 100.25, volume, ts);
  }

  /** All events of the turn are pushed. */
  final void finish() {
    sync();
    rest();
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

  /** Has a thread of its own, if it has one, call {@link #awaitTurn}: others need the core it spins on. */
  void rest() {}

  /** Returns when the next turn begins, or this is closed. */
  final void awaitTurn() {
    turns.acquireUninterruptibly();
  }

  @Override
  public void close() {
    turns.release();
  }
}
