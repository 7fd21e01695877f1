package io.laminardb.internal.row;

import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;

/**
 * The times that JDBC drivers answer. A class of its own, asked for by name first, so that a
 * runtime image without module java.sql does not miss it.
 */
final class JdbcTimes {
  private JdbcTimes() {}

  static boolean isTimestamp(Object value) {
    return value.getClass().getName().equals("java.sql.Timestamp");
  }

  static boolean isDate(Object value) {
    return value.getClass().getName().equals("java.sql.Date");
  }

  /** A java.sql.Timestamp as it reads. */
  static LocalDateTime toLocalDateTime(Object timestamp) {
    return ((Timestamp) timestamp).toLocalDateTime();
  }

  /** A java.sql.Timestamp as the point in time it stands for. */
  static Instant toInstant(Object timestamp) {
    return ((Timestamp) timestamp).toInstant();
  }

  /** A java.sql.Date. */
  static LocalDate toLocalDate(Object date) {
    return ((Date) date).toLocalDate();
  }
}
