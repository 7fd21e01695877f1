package io.laminardb.core.operator.window;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.aggregate.EmitMode;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;

/**
 * The windows of a query: {@code [start, start + size)} with starts every {@code slide}, or all
 * {@code [start, start + n * slide)} up to {@code size} of CUMULATE. In units of the time attribute,
 * but for the lateness; or of a calendar, in its days or months. Size, slide, offset and all bounds are on
 * that <em>axis</em>: {@link #axis} and {@link #time} lead there and back. Immutable.
 *
 * @param kind the form
 * @param size length, of CUMULATE the longest; the gap of SESSION
 * @param slide distance of starts, of CUMULATE the step; 0 for SESSION
 * @param offset shift of starts, {@code 0 <= offset < slide} (of CUMULATE {@code < size})
 * @param nanosPerUnit of the time attribute
 * @param allowedLatenessNs how much longer than the watermark says windows stay open
 * @param calendar what lengths count in, or null for units of the time attribute
 */
public record WindowShape(
    Kind kind,
    long size,
    long slide,
    long offset,
    long nanosPerUnit,
    long allowedLatenessNs,
    CalendarGrid calendar) {
  /** The forms of windows. */
  public enum Kind {
    TUMBLE,
    HOP,
    CUMULATE,
    SESSION
  }

  public WindowShape {
    if (size <= 0 || slide < 0 || (kind != Kind.SESSION && slide == 0)) {
      throw new IllegalArgumentException("a window of size " + size + ", slide " + slide);
    }
  }

  /** Windows whose lengths are in units of the time attribute. */
  public WindowShape(
      Kind kind, long size, long slide, long offset, long nanosPerUnit, long allowedLatenessNs) {
    this(kind, size, slide, offset, nanosPerUnit, allowedLatenessNs, null);
  }

  /** Whether an event time has a place on the axis. */
  boolean reaches(long time) {
    return calendar == null || calendar.reaches(time);
  }

  /** The place of an event time on the axis. */
  long axis(long time) {
    return calendar == null ? time : calendar.indexOf(time);
  }

  /** The first event time of a place on the axis. */
  long time(long axis) {
    return calendar == null ? axis : calendar.timeOf(axis);
  }

  /** Whether a row belongs to exactly one window. */
  public boolean isTumbling() {
    return slide == size && kind != Kind.SESSION;
  }

  /**
   * Whether panes are kept and merged, for groups that can be: where windows overlap and nothing is
   * said of one before it closes.
   */
  public boolean mergesPanes(EmitMode mode) {
    return kind != Kind.SESSION
        && !isTumbling()
        && mode == EmitMode.ON_CLOSE
        && size / paneSize() <= 4 * windowsPerRow() + 128;
  }

  /** Whether each row belongs to one state, given that groups can be merged. */
  public boolean hasOneState(EmitMode mode) {
    return isTumbling() || mergesPanes(mode);
  }

  /** How many windows a row may belong to. */
  public long windowsPerRow() {
    return kind == Kind.SESSION ? 1 : (size + slide - 1) / slide;
  }

  /** The length of the slices that all windows are made of. */
  public long paneSize() {
    return kind == Kind.CUMULATE ? slide : gcd(size, slide);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** How far {@code time} lies behind the last point of a grid of {@code step}; never overflows. */
  public static long phase(long time, long step, long offset) {
    return Math.floorMod(Math.floorMod(time, step) - Math.floorMod(offset, step), step);
  }

  /**
   * The greatest window end that is closed at a watermark: all windows that end at or before it are,
   * for sessions all whose last row and gap lie at or before it.
   */
  public long closedThrough(long watermarkNs) {
    return through(watermarkNs, allowedLatenessNs + (kind == Kind.SESSION ? 1 : 0));
  }

  /** The greatest window end whose rows are late at a watermark. */
  public long lateThrough(long watermarkNs) {
    return through(watermarkNs, allowedLatenessNs);
  }

  private long through(long watermarkNs, long late) {
    if (watermarkNs == Watermark.END) {
      return Long.MAX_VALUE;
    }
    if (watermarkNs <= Watermark.IDLE) {
      return Long.MIN_VALUE;
    }
    long ns = watermarkNs - late;
    if (((watermarkNs ^ late) & (watermarkNs ^ ns)) < 0) {
      return Long.MIN_VALUE; // below all times
    }
    return axis(Math.floorDiv(ns, nanosPerUnit));
  }

  /**
   * The distance of the watermarks at which windows close and rows become late, in nanoseconds; 0 where
   * there is no such grid. Between them the watermark passed on stands still too, but in the gaps of
   * windows that do not touch.
   *
   * @see io.laminardb.core.operator.OperatorFactory#watermarkGrainNs()
   */
  public long watermarkGrainNs() {
    boolean hasGrid = kind == Kind.CUMULATE || (kind != Kind.SESSION && slide <= size);
    if (calendar != null) {
      return hasGrid ? TimeUnits.NANOS_PER_SECOND : 0; // clocks change on the second
    }
    return hasGrid && slide <= Long.MAX_VALUE / 2 / nanosPerUnit ? slide * nanosPerUnit : 0;
  }

  /** A watermark of the grid of {@link #watermarkGrainNs}. */
  public long watermarkOffsetNs() {
    long grainNs = watermarkGrainNs();
    if (grainNs == 0) {
      return 0;
    }
    if (calendar != null) {
      return Math.floorMod(allowedLatenessNs, grainNs);
    }
    long endNs = Math.floorMod(Math.floorMod(size, slide) + Math.floorMod(offset, slide), slide);
    return Math.floorMod(endNs * nanosPerUnit + Math.floorMod(allowedLatenessNs, grainNs), grainNs);
  }

  /** What happens to a row whose window cannot be told. */
  static LaminarException outOfRange(long time) {
    return new LaminarException(
            ErrorCode.EXPRESSION_FAILED,
            "event time " + time + " belongs to a window that begins or ends beyond 64 bits.")
        .mend("Filter such rows out before the window.");
  }

  /** A place on the axis as nanoseconds, saturated. */
  public long toNanos(long axis) {
    return TimeUnits.toNanos(time(axis), nanosPerUnit);
  }

  /**
   * The smallest start of a window that ends behind {@code closedThrough}: no window with an earlier
   * start can still be emitted. For SESSION the earliest start of a row that is not late by itself.
   */
  public long earliestOpenStart(long closedThrough) {
    if (closedThrough == Long.MIN_VALUE) {
      return Long.MIN_VALUE;
    }
    if (kind == Kind.SESSION) {
      return subtract(closedThrough + 1, size);
    }
    if (kind == Kind.CUMULATE) {
      return subtract(closedThrough, phase(closedThrough, size, offset));
    }
    // start + size > closedThrough: the grid's first point behind closedThrough - size
    long base = subtract(closedThrough, size);
    if (base == Long.MIN_VALUE) {
      return base;
    }
    return subtract(base, phase(base, slide, offset) - slide);
  }

  private static long subtract(long value, long less) {
    long result = value - less;
    return ((value ^ less) & (value ^ result)) < 0
        ? (less > 0 ? Long.MIN_VALUE : Long.MAX_VALUE)
        : result;
  }
}
