package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SinkConnector;
import io.laminardb.core.connector.SinkWriter;
import io.laminardb.core.connector.TransactionalWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.ring.ColumnarRing;
import io.laminardb.core.runtime.StreamConsumer;
import io.laminardb.core.time.WaitingTime;
import io.laminardb.core.time.Watermark;
import io.laminardb.internal.durable.CheckpointedSink;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Moves rows of a stream to a connector's writer: inline at once, otherwise through a ring to a
 * thread of its own, so that the outside never blocks a reactor. A full ring holds the query back.
 *
 * <p>When the writer fails, the sink is over: its failure is kept, and rows that come after are
 * counted as dropped; a durable database takes no checkpoint then, so that it gives them again when it is
 * opened.
 *
 * <p>At a checkpoint a mark goes through the ring behind the rows before it. A writer that knows
 * transactions pre-commits there and commits when the checkpoint is durable, between two batches of the
 * rows that follow; another one flushes.
 */
public final class SinkPump implements StreamConsumer, CheckpointedSink, AutoCloseable {
  private static final int RING_ROWS = 1 << 16;
  private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long CLOSE_TIMEOUT_MS = 10_000;
  private static final long CHECKPOINT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);
  private static final long AWAIT_NS = 50_000;

  private final String name;
  private final Class<?> connector;
  private final SinkWriter writer;
  private final SinkTransactions transactions; // or null
  private final ColumnarRing ring; // null inline
  private Thread thread;
  private volatile boolean stopping;
  private volatile boolean finished;
  private volatile LaminarException failure;
  private volatile long rows;
  private volatile long droppedRows;

  // A flush is asked for by number and done when that number is reached.
  private volatile long flushWanted;
  private volatile long flushDone;
  private boolean flushing;
  private int appended;

  // So are the two phases of a commit.
  private volatile long preCommitted;
  private volatile long commitWanted;
  private volatile long commitDone;
  private volatile boolean last; // the next checkpoint is that of the sink's end
  private volatile boolean sealed; // it was taken
  private boolean dropped;

  /** What becomes of a sink's rows when the process ends. */
  public enum Life {
    /** Nothing outlives it. */
    IN_MEMORY,
    /** They come with checkpoints. */
    DURABLE
  }

  /**
   * Opens the writer, which may block; one that knows transactions commits first what it has to.
   *
   * @param named what the checkpoint from which the database goes on says of the sink, or null
   */
  public SinkPump(
      String name,
      SinkConnector connector,
      Schema schema,
      Life life,
      byte[] named,
      boolean inline,
      BufferAllocator allocator) {
    this.name = name;
    this.connector = connector.getClass();
    TransactionalWriter transactional =
        life == Life.DURABLE ? connector.openTransactional(schema) : null;
    this.writer = transactional == null ? connector.open(schema) : transactional;
    this.transactions = transactional == null ? null : new SinkTransactions(transactional);
    try {
      if (transactions != null) {
        transactions.recover(named);
      }
    } catch (LaminarException e) {
      writer.close();
      throw e;
    } catch (RuntimeException e) {
      writer.close();
      throw new LaminarException(
          ErrorCode.CONNECTOR_FAILED, name() + " cannot go on where it was: " + e, e);
    }
    this.ring = inline ? null : new ColumnarRing(schema, RING_ROWS, allocator);
  }

  /** Starts the thread, where there is one. */
  public void start() {
    if (ring != null) {
      thread = new Thread(this::run, "laminar-sink-" + name);
      thread.setDaemon(true);
      thread.start();
    }
  }

  @Override
  public String name() {
    return "sink \"" + name + "\"";
  }

  @Override
  public boolean offer(Batch batch) {
    if (failure != null || finished) {
      droppedRows += batch.size();
      return true;
    }
    if (sealed) {
      return true; // they are of the journal, and come when the database is opened
    }
    if (ring == null) {
      write(batch);
      return true;
    }
    appended += ring.append(batch, batch.from() + appended, batch.to());
    LockSupport.unpark(thread);
    if (appended < batch.size()) {
      return false;
    }
    appended = 0;
    return true;
  }

  @Override
  public boolean watermark(long watermarkNs) {
    if (watermarkNs != Watermark.END || failure != null) {
      return true;
    }
    if (ring == null) {
      finish();
      return true;
    }
    boolean taken = ring.offerMark(Watermark.END);
    LockSupport.unpark(thread);
    return taken;
  }

  @Override
  public boolean flush() {
    if (failure != null || finished) {
      flushing = false;
      return true;
    }
    if (ring == null) {
      guarded(writer::flush);
      return true;
    }
    if (!flushing) {
      flushing = true;
      flushWanted = flushWanted + 1;
      LockSupport.unpark(thread);
    }
    if (flushDone < flushWanted) {
      return false;
    }
    flushing = false;
    return true;
  }

  private void run() {
    while (true) {
      boolean ends = stopping;
      long wanted = flushWanted;
      if (commitDone < commitWanted) {
        commitNow(commitWanted);
      }
      int found = ring.poll(Batch.DEFAULT_CAPACITY);
      if (found == ColumnarRing.ROWS) {
        int count = ring.batch().size();
        if (failure != null) {
          droppedRows += count;
        } else if (!sealed) {
          write(ring.batch());
        }
        ring.consume(count);
      } else if (found == ColumnarRing.MARK) {
        long mark = ring.mark();
        ring.consumeMark();
        if (mark == Watermark.END) {
          finish();
        } else {
          preCommitNow(mark);
        }
      } else if (flushDone < wanted) {
        if (failure == null && !finished) {
          guarded(writer::flush);
        }
        flushDone = wanted;
      } else if (ends) {
        return;
      } else {
        LockSupport.parkNanos(this, IDLE_NS);
      }
    }
  }

  private void write(Batch batch) {
    if (guarded(() -> writer.write(batch, batch.from(), batch.to()))) {
      rows += batch.size();
    } else {
      droppedRows += batch.size();
    }
  }

  private void finish() {
    if (!finished && failure == null) {
      guarded(writer::finish);
      finished = true;
    }
  }

  // ---- Checkpoints

  @Override
  public String sinkName() {
    return name;
  }

  @Override
  public boolean isTransactional() {
    return transactions != null;
  }

  @Override
  public void endWithCheckpoint(boolean ends) {
    last = ends;
    sealed = sealed && ends;
  }

  @Override
  public void barrier(long number) {
    if (ring == null) {
      preCommitNow(number);
    } else if (ring.offerMark(number)) {
      LockSupport.unpark(thread);
    } else {
      throw new LaminarException(
              ErrorCode.BACKPRESSURE, name() + " has not come to earlier checkpoints yet.")
          .mend("Look why what it writes to is slow.");
    }
  }

  private void preCommitNow(long number) {
    if (failure == null && transactions != null) {
      guarded(
          () -> {
            if (last) {
              writer.finish();
              sealed = true;
            }
            transactions.preCommit(number);
          });
    } else if (failure == null && !finished) {
      guarded(writer::flush);
    }
    preCommitted = number;
  }

  @Override
  public byte[] awaitPreCommit(long number) {
    await(() -> preCommitted >= number);
    LaminarException reason = failure;
    if (reason != null) {
      throw new LaminarException(
              ErrorCode.CONNECTOR_FAILED,
              "no checkpoint can be taken, as " + name() + " has failed: " + reason.problem(),
              reason)
          .mend("Mend that and open the database again: it goes on from its last checkpoint.");
    }
    return transactions == null ? null : transactions.toBytes();
  }

  @Override
  public void commit(long number) {
    if (transactions == null) {
      return;
    }
    if (ring == null) {
      commitNow(number);
      return;
    }
    commitWanted = number;
    LockSupport.unpark(thread);
    await(() -> commitDone >= number);
  }

  private void commitNow(long number) {
    if (failure == null) {
      guarded(() -> transactions.commit(number));
    }
    commitDone = number;
  }

  private void await(BooleanSupplier isDone) {
    WaitingTime waiting = new WaitingTime();
    while (!isDone.getAsBoolean()) {
      boolean alive = thread == null || thread.isAlive();
      if (!alive && !isDone.getAsBoolean() || waiting.ns() > CHECKPOINT_TIMEOUT_NS) {
        throw new LaminarException(
                ErrorCode.CONNECTOR_FAILED,
                "the checkpoint waits for "
                    + name()
                    + (alive ? " for too long." : ", which is gone."))
            .mend("Look why what it writes to is slow.");
      }
      LockSupport.parkNanos(this, AWAIT_NS);
    }
  }

  /** Inline, a checkpoint comes from another thread than rows. */
  private synchronized boolean guarded(Runnable action) {
    try {
      action.run();
      return true;
    } catch (LaminarException e) {
      failWith(e);
    } catch (RuntimeException e) {
      failWith(new LaminarException(ErrorCode.CONNECTOR_FAILED, name() + " failed: " + e, e));
    }
    return false;
  }

  /** The first failure is the one that tells why. */
  private void failWith(LaminarException e) {
    if (failure == null) {
      failure = e;
    }
  }

  /** Why writing stopped, or null. */
  public LaminarException failure() {
    return failure;
  }

  /** Rows written. */
  public long rows() {
    return rows;
  }

  /** Whether it writes, and to what a connector of the same options would write to. */
  public boolean writesTo(SinkConnector other) {
    return failure == null && connector == other.getClass();
  }

  /** Rows that came after the writer had failed. */
  public long droppedRows() {
    return droppedRows;
  }

  /** As {@link #close}, of a sink that will not be there again: discards what it has not committed. */
  public void drop() {
    dropped = true;
    close();
  }

  /** Writes what has arrived, finishes and lets go. Nothing is offered any more by then. */
  @Override
  public void close() {
    stopping = true;
    if (thread != null) {
      LockSupport.unpark(thread);
      if (!WaitingTime.join(thread, CLOSE_TIMEOUT_MS)) {
        return; // it holds the ring; better a leak than a crash
      }
    }
    try {
      if (transactions == null) {
        finish();
      } else if (dropped && failure == null) {
        guarded(((TransactionalWriter) writer)::abort);
      }
      guarded(writer::close);
    } finally {
      if (ring != null) {
        ring.close();
      }
    }
  }
}
