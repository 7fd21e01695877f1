package io.laminardb.sql.validate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.window.CalendarGrid;
import io.laminardb.core.time.TimeUnits;
import java.time.DateTimeException;
import java.time.ZoneId;
import org.apache.calcite.avatica.util.TimeUnit;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlIntervalLiteral.IntervalValue;
import org.apache.calcite.sql.SqlNode;

/**
 * Lengths of windows in days of a time zone or in months. Such a calendar goes through Calcite's trees as
 * a text: {@code DAY Europe/Berlin 0}, with the seconds at which units begin.
 */
public final class WindowCalendar {
  private static final long DAY_NS = 86_400 * TimeUnits.NANOS_PER_SECOND;

  private final boolean months;
  private final SqlNode zoneName; // or null

  private WindowCalendar(boolean months, SqlNode zoneName) {
    this.months = months;
    this.zoneName = zoneName;
  }

  /** The calendar that a window of this size counts in, or null where it counts in time. */
  static WindowCalendar of(SqlNode size, SqlNode zoneName) {
    boolean months = isMonths(size);
    return months || zoneName != null ? new WindowCalendar(months, zoneName) : null;
  }

  /** Whether a node is an interval of years and months. */
  static boolean isMonths(SqlNode node) {
    return node instanceof SqlIntervalLiteral literal
        && switch (literal.getValueAs(IntervalValue.class).getIntervalQualifier().getStartUnit()) {
          case YEAR, QUARTER, MONTH -> true;
          default -> false;
        };
  }

  /** Whether a node is a text: the name of a time zone. */
  static boolean isZone(SqlNode node) {
    return node instanceof SqlCharStringLiteral;
  }

  /** A length in units of the calendar. */
  long units(SqlNode interval, String what) {
    if (months != isMonths(interval)) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW,
              interval,
              what
                  + " is counted in "
                  + (isMonths(interval) ? "months" : "days")
                  + ", others are not.")
          .mend("Write all lengths of a window in months, or none.");
    }
    if (months) {
      return months((SqlIntervalLiteral) interval, what);
    }
    long nanos = Intervals.signedNanos(interval, ErrorCode.INVALID_WINDOW, what);
    if (nanos % DAY_NS != 0) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW,
              interval,
              what + " is " + Intervals.text(nanos) + ", in a time zone windows are of whole days.")
          .mend("Leave the time zone out: all hours are equally long.");
    }
    return nanos / DAY_NS;
  }

  private static long months(SqlIntervalLiteral interval, String what) {
    IntervalValue value = interval.getValueAs(IntervalValue.class);
    try {
      String[] parts = value.getIntervalLiteral().trim().split("-");
      long count = Long.parseLong(parts[0]);
      TimeUnit unit = value.getIntervalQualifier().getStartUnit();
      long months = count * (unit == TimeUnit.YEAR ? 12 : unit == TimeUnit.QUARTER ? 3 : 1);
      months += parts.length > 1 ? Long.parseLong(parts[1]) : 0;
      return value.getSign() * months;
    } catch (NumberFormatException e) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW, interval, what + " is not a whole number of months.")
          .mend("Write it as INTERVAL '1' MONTH.");
    }
  }

  /** Whether an offset counts in the calendar's units, and not in time from its boundaries. */
  boolean counts(SqlNode offset) {
    return months
        ? isMonths(offset)
        : Intervals.signedNanos(offset, ErrorCode.INVALID_WINDOW, "the offset") % DAY_NS == 0;
  }

  /**
   * The calendar as a text.
   *
   * @param shift an offset that does not {@link #counts}, or null
   */
  String text(SqlNode shift) {
    long shiftNs =
        shift == null ? 0 : Intervals.signedNanos(shift, ErrorCode.INVALID_WINDOW, "the offset");
    if (shiftNs % TimeUnits.NANOS_PER_SECOND != 0 || Math.abs(shiftNs) > 28 * DAY_NS) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW,
              shift,
              "the offset of days and months is whole seconds, of 28 days at most.")
          .mend("Write it as INTERVAL '6' HOUR.");
    }
    return (months ? "MONTH " : "DAY ") + zone() + " " + shiftNs / TimeUnits.NANOS_PER_SECOND;
  }

  private ZoneId zone() {
    if (zoneName == null) {
      return ZoneId.of("UTC");
    }
    String name = ((SqlCharStringLiteral) zoneName).getValueAs(String.class);
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW, zoneName, "there is no time zone '" + name + "'.")
          .mend("Write it as 'Europe/Berlin' or '+02:00'.");
    }
  }

  /** The calendar of a text, for times of a type; null for the empty one. */
  public static CalendarGrid grid(String text, DataType type) {
    if (text.isEmpty()) {
      return null;
    }
    String[] parts = text.split(" ");
    return new CalendarGrid(
        CalendarGrid.Unit.valueOf(parts[0]),
        ZoneId.of(parts[1]),
        Long.parseLong(parts[2]),
        type.nanosPerUnit());
  }

  /** A session has no calendar. */
  static LaminarException ofSession(SqlNode place) {
    return Positions.error(
            ErrorCode.INVALID_WINDOW,
            place,
            "the gap of a session is neither months nor in a zone.")
        .mend("Write it as INTERVAL '30' SECOND.");
  }
}
