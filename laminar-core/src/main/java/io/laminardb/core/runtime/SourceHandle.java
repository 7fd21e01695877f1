package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.ring.ColumnarRing;
import io.laminardb.core.time.WaitingTime;
import io.laminardb.core.time.Watermark;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A producer's way into a source; one thread at a time, and more handles for more threads. Each is a
 * partition of the source with a watermark of its own.
 *
 * <p>A row: {@link #beginPlace}, the columns written in place, and {@link #endPlace}. Inline, the call
 * that publishes rows returns after all listeners ran; where a subscription is full, rows wait in the
 * handle until that is full too, and then the next one is refused with BACKPRESSURE and not accepted.
 * No accepted row is ever lost, unless the source drops the oldest ones that wait: then nothing ever
 * waits for room or is refused.
 *
 * <p>Errors of all methods: WRONG_THREAD when two threads are in the handle at once or a row is left
 * open, SOURCE_ENDED, CLOSED; of those that wait for room: NOT_STARTED when the engine does not run
 * yet, BACKPRESSURE when nothing has moved for the stall timeout (inline: at once).
 */
public final class SourceHandle implements AutoCloseable {
  private static final VarHandle STATE;
  private static final int FREE = 0;
  private static final int IN_CALL = 1;
  private static final int ROW_OPEN = 2;
  private static final int CLOSED = 3;
  private static final long ROW_GRACE_NS = 1_000_000_000;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(SourceHandle.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final SourceTask source;
  final Partition partition;
  final ColumnarRing ring;
  final String full; // what a thread that waits for room waits for
  private final Engine engine;
  private volatile int state;
  private volatile boolean shutting;
  private boolean ended;
  private Thread placer; // who has begun a place

  SourceHandle(Engine engine, SourceTask source, Partition partition) {
    this.engine = engine;
    this.source = source;
    this.partition = partition;
    this.ring = partition.ring;
    this.full = "source \"" + source.options.name() + "\" is full";
  }

  /** Whether its rows wait for slower sources. To be asked by who drives the engine. */
  public boolean isHeld() {
    return source.isHeld(partition);
  }

  /** The rows the source takes. */
  public Schema schema() {
    return ring.schema();
  }

  /**
   * Finds the place of one row for a writer that fills columns itself; see {@link
   * ColumnarRing#beginPlace}. The same thread may find it again.
   *
   * @param wait whether to wait for room; false is answered only without
   */
  public boolean beginPlace(boolean wait) {
    Thread caller = Thread.currentThread();
    if (state == ROW_OPEN && placer == caller) {
      return true;
    }
    enter();
    if (placer != caller) { // a reference store a row would cost more than it tells
      placer = caller;
    }
    boolean open = false;
    try {
      open = ring.beginPlace() || placeLater(wait);
      return open;
    } finally {
      STATE.setRelease(this, open ? ROW_OPEN : FREE);
    }
  }

  private boolean placeLater(boolean wait) {
    if (!wait) {
      return engine.makeRoom(this) && ring.beginPlace();
    }
    Stall stall = null;
    do {
      stall = engine.awaitRoom(this, stall);
    } while (!ring.beginPlace());
    return true;
  }

  /** The ring the place is in; for the thread that began it. */
  public ColumnarRing placeRing() {
    return ring;
  }

  /** Publishes the row of the place, with its weight. */
  public void endPlace(int weight) {
    if (state != ROW_OPEN) {
      throw notOpen();
    }
    ring.endPlace(weight);
    STATE.setRelease(this, FREE);
    engine.pushed(this);
  }

  /** Gives the place up, where there is one; the row was not pushed. */
  public void giveUpPlace() {
    if (state == ROW_OPEN) {
      STATE.setRelease(this, FREE);
    }
  }

  /** Lets {@code action} free what an importer holds, when the source goes away. */
  public void onClose(Runnable action) {
    ring.onClose(action);
  }

  /** Lets single rows wait until {@code rows} are there or {@link #flush} is called. */
  public void publishEvery(int rows) {
    enter();
    ring.publishEvery(rows);
    exit();
    flush();
  }

  /** Publishes all rows. */
  public void flush() {
    enter();
    ring.flush();
    exit();
    engine.pushed(this);
  }

  /** Copies rows {@code [batch.from(), batch.to())} in; waits for room. The batch stays the caller's. */
  public void append(Batch batch) {
    enter();
    try {
      int next = batch.from();
      Stall stall = null;
      while ((next += ring.append(batch, next, batch.to())) < batch.to()) {
        stall = engine.awaitRoom(this, stall);
      }
    } finally {
      exit();
    }
    engine.pushed(this);
  }

  /**
   * Hands a batch over without copying: it belongs to the engine when this returns, and stays the
   * caller's when it throws. Waits for room.
   */
  public void push(Batch batch) {
    enter();
    try {
      if (!ring.offer(batch)) {
        offerLater(batch, true);
      }
    } finally {
      exit();
    }
    engine.pushed(this);
  }

  /**
   * As {@link #push(Batch)}, with a batch that {@code importer} makes of {@code rows}, where possible
   * in the shell of one that was pushed before. The batch is closed where it is not taken.
   *
   * @param wait whether to wait for room; false is answered only without
   */
  public <T> boolean push(T rows, BatchImporter<T> importer, boolean wait) {
    enter();
    Batch batch = null;
    boolean taken = false;
    try {
      batch = importer.batch(rows, ring.shell());
      taken = ring.offer(batch) || offerLater(batch, wait);
    } finally {
      if (!taken && batch != null) {
        batch.close();
      }
      exit();
    }
    if (taken) {
      engine.pushed(this);
    }
    return taken;
  }

  private boolean offerLater(Batch batch, boolean wait) {
    if (!wait) {
      return engine.makeRoom(this) && ring.offer(batch);
    }
    Stall stall = null;
    do {
      stall = engine.awaitRoom(this, stall);
    } while (!ring.offer(batch));
    return true;
  }

  /**
   * Says that no row before {@code watermarkNs} will come any more through this handle, in
   * nanoseconds since the epoch. A watermark that would go back changes nothing.
   */
  public void watermark(long watermarkNs) {
    mark(Math.max(Watermark.IDLE + 1, Math.min(watermarkNs, Watermark.END - 1)));
  }

  /** Says that the rows that follow are read for the next {@linkplain Engine#demand demand}. */
  public void nextDemand() {
    mark(Watermark.NONE);
  }

  /** Counts rows that nobody wants, and that do not come for that. */
  public void filtered(long rows) {
    partition.filtered(rows);
  }

  /** Says that no row will come any more through this handle. Again: does nothing. */
  public void end() {
    if (!ended) {
      mark(Watermark.END);
      ended = true;
    }
  }

  /** As {@link #end()}; does nothing where the engine is closed. */
  @Override
  public void close() {
    if (state != CLOSED && !engine.isClosed()) {
      giveUpPlace();
      end();
    }
  }

  /**
   * Where a connector that feeds a durable engine stopped in an earlier life, or begins.
   *
   * @param offset what it gave to {@link #offset} last, or null
   * @param rowsBehind rows that were taken since
   * @param ended whether the source has ended
   */
  public record Place(byte[] offset, long rowsBehind, boolean ended) {}

  /**
   * Where to go on. From then on {@link #offset} is to be told. Not from within a cycle.
   *
   * @return null where nothing is kept
   */
  public Place place() {
    return engine.place(this);
  }

  /**
   * Says that the rows that come next are those behind a place of the outside. After a crash reading
   * goes on from there; of what comes next so much is left out as was taken.
   */
  public void offset(byte[] bytes) {
    enter();
    try {
      ring.flush();
      partition.offsets.add(new Partition.Offset(ring.publishedPosition(), bytes));
    } finally {
      exit();
    }
    engine.published(this);
  }

  /** Whether {@link #end()} was called. */
  public boolean isEnded() {
    return ended;
  }

  private void mark(long value) {
    enter();
    try {
      Stall stall = null;
      while (!ring.offerMark(value)) {
        stall = engine.awaitRoom(this, stall);
      }
    } finally {
      exit();
    }
    engine.pushed(this);
  }

  private void enter() {
    if (!STATE.compareAndSet(this, FREE, IN_CALL)) {
      throw busy();
    }
    if (ended || engine.isClosed()) {
      exit();
      engine.checkOpen();
      throw new LaminarException(
              ErrorCode.SOURCE_ENDED, "source \"" + source.options.name() + "\" has ended.")
          .mend("No row can follow end().");
    }
  }

  private void exit() {
    STATE.setRelease(this, FREE);
  }

  private LaminarException busy() {
    if (state == CLOSED) {
      return new LaminarException(
          ErrorCode.CLOSED, "the database is closed, or the source dropped.");
    }
    return new LaminarException(
            ErrorCode.WRONG_THREAD,
            "a handle of source \""
                + source.options.name()
                + "\" is used while a row is open or"
                + " another thread is in it.")
        .mend("End the row; open a handle for each thread.");
  }

  private LaminarException notOpen() {
    return state == CLOSED
        ? busy()
        : new LaminarException(ErrorCode.WRONG_THREAD, "no row is open.")
            .mend("Begin a row first, on the same thread.");
  }

  /**
   * Lets nobody in any more; waits for a call to end, and gives up a row left open.
   *
   * @return whether nobody is in it any more
   */
  boolean shut(long timeoutMs) {
    shutting = true;
    WaitingTime waiting = new WaitingTime();
    while (state != CLOSED) {
      if (STATE.compareAndSet(this, FREE, CLOSED)) {
        return true;
      }
      if (state == ROW_OPEN && isLeftOpen(waiting) && STATE.compareAndSet(this, ROW_OPEN, CLOSED)) {
        return true;
      }
      if (waiting.ns() >= timeoutMs * 1_000_000) {
        return false;
      }
      Thread.yield();
    }
    return true;
  }

  /**
   * Whether nobody is going to write to the open row any more. A thread that has left it open for
   * long may still do so: the memory is then not freed, ever, rather than written to when it is gone.
   */
  private boolean isLeftOpen(WaitingTime waiting) {
    Thread holder = placer;
    if (holder == null || holder == Thread.currentThread() || !holder.isAlive()) {
      return true;
    }
    if (waiting.ns() < ROW_GRACE_NS) {
      return false;
    }
    ring.abandon();
    return true;
  }

  /** Lets a thread that waits for room out, when the source goes away. */
  void checkOpen() {
    if (shutting) {
      throw new LaminarException(ErrorCode.CLOSED, "the source was dropped.");
    }
  }
}
