package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Utf8;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;

/**
 * Clock times of a time zone, with its daylight saving: AT TIME ZONE. Remembers the zone and the time
 * between two of its transitions, in which a conversion is one addition.
 *
 * <p>A clock time that the zone skips is that much later; one that it has twice is the second.
 */
public final class Zones {
  private byte[] lastName;
  private ZoneRules rules;
  private long fromSecond; // of instants for which the offset holds
  private long toSecond;
  private int offsetSeconds;
  private long fromLocal; // of clock times that have one offset only
  private long toLocal;

  /** What the clocks of a zone show at an instant. */
  public long toLocal(Utf8 zone, long instant, long unitsPerSecond) {
    prepare(zone);
    long second = Math.floorDiv(instant, unitsPerSecond);
    if (second < fromSecond || second >= toSecond) {
      settle(second);
    }
    return instant + offsetSeconds * unitsPerSecond;
  }

  /** The instant at which the clocks of a zone show a time. */
  public long toInstant(Utf8 zone, long local, long unitsPerSecond) {
    prepare(zone);
    long second = Math.floorDiv(local, unitsPerSecond);
    if (second < fromLocal || second >= toLocal) {
      long near = second - offsetOf(second);
      settle(near);
      if (second < fromLocal || second >= toLocal) {
        return local - offsetOf(second) * unitsPerSecond;
      }
    }
    return local - offsetSeconds * unitsPerSecond;
  }

  private long offsetOf(long localSecond) {
    LocalDateTime local = LocalDateTime.ofEpochSecond(localSecond, 0, ZoneOffset.UTC);
    List<ZoneOffset> valid = rules.getValidOffsets(local);
    ZoneOffset offset =
        valid.isEmpty()
            ? rules.getTransition(local).getOffsetBefore()
            : valid.get(valid.size() - 1);
    return offset.getTotalSeconds();
  }

  /** Finds the time around {@code second} in which the offset is the same. */
  private void settle(long second) {
    Instant instant = Instant.ofEpochSecond(second);
    offsetSeconds = rules.getOffset(instant).getTotalSeconds();
    ZoneOffsetTransition before = rules.previousTransition(instant.plusNanos(1));
    ZoneOffsetTransition after = rules.nextTransition(instant);
    fromSecond = before == null ? Long.MIN_VALUE : before.toEpochSecond();
    toSecond = after == null ? Long.MAX_VALUE : after.toEpochSecond();
    fromLocal =
        before == null
            ? Long.MIN_VALUE
            : fromSecond
                + Math.max(
                    before.getOffsetBefore().getTotalSeconds(),
                    before.getOffsetAfter().getTotalSeconds());
    toLocal =
        after == null
            ? Long.MAX_VALUE
            : toSecond
                + Math.min(
                    after.getOffsetBefore().getTotalSeconds(),
                    after.getOffsetAfter().getTotalSeconds());
  }

  private void prepare(Utf8 zone) {
    if (lastName != null && LikePattern.same(lastName, zone)) {
      return;
    }
    String name = zone.toString();
    try {
      rules = ZoneId.of(name).getRules();
    } catch (DateTimeException e) {
      throw Failures.argument("'" + name + "' is no time zone: write 'Europe/Berlin' or '+02:00'.");
    }
    lastName = LikePattern.bytes(zone);
    fromSecond = Long.MAX_VALUE; // nothing known yet
    toSecond = Long.MIN_VALUE;
    fromLocal = Long.MAX_VALUE;
    toLocal = Long.MIN_VALUE;
  }
}
