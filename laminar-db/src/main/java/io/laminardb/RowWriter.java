package io.laminardb;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;

/**
 * Writes rows straight into the columns of a source, without allocating: the fastest way in for
 * rows that do not exist as Arrow batches.
 *
 * <pre>{@code
 * RowWriter rows = trades.rows();
 * int symbol = rows.column("symbol");          // once
 * int price = rows.column("price");
 * rows.begin().setString(symbol, "AAPL").setDouble(price, 187.2).endRow();
 * }</pre>
 *
 * <p>Columns may be set in any order; a column set twice holds the second value. A nullable column
 * that is not set is NULL. Nothing is seen of a row before {@link #endRow()} has returned true. A
 * {@link #begin()} while a row is open discards that row.
 *
 * <p><b>Threading.</b> One thread per writer.
 *
 * <p><b>Errors</b> of every setter: COLUMN_NOT_FOUND for an index that does not exist;
 * SCHEMA_MISMATCH for a column of another type and for a value out of its range; NULL_NOT_ALLOWED
 * for NULL in a NOT NULL column. The row stays open as it was before the call, so that the column
 * can be set again.
 */
public interface RowWriter {
  /**
   * The index of a column, for the setters; from 0 in the order of the declaration.
   *
   * @throws io.laminardb.core.error.LaminarException COLUMN_NOT_FOUND
   */
  int column(String name);

  /** Starts a row. Blocks while the source is full. */
  RowWriter begin();

  /** Starts a row unless the source is full, which it answers with false; never blocks. */
  boolean tryBegin();

  RowWriter setNull(int column);

  RowWriter setBoolean(int column, boolean value);

  /** As {@link #setLong}. */
  RowWriter setInt(int column, int value);

  /**
   * Sets a number column, checking its range; a TIMESTAMP column takes milliseconds since the
   * epoch.
   */
  RowWriter setLong(int column, long value);

  /** Sets a DOUBLE column, or a REAL one to the nearest value it can hold. */
  RowWriter setDouble(int column, double value);

  /** Sets a DECIMAL column; digits behind its scale must be zero. Null is NULL. Allocates. */
  RowWriter setBigDecimal(int column, BigDecimal value);

  /** Sets a VARCHAR column; an unpaired surrogate becomes {@code ?}. Null is NULL. */
  RowWriter setString(int column, String value);

  /** As {@link #setBytes(int, byte[], int, int)}, the whole array. Null is NULL. */
  RowWriter setBytes(int column, byte[] value);

  /** Sets a VARBINARY column, or a VARCHAR one to bytes that the caller vouches to be UTF-8. */
  RowWriter setBytes(int column, byte[] value, int index, int length);

  /** Sets a DATE column. Null is NULL. */
  RowWriter setDate(int column, LocalDate value);

  /** Sets a TIME column, cut to its precision. Null is NULL. */
  RowWriter setTime(int column, LocalTime value);

  /** Sets a TIMESTAMP column, cut to its precision; WITH LOCAL TIME ZONE reads it as UTC. */
  RowWriter setTimestamp(int column, LocalDateTime value);

  /**
   * Sets a TIMESTAMP column, cut to its precision, or a BIGINT one to milliseconds since the epoch.
   */
  RowWriter setInstant(int column, Instant value);

  /** As {@link #setInstant}, from nanoseconds since the epoch, without allocating. */
  RowWriter setEpochNanos(int column, long epochNs);

  /** Sets any column from the Java type that fits it, null for NULL, as {@code push(Object...)}. */
  RowWriter setObject(int column, Object value);

  /**
   * Ends the row and hands it to the source. False when the row was started by {@link #tryBegin}
   * and the source turned out to be full after all (long texts): then nothing was pushed.
   *
   * @throws io.laminardb.core.error.LaminarException NULL_NOT_ALLOWED when a NOT NULL column was
   *     not set; the row stays open
   */
  boolean endRow();

  /**
   * As {@link #endRow()}, taking back an equal row that was pushed before.
   *
   * @throws io.laminardb.core.error.LaminarException SCHEMA_MISMATCH when the source is append-only
   */
  boolean retractRow();
}
