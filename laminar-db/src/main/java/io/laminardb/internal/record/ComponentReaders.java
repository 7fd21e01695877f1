package io.laminardb.internal.record;

import static java.lang.invoke.MethodType.methodType;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.internal.row.Decimals;
import io.laminardb.internal.row.NestedValues;
import io.laminardb.internal.row.Times;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Handles of type {@code (Batch, int) -> component} that read one column. */
final class ComponentReaders {
  private static final Map<Class<?>, Class<?>> PRIMITIVES =
      Map.of(
          Boolean.class,
          boolean.class,
          Byte.class,
          byte.class,
          Short.class,
          short.class,
          Integer.class,
          int.class,
          Long.class,
          long.class,
          Float.class,
          float.class,
          Double.class,
          double.class);

  private ComponentReaders() {}

  /** The reader for a component of {@code type} and a column, or null where they do not fit. */
  static MethodHandle of(Class<?> type, Field field, int column) {
    String method = methodFor(type, field.type());
    if (method == null) {
      return null;
    }
    Reader reader = type.isEnum() ? new EnumReader(field, column, type) : new Reader(field, column);
    Class<?> primitive = PRIMITIVES.getOrDefault(type, type);
    Class<?> exact = type.isEnum() ? Object.class : primitive;
    try {
      MethodHandle read =
          MethodHandles.lookup()
              .findVirtual(reader.getClass(), method, methodType(exact, Batch.class, int.class))
              .bindTo(reader);
      if (primitive == type) {
        return read;
      }
      MethodHandle isNull =
          MethodHandles.lookup()
              .findVirtual(
                  Reader.class, "isNull", methodType(boolean.class, Batch.class, int.class))
              .bindTo(reader);
      MethodHandle none =
          MethodHandles.dropArguments(
              MethodHandles.constant(type, null), 0, Batch.class, int.class);
      return MethodHandles.guardWithTest(
          isNull, none, read.asType(read.type().changeReturnType(type)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no reader " + method + " for " + type, e);
    }
  }

  /** The reader for a component and a nested column, or null where they do not fit. */
  static MethodHandle nested(RecordComponent component, Field field, int column, String owner) {
    UnaryOperator<Object> conversion =
        NestedComponents.of(component.getGenericType(), field.type(), owner);
    if (conversion == null) {
      return null;
    }
    try {
      return MethodHandles.lookup()
          .findVirtual(
              NestedReader.class, "readNested", methodType(Object.class, Batch.class, int.class))
          .bindTo(new NestedReader(field, column, conversion))
          .asType(methodType(component.getType(), Batch.class, int.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no reader of nested values", e);
    }
  }

  /** What components a column goes with, for errors. */
  static String fitting(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> "boolean or Boolean";
      case TINYINT -> "byte or a wider integer, or Byte";
      case SMALLINT -> "short or a wider integer, or Short";
      case INTEGER -> "int or long, or Integer or Long";
      case BIGINT -> "long or Long, or Instant or LocalDateTime for epoch milliseconds";
      case REAL -> "float or double, or Float or Double";
      case DOUBLE -> "double or Double";
      case DECIMAL -> "BigDecimal or double";
      case VARCHAR -> "String or an enum";
      case VARBINARY -> "byte[]";
      case DATE -> "LocalDate";
      case TIME -> "LocalTime";
      case TIMESTAMP, TIMESTAMP_LTZ -> "LocalDateTime, Instant, or long for epoch milliseconds";
      case ARRAY -> "List";
      case MAP -> "Map";
      case ROW -> "Row or a record";
    };
  }

  private static String methodFor(Class<?> type, DataType column) {
    Kind kind = column.kind();
    Integer bits = ComponentWriters.INTEGERS.get(type);
    boolean integer =
        switch (kind) {
          case TINYINT, SMALLINT, INTEGER, BIGINT -> true;
          default -> false;
        };
    if (bits != null) {
      boolean fits = integer && bits >= kind.width() * 8 || column.isTimestamp() && bits == 64;
      return fits
          ? switch (bits) {
            case 8 -> "readByte";
            case 16 -> "readShort";
            case 32 -> "readInt";
            default -> "readLong";
          }
          : null;
    }
    if (type == double.class || type == Double.class) {
      boolean number = integer || kind == Kind.REAL || kind == Kind.DOUBLE || kind == Kind.DECIMAL;
      return number ? "readDouble" : null;
    }
    if (type == float.class || type == Float.class) {
      return kind == Kind.REAL ? "readFloat" : null;
    }
    if (type == boolean.class || type == Boolean.class) {
      return kind == Kind.BOOLEAN ? "readBoolean" : null;
    }
    if (type == String.class) {
      return kind == Kind.VARCHAR ? "readString" : null;
    }
    if (type.isEnum()) {
      return kind == Kind.VARCHAR ? "readEnum" : null;
    }
    if (type == byte[].class) {
      return kind == Kind.VARBINARY ? "readBytes" : null;
    }
    if (type == BigDecimal.class) {
      return kind == Kind.DECIMAL || integer ? "readDecimal" : null;
    }
    if (type == LocalDate.class) {
      return kind == Kind.DATE ? "readDate" : null;
    }
    if (type == LocalTime.class) {
      return kind == Kind.TIME ? "readTime" : null;
    }
    if (column.isTimestamp() || kind == Kind.BIGINT) {
      return type == Instant.class
          ? "readInstant"
          : type == LocalDateTime.class ? "readTimestamp" : null;
    }
    return null;
  }

  /** Reads one column; NULL is null, or an error where the result is a primitive. */
  static class Reader {
    final Field field;
    final DataType type;
    final int column;
    final Utf8 view = new Utf8();

    Reader(Field field, int column) {
      this.field = field;
      this.type = field.type();
      this.column = column;
    }

    final boolean isNull(Batch batch, int row) {
      return batch.column(column).isNull(row);
    }

    final byte readByte(Batch batch, int row) {
      return (byte) notNull(batch, row).getLong(row);
    }

    final short readShort(Batch batch, int row) {
      return (short) notNull(batch, row).getLong(row);
    }

    final int readInt(Batch batch, int row) {
      return (int) notNull(batch, row).getLong(row);
    }

    final long readLong(Batch batch, int row) {
      long value = notNull(batch, row).getLong(row);
      return type.isTimestamp() ? Times.toMillis(type, value) : value;
    }

    final float readFloat(Batch batch, int row) {
      return (float) notNull(batch, row).getDouble(row);
    }

    final double readDouble(Batch batch, int row) {
      Column values = notNull(batch, row);
      return switch (type.kind()) {
        case REAL, DOUBLE -> values.getDouble(row);
        case DECIMAL -> Decimals.get(values, row).doubleValue();
        default -> values.getLong(row);
      };
    }

    final boolean readBoolean(Batch batch, int row) {
      return notNull(batch, row).getBoolean(row);
    }

    final String readString(Batch batch, int row) {
      Column values = batch.column(column);
      if (values.isNull(row)) {
        return null;
      }
      values.getBytes(row, view);
      return view.toString();
    }

    final byte[] readBytes(Batch batch, int row) {
      Column values = batch.column(column);
      if (values.isNull(row)) {
        return null;
      }
      values.getBytes(row, view);
      byte[] bytes = new byte[view.length];
      Memory.copyToHeap(view.address, bytes, 0, view.length);
      return bytes;
    }

    final BigDecimal readDecimal(Batch batch, int row) {
      Column values = batch.column(column);
      if (values.isNull(row)) {
        return null;
      }
      return type.kind() == Kind.DECIMAL
          ? Decimals.get(values, row)
          : BigDecimal.valueOf(values.getLong(row));
    }

    final LocalDate readDate(Batch batch, int row) {
      Column values = batch.column(column);
      return values.isNull(row) ? null : LocalDate.ofEpochDay(values.getLong(row));
    }

    final LocalTime readTime(Batch batch, int row) {
      Column values = batch.column(column);
      return values.isNull(row) ? null : Times.toLocalTime(values.getLong(row));
    }

    final Instant readInstant(Batch batch, int row) {
      Column values = batch.column(column);
      return values.isNull(row) ? null : Times.toInstant(type, values.getLong(row));
    }

    final LocalDateTime readTimestamp(Batch batch, int row) {
      Column values = batch.column(column);
      return values.isNull(row) ? null : Times.toLocalDateTime(type, values.getLong(row));
    }

    private Column notNull(Batch batch, int row) {
      Column values = batch.column(column);
      if (values.isNull(row)) {
        throw new LaminarException(
                ErrorCode.NULL_NOT_ALLOWED,
                "column \""
                    + field.name()
                    + "\" is NULL, which a component of a primitive type cannot hold.")
            .mend("Declare the component with the boxed type, such as Long or Double.");
      }
      return values;
    }
  }

  /** Reads an ARRAY, MAP or ROW as what its component holds. */
  static final class NestedReader extends Reader {
    private final UnaryOperator<Object> conversion;

    NestedReader(Field field, int column, UnaryOperator<Object> conversion) {
      super(field, column);
      this.conversion = conversion;
    }

    Object readNested(Batch batch, int row) {
      Column values = batch.column(column);
      return values.isNull(row) ? null : conversion.apply(NestedValues.of(values, row, view));
    }
  }

  /** Reads a VARCHAR as the enum constant of that name. */
  static final class EnumReader extends Reader {
    private final Class<?> enumType;
    private final Map<String, Object> constants = new LinkedHashMap<>();

    EnumReader(Field field, int column, Class<?> enumType) {
      super(field, column);
      this.enumType = enumType;
      for (Object constant : enumType.getEnumConstants()) {
        constants.put(((Enum<?>) constant).name(), constant);
      }
    }

    Object readEnum(Batch batch, int row) {
      String name = readString(batch, row);
      Object constant = constants.get(name);
      if (constant == null && name != null) {
        throw new LaminarException(
                ErrorCode.TYPE_MISMATCH,
                "column \""
                    + field.name()
                    + "\" holds \""
                    + name
                    + "\", which is no constant of "
                    + enumType.getSimpleName()
                    + ".")
            .mend("It has: " + String.join(", ", constants.keySet()) + ".");
      }
      return constant;
    }
  }
}
