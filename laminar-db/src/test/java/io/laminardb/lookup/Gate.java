package io.laminardb.lookup;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A function of H2 that lets a question wait, or fail. Its methods are called by the database. */
public final class Gate {
  private static final Semaphore OPEN = new Semaphore(0);
  private static final Semaphore ENTERED = new Semaphore(0);
  private static final AtomicInteger FAILURES = new AtomicInteger();
  private static volatile boolean closed;

  private Gate() {}

  static void reset() {
    OPEN.drainPermits();
    ENTERED.drainPermits();
    FAILURES.set(0);
    closed = false;
  }

  /** From now on rows wait. */
  static void close() {
    closed = true;
  }

  /** All that wait and will come pass. */
  static void open() {
    closed = false;
    OPEN.release(1 << 20);
  }

  /** Waits until a question has come to the gate. */
  static void awaitQuestion() throws InterruptedException {
    if (!ENTERED.tryAcquire(60, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody asks");
    }
  }

  /** The next so many rows fail. */
  static void failNext(int rows) {
    FAILURES.set(rows);
  }

  /** Called by H2 for each row. */
  public static String pass(String name) throws InterruptedException {
    ENTERED.release();
    if (closed && !OPEN.tryAcquire(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the gate was never opened");
    }
    if (FAILURES.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IllegalStateException("the line is bad");
    }
    return name;
  }
}
