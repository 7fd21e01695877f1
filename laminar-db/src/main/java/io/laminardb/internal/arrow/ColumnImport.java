package io.laminardb.internal.arrow;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Lengths;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.time.TimeUnits;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Fills columns with the buffers of vectors, or with copies in the column's unit of time. */
final class ColumnImport {
  private ColumnImport() {}

  /** Refuses NULL where the column takes none. */
  static void checkNulls(FieldVector vector, Field field, int rows, String owner) {
    if (!field.nullable() && vector.getNullCount() > 0) {
      throw new LaminarException(
              ErrorCode.NULL_NOT_ALLOWED,
              "column \""
                  + field.name()
                  + "\" of "
                  + owner
                  + " is NOT NULL, but row "
                  + firstNull(vector, rows)
                  + " of the Arrow root is NULL.")
          .mend("Fill the column, or declare it without NOT NULL.");
    }
  }

  /**
   * Lets an empty column adopt the buffers of a vector.
   *
   * @param unitNanos the unit of time its values are converted from, or 0
   */
  static void fill(
      Column column,
      FieldVector vector,
      Field field,
      long unitNanos,
      int rows,
      BufferAllocator allocator) {
    ArrowBuf data =
        unitNanos == 0
            ? retain(vector.getDataBuffer())
            : convert(vector, field, rows, unitNanos, allocator);
    boolean hasNulls = field.nullable() && vector.getNullCount() > 0;
    ArrowBuf validity = hasNulls ? retain(vector.getValidityBuffer()) : null;
    ArrowBuf offsets = field.type().isVariableWidth() ? retain(vector.getOffsetBuffer()) : null;
    column.adopt(rows, validity, offsets, data);
  }

  /** Refuses texts that are longer than the column says. */
  static void checkLengths(FieldVector vector, Field field, int rows, String owner) {
    if (field.type().maxLength() == 0) {
      return;
    }
    long offsets = vector.getOffsetBuffer().memoryAddress();
    long data = vector.getDataBuffer().memoryAddress();
    for (int row = 0; row < rows; row++) {
      int start = Memory.getInt(offsets + ((long) row << 2));
      int length = Memory.getInt(offsets + ((long) (row + 1) << 2)) - start;
      if (!vector.isNull(row) && !Lengths.fits(field.type(), data + start, length)) {
        throw new LaminarException(
                ErrorCode.SCHEMA_MISMATCH,
                "column \""
                    + field.name()
                    + "\" of "
                    + owner
                    + " is "
                    + field.type()
                    + ", but row "
                    + row
                    + " of the Arrow root is longer.")
            .mend("Cut it, or declare a longer column.");
      }
    }
  }

  static ArrowBuf retain(ArrowBuf buffer) {
    buffer.getReferenceManager().retain();
    return buffer;
  }

  private static int firstNull(FieldVector vector, int rows) {
    int row = 0;
    while (row < rows && !vector.isNull(row)) {
      row++;
    }
    return row;
  }

  /**
   * 0 where the vector is laid out as the column, else the nanoseconds of its unit of time; fails
   * for another type.
   */
  static long unitNanos(org.apache.arrow.vector.types.pojo.Field arrow, Field field, String owner) {
    ArrowType actual = arrow.getType();
    ArrowType expected = ArrowSchemas.toArrow(field.type());
    if (actual.equals(expected) || actual.getTypeID() == expected.getTypeID() && isMap(field)) {
      return 0;
    }
    if (actual instanceof ArrowType.Timestamp from
        && expected instanceof ArrowType.Timestamp to
        && zonesAgree(from, to)) {
      return from.getUnit() == to.getUnit() ? 0 : nanos(from.getUnit());
    }
    if (actual instanceof ArrowType.Time from && expected instanceof ArrowType.Time) {
      return nanos(from.getUnit());
    }
    if (actual instanceof ArrowType.Date from
        && from.getUnit() == DateUnit.MILLISECOND
        && expected instanceof ArrowType.Date) {
      return TimeUnits.NANOS_PER_MILLI;
    }
    throw new LaminarException(
            ErrorCode.SCHEMA_MISMATCH,
            "column \""
                + field.name()
                + "\" of "
                + owner
                + " is "
                + field.type()
                + ", but the Arrow root has "
                + actual
                + ".")
        .mend("Use Arrow type " + expected + ".");
  }

  private static boolean isMap(Field field) {
    return field.type().kind() == Kind.MAP;
  }

  /** A point in time may come in any zone; a TIMESTAMP without zone takes none, or UTC. */
  private static boolean zonesAgree(ArrowType.Timestamp from, ArrowType.Timestamp to) {
    return to.getTimezone() == null
        ? from.getTimezone() == null || from.getTimezone().equals("UTC")
        : from.getTimezone() != null;
  }

  private static long nanos(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> TimeUnits.NANOS_PER_SECOND;
      case MILLISECOND -> TimeUnits.NANOS_PER_MILLI;
      case MICROSECOND -> TimeUnits.NANOS_PER_MICRO;
      case NANOSECOND -> 1;
    };
  }

  private static ArrowBuf convert(
      FieldVector vector, Field field, int rows, long fromNanos, BufferAllocator allocator) {
    DataType type = field.type();
    long toNanos = columnNanos(type);
    int fromWidth = fromWidth(vector.getField().getType());
    long source = vector.getDataBuffer().memoryAddress();
    ArrowBuf data = allocator.buffer(Math.max(1, (long) rows * type.kind().width()));
    long target = data.memoryAddress();
    try {
      for (int row = 0; row < rows; row++) {
        if (vector.isNull(row)) {
          continue;
        }
        long value =
            fromWidth == 4
                ? Memory.getInt(source + ((long) row << 2))
                : Memory.getLong(source + ((long) row << 3));
        long converted = inUnit(value, fromNanos, toNanos, field, row);
        if (type.kind().width() == 4) {
          Memory.putInt(target + ((long) row << 2), (int) converted);
        } else {
          Memory.putLong(target + ((long) row << 3), converted);
        }
      }
      return data;
    } catch (RuntimeException e) {
      data.close();
      throw e;
    }
  }

  private static long inUnit(long value, long fromNanos, long toNanos, Field field, int row) {
    if (fromNanos < toNanos) {
      return Math.floorDiv(value, toNanos / fromNanos);
    }
    try {
      return Math.multiplyExact(value, fromNanos / toNanos);
    } catch (ArithmeticException e) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "column \""
                  + field.name()
                  + "\" is "
                  + field.type()
                  + ", but the time in row "
                  + row
                  + " of the Arrow root is out of its range.")
          .mend("Declare the column with a lower precision.");
    }
  }

  private static long columnNanos(DataType type) {
    return type.kind() == Kind.DATE
        ? 86_400 * TimeUnits.NANOS_PER_SECOND
        : type.kind() == Kind.TIME ? TimeUnits.NANOS_PER_MICRO : type.nanosPerUnit();
  }

  private static int fromWidth(ArrowType type) {
    return type instanceof ArrowType.Time time && time.getBitWidth() == 32 ? 4 : 8;
  }
}
