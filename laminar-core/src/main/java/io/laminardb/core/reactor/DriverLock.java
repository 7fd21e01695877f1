package io.laminardb.core.reactor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets one thread at a time drive a reactor, as often nested as it likes. Made for one thread that
 * drives again and again: that costs it a compare-and-set, half of what a general lock does. Others
 * wait by trying, ever more seldom.
 */
final class DriverLock {
  private static final VarHandle STATE;
  private static final int FREE = 0;
  private static final int CHANGING = 1; // held by who is writing himself down
  private static final int HELD = 2;
  private static final int SPINS = 100;
  private static final int YIELDS = 100;
  private static final long MIN_PARK_NS = 10_000;
  private static final int PARK_DOUBLINGS = 6;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(DriverLock.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile int state;
  private Thread owner; // the last one to hold it; right while it is HELD
  private int nested;

  /** Takes the lock, waiting for it; given back by as many calls of {@link #unlock}. */
  void lock() {
    Thread me = Thread.currentThread();
    for (int tries = 0; !take(me); tries++) {
      pause(tries);
    }
  }

  /** As {@link #lock}; false when it could not be had for {@code timeoutNs}, or on interruption. */
  boolean tryLock(long timeoutNs) {
    Thread me = Thread.currentThread();
    long start = System.nanoTime();
    for (int tries = 0; !take(me); tries++) {
      if (System.nanoTime() - start > timeoutNs || me.isInterrupted()) {
        return false;
      }
      pause(tries);
    }
    return true;
  }

  /** Gives the lock back; for its holder. */
  void unlock() {
    if (nested > 0) {
      nested--;
    } else {
      STATE.setRelease(this, FREE);
    }
  }

  /** Whether the calling thread holds the lock. */
  boolean isMine() {
    return isMine(Thread.currentThread());
  }

  private boolean isMine(Thread me) {
    return state == HELD && owner == me;
  }

  private boolean take(Thread me) {
    if (isMine(me)) {
      nested++;
      return true;
    }
    // Who finds himself here may not be believed before the state is his: another may be about to
    // write.
    if (!STATE.compareAndSet(this, FREE, CHANGING)) {
      return false;
    }
    if (owner != me) {
      owner = me;
    }
    STATE.setRelease(this, HELD);
    return true;
  }

  private static void pause(int tries) {
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else if (tries < SPINS + YIELDS) {
      Thread.yield();
    } else {
      int doublings = Math.min(PARK_DOUBLINGS, (tries - SPINS - YIELDS) / 8);
      LockSupport.parkNanos(MIN_PARK_NS << doublings);
    }
  }
}
