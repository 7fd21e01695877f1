package io.laminardb.core.operator.window;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.time.TimeUnits;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/**
 * Days or months of a time zone, numbered from 1970 on: what windows of days and months count in. A day
 * has 23 or 25 hours where clocks change, and begins with the first instant of its date. Boundaries
 * never go back, whatever the zone does.
 *
 * <p>Immutable but for a cache of units that were asked for, which threads may share: its entries are
 * immutable, and who misses one makes it again.
 */
public final class CalendarGrid {
  /** What is counted. */
  public enum Unit {
    DAY,
    MONTH
  }

  private static final int CACHED = 64;
  private static final long LAST_SECOND = 1L << 39; // some 17,000 years
  private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

  private final Unit unit;
  private final ZoneId zone;
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
    long years = unit == Unit.DAY ? index / 365 : index / 12;
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
    return unit == Unit.DAY
        ? local.toLocalDate().toEpochDay()
        : ChronoUnit.MONTHS.between(EPOCH.toLocalDate(), local.toLocalDate().withDayOfMonth(1));
  }

  private long begin(long index) {
    LocalDateTime local = unit == Unit.DAY ? EPOCH.plusDays(index) : EPOCH.plusMonths(index);
    long second = local.plusSeconds(shiftSeconds).atZone(zone).toEpochSecond();
    long time = second * unitsPerSecond;
    if (Math.multiplyHigh(second, unitsPerSecond) != time >> 63) {
      return second < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return time;
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
    return 86_400L * (unit == Unit.DAY ? 1 : 28);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CalendarGrid grid
        && unit == grid.unit
        && zone.equals(grid.zone)
        && shiftSeconds == grid.shiftSeconds
        && nanosPerUnit == grid.nanosPerUnit;
  }

  @Override
  public int hashCode() {
    return zone.hashCode() * 31 + unit.hashCode() + Long.hashCode(shiftSeconds);
  }

  @Override
  public String toString() {
    return unit + " of " + zone + (shiftSeconds == 0 ? "" : " shifted by " + shiftSeconds + " s");
  }
}
