package io.laminardb.core.operator.window;

import io.laminardb.core.operator.Output;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;

/**
 * The watermark of an operator whose windows lie on a grid: through which end they are closed, and how
 * much of it is passed on. Downstream, event time is window_start; rows still to come belong to
 * windows that are open or may yet be opened, so what is passed on is the smallest start of those.
 *
 * <p>Between two points of the grid a watermark changes neither, which costs a comparison: with single
 * rows there is one for each. One thread.
 */
final class WindowWatermark {
  private final WindowShape window;
  private final boolean isOfEnds;
  private final long grainNs;
  private long watermarkNs = Watermark.NONE;
  private long passedNs = Watermark.NONE;
  private long closedThrough = Long.MIN_VALUE; // windows that end here or earlier are closed
  private long quietUntilNs = Watermark.NONE; // earlier watermarks change nothing
  private boolean isIdle;

  /**
   * @param isOfEnds whether, downstream, event time is window_end: where windows share their start and
   *     nothing but their bounds is a time
   */
  WindowWatermark(WindowShape window, boolean isOfEnds) {
    this.window = window;
    this.isOfEnds = isOfEnds;
    this.grainNs = window.watermarkGrainNs();
  }

  /** Takes a watermark at which nothing closes and of which nothing is passed on; false for others. */
  boolean isQuiet(long newWatermarkNs) {
    if (newWatermarkNs >= quietUntilNs || newWatermarkNs < watermarkNs || isIdle) {
      return false;
    }
    watermarkNs = newWatermarkNs;
    return true;
  }

  /** Passes silence on; false for back-pressure. */
  boolean passIdle(Output output) {
    isIdle = output.watermark(Watermark.IDLE);
    return isIdle;
  }

  /** The greatest window end that is closed at a watermark. */
  long endClosedAt(long newWatermarkNs) {
    return newWatermarkNs > watermarkNs ? window.closedThrough(newWatermarkNs) : Long.MIN_VALUE;
  }

  /** Windows that end here or earlier are closed, and their rows late. */
  long closedThrough() {
    return closedThrough;
  }

  /** Windows are closed, their results emitted. */
  void closed(long end) {
    closedThrough = Math.max(closedThrough, end);
  }

  /** Passes on what may be passed on of a watermark whose windows are closed; false for back-pressure. */
  boolean pass(long newWatermarkNs, Output output) {
    watermarkNs = Math.max(watermarkNs, newWatermarkNs);
    long held = held();
    if (held != Watermark.NONE && held >= passedNs) {
      if (!output.watermark(held)) {
        return false;
      }
      passedNs = held;
      isIdle = false;
    }
    quietUntilNs = nextOnGrid();
    return true;
  }

  private long held() {
    if (watermarkNs == Watermark.END) {
      return Watermark.END;
    }
    if (isOfEnds) {
      long closedNs = window.toNanos(closedThrough);
      boolean any =
          closedThrough != Long.MIN_VALUE && closedNs < Watermark.END - window.nanosPerUnit();
      return any ? closedNs + window.nanosPerUnit() : Watermark.NONE;
    }
    long start = window.earliestOpenStart(closedThrough);
    return start == Long.MIN_VALUE ? Watermark.NONE : Math.min(watermarkNs, window.toNanos(start));
  }

  private long nextOnGrid() {
    if (grainNs == 0 || watermarkNs <= Watermark.IDLE || watermarkNs == Watermark.END) {
      return Watermark.NONE;
    }
    long behind = Math.floorMod(watermarkNs, grainNs) - window.watermarkOffsetNs();
    long next = watermarkNs - (behind < 0 ? behind + grainNs : behind) + grainNs;
    return next < watermarkNs ? Watermark.END : next;
  }

  void snapshot(StateWriter writer) {
    writer.putLong(watermarkNs);
    writer.putLong(passedNs);
    writer.putLong(closedThrough);
  }

  void restore(StateReader reader) {
    watermarkNs = reader.getLong();
    passedNs = reader.getLong();
    closedThrough = reader.getLong();
  }
}
