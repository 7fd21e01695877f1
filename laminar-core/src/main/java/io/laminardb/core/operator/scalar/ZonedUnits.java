package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Utf8;

/**
 * Cuts points in time to units of a zone's clocks: DATE_TRUNC, FLOOR and CEIL of TIMESTAMP WITH LOCAL
 * TIME ZONE. Units shorter than a day keep the offset that holds at the point, so that an hour which
 * clocks show twice is two hours; a day begins with the first instant of its date. One thread.
 */
public final class ZonedUnits {
  private final Zones zones = new Zones();
  private final TimeUnit units = new TimeUnit();

  /** The start of the unit an instant lies in. */
  public long floor(Utf8 zone, Utf8 unit, long instant, long unitsPerSecond) {
    long local = zones.toLocal(zone, instant, unitsPerSecond);
    long start = units.floor(unit, local, unitsPerSecond);
    long sameOffset = start - (local - instant);
    if (units.isShort(unit)) {
      return sameOffset;
    }
    long first = zones.toInstant(zone, start, unitsPerSecond);
    return first > instant ? sameOffset : earlier(zone, first, start, unitsPerSecond);
  }

  /** Where clocks show a start twice, the first of the two. */
  private long earlier(Utf8 zone, long instant, long local, long unitsPerSecond) {
    long before = instant - unitsPerSecond;
    long offset = zones.toLocal(zone, before, unitsPerSecond) - before;
    long other = local - offset;
    return other < instant && zones.toLocal(zone, other, unitsPerSecond) == local ? other : instant;
  }

  /** The start of the next unit, unless an instant is the start of one. */
  public long ceil(Utf8 zone, Utf8 unit, long instant, long unitsPerSecond) {
    long start = floor(zone, unit, instant, unitsPerSecond);
    if (start == instant) {
      return instant;
    }
    long local = zones.toLocal(zone, instant, unitsPerSecond);
    long end = TimeUnit.ceil(units.canonical(unit), local, unitsPerSecond);
    if (units.isShort(unit)) {
      return end - (local - instant);
    }
    long next = zones.toInstant(zone, end, unitsPerSecond);
    return earlier(zone, next, end, unitsPerSecond);
  }
}
