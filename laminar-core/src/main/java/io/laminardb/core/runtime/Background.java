package io.laminardb.core.runtime;

import io.laminardb.core.file.Uninterrupted;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Threads for what operators have others do, and how much of that is under way. Any thread. */
final class Background {
  private static final long CLOSE_TIMEOUT_MS = 2_000;
  private static final long PARK_NS = 20_000;

  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong ended = new AtomicLong();
  private final AtomicLong handled = new AtomicLong(); // ended, and their operators know
  private final AtomicInteger lastThread = new AtomicInteger();
  private ExecutorService threads; // guarded by this; null until the first work comes

  /**
   * Runs work on a thread of its own.
   *
   * @param then runs after it, whatever became of it
   */
  void run(Runnable work, Runnable then) {
    begun.incrementAndGet();
    threads()
        .execute(
            () -> {
              try {
                work.run();
              } finally {
                then.run();
                ended.incrementAndGet();
              }
            });
  }

  private synchronized ExecutorService threads() {
    if (threads == null) {
      threads =
          Executors.newCachedThreadPool(
              work -> {
                Thread thread =
                    new Thread(work, "laminar-background-" + lastThread.incrementAndGet());
                thread.setDaemon(true);
                return thread;
              });
    }
    return threads;
  }

  /** Operators know of the end of so many pieces of work, or will never ask. */
  void handled(long count) {
    handled.addAndGet(count);
  }

  /** Whether there is work whose operator does not know that it has ended. */
  boolean isPending() {
    return begun.get() != handled.get();
  }

  /** Whether work is under way. */
  boolean isRunning() {
    return begun.get() != ended.get();
  }

  /** Waits until there is something to be told to an operator, or nothing runs; whether it waited. */
  boolean await() {
    boolean waited = false;
    while (ended.get() <= handled.get() && isRunning() && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, PARK_NS);
      waited = true;
    }
    return waited;
  }

  /** Lets what runs come to an end, but not for long. */
  synchronized void close() {
    if (threads == null) {
      return;
    }
    threads.shutdown();
    long timeoutNs = TimeUnit.MILLISECONDS.toNanos(CLOSE_TIMEOUT_MS);
    boolean ended =
        Uninterrupted.await(
            timeoutNs, nanos -> threads.awaitTermination(nanos, TimeUnit.NANOSECONDS));
    if (!ended) {
      threads.shutdownNow();
    }
  }
}
