package io.laminardb.internal.record;

import io.laminardb.RowWriter;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.internal.record.ComponentWriters.ComponentWriter;
import io.laminardb.internal.row.ColumnRowWriter;
import java.util.Objects;

/**
 * Writes records of one class into the columns of one source. A component without a column is an
 * error, as is a NOT NULL column without a component; other columns become NULL. Immutable; any
 * thread.
 *
 * <p>Components may be: a primitive or boxed integer no wider than its column (long for TIMESTAMP:
 * milliseconds since the epoch); integers, float and double for REAL and DOUBLE; BigDecimal or an
 * integer for DECIMAL; boolean; String or an enum for VARCHAR; byte[]; LocalDate; LocalTime;
 * LocalDateTime or Instant for TIMESTAMP, and Instant for BIGINT: milliseconds since the epoch;
 * collections and arrays for ARRAY, Map for MAP, records and rows for ROW, which may hold one another.
 */
public final class RecordWriter<T> {
  private final Class<T> type;
  private final ComponentWriter[] writers;

  private RecordWriter(Class<T> type, ComponentWriter[] writers) {
    this.type = type;
    this.writers = writers;
  }

  /**
   * Binds a record class to the columns of a source.
   *
   * @param owner whose columns they are, for errors, such as {@code source "trades"}
   * @throws io.laminardb.core.error.LaminarException SCHEMA_MISMATCH if they do not fit
   */
  public static <T> RecordWriter<T> of(Class<T> type, String owner, Schema schema) {
    RecordShape shape = new RecordShape(type, owner, schema);
    int[] columns = shape.columnsOfComponents();
    shape.checkNotNullColumnsCovered(columns);
    ComponentWriter[] writers = new ComponentWriter[columns.length];
    for (int i = 0; i < columns.length; i++) {
      DataType column = schema.field(columns[i]).type();
      Class<?> component = shape.components()[i].getType();
      writers[i] = ComponentWriters.of(shape.accessor(i), component, columns[i], column);
      if (writers[i] == null) {
        throw shape.typeMismatch(i, columns[i], ComponentWriters.fitting(column));
      }
    }
    return new RecordWriter<>(type, writers);
  }

  public Class<T> type() {
    return type;
  }

  /**
   * Pushes a record as one row. When this throws, nothing was pushed and no row is open.
   *
   * @param weight +1, or -1 to take the row back
   * @param wait whether to wait while the target is full, rather than to answer false
   * @throws io.laminardb.core.error.LaminarException as {@link #write}
   */
  public boolean push(T value, ColumnRowWriter rows, int weight, boolean wait) {
    Objects.requireNonNull(value, "record");
    if (!rows.start(wait)) {
      return false;
    }
    try {
      write(value, rows);
      return rows.end(weight);
    } finally {
      rows.giveUp();
    }
  }

  /**
   * Sets the columns of the row that is open in {@code row}, which the caller ends.
   *
   * @throws io.laminardb.core.error.LaminarException NULL_NOT_ALLOWED, or SCHEMA_MISMATCH for a
   *     value out of its column's range; the row stays open
   */
  public void write(T value, RowWriter row) {
    Objects.requireNonNull(value, "record");
    for (ComponentWriter writer : writers) {
      writer.write(value, row);
    }
  }
}
