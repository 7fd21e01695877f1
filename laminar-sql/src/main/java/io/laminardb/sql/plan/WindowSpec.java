package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.operator.window.CalendarGrid;
import io.laminardb.core.operator.window.KeyTime;
import org.apache.calcite.rex.RexNode;

/**
 * A window over event time. All lengths are in units of a calendar, if there is one, else of the time
 * attribute ({@link DataType#nanosPerUnit()}: milliseconds of a BIGINT, the unit of a TIMESTAMP), never nanoseconds, so
 * that kernels work on the column as it is. Windows are {@code [start, start + size)} with {@code
 * start = floor((ts - offset) / slide) * slide + offset}.
 *
 * @param kind the form
 * @param time the time attribute, over the input's columns
 * @param timeType BIGINT or a TIMESTAMP
 * @param size length of a window; the gap of a session; the longest window of CUMULATE
 * @param slide distance of window starts of HOP, step of CUMULATE; equal to size for TUMBLE, 0 for
 *     SESSION
 * @param offset shift of window starts, {@code 0 <= offset < slide}; 0 for SESSION
 * @param calendar where lengths are days or months of a time zone, else null
 * @param keyTime where the windows of each key close by its own time, else null
 */
public record WindowSpec(
    Kind kind,
    RexNode time,
    DataType timeType,
    long size,
    long slide,
    long offset,
    CalendarGrid calendar,
    KeyTime keyTime) {
  /** Windows that close by the watermark of their rows. */
  public WindowSpec(
      Kind kind, RexNode time, DataType timeType, long size, long slide, long offset) {
    this(kind, time, timeType, size, slide, offset, null, null);
  }

  /** The same windows, each key's by its own time. */
  WindowSpec perKey(KeyTime newKeyTime) {
    return new WindowSpec(kind, time, timeType, size, slide, offset, calendar, newKeyTime);
  }

  /** Rows of one time in a group, which is complete once the watermark has passed it. */
  static WindowSpec instant(RexNode time, DataType timeType) {
    return new WindowSpec(Kind.INSTANT, time, timeType, 1, 1, 0);
  }

  /** How many columns its bounds are in what an aggregate gives. */
  public int columns() {
    return kind == Kind.INSTANT ? 0 : 2;
  }

  /** The forms of windows. */
  public enum Kind {
    TUMBLE,
    HOP,
    SESSION,
    CUMULATE,

    /** One unit of time: what is grouped by a time, above all by the bounds of windows. */
    INSTANT
  }
}
