package io.laminardb.internal.row;

import io.laminardb.core.batch.DataType;
import java.time.LocalDateTime;
import java.time.LocalTime;

/** Times as SQL prints them: {@code 2026-01-31 09:30:00.125}, all digits of the precision. */
final class TimeTexts {
  private TimeTexts() {}

  static String timestamp(DataType type, long units) {
    LocalDateTime value = Times.toLocalDateTime(type, units);
    StringBuilder text = new StringBuilder(32).append(value.toLocalDate()).append(' ');
    append(text, value.toLocalTime(), type.precision());
    return type.kind() == DataType.Kind.TIMESTAMP_LTZ
        ? text.append('Z').toString()
        : text.toString();
  }

  static String time(DataType type, LocalTime value) {
    return append(new StringBuilder(16), value, type.precision()).toString();
  }

  private static StringBuilder append(StringBuilder text, LocalTime value, int precision) {
    two(text, value.getHour()).append(':');
    two(text, value.getMinute()).append(':');
    two(text, value.getSecond());
    if (precision > 0) {
      String nanos = Integer.toString(1_000_000_000 + value.getNano());
      text.append('.').append(nanos, 1, 1 + precision);
    }
    return text;
  }

  private static StringBuilder two(StringBuilder text, int number) {
    return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }
}
