package io.laminardb.internal.record;

import static java.lang.invoke.MethodType.methodType;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Makes records of one class of rows of one stream: one method handle that reads each component
 * from its column and calls the constructor, without boxing. Every component needs a column, hidden
 * ones ({@code window_start}) included; columns without a component are left out. One thread: it
 * holds the view texts are read through.
 *
 * <p>Components may be: an integer at least as wide as its column; long for TIMESTAMP: milliseconds
 * since the epoch; double for any number, float for REAL; BigDecimal for DECIMAL and integers;
 * boolean; String or an enum for VARCHAR; byte[]; LocalDate; LocalTime; LocalDateTime or Instant
 * for TIMESTAMP, and for BIGINT: milliseconds since the epoch; List for ARRAY, Map for MAP, a record or
 * {@link io.laminardb.Row} for ROW, which may hold one another. NULL needs a component that is no
 * primitive.
 */
public final class RecordReader<T> {
  private final Class<T> type;
  private final MethodHandle constructor; // (Batch, int)Object

  private RecordReader(Class<T> type, MethodHandle constructor) {
    this.type = type;
    this.constructor = constructor;
  }

  /**
   * Binds a record class to the columns of a stream.
   *
   * @param owner whose columns they are, for errors, such as {@code stream "vwap"}
   * @throws io.laminardb.core.error.LaminarException SCHEMA_MISMATCH if they do not fit
   */
  public static <T> RecordReader<T> of(Class<T> type, String owner, Schema schema) {
    RecordShape shape = new RecordShape(type, owner, schema);
    int[] columns = shape.columnsOfComponents();
    MethodHandle handle = shape.constructor();
    handle = handle.asType(handle.type().changeReturnType(Object.class));
    for (int i = columns.length - 1; i >= 0; i--) {
      DataType column = schema.field(columns[i]).type();
      Class<?> component = shape.components()[i].getType();
      MethodHandle reader =
          column.isNested()
              ? ComponentReaders.nested(
                  shape.components()[i], schema.field(columns[i]), columns[i], owner)
              : ComponentReaders.of(component, schema.field(columns[i]), columns[i]);
      if (reader == null) {
        throw shape.typeMismatch(i, columns[i], ComponentReaders.fitting(column));
      }
      handle =
          MethodHandles.collectArguments(
              handle, i, reader.asType(reader.type().changeReturnType(component)));
    }
    MethodType exact = methodType(Object.class, Batch.class, int.class);
    int[] reorder = new int[columns.length * 2];
    for (int i = 0; i < reorder.length; i++) {
      reorder[i] = i % 2;
    }
    return new RecordReader<>(type, MethodHandles.permuteArguments(handle, exact, reorder));
  }

  public Class<T> type() {
    return type;
  }

  /**
   * The record of a row.
   *
   * @throws io.laminardb.core.error.LaminarException NULL_NOT_ALLOWED when a component is a
   *     primitive and its column NULL; TYPE_MISMATCH when a value does not fit its component
   */
  public T read(Batch batch, int row) {
    try {
      return type.cast((Object) constructor.invokeExact(batch, row));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the constructor of " + type.getName() + " failed", e);
    }
  }
}
