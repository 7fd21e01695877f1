package io.laminardb.core.time;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long somebody has waited for other threads of this process. Where the whole process stood still, as
 * on a machine that swaps or is suspended, they have done nothing either: between two looks a moment
 * counts at most. For a thread that looks again and again.
 */
public final class WaitingTime {
  /** What counts between two looks, at most. */
  private static final long MOMENT_NS = 10_000_000;

  private static final long JOIN_MS = 5;

  private final LongSupplier nanoTime;
  private long waitedNs;
  private long lookedNs;

  /** Begins now. */
  public WaitingTime() {
    this(System::nanoTime);
  }

  WaitingTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.lookedNs = nanoTime.getAsLong();
  }

  /** Nanoseconds waited so far. */
  public long ns() {
    long nowNs = nanoTime.getAsLong();
    waitedNs += Math.min(nowNs - lookedNs, MOMENT_NS);
    lookedNs = nowNs;
    return waitedNs;
  }

  /** Begins at zero again. */
  public void restart() {
    waitedNs = 0;
    lookedNs = nanoTime.getAsLong();
  }

  /**
   * Waits for the end of a thread. An interrupt is kept for later.
   *
   * @return whether it has ended
   */
  public static boolean join(Thread thread, long timeoutMs) {
    WaitingTime waiting = new WaitingTime();
    boolean interrupted = Thread.interrupted();
    while (thread.isAlive() && waiting.ns() < TimeUnit.MILLISECONDS.toNanos(timeoutMs)) {
      try {
        thread.join(JOIN_MS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
