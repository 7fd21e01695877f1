package io.laminardb.storage.journal;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How far writing has come, for those who wait for it. Any thread. It fails once, and for good. */
final class Progress {
  private final AtomicLong requested;
  private final List<Runnable> actions = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile long appended;
  private volatile long durable;
  private volatile LaminarException failure;

  Progress(long position) {
    this.requested = new AtomicLong(position);
    this.appended = position;
    this.durable = position;
  }

  /** The last position that was asked to be made durable. */
  long requested() {
    return requested.get();
  }

  /** @return whether it was not asked for yet */
  boolean request(long position) {
    long before = requested.get();
    while (before < position) {
      if (requested.compareAndSet(before, position)) {
        return true;
      }
      before = requested.get();
    }
    return false;
  }

  /** The last position that was written to a file. */
  long appended() {
    return appended;
  }

  void appended(long position) {
    appended = position;
  }

  long durable() {
    return durable;
  }

  void durable(long position) {
    durable = position;
    changed();
  }

  LaminarException failure() {
    return failure;
  }

  /** Ends all writing, unless that has happened already. */
  void fail(LaminarException cause) {
    lock.lock();
    try {
      if (failure != null) {
        return;
      }
      failure = cause;
    } finally {
      lock.unlock();
    }
    changed();
  }

  /** Throws where writing has failed. */
  void check() {
    LaminarException cause = failure;
    if (cause != null) {
      throw new LaminarException(cause.code(), cause.problem(), cause).mend(cause.mend());
    }
  }

  /** Waits until a position is durable; throws where that cannot be any more. */
  void await(long position) {
    lock.lock();
    try {
      while (durable < position) {
        check();
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  void onChange(Runnable action) {
    actions.add(action);
  }

  private void changed() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    for (Runnable action : actions) {
      try {
        action.run();
      } catch (RuntimeException failed) {
        fail(
            new LaminarException(
                ErrorCode.INTERNAL_ERROR,
                "what the journal had to tell failed: " + failed,
                failed));
      }
    }
  }
}
