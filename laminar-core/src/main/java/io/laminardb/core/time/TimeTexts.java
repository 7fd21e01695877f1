package io.laminardb.core.time;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;

/** Times as people read them, in UTC; for messages, never for the hot path. */
public final class TimeTexts {
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter();
  private static final DateTimeFormatter DATE_TIME =
      new DateTimeFormatterBuilder().appendPattern("uuuu-MM-dd ").append(TIME).toFormatter();

  private TimeTexts() {}

  /** A point in time, such as {@code 2024-03-01 09:30:00.5}, from nanoseconds since the epoch. */
  public static String of(long epochNs) {
    return DATE_TIME.format(utc(epochNs));
  }

  /**
   * A window, such as {@code [2024-03-01 09:30:00, 09:31:00)}; the day stands twice only where it
   * changes.
   */
  public static String ofWindow(long startNs, long endNs) {
    LocalDateTime start = utc(startNs);
    LocalDateTime end = utc(endNs);
    boolean sameDay = start.toLocalDate().equals(end.toLocalDate());
    return "[" + DATE_TIME.format(start) + ", " + (sameDay ? TIME : DATE_TIME).format(end) + ")";
  }

  private static LocalDateTime utc(long epochNs) {
    long second = Math.floorDiv(epochNs, TimeUnits.NANOS_PER_SECOND);
    long nanos = Math.floorMod(epochNs, TimeUnits.NANOS_PER_SECOND);
    return LocalDateTime.ofInstant(Instant.ofEpochSecond(second, nanos), ZoneOffset.UTC);
  }
}
