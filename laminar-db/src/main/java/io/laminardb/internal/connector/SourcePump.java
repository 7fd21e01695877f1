package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceDemand;
import io.laminardb.core.connector.SourceReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.SourceHandle;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Moves rows from a connector's reader into a source, on a thread of its own, or inline when it is
 * asked to. Back-pressure of the source holds the reader back.
 *
 * <p>In a durable database it tells where the reader stands before each of its batches, and begins where
 * it stopped in an earlier life, behind the last row that was taken.
 */
public final class SourcePump implements AutoCloseable {
  private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long CLOSE_TIMEOUT_MS = 5_000;

  private final String name;
  private final SourceHandle handle;
  private final SourceConnector connector;
  private final boolean bounded;
  private final Batch batch;
  private volatile SourceReader reader; // null until it is needed, where it is opened again
  private boolean resumed; // it stands where it has to go on
  private boolean keepsOffsets;
  private boolean offsetTold; // behind the last row
  private long rowsToSkip; // taken already
  private final BufferAllocator allocator;
  private volatile PumpDemand wanted; // null as long as nobody has said
  private PumpDemand demand; // by which rows are read at present
  private RowSieve sieve; // null where all rows are wanted
  private long demands; // that the engine was told of
  private volatile boolean closed;
  private volatile boolean ended;
  private volatile LaminarException failure;
  private volatile boolean waiting; // an unbounded source has given all it has now
  private volatile long rows;
  private Thread thread;

  /**
   * Opens the reader, which may block.
   *
   * @param again whether the source was there in an earlier life: then the reader is opened when rows
   *     are wanted, which are none where it has ended
   */
  public SourcePump(
      String name,
      SourceConnector connector,
      SourceHandle handle,
      boolean again,
      BufferAllocator allocator) {
    this.name = name;
    this.connector = connector;
    this.handle = handle;
    this.allocator = allocator;
    this.bounded = connector.isBounded();
    this.batch = new Batch(handle.schema(), Batch.DEFAULT_CAPACITY, allocator);
    try {
      this.reader = again ? null : connector.open(handle.schema());
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
  }

  /** Goes on with a thread of its own. */
  public void startThread() {
    thread = new Thread(this::run, "laminar-source-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Reads on the caller's thread, inline, until the reader has ended, has nothing now, or is too far
   * ahead of sources that it keeps pace with.
   */
  public void drive() {
    while (!ended && failure == null && !handle.isHeld() && step()) {
      // step by step
    }
  }

  private void run() {
    while (!closed && !ended && failure == null) {
      if (!step()) {
        LockSupport.parkNanos(this, IDLE_NS);
      }
    }
  }

  /** Lets rows be read as those who read the source want them, from the next batch on. */
  public void demand(PumpDemand newDemand) {
    wanted = newDemand;
  }

  /** Moves some rows; false when there are none now. */
  private boolean step() {
    try {
      if (!resumed) {
        resume();
      }
      if (ended) {
        return false;
      }
      PumpDemand now = wanted;
      if (now != demand) {
        follow(now);
      }
      batch.clear();
      if (sieve != null) {
        sieve.filter().clear();
      }
      int count = reader.read(batch);
      if (count > 0) {
        waiting = false;
        append(count);
        return true;
      }
      if (keepsOffsets && !offsetTold) {
        handle.offset(reader.offset());
        offsetTold = true;
      }
      if (count == SourceReader.END) {
        handle.end();
        ended = true;
      }
      waiting = true;
      return false;
    } catch (LaminarException e) {
      fail(e);
      return false;
    } catch (RuntimeException e) {
      fail(
          new LaminarException(
              ErrorCode.CONNECTOR_FAILED, "source \"" + name + "\" failed: " + e, e));
      return false;
    }
  }

