package io.laminardb;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;

/**
 * One row of a result, read by column name (whatever its case) or by index from 0 in the order of
 * {@link #schema()}. Hidden columns, such as {@code window_start}, are read like any other.
 *
 * <p><b>Lifetime.</b> The row handed to a callback is a window onto the engine's memory: it is
 * valid until the callback returns, moves on to the next row afterwards, and allocates nothing.
 * Keep {@link #copy()} instead of the row. Rows of {@code drain()} are immutable copies already.
 *
 * <p><b>Threading.</b> A row of a callback is read on the thread of that callback; a copy by any.
 *
 * <p><b>Errors</b> of every getter: COLUMN_NOT_FOUND for an unknown name or index; TYPE_MISMATCH
 * for a column that cannot be read as asked; NULL_NOT_ALLOWED when a getter of a primitive meets
 * NULL (getters of objects return null); CLOSED when a row is read after its callback has returned.
 */
public interface Row {
  /** The columns of this row, hidden ones included. */
  Schema schema();

  /** The columns of this row in order, hidden ones included. */
  default List<Field> columns() {
    return schema().fields();
  }

  /** +1 for a row that was added, -1 for one taken back; always +1 where nothing is taken back. */
  int weight();

  /** The index of a column. */
  int columnIndex(String column);

  boolean isNull(int column);

  /** Any column as text: a VARCHAR itself, another type as SQL would print it; null for NULL. */
  String getString(int column);

  /** A BOOLEAN. */
  boolean getBoolean(int column);

  /** An integer that fits an int, whatever the width of its column. */
  int getInt(int column);

  /** An integer; a TIMESTAMP as milliseconds since the epoch, rounded down. */
  long getLong(int column);

  /** Any number; a DECIMAL and a BIGINT are rounded to the nearest double. */
  double getDouble(int column);

  /** A DECIMAL or an integer; null for NULL. */
  BigDecimal getBigDecimal(int column);

  /**
   * A TIMESTAMP as it reads, one WITH LOCAL TIME ZONE as it reads in UTC; a BIGINT counts as
   * milliseconds since the epoch; null for NULL.
   */
  LocalDateTime getTimestamp(int column);

  /**
   * As {@link #getTimestamp(int)}, as a point in time; a TIMESTAMP without zone is taken as UTC.
   */
  Instant getInstant(int column);

  /** As {@link #getInstant(int)}, in nanoseconds since the epoch, without allocating. */
  long getEpochNanos(int column);

  /** A DATE; null for NULL. */
  LocalDate getDate(int column);

  /** A TIME; null for NULL. */
  LocalTime getTime(int column);

  /** A VARBINARY, or the UTF-8 bytes of a VARCHAR; a new array each time; null for NULL. */
  byte[] getBytes(int column);

  /**
   * Any column as the Java type that fits it: Boolean, Byte, Short, Integer, Long, Float, Double,
   * BigDecimal, String, byte[], LocalDate, LocalTime, LocalDateTime, Instant (WITH LOCAL TIME
   * ZONE), List (ARRAY), Map (MAP, in the order of its keys), Row (ROW).
   */
  Object getObject(int column);

  /** An ARRAY, with null for NULL among its elements; null for NULL. It cannot be changed. */
  List<?> getList(int column);

  /** A MAP in the order of its keys; null for NULL. It cannot be changed. */
  Map<?, ?> getMap(int column);

  /** A ROW, its fields as columns; null for NULL. It may be kept. */
  Row getRow(int column);

  /** This row as an immutable copy that may be kept and shared; a copy answers itself. */
  Row copy();

  /** As {@link #isNull(int)}. */
  default boolean isNull(String column) {
    return isNull(columnIndex(column));
  }

  /** As {@link #getString(int)}. */
  default String getString(String column) {
    return getString(columnIndex(column));
  }

  /** As {@link #getBoolean(int)}. */
  default boolean getBoolean(String column) {
    return getBoolean(columnIndex(column));
  }

  /** As {@link #getInt(int)}. */
  default int getInt(String column) {
    return getInt(columnIndex(column));
  }

  /** As {@link #getLong(int)}. */
  default long getLong(String column) {
    return getLong(columnIndex(column));
  }

  /** As {@link #getDouble(int)}. */
  default double getDouble(String column) {
    return getDouble(columnIndex(column));
  }

  /** As {@link #getBigDecimal(int)}. */
  default BigDecimal getBigDecimal(String column) {
    return getBigDecimal(columnIndex(column));
  }

  /** As {@link #getTimestamp(int)}. */
  default LocalDateTime getTimestamp(String column) {
    return getTimestamp(columnIndex(column));
  }

  /** As {@link #getInstant(int)}. */
  default Instant getInstant(String column) {
    return getInstant(columnIndex(column));
  }

  /** As {@link #getEpochNanos(int)}. */
  default long getEpochNanos(String column) {
    return getEpochNanos(columnIndex(column));
  }

  /** As {@link #getDate(int)}. */
  default LocalDate getDate(String column) {
    return getDate(columnIndex(column));
  }

  /** As {@link #getTime(int)}. */
  default LocalTime getTime(String column) {
    return getTime(columnIndex(column));
  }

  /** As {@link #getBytes(int)}. */
  default byte[] getBytes(String column) {
    return getBytes(columnIndex(column));
  }

  /** As {@link #getList(int)}. */
  default List<?> getList(String column) {
    return getList(columnIndex(column));
  }

  /** As {@link #getMap(int)}. */
  default Map<?, ?> getMap(String column) {
    return getMap(columnIndex(column));
  }

  /** As {@link #getRow(int)}. */
  default Row getRow(String column) {
    return getRow(columnIndex(column));
  }

  /** As {@link #getObject(int)}. */
  default Object getObject(String column) {
    return getObject(columnIndex(column));
  }
}
