package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SinkConnector;
import io.laminardb.core.connector.SinkWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.ring.ColumnarRing;
import io.laminardb.core.runtime.StreamConsumer;
import io.laminardb.core.time.Watermark;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Moves rows of a stream to a connector's writer: inline at once, otherwise through a ring to a
 * thread of its own, so that the outside never blocks a reactor. A full ring holds the query back.
 *
 * <p>When the writer fails, the sink is over: its failure is kept, and rows that come after are
 * counted as dropped.
 */
public final class SinkPump implements StreamConsumer, AutoCloseable {
  private static final int RING_ROWS = 1 << 16;
  private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long CLOSE_TIMEOUT_MS = 10_000;

  private final String name;
  private final SinkWriter writer;
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

  /** Opens the writer, which may block. */
  public SinkPump(
      String name,
      SinkConnector connector,
      Schema schema,
      boolean inline,
      BufferAllocator allocator) {
    this.name = name;
    this.writer = connector.open(schema);
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
      boolean last = stopping;
      long wanted = flushWanted;
      int found = ring.poll(Batch.DEFAULT_CAPACITY);
      if (found == ColumnarRing.ROWS) {
        int count = ring.batch().size();
        if (failure == null) {
          write(ring.batch());
        } else {
          droppedRows += count;
        }
        ring.consume(count);
      } else if (found == ColumnarRing.MARK) {
        ring.consumeMark();
        finish();
      } else if (flushDone < wanted) {
        if (failure == null && !finished) {
          guarded(writer::flush);
        }
        flushDone = wanted;
      } else if (last) {
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

  private boolean guarded(Runnable action) {
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

  /** Rows that came after the writer had failed. */
  public long droppedRows() {
    return droppedRows;
  }

  /** Writes what has arrived, finishes and lets go. Nothing is offered any more by then. */
  @Override
  public void close() {
    stopping = true;
    if (thread != null) {
      LockSupport.unpark(thread);
      try {
        thread.join(CLOSE_TIMEOUT_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (thread.isAlive()) {
        return; // it holds the ring; better a leak than a crash
      }
    }
    try {
      finish();
      guarded(writer::close);
    } finally {
      if (ring != null) {
        ring.close();
      }
    }
  }
}
