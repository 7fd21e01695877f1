package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Utf8;

/** GENERATE_SERIES and RANGE of TIMESTAMPs in microseconds, by steps of milliseconds or of months. */
public final class TimeSeries {
  private static final long UNITS_PER_SECOND = 1_000_000;
  private static final String NAME = "a series of times";

  private TimeSeries() {}

  /** Up to and with {@code to}. */
  public static Utf8 series(DataType none, NestedWriter out, long from, long to, long millis) {
    return write(out, from, to, millis, false, true);
  }

  /** As {@link #series}, by months, which cut the day to the length of the month. */
  public static Utf8 seriesByMonth(
      DataType none, NestedWriter out, long from, long to, long months) {
    return write(out, from, to, months, true, true);
  }

  /** Up to and without {@code to}. */
  public static Utf8 range(DataType none, NestedWriter out, long from, long to, long millis) {
    return write(out, from, to, millis, false, false);
  }

  /** As {@link #range}, by months. */
  public static Utf8 rangeByMonth(
      DataType none, NestedWriter out, long from, long to, long months) {
    return write(out, from, to, months, true, false);
  }

  private static Utf8 write(
      NestedWriter out, long from, long to, long step, boolean months, boolean closed) {
    if (step == 0) {
      throw new LaminarException(ErrorCode.EXPRESSION_FAILED, "the step of a series is 0.");
    }
    out.start();
    int count = 0;
    for (long next = from; step > 0 ? next < to : next > to; count++) {
      ArrayFunctions.checkSeries(count);
      out.putLong(next, 8);
      next =
          months
              ? Times.plusMonths(next, step, UNITS_PER_SECOND, NAME)
              : Times.plusMillis(next, step, UNITS_PER_SECOND, NAME);
      if (closed && next == to) {
        out.putLong(next, 8);
      }
    }
    if (closed && from == to) {
      out.putLong(from, 8);
    }
    return out.mark(NestedWriter.END).result();
  }
}
