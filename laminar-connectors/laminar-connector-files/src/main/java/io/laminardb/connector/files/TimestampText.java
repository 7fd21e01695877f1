package io.laminardb.connector.files;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.text.TextParser;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.time.TimeUnits;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * The option {@code timestamp_format}: {@code iso} (the default), {@code epoch_seconds}, {@code
 * epoch_millis}, {@code epoch_micros}, {@code epoch_nanos}, or a pattern of {@link
 * DateTimeFormatter}. In {@code iso} a plain integer is epoch milliseconds. Immutable.
 */
final class TimestampText {
  private final DateTimeFormatter pattern; // null unless a pattern is given
  private final boolean iso;
  private final long epochUnitNanos;

  private TimestampText(DateTimeFormatter pattern, boolean iso, long epochUnitNanos) {
    this.pattern = pattern;
    this.iso = iso;
    this.epochUnitNanos = epochUnitNanos;
  }

  static TimestampText of(ConnectorOptions options) {
    String format = options.getString("timestamp_format", "iso");
    return switch (format.toLowerCase(Locale.ROOT)) {
      case "iso" -> new TimestampText(null, true, TimeUnits.NANOS_PER_MILLI);
      case "epoch_seconds" -> new TimestampText(null, false, TimeUnits.NANOS_PER_SECOND);
      case "epoch_millis" -> new TimestampText(null, false, TimeUnits.NANOS_PER_MILLI);
      case "epoch_micros" -> new TimestampText(null, false, TimeUnits.NANOS_PER_MICRO);
      case "epoch_nanos" -> new TimestampText(null, false, 1);
      default -> {
        try {
          yield new TimestampText(DateTimeFormatter.ofPattern(format, Locale.ROOT), false, 0);
        } catch (IllegalArgumentException e) {
          throw options
              .invalid("timestamp_format", "is no date-time pattern (" + e.getMessage() + ")")
              .mend("Use 'iso', 'epoch_millis' or a pattern such as 'dd.MM.yyyy HH:mm:ss'.");
        }
      }
    };
  }

  /** Whether times are written as ISO 8601, so that their type can be seen. */
  boolean isIso() {
    return iso;
  }

  /**
   * Reads {@code [from, to)} into {@code parser.longValue}, in {@code type}'s unit; false if it is
   * no such time, or one that the type cannot hold.
   *
   * @param type a TIMESTAMP, or BIGINT for epoch milliseconds
   */
  boolean parse(byte[] bytes, int from, int to, DataType type, TextParser parser) {
    if (pattern != null) {
      return parsePattern(new String(bytes, from, to - from, StandardCharsets.UTF_8), type, parser);
    }
    if (iso && parser.parseTimestamp(bytes, from, to, type)) {
      return true;
    }
    return parser.parseLong(bytes, from, to)
        && toUnits(parser.longValue, epochUnitNanos, type, parser);
  }

  private boolean parsePattern(String text, DataType type, TextParser parser) {
    try {
      TemporalAccessor parsed =
          pattern.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
      LocalDateTime time =
          parsed instanceof OffsetDateTime offset
              ? offset.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()
              : parsed instanceof LocalDate date ? date.atStartOfDay() : (LocalDateTime) parsed;
      long micros =
          Math.addExact(
              Math.multiplyExact(time.toEpochSecond(ZoneOffset.UTC), 1_000_000L),
              time.getNano() / 1000);
      if (type.nanosPerUnit() > 1) {
        return toUnits(micros, TimeUnits.NANOS_PER_MICRO, type, parser);
      }
      long nanos = Math.addExact(Math.multiplyExact(micros, 1000L), time.getNano() % 1000);
      return toUnits(nanos, 1, type, parser);
    } catch (DateTimeException | ArithmeticException e) {
      return false;
    }
  }

  /** Converts, cutting off what is finer than the type's precision. */
  private static boolean toUnits(long value, long unitNanos, DataType type, TextParser parser) {
    long targetNanos = type.nanosPerUnit();
    long result;
    if (unitNanos >= targetNanos) {
      long factor = unitNanos / targetNanos;
      result = value * factor;
      if (Math.multiplyHigh(value, factor) != result >> 63) {
        return false;
      }
    } else {
      result = Math.floorDiv(value, targetNanos / unitNanos);
    }
    if (type.isTimestamp()) {
      long step = 1_000_000_000L / targetNanos;
      for (int i = 0; i < type.precision(); i++) {
        step /= 10;
      }
      result = Math.floorDiv(result, step) * step;
    }
    parser.longValue = result;
    return true;
  }
}
