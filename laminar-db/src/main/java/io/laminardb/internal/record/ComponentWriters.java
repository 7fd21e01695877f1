package io.laminardb.internal.record;

import static java.lang.invoke.MethodType.methodType;

import io.laminardb.Row;
import io.laminardb.RowWriter;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import java.lang.invoke.MethodHandle;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/** One class a kind of component, so that each calls its accessor with the exact type. */
final class ComponentWriters {
  /** Integer types by how many bits they have. */
  static final Map<Class<?>, Integer> INTEGERS =
      Map.of(
          byte.class,
          8,
          Byte.class,
          8,
          short.class,
          16,
          Short.class,
          16,
          int.class,
          32,
          Integer.class,
          32,
          long.class,
          64,
          Long.class,
          64);

  static final Set<Class<?>> FLOATS = Set.of(float.class, Float.class, double.class, Double.class);

  private ComponentWriters() {}

  /** Moves one component of a record to its column. */
  abstract static class ComponentWriter {
    final MethodHandle accessor;
    final int column;

    ComponentWriter(MethodHandle accessor, Class<?> result, int column) {
      this.accessor = accessor.asType(methodType(result, Object.class));
      this.column = column;
    }

    final void write(Object value, RowWriter row) {
      try {
        move(value, row);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("an accessor of " + value.getClass() + " failed", e);
      }
    }

    abstract void move(Object value, RowWriter row) throws Throwable;
  }

  /** The writer for a component of {@code type} and a column, or null where they do not fit. */
  static ComponentWriter of(MethodHandle accessor, Class<?> type, int column, DataType columnType) {
    Kind kind = columnType.kind();
    boolean primitive = type.isPrimitive();
    if (INTEGERS.containsKey(type) && takesInteger(columnType, INTEGERS.get(type))) {
      return primitive ? new OfLong(accessor, column) : new OfInteger(accessor, column);
    }
    if (FLOATS.contains(type) && (kind == Kind.DOUBLE || kind == Kind.REAL)) {
      return primitive ? new OfDouble(accessor, column) : new OfFloating(accessor, column);
    }
    if (type == String.class && kind == Kind.VARCHAR) {
      return new OfString(accessor, column);
    }
    if (type == boolean.class && kind == Kind.BOOLEAN) {
      return new OfBoolean(accessor, column);
    }
    if (type == Instant.class && (columnType.isTimestamp() || kind == Kind.BIGINT)) {
      return new OfInstant(accessor, column);
    }
    if (type == LocalDateTime.class && columnType.isTimestamp()) {
      return new OfTimestamp(accessor, column);
    }
    boolean fits =
        type == Boolean.class && kind == Kind.BOOLEAN
            || type.isEnum() && kind == Kind.VARCHAR
            || type == byte[].class && kind == Kind.VARBINARY
            || type == BigDecimal.class && kind == Kind.DECIMAL
            || type == LocalDate.class && kind == Kind.DATE
            || type == LocalTime.class && kind == Kind.TIME
            || isNested(type, kind);
    return fits ? new OfObject(accessor, column) : null;
  }

  private static boolean isNested(Class<?> type, Kind kind) {
    return switch (kind) {
      case ARRAY ->
          Collection.class.isAssignableFrom(type) || type.isArray() && type != byte[].class;
      case MAP -> Map.class.isAssignableFrom(type);
      case ROW -> type.isRecord() || Row.class.isAssignableFrom(type);
      default -> false;
    };
  }

  /** What components a column goes with, for errors. */
  static String fitting(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> "boolean or Boolean";
      case TINYINT -> "byte or Byte";
      case SMALLINT -> "short or Short, or a narrower integer";
      case INTEGER -> "int or Integer, or a narrower integer";
      case BIGINT -> "long or Long, a narrower integer, or Instant for epoch milliseconds";
      case REAL, DOUBLE -> "double, float or an integer, primitive or boxed";
      case DECIMAL -> "BigDecimal or an integer";
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

  private static boolean takesInteger(DataType column, int bits) {
    return switch (column.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT -> bits <= column.kind().width() * 8;
      case REAL, DOUBLE, DECIMAL -> true;
      case TIMESTAMP, TIMESTAMP_LTZ -> bits == 64;
      default -> false;
    };
  }

  private static final class OfLong extends ComponentWriter {
    OfLong(MethodHandle accessor, int column) {
      super(accessor, long.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      row.setLong(column, (long) accessor.invokeExact(value));
    }
  }

  private static final class OfInteger extends ComponentWriter {
    OfInteger(MethodHandle accessor, int column) {
      super(accessor, Object.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      Object boxed = (Object) accessor.invokeExact(value);
      if (boxed == null) {
        row.setNull(column);
      } else {
        row.setLong(column, ((Number) boxed).longValue());
      }
    }
  }

  private static final class OfDouble extends ComponentWriter {
    OfDouble(MethodHandle accessor, int column) {
      super(accessor, double.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      row.setDouble(column, (double) accessor.invokeExact(value));
    }
  }

  private static final class OfFloating extends ComponentWriter {
    OfFloating(MethodHandle accessor, int column) {
      super(accessor, Object.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      Object boxed = (Object) accessor.invokeExact(value);
      if (boxed == null) {
        row.setNull(column);
      } else {
        row.setDouble(column, ((Number) boxed).doubleValue());
      }
    }
  }

  private static final class OfBoolean extends ComponentWriter {
    OfBoolean(MethodHandle accessor, int column) {
      super(accessor, boolean.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      row.setBoolean(column, (boolean) accessor.invokeExact(value));
    }
  }

  private static final class OfString extends ComponentWriter {
    OfString(MethodHandle accessor, int column) {
      super(accessor, String.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      row.setString(column, (String) accessor.invokeExact(value));
    }
  }

  private static final class OfInstant extends ComponentWriter {
    OfInstant(MethodHandle accessor, int column) {
      super(accessor, Instant.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      row.setInstant(column, (Instant) accessor.invokeExact(value));
    }
  }

  private static final class OfTimestamp extends ComponentWriter {
    OfTimestamp(MethodHandle accessor, int column) {
      super(accessor, LocalDateTime.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      row.setTimestamp(column, (LocalDateTime) accessor.invokeExact(value));
    }
  }

  private static final class OfObject extends ComponentWriter {
    OfObject(MethodHandle accessor, int column) {
      super(accessor, Object.class, column);
    }

    @Override
    void move(Object value, RowWriter row) throws Throwable {
      row.setObject(column, (Object) accessor.invokeExact(value));
    }
  }
}
