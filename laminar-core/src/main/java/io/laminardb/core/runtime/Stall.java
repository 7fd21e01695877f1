package io.laminardb.core.runtime;

/** Somebody waits: since when nothing has moved. */
final class Stall {
  private long progress;
  private long sinceNs = System.nanoTime();
  private int turns;

  Stall(long progress) {
    this.progress = progress;
  }

  /** Whether nothing has moved for {@code timeoutNs}. */
  boolean isOver(long newProgress, long timeoutNs) {
    if (newProgress != progress) {
      progress = newProgress;
      sinceNs = System.nanoTime();
      return false;
    }
    return System.nanoTime() - sinceNs > timeoutNs;
  }

  /** Waits a little, and longer later on. */
  void pause() {
    turns++;
    if (turns < 100) {
      Thread.onSpinWait();
    } else if (turns < 200) {
      Thread.yield();
    } else {
      java.util.concurrent.locks.LockSupport.parkNanos(20_000);
    }
  }
}
