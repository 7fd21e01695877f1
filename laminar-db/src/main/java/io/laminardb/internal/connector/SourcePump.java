package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceDemand;
import io.laminardb.core.connector.SourceReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.SourceHandle;
import io.laminardb.core.time.WaitingTime;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Moves rows from a connector's reader into a source, on a thread of its own, or inline when it is
 * asked to, as long as somebody reads the source. Back-pressure of the source holds the reader back.
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
  private final RowsFingerprint fingerprint; // null where rows are not read again
  private final BufferAllocator allocator;
  private volatile PumpDemand wanted; // null as long as nobody has said
  private PumpDemand demand; // by which rows are read at present
  private RowSieve sieve; // null where all rows are wanted
  private long demands; // that the engine was told of
  private volatile boolean closed;
  private volatile boolean ended;
  private volatile LaminarException failure;
  private volatile boolean read; // somebody reads the source
  private volatile long rows;
  private volatile Thread thread;

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
    this.fingerprint =
        connector.isRereadable() ? new RowsFingerprint(handle.schema(), allocator) : null;
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
    while (read && !ended && failure == null && !handle.isHeld() && step()) {
      // step by step
    }
  }

  private void run() {
    while (!closed && !ended && failure == null) {
      if (!read || !step()) {
        LockSupport.parkNanos(this, IDLE_NS);
      }
    }
  }

  /** Whether rows are moved from now on: those that nobody reads would be lost. At first none are. */
  public void setRead(boolean isRead) {
    read = isRead;
    LockSupport.unpark(thread);
  }

  /** Whether more rows may come by themselves. */
  public boolean isRunning() {
    return read && !isDone();
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
        append(count);
        return true;
      }
      if (keepsOffsets && !offsetTold) {
        handle.offset(new ReadPlace(0, 0, 0, reader.offset()).encode());
        offsetTold = true;
      }
      if (count == SourceReader.END) {
        handle.end();
        ended = true;
      }
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

  private void resume() {
    SourceHandle.Place place = handle.place();
    resumed = true;
    keepsOffsets = place != null;
    offsetTold = place != null && place.offset() != null;
    if (place != null && place.ended()) {
      ended = true;
      return;
    }
    if (reader == null) {
      reader = connector.open(handle.schema());
    }
    if (place != null && place.offset() != null) {
      ReadPlace there = ReadPlace.decode(place.offset());
      rowsToSkip = reader.seek(there.offset()) ? there.skipped() + place.rowsBehind() : 0;
    }
  }

  private void append(int count) {
    int skipped = (int) Math.min(count, rowsToSkip);
    rowsToSkip -= skipped;
    if (skipped == count) {
      return;
    }
    batch.range(skipped, count);
    if (keepsOffsets) {
      long print = fingerprint == null ? 0 : fingerprint.of(batch);
      handle.offset(new ReadPlace(skipped, count - skipped, print, reader.offsetBefore()).encode());
    }
    offsetTold = false;
    passOn();
    rows += count - skipped;
  }

  private void follow(PumpDemand now) {
    closeSieve();
    if (now.filter() != null) {
      sieve = sieve(now);
    }
    reader.demand(
        new SourceDemand(now.wanted(), now.first(), sieve == null ? null : sieve.filter()));
    for (; demands < now.number(); demands++) {
      handle.nextDemand();
    }
    demand = now;
  }

  private RowSieve sieve(PumpDemand now) {
    KernelFilter filter = new KernelFilter(now.filter().get(), now.conditions(), allocator);
    try {
      return new RowSieve(handle, filter, now, allocator);
    } catch (RuntimeException e) {
      filter.close();
      throw e;
    }
  }

  private void closeSieve() {
    if (sieve != null) {
      sieve.close();
      sieve = null;
    }
  }

  private void passOn() {
    if (demand != null) {
      blank(batch, demand.wanted());
    }
    if (sieve == null) {
      handle.append(batch);
    } else {
      sieve.append(batch);
    }
  }

  /** No value of a column that nobody reads goes any further. */
  static void blank(Batch batch, BitSet wanted) {
    int columns = batch.schema().size();
    for (int i = wanted.nextClearBit(0); i < columns; i = wanted.nextClearBit(i + 1)) {
      batch.column(i).blank(batch.rowCount());
    }
  }

  private void fail(LaminarException e) {
    if (!closed) {
      failure = e;
    }
  }

  /** Whether no more rows will come: everything was read, or the reader failed. */
  public boolean isDone() {
    return ended || failure != null || closed;
  }

  /** Whether the source ends by itself. */
  public boolean isBounded() {
    return bounded;
  }

  /** Why reading stopped, or null. */
  public LaminarException failure() {
    return failure;
  }

  /** Rows handed to the source. */
  public long rows() {
    return rows;
  }

  /** Bytes of the outside's encoding read so far. */
  public long bytesRead() {
    SourceReader opened = reader;
    return opened == null ? 0 : opened.bytesRead();
  }

  /** Bytes there are in all, or -1. */
  public long bytesTotal() {
    SourceReader opened = reader;
    return opened == null ? -1 : opened.bytesTotal();
  }

  /** Bad records left out. */
  public long skippedRecords() {
    SourceReader opened = reader;
    return opened == null ? 0 : opened.skippedRecords();
  }

  /** Stops reading. The handle is to be shut, or have room, by then: nothing waits for ever. */
  @Override
  public void close() {
    closed = true;
    if (thread != null && thread != Thread.currentThread()) {
      LockSupport.unpark(thread);
      if (!WaitingTime.join(thread, CLOSE_TIMEOUT_MS)) {
        return; // it holds the batch; better a leak than a crash
      }
    }
    if (reader != null) {
      reader.close();
    }
    closeSieve();
    batch.close();
  }
}
