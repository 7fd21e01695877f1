package io.laminardb.core.runtime;

import io.laminardb.core.durable.PartChanges;
import io.laminardb.core.memory.NativeArena;
import io.laminardb.core.state.TableCopies;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What tables have changed, from the barrier of a checkpoint until it is on disk: the engine copies rows
 * off the heap, slice by slice; then they are cut into the pieces that storage writes, which stay until
 * one checkpoint was written. The thread that takes checkpoints, but for {@link #begin}, which is the
 * reactor's, and {@link #bytes}.
 */
final class CopiedChanges implements AutoCloseable {
  /** How long the engine copies rows at a time, and how long it is left alone then. */
  private static final long SLICE_NS = 100_000;

  private final ReactorContext context;
  private final NativeArena rows = new NativeArena(); // of copies
  private final NativeArena pieces = new NativeArena(); // of changes
  private final ReentrantLock inUse = new ReentrantLock();
  private volatile boolean closed;
  private long lastTable;

  /** Copies that are not in {@link #changes} yet, as the engine is copying or has failed to. */
  private TableCopies copies;

  /** What no checkpoint that was written has. */
  private PartChanges changes = PartChanges.NONE;

  CopiedChanges(ReactorContext context) {
    this.context = context;
  }

  /** The highest number by which a checkpoint knows a table. */
  long lastTable() {
    return lastTable;
  }

  void lastTable(long number) {
    lastTable = number;
  }

  /** Memory held off the heap, in bytes. Any thread. */
  long bytes() {
    return rows.bytes() + pieces.bytes();
  }

  /** Does what uses these changes; nothing is freed meanwhile. */
  <T> T use(Supplier<T> action) {
    inUse.lock();
    try {
      return action.get();
    } finally {
      inUse.unlock();
      freeIfClosed();
    }
  }

  /** At a barrier: {@code snapshot} tells the copies of every table. Reactor. */
  <T> T begin(Function<TableCopies, T> snapshot) {
    copies = new TableCopies(lastTable, rows);
    try {
      return snapshot.apply(copies);
    } finally {
      lastTable = copies.lastNumber();
    }
  }

  /** Has the engine copy what is to be copied, with pauses; returns how long a slice took at most. */
  long copyAll() {
    long longestNs = 0;
    boolean done = copies == null;
    while (!done) {
      long[] tookNs = new long[1];
      done =
          context.reactor.call(
              () -> {
                long beganNs = System.nanoTime();
                boolean all = copies.copySome(beganNs + SLICE_NS);
                tookNs[0] = System.nanoTime() - beganNs;
                return all;
              });
      longestNs = Math.max(longestNs, tookNs[0]);
      if (!done) {
        LockSupport.parkNanos(this, SLICE_NS);
      }
    }
    if (copies != null) {
      changes = changes.then(copies.changes(pieces), pieces::allocate);
      copies = null;
      rows.reset();
    }
    return longestNs;
  }

  /** All that was copied and is not on disk. */
  PartChanges changes() {
    return changes;
  }

  /** What was copied is on disk. */
  void written() {
    changes = PartChanges.NONE;
    pieces.reset();
  }

  /** Frees everything, once it is not used. Any thread. */
  @Override
  public void close() {
    closed = true;
    freeIfClosed();
  }

  private void freeIfClosed() {
    if (closed && !inUse.isHeldByCurrentThread() && inUse.tryLock()) {
      try {
        rows.close();
        pieces.close();
      } finally {
        inUse.unlock();
      }
    }
  }
}
