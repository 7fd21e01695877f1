package io.laminardb.core.runtime;

import io.laminardb.core.time.WaitingTime;

/** Somebody waits: for how long nothing has moved. */
final class Stall {
  private final WaitingTime waiting = new WaitingTime();
  private long progress;
  private int turns;

  Stall(long progress) {
    this.progress = progress;
  }

  /** Whether anything has moved since this was asked, or the wait began. */
  boolean hasMoved(long newProgress) {
    boolean moved = newProgress != progress;
    progress = newProgress;
    return moved;
  }

  /** Whether nothing has moved for {@code timeoutNs}. */
  boolean isOver(long newProgress, long timeoutNs) {
    if (hasMoved(newProgress)) {
      waiting.restart();
      return false;
    }
    return waiting.ns() > timeoutNs;
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
