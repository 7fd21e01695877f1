package io.laminardb.core.runtime;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.reactor.Reactor;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** How threads outside wait for the reactor: never longer than nothing moves. */
final class Waits {
  /** In which the journal's thread writes a part of its buffer, and not all of the half that is taken. */
  private static final long JOURNAL_PARK_NS = 100_000;

  private final ReactorContext context;
  private final Reactor reactor;
  private final AtomicReference<Throwable> broken; // what a cycle threw that no task caught

  Waits(ReactorContext context, AtomicReference<Throwable> broken) {
    this.context = context;
    this.reactor = context.reactor;
    this.broken = broken;
  }

  /** Waits until what is published in {@code handles} is through and {@code isQuiet} says so. */
  void sync(boolean started, List<SourceHandle> handles, BooleanSupplier isQuiet) {
    if (!started) {
      for (SourceHandle handle : handles) {
        if (handle.ring.size() > 0) {
          throw notStarted(handle);
        }
      }
      return;
    }
    SyncPoint point = new SyncPoint(handles);
    Stall stall = new Stall(context.progress());
    long cycle = reactor.call(reactor::cycles);
    while (!isReached(point, cycle, isQuiet)) {
      stall = await(stall, "sync() waits", true);
    }
  }

  /**
   * Inline, has what was done in the background, or waited for room in the journal, go on, until nothing
   * is, or it cannot go on. Not from within a cycle, whose driver does.
   */
  void settle() {
    settleBackground();
    Stall stall = null;
    while (waitsForJournal()) {
      stall = stall == null ? new Stall(0) : stall;
      stall.pause();
      while (context.log.isFilling()) {
        LockSupport.parkNanos(this, JOURNAL_PARK_NS);
      }
      reactor.drive();
      settleBackground();
    }
  }

  private boolean waitsForJournal() {
    return context.isInline()
        && context.log != null
        && !reactor.isInCycle()
        && context.log.wasFull();
  }

  private void settleBackground() {
    Background background = context.background;
    while (context.isInline() && background.isPending() && !reactor.isInCycle()) {
      boolean waited = background.await();
      long before = context.progress();
      reactor.drive();
      if (!waited && context.progress() == before) {
        return;
      }
    }
  }

  /** Waits until {@code isDone}, which is asked between batches, says so; an interrupt ends that. */
  void untilInterrupted(BooleanSupplier isDone, String what) {
    until(isDone, () -> false, what, true);
  }

  /** Waits until {@code isDone}, which is asked between batches, says so. */
  void until(BooleanSupplier isDone, String what) {
    until(isDone, () -> false, what);
  }

  /**
   * As above.
   *
   * @param othersWork whether another thread is at work, so that inline too it is worth waiting
   */
  void until(BooleanSupplier isDone, BooleanSupplier othersWork, String what) {
    until(isDone, othersWork, what, false);
  }

  private void until(
      BooleanSupplier isDone, BooleanSupplier othersWork, String what, boolean interruptibly) {
    Stall stall = null;
    while (!isDone.getAsBoolean()) {
      if (context.isInline()) {
        long before = context.progress();
        reactor.drive();
        settle();
        if (context.progress() != before) {
          continue;
        }
        boolean worthWaiting = othersWork.getAsBoolean(); // asked first: they may end meanwhile
        if (isDone.getAsBoolean()) {
          return;
        }
        if (!worthWaiting) {
          throw stalled(what);
        }
        stall = await(stall == null ? new Stall(context.progress()) : stall, what, interruptibly);
        continue;
      }
      reactor.wake();
      stall = await(stall == null ? new Stall(context.progress()) : stall, what, interruptibly);
    }
  }

  /** Whether the point is reached, a whole cycle after {@code cycle}. */
  private boolean isReached(SyncPoint point, long cycle, BooleanSupplier isQuiet) {
    if (context.isInline()) {
      reactor.drive();
      settle();
    }
    return reactor.call(
        () ->
            broken.get() == null
                && (context.isInline() || reactor.cycles() > cycle)
                && point.isReached()
                && reactor.timers().nextDue() > context.options.clock().epochNanos()
                && isQuiet.getAsBoolean());
  }

  /** Waits until something is no longer under way, or nothing has moved for too long. */
  void letPass(BooleanSupplier isUnderWay) {
    if (context.isInline()) {
      reactor.drive();
      settle();
      return;
    }
    if (reactor.isInCycle()) {
      return;
    }
    Stall stall = new Stall(context.progress());
    while (reactor.call(() -> broken.get() == null && isUnderWay.getAsBoolean())
        && !stall.isOver(context.progress(), context.options.stallTimeout().toNanos())) {
      stall.pause();
    }
  }

  /**
   * Waits a little for room in a handle; the returned stall comes with the next call. Inline, room may
   * have come by another thread that drives, so it has to be looked for again before the call that says
   * that there is none.
   */
  Stall awaitRoom(boolean started, SourceHandle handle, Stall stall) {
    if (!started) {
      throw notStarted(handle);
    }
    String full = handle.full;
    if (context.isInline() && handle.isHeld()) {
      throw new LaminarException(
              ErrorCode.BACKPRESSURE,
              full + ": its rows wait for slower sources of its watermark_group.")
          .mend("Push to those, let them end, or push from several threads without inline().");
    }
    boolean nested = reactor.isInCycle();
    if (nested) {
      throw stalled(full);
    }
    Stall waiting = stall == null ? new Stall(context.progress()) : stall;
    if (context.isInline()) {
      if (stall != null && !stall.hasMoved(context.progress())) {
        throw stalled(full);
      }
      reactor.drive();
      settle();
      return waiting;
    }
    reactor.wake();
    return await(waiting, full, true);
  }

  private Stall await(Stall stall, String what, boolean interruptibly) {
    if (context.log != null && context.log.failure() != null) {
      throw context.log.failure(); // nothing will come in any more
    }
    boolean over = stall.isOver(context.progress(), context.options.stallTimeout().toNanos());
    if (over && !context.background.isRunning()) { // that ends by itself
      throw stalled(what);
    }
    stall.pause();
    if (interruptibly && Thread.currentThread().isInterrupted()) {
      throw new LaminarException(
          ErrorCode.BACKPRESSURE, what + ", and the thread was interrupted.");
    }
    return stall;
  }

  private LaminarException stalled(String what) {
    if (context.log != null && context.log.failure() != null) {
      return context.log.failure();
    }
    String by = context.refusedBy;
    LaminarException failure =
        new LaminarException(
            ErrorCode.BACKPRESSURE,
            what + (by == null ? "." : ": " + by + " is full and nobody takes its rows."),
            broken.get());
    return by == null
        ? failure.mend("Let the query catch up.")
        : failure.mend(
            "Take its rows on another thread and acknowledge those that are kept, close or drop it, or"
                + " give it more room.");
  }

  private static LaminarException notStarted(SourceHandle handle) {
    return new LaminarException(
            ErrorCode.NOT_STARTED,
            "rows wait in source \"" + handle.source.options.name() + "\", but nothing runs yet.")
        .mend("Call start() first.");
  }
}
