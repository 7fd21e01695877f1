package io.laminardb.sql.validate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.window.CalendarGrid;
import io.laminardb.core.time.TimeUnits;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.avatica.util.TimeUnit;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlIntervalLiteral.IntervalValue;
import org.apache.calcite.sql.SqlNode;

/**
 * Lengths of windows in days of a time zone, in parts of them, or in months. Such a calendar goes through Calcite's trees as
 * a text: {@code DAY Europe/Berlin 0}, with the seconds at which units begin.
 */
public final class WindowCalendar {
  private static final long DAY_NS = 86_400 * TimeUnits.NANOS_PER_SECOND;

  private static final long EVEN_NS = 3_600 * TimeUnits.NANOS_PER_SECOND;

  private final boolean months;
  private final long unitNs; // of windows that do not count in months
  private final SqlNode zoneName; // or null

  private WindowCalendar(boolean months, long unitNs, SqlNode zoneName) {
    this.months = months;
    this.unitNs = unitNs;
    this.zoneName = zoneName;
  }

  /**
   * The calendar that a window of these lengths counts in, or null where it counts in time.
   *
   * @param slide distance or step; null without one
   * @param offset or null
   */
  static WindowCalendar of(SqlNode size, SqlNode slide, SqlNode offset, SqlNode zoneName) {
    if (isMonths(size)) {
      return new WindowCalendar(true, 0, zoneName);
    }
    if (zoneName == null || isEven(size, slide)) {
      return null;
    }
    long unitNs = gcd(nanos(size), nanos(slide));
    if (unitNs % DAY_NS == 0) {
      return new WindowCalendar(false, DAY_NS, zoneName);
    }
    unitNs = gcd(gcd(unitNs, DAY_NS), nanos(offset));
    if (unitNs % TimeUnits.NANOS_PER_SECOND != 0) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW,
              size,
              "windows of a time zone that are longer than an hour have lengths of whole seconds.")
          .mend("Leave the time zone out, or make all lengths whole seconds.");
    }
    return new WindowCalendar(false, unitNs, zoneName);
  }

  /** The length of an interval, 0 without one or where it is months. */
  private static long nanos(SqlNode interval) {
    return interval == null || isMonths(interval)
        ? 0
        : Math.abs(Intervals.signedNanos(interval, ErrorCode.INVALID_WINDOW, "a length"));
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** Whether windows are of an hour at most, and so equally long in every zone. */
  private static boolean isEven(SqlNode size, SqlNode slide) {
    return !isMonths(size)
        && nanos(size) <= EVEN_NS
        && (slide == null || !isMonths(slide) && nanos(slide) <= EVEN_NS);
  }

  /**
   * How much later than in UTC windows of an hour at most begin in a zone, which is the same all year.
   *
   * @param period the distance of their starts
   */
  static long evenPhaseNs(SqlNode zoneName, long period) {
    ZoneRules rules = zone(zoneName).getRules();
    long offset = rules.getOffset(Instant.EPOCH).getTotalSeconds();
    List<ZoneOffset> offsets = new ArrayList<>();
    rules.getTransitions().stream()
        .filter(change -> change.toEpochSecond() > 0)
        .forEach(change -> offsets.add(change.getOffsetAfter()));
    rules.getTransitionRules().forEach(rule -> offsets.add(rule.getOffsetAfter()));
    for (ZoneOffset other : offsets) {
      if ((other.getTotalSeconds() - offset) * TimeUnits.NANOS_PER_SECOND % period != 0) {
        throw Positions.error(
                ErrorCode.INVALID_WINDOW,
                zoneName,
                "the clock of " + zone(zoneName) + " was not always put on by whole windows.")
            .mend("Take shorter windows, such as of 15 minutes, or ones of more than an hour.");
      }
    }
    return -offset * TimeUnits.NANOS_PER_SECOND;
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
    return nanos / unitNs;
  }

  /** The months of an interval of years and months, of either sign. */
  static long months(SqlIntervalLiteral interval, String what) {
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
        : Intervals.signedNanos(offset, ErrorCode.INVALID_WINDOW, "the offset") % unitNs == 0;
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
    String unit = months ? "MONTH " : unitNs == DAY_NS ? "DAY " : "SLICE ";
    long seconds = (unitNs == DAY_NS || months ? shiftNs : unitNs) / TimeUnits.NANOS_PER_SECOND;
    return unit + zone(zoneName) + " " + seconds;
  }

  private static ZoneId zone(SqlNode zoneName) {
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
    CalendarGrid.Unit unit = CalendarGrid.Unit.valueOf(parts[0]);
    ZoneId zone = ZoneId.of(parts[1]);
    long seconds = Long.parseLong(parts[2]);
    return unit == CalendarGrid.Unit.SLICE
        ? CalendarGrid.slices(seconds, zone, type.nanosPerUnit())
        : new CalendarGrid(unit, zone, seconds, type.nanosPerUnit());
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
