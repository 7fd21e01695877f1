package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.ring.ColumnarRing;
import io.laminardb.core.time.Watermark;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A subscription whose rows wait until they are taken, by one thread at a time. A batch that was
 * taken is on loan until the next call of a taking method, {@link #release()} or {@link #close()} by
 * the same thread.
 */
public final class PullSubscription extends Subscription implements BatchFeed {
  private static final VarHandle TAKER;
  private static final VarHandle READER;
  private static final long PARK_NS = 1_000_000;
  private static final int SPINS = 100;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TAKER = lookup.findVarHandle(PullSubscription.class, "taker", Thread.class);
      READER = lookup.findVarHandle(PullSubscription.class, "reader", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final OverflowPolicy policy;
  private final int capacityRows;
  private final ReactorContext context;
  private final BufferAllocator allocator;
  private final ColumnarRing ring;
  private int appended; // rows of the batch in flight that are in the ring
  private volatile long droppedRows;
  private volatile Thread waiter;
  private volatile boolean detached;
  private boolean released;

  @SuppressWarnings("unused") // through TAKER: who holds a loan or is about to
  private volatile Thread taker;

  @SuppressWarnings(
      "unused") // through READER: who plays the ring's consumer, when rows are dropped
  private volatile Object reader;

  private int loanRows;
  private Batch copy; // what DROP_OLDEST lends

  PullSubscription(
      Engine engine,
      StreamOutput stream,
      OverflowPolicy policy,
      int capacityRows,
      ReactorContext context) {
    super(engine, stream);
    this.policy = policy;
    this.capacityRows = capacityRows;
    this.context = context;
    this.allocator = context.allocator.newChildAllocator(name(), 0, Long.MAX_VALUE);
    this.ring = new ColumnarRing(stream.schema, capacityRows, allocator);
  }

  // ---- The stream's side ----

  @Override
  public boolean offer(Batch batch) {
    if (!isOpen()) {
      return true;
    }
    try {
      return append(batch);
    } catch (RuntimeException e) {
      failed(
          e instanceof LaminarException laminar
              ? laminar
              : new LaminarException(ErrorCode.INTERNAL_ERROR, name() + " failed: " + e + ".", e));
      return true;
    }
  }

  private boolean append(Batch batch) {
    if (policy == OverflowPolicy.DROP_OLDEST && !makeRoom(batch)) {
      context.refused(name());
      return false;
    }
    while (true) {
      int fitted = ring.append(batch, batch.from() + appended, batch.to());
      if (fitted > 0) {
        appended += fitted;
        received(fitted);
        signal();
      }
      if (appended == batch.size()) {
        appended = 0;
        return true;
      }
      if (fitted > 0) {
        context.progressed();
      }
      if (policy == OverflowPolicy.BLOCK || !dropOldest(Integer.MAX_VALUE)) {
        context.refused(name());
        return false;
      }
    }
  }

  @Override
  public boolean watermark(long watermarkNs) {
    if (watermarkNs == Watermark.END) {
      end();
      signal();
    }
    return true;
  }

  @Override
  public void failed(LaminarException failure) {
    super.failed(failure);
    signal();
  }

  /** Drops what is older than the rows that may wait; false while the oldest are being taken. */
  private boolean makeRoom(Batch batch) {
    int superfluous = batch.size() - capacityRows;
    if (appended < superfluous) {
      received(superfluous - appended);
      droppedRows = droppedRows + superfluous - appended;
      appended = superfluous;
    }
    while (true) {
      long excess = ring.size() + batch.size() - appended - capacityRows;
      if (excess <= 0) {
        return true;
      }
      if (!dropOldest((int) Math.min(excess, Integer.MAX_VALUE))) {
        return false;
      }
    }
  }

  /**
   * Drops up to {@code most} of the oldest rows. While they are being taken a reactor has other work;
   * inline, where nobody comes back for the rows, the thread that drives waits for the copy of a batch.
   */
  private boolean dropOldest(int most) {
    while (!READER.compareAndSet(this, null, this)) {
      if (!context.isInline()) {
        return false;
      }
      Thread.yield();
    }
    try {
      if (ring.poll(most) == ColumnarRing.ROWS) {
        int count = ring.batch().size();
        ring.consume(count);
        droppedRows = droppedRows + count;
      }
    } finally {
      READER.setRelease(this, null);
    }
    return true;
  }

  private void signal() {
    VarHandle.fullFence();
    Thread waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  // ---- The taker's side ----

  /**
   * Takes what is there, one batch at most, without waiting.
   *
   * @return rows on loan, or null when there are none now
   * @throws LaminarException the failure of the query, after its last row; CLOSED; WRONG_THREAD when
   *     another thread holds a loan
   */
  @Override
  public Batch poll() {
    claim();
    Batch batch = next();
    if (batch == null && engine.driveForTaker()) {
      batch = next();
    }
    if (batch == null) {
      unclaim();
      if (state() == State.FAILED) {
        throw failure();
      }
    }
    return batch;
  }

  /**
   * As {@link #poll()}, but waits for rows up to {@code timeoutNs}.
   *
   * @return rows on loan, or null when none came or none will come any more
   */
  @Override
  public Batch poll(long timeoutNs) {
    long start = System.nanoTime();
    int idle = 0;
    while (true) {
      boolean last = state() != State.OPEN;
      Batch batch = poll();
      if (batch != null || last) {
        return batch;
      }
      long left = timeoutNs - (System.nanoTime() - start);
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        return null;
      }
      await(idle++, left);
    }
  }

  /** Waits for rows; null when the stream has ended, or the thread was interrupted. */
  public Batch take() {
    return poll(Long.MAX_VALUE);
  }

  /** Ends the loan. */
  @Override
  public void release() {
    if (TAKER.getAcquire(this) == Thread.currentThread()) {
      endLoan();
      unclaim();
    }
  }

  /** As {@link Subscription#close}; a loan of this thread ends with it. */
  @Override
  public void close() {
    release();
    super.close();
    if (detached) {
      tryRelease();
    }
  }

  @Override
  public long droppedRows() {
    return droppedRows;
  }

  @Override
  public long waitingRows() {
    return ring.size();
  }

  private void await(int idle, long leftNs) {
    if (idle < SPINS) {
      Thread.onSpinWait();
      return;
    }
    waiter = Thread.currentThread();
    if (ring.size() == 0 && isOpen()) {
      LockSupport.parkNanos(this, Math.min(leftNs, PARK_NS));
    }
    waiter = null;
  }

  private void claim() {
    Thread me = Thread.currentThread();
    if (TAKER.getAcquire(this) == me) {
      endLoan();
    } else if (!TAKER.compareAndSet(this, null, me)) {
      if (detached) {
        throw new LaminarException(ErrorCode.CLOSED, name() + " is closed.");
      }
      throw new LaminarException(
              ErrorCode.WRONG_THREAD, name() + " is used by two threads at once.")
          .mend("Subscribe once for each thread.");
    }
    if (detached) {
      unclaim();
      throw new LaminarException(ErrorCode.CLOSED, name() + " is closed.");
    }
  }

  private void unclaim() {
    TAKER.setVolatile(this, null);
    if (detached) {
      tryRelease();
    }
  }

  private Batch next() {
    if (policy == OverflowPolicy.BLOCK) {
      if (ring.poll(Integer.MAX_VALUE) != ColumnarRing.ROWS) {
        return null;
      }
      loanRows = ring.batch().size();
      return ring.batch();
    }
    while (!READER.compareAndSet(this, null, Thread.currentThread())) {
      Thread.onSpinWait();
    }
    try {
      return copyNext();
    } finally {
      READER.setRelease(this, null);
    }
  }

  private Batch copyNext() {
    if (ring.poll(Batch.DEFAULT_CAPACITY) != ColumnarRing.ROWS) {
      return null;
    }
    if (copy == null) {
      copy = new Batch(schema(), Batch.DEFAULT_CAPACITY, allocator);
    }
    copy.clear();
    Batch rows = ring.batch();
    copy.append(rows, rows.from(), rows.to());
    ring.consume(rows.size());
    return copy;
  }

  private void endLoan() {
    if (loanRows > 0) {
      ring.consume(loanRows);
      loanRows = 0;
    }
  }

  /** The stream no longer calls; the memory goes when nobody holds a loan. */
  @Override
  void free() {
    detached = true;
    signal();
    tryRelease();
  }

  private void tryRelease() {
    Thread me = Thread.currentThread();
    Thread holder = (Thread) TAKER.getAcquire(this);
    boolean mine = holder == me || holder != null && !holder.isAlive();
    if (!mine && !TAKER.compareAndSet(this, null, me)) {
      return;
    }
    synchronized (this) {
      if (!released) {
        released = true;
        loanRows = 0;
        ring.close();
        if (copy != null) {
          copy.close();
        }
        allocator.close();
      }
    }
    TAKER.setRelease(this, null);
  }
}
