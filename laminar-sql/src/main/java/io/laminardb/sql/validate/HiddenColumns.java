package io.laminardb.sql.validate;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;

/**
 * The bounds of windows that travel with a stream without being part of {@code *}. Inside Calcite a
 * hidden column is called {@code $window_start}, so that it never meets a name of the user's.
 *
 * @param start whether there is a hidden window_start
 * @param end whether there is a hidden window_end
 */
public record HiddenColumns(boolean start, boolean end) {
  public static final String START = "window_start";
  public static final String END = "window_end";
  static final String TIME = "window_time";
  static final HiddenColumns NONE = new HiddenColumns(false, false);
  static final HiddenColumns BOTH = new HiddenColumns(true, true);
  private static final String PREFIX = "$";
  static final String PHYSICAL_START = PREFIX + START;
  static final String PHYSICAL_END = PREFIX + END;

  /** Of window table functions only: not a column of streams. */
  static final String PHYSICAL_TIME = PREFIX + TIME;

  static HiddenColumns of(Schema schema) {
    boolean start = false;
    boolean end = false;
    for (Field field : schema.fields()) {
      start |= field.hidden() && field.name().equalsIgnoreCase(START);
      end |= field.hidden() && field.name().equalsIgnoreCase(END);
    }
    return new HiddenColumns(start, end);
  }

  HiddenColumns and(HiddenColumns other) {
    return new HiddenColumns(start && other.start, end && other.end);
  }

  /** The name of a hidden column inside Calcite. */
  static String physicalName(String hidden) {
    return PREFIX + hidden;
  }

  /** The name of a column inside Calcite. */
  static String physicalName(Field field) {
    return field.hidden() ? physicalName(field.name()) : field.name();
  }

  /** Whether a name inside Calcite is that of a hidden column. */
  public static boolean isHidden(String physicalName) {
    return physicalName.equals(PHYSICAL_START)
        || physicalName.equals(PHYSICAL_END)
        || physicalName.equals(PHYSICAL_TIME);
  }

  /** The name users know a column by. */
  public static String visibleName(String physicalName) {
    return isHidden(physicalName) ? physicalName.substring(PREFIX.length()) : physicalName;
  }

  /** {@code window_start}, {@code window_end} or {@code window_time} for these names and their aliases, else null. */
  static String boundOf(String name) {
    if (name.equalsIgnoreCase(START) || name.equalsIgnoreCase("bar_start")) {
      return START;
    }
    if (name.equalsIgnoreCase(END) || name.equalsIgnoreCase("bar_end")) {
      return END;
    }
    return name.equalsIgnoreCase(TIME) ? TIME : null;
  }
}
