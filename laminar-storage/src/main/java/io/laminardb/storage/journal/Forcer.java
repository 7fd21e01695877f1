package io.laminardb.storage.journal;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes durable what was appended: at once where that was requested, else within a second. A little is
 * forced by the writing thread itself, which saves a change of threads; more by a thread of its own,
 * while writing goes on. Inline, who asks forces.
 */
final class Forcer implements AutoCloseable {
  private static final long SMALL = 1 << 20;
  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

  private final SegmentFiles segments;
  private final DurableMark mark;
  private final Progress progress;
  private final Path directory;
  private final ReentrantLock forcing = new ReentrantLock();
  private final Thread thread = new Thread(this::run, "laminar-journal-force");
  private final boolean inline;
  private volatile boolean closing;
  private long unforcedBytes; // of the writing thread

  Forcer(
      SegmentFiles segments, DurableMark mark, Progress progress, Path directory, boolean inline) {
    this.segments = segments;
    this.mark = mark;
    this.progress = progress;
    this.directory = directory;
    this.inline = inline;
    thread.setDaemon(true);
  }

  void start() {
    if (!inline) {
      thread.start();
    }
  }

  /** After a write of so many bytes, by the writing thread. */
  void appended(int bytes) {
    unforcedBytes += bytes;
  }

  /** When the writing thread has nothing more to write for the moment. */
  void pause() {
    if (progress.requested() <= progress.durable()) {
      return;
    }
    if (!inline && unforcedBytes <= SMALL && forcing.tryLock()) {
      try {
        force();
      } finally {
        forcing.unlock();
      }
    } else {
      wake();
    }
    unforcedBytes = 0;
  }

  /** Forces soon what was appended already. */
  void wake() {
    if (inline) {
      forceLocked();
    } else {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!closing && progress.failure() == null) {
      if (isRequested()) {
        forceLocked();
        continue;
      }
      LockSupport.parkNanos(this, INTERVAL_NS);
      if (!closing && !isRequested() && progress.appended() > progress.durable()) {
        forceLocked();
      }
    }
  }

  private boolean isRequested() {
    long durable = progress.durable();
    return progress.requested() > durable && progress.appended() > durable;
  }

  private void forceLocked() {
    forcing.lock();
    try {
      force();
    } finally {
      forcing.unlock();
    }
  }

  private void force() {
    long position = progress.appended();
    if (progress.failure() != null || position <= progress.durable()) {
      return;
    }
    try {
      segments.force();
      mark.write(position);
      progress.durable(position);
    } catch (IOException failed) {
      progress.fail(JournalErrors.cannotWrite(directory, failed));
    } catch (RuntimeException | Error failed) {
      progress.fail(
          new LaminarException(
              ErrorCode.INTERNAL_ERROR, "the journal cannot force its files: " + failed, failed));
    }
  }

  /** Ends the thread, once it has done what it is doing; forces nothing. */
  @Override
  public void close() {
    closing = true;
    if (!inline) {
      wake();
      Threads.join(thread);
    }
  }
}
