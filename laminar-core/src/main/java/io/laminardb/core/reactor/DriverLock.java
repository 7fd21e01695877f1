package io.laminardb.core.reactor;

import io.laminardb.core.file.Uninterrupted;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one thread at a time drive a reactor, as often nested as it likes. Made for one thread that
 * drives again and again: that costs it a compare-and-set, half of what a general lock does. As soon
 * as another one waits, all wait their turn, so that nobody can be kept out.
 */
final class DriverLock {
  private static final VarHandle STATE;
  private static final VarHandle WAITING;
  private static final int FREE = 0;
  private static final int CHANGING = 1; // held by who is writing himself down
  private static final int HELD = 2;
  private static final int SPINS = 100;
  private static final int YIELDS = 100;
  private static final long PARK_NS = 20_000;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(DriverLock.class, "state", int.class);
      WAITING = lookup.findVarHandle(DriverLock.class, "waiting", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ReentrantLock turns = new ReentrantLock(true); // held by who is the next one
  private volatile int state;
  private volatile int waiting; // threads that wait their turn
  private Thread owner; // the last one to hold it; right while it is HELD
  private int nested;

  /** Takes the lock, waiting for it; given back by as many calls of {@link #unlock}. */
  void lock() {
    Thread me = Thread.currentThread();
    if (enter(me) || waiting == 0 && take(me)) {
      return;
    }
    WAITING.getAndAdd(this, 1);
    turns.lock();
    try {
      for (int tries = 0; !take(me); tries++) {
        pause(tries);
      }
    } finally {
      turns.unlock();
      WAITING.getAndAdd(this, -1);
    }
  }

  /** As {@link #lock}; false when it could not be had for {@code timeoutNs}. */
  boolean tryLock(long timeoutNs) {
    Thread me = Thread.currentThread();
    if (enter(me) || waiting == 0 && take(me)) {
      return true;
    }
    long start = System.nanoTime();
    WAITING.getAndAdd(this, 1);
    try {
      return Uninterrupted.await(timeoutNs, nanos -> turns.tryLock(nanos, TimeUnit.NANOSECONDS))
          && takeInTurn(me, start, timeoutNs);
    } finally {
      WAITING.getAndAdd(this, -1);
    }
  }

  private boolean takeInTurn(Thread me, long startNs, long timeoutNs) {
    try {
      for (int tries = 0; !take(me); tries++) {
        if (System.nanoTime() - startNs > timeoutNs) {
          return false;
        }
        pause(tries);
      }
      return true;
    } finally {
      turns.unlock();
    }
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

  private boolean enter(Thread me) {
    if (!isMine(me)) {
      return false;
    }
    nested++;
    return true;
  }

  /** Who finds himself written down is not believed before the state is his: see CHANGING. */
  private boolean take(Thread me) {
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
      LockSupport.parkNanos(PARK_NS);
    }
  }
}
