package io.laminardb.core.operator.window;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.time.TimeUnits;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;

/**
 * Days, parts of days or months of a time zone, numbered from 1970 on: what windows count in. A day has 23
 * or 25 hours where clocks change, and begins with the first instant of its date. A part of a day begins
 * when the clock first shows its time: where clocks are put back it is longer by that, and where they
 * are put forward shorter, or has no time at all. Boundaries never go back, whatever the zone does.
 *
 * <p>Immutable but for a cache of units that were asked for, which threads may share: its entries are
 * immutable, and who misses one makes it again.
 */
public final class CalendarGrid {
  /** What is counted. */
  public enum Unit {
    DAY,
    MONTH,
    /** Parts of a day, between multiples of some seconds on the zone's clock. */
    SLICE
  }

  private static final int CACHED = 64;
  private static final long LAST_SECOND = 1L << 39; // some 17,000 years
  private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

  private final Unit unit;
  private final ZoneId zone;
  private final long sliceSeconds; // of SLICE
  private final long shiftSeconds;
  private final long nanosPerUnit;
  private final long unitsPerSecond;
  private final Span[] cache = new Span[CACHED];
  private Span last = new Span(0, 0, 0);

  /** A day or month: times {@code [from, to)}. */
  private record Span(long index, long from, long to) {}

  /**
   * @param shiftSeconds how much later than at midnight, or at the first of a month, units begin
   * @param nanosPerUnit of the times, a divisor of a second
   */
  public CalendarGrid(Unit unit, ZoneId zone, long shiftSeconds, long nanosPerUnit) {
    this(unit, 86_400, zone, shiftSeconds, nanosPerUnit);
  }

  /** Parts of days of {@code sliceSeconds} each. */
  public static CalendarGrid slices(long sliceSeconds, ZoneId zone, long nanosPerUnit) {
    return new CalendarGrid(Unit.SLICE, sliceSeconds, zone, 0, nanosPerUnit);
  }

  private CalendarGrid(
      Unit unit, long sliceSeconds, ZoneId zone, long shiftSeconds, long nanosPerUnit) {
    this.sliceSeconds = sliceSeconds;
    this.unit = requireNonNull(unit, "unit");
    this.zone = requireNonNull(zone, "zone");
    this.shiftSeconds = shiftSeconds;
    this.nanosPerUnit = nanosPerUnit;
    this.unitsPerSecond = TimeUnits.NANOS_PER_SECOND / nanosPerUnit;
  }

  /** Whether the calendar goes as far as a time. */
  boolean reaches(long time) {
    long second = Math.floorDiv(time, unitsPerSecond);
    long range = Math.min(LAST_SECOND, Long.MAX_VALUE / unitsPerSecond) - (1L << 31);
    return second > -range && second < range;
  }

  /** The number of the unit that a time lies in; far beyond the calendar's end, that end. */
  long indexOf(long time) {
    Span span = last;
    if (time >= span.from && time < span.to) {
      return span.index;
    }
    if (!reaches(time)) {
      return time < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    long index = near(time);
    span = span(index);
    while (time < span.from) {
      span = span(--index);
    }
    while (time >= span.to) {
      span = span(++index);
    }
    last = span;
    return index;
  }

  /** The first time of a unit; saturated beyond the calendar's ends. */
  long timeOf(long index) {
    Span span = last;
    if (index == span.index + 1 && span.to != 0) {
      return span.to;
    }
    long years = unit == Unit.MONTH ? index / 12 : index / (365 * (86_400 / sliceSeconds) + 1);
    long range = Math.min(LAST_SECOND, Long.MAX_VALUE / unitsPerSecond) / 31_557_600;
    if (Math.abs(years) > range || index == Long.MIN_VALUE) {
      return index < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return span(index).from;
  }

  private Span span(long index) {
    int place = (int) (index & (CACHED - 1));
    Span known = cache[place];
    if (known == null || known.index != index) {
      known = new Span(index, begin(index), begin(index + 1));
      cache[place] = known;
    }
    return known;
  }

  private long near(long time) {
    Instant instant =
        Instant.ofEpochSecond(Math.floorDiv(time, unitsPerSecond)).minusSeconds(shiftSeconds);
    LocalDateTime local = LocalDateTime.ofInstant(instant, zone);
    return unit != Unit.MONTH
        ? Math.floorDiv(local.toEpochSecond(ZoneOffset.UTC), sliceSeconds)
        : ChronoUnit.MONTHS.between(EPOCH.toLocalDate(), local.toLocalDate().withDayOfMonth(1));
  }

  private long begin(long index) {
    LocalDateTime local =
        unit == Unit.MONTH ? EPOCH.plusMonths(index) : EPOCH.plusSeconds(index * sliceSeconds);
    long second = secondOf(local.plusSeconds(shiftSeconds));
    long time = second * unitsPerSecond;
    if (Math.multiplyHigh(second, unitsPerSecond) != time >> 63) {
      return second < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return time;
  }

  /** When the clock first shows a time, or goes beyond it. */
  private long secondOf(LocalDateTime local) {
    ZoneOffsetTransition change = unit == Unit.SLICE ? zone.getRules().getTransition(local) : null;
    return change != null && change.isGap()
        ? change.toEpochSecond()
        : local.atZone(zone).toEpochSecond();
  }

  public Unit unit() {
    return unit;
  }

  public ZoneId zone() {
    return zone;
  }

  /** How much later than at midnight, or at the first of a month, units begin. */
  public long shiftSeconds() {
    return shiftSeconds;
  }

  /** What no unit is much shorter than. */
  public long leastSeconds() {
    return unit == Unit.MONTH ? 28 * 86_400L : sliceSeconds;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CalendarGrid grid
        && unit == grid.unit
        && sliceSeconds == grid.sliceSeconds
        && zone.equals(grid.zone)
        && shiftSeconds == grid.shiftSeconds
        && nanosPerUnit == grid.nanosPerUnit;
  }

  @Override
  public int hashCode() {
    return zone.hashCode() * 31 + unit.hashCode() + Long.hashCode(shiftSeconds + sliceSeconds);
  }

  @Override
  public String toString() {
    return (unit == Unit.SLICE ? sliceSeconds + " s" : unit)
        + " of "
        + zone
        + (shiftSeconds == 0 ? "" : " shifted by " + shiftSeconds + " s");
  }
}
