package io.laminardb.internal.record;

import io.laminardb.Row;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Makes what a component of a record holds of the List, Map or Row that a nested value is: the same, or
 * with records in the place of rows, as deep as the component's type says.
 */
final class NestedComponents {
  private NestedComponents() {}

  /**
   * The conversion of a value that is not null to a component's type; null where they do not fit.
   *
   * @param owner whose column it is, for errors
   */
  static UnaryOperator<Object> of(Type type, DataType column, String owner) {
    Class<?> raw = raw(type);
    if (raw == Object.class) {
      return UnaryOperator.identity();
    }
    return switch (column.kind()) {
      case ARRAY ->
          raw == List.class || raw == Collection.class || raw == Iterable.class
              ? list(of(argument(type, 0), column.element(), owner))
              : null;
      case MAP ->
          raw == Map.class
              ? map(
                  of(argument(type, 0), column.element(), owner),
                  of(argument(type, 1), column.mapValue(), owner))
              : null;
      case ROW ->
          raw == Row.class
              ? UnaryOperator.identity()
              : raw.isRecord() ? row(raw, column, owner) : null;
      default -> plain(raw, column);
    };
  }

  private static Class<?> raw(Type type) {
    if (type instanceof ParameterizedType parameterized) {
      return raw(parameterized.getRawType());
    }
    if (type instanceof WildcardType wildcard) {
      return raw(wildcard.getUpperBounds()[0]);
    }
    return type instanceof Class<?> plain ? plain : Object.class;
  }

  private static Type argument(Type type, int index) {
    return type instanceof ParameterizedType parameterized
        ? parameterized.getActualTypeArguments()[index]
        : Object.class;
  }

  private static UnaryOperator<Object> list(UnaryOperator<Object> elements) {
    if (elements == null) {
      return null;
    }
    return value -> {
      List<Object> converted = new ArrayList<>();
      for (Object element : (List<?>) value) {
        converted.add(element == null ? null : elements.apply(element));
      }
      return Collections.unmodifiableList(converted);
    };
  }

  private static UnaryOperator<Object> map(
      UnaryOperator<Object> keys, UnaryOperator<Object> values) {
    if (keys == null || values == null) {
      return null;
    }
    return value -> {
      Map<Object, Object> converted = new LinkedHashMap<>();
      ((Map<?, ?>) value)
          .forEach((k, v) -> converted.put(keys.apply(k), v == null ? null : values.apply(v)));
      return Collections.unmodifiableMap(converted);
    };
  }

  private static UnaryOperator<Object> row(Class<?> type, DataType column, String owner) {
    RecordShape shape = new RecordShape(type, owner, new Schema(column.children(), false));
    int[] fields = shape.columnsOfComponents();
    RecordComponent[] components = shape.components();
    List<UnaryOperator<Object>> conversions = new ArrayList<>();
    for (int i = 0; i < fields.length; i++) {
      DataType field = column.children().get(fields[i]).type();
      UnaryOperator<Object> conversion = of(components[i].getGenericType(), field, owner);
      if (conversion == null) {
        throw shape.typeMismatch(i, fields[i], ComponentReaders.fitting(field));
      }
      conversions.add(conversion);
    }
    MethodHandle constructor =
        shape.constructor().asSpreader(Object[].class, fields.length).asType(GENERIC);
    return value -> {
      Object[] arguments = new Object[fields.length];
      for (int i = 0; i < fields.length; i++) {
        Object field = ((Row) value).getObject(fields[i]);
        if (field == null && components[i].getType().isPrimitive()) {
          throw nullInPrimitive(components[i]);
        }
        arguments[i] = field == null ? null : conversions.get(i).apply(field);
      }
      return make(constructor, arguments);
    };
  }

  private static final java.lang.invoke.MethodType GENERIC =
      java.lang.invoke.MethodType.methodType(Object.class, Object[].class);

  private static Object make(MethodHandle constructor, Object[] arguments) {
    try {
      return (Object) constructor.invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the constructor of a record failed", e);
    }
  }

  private static LaminarException nullInPrimitive(RecordComponent component) {
    return new LaminarException(
            ErrorCode.NULL_NOT_ALLOWED,
            "a field is NULL, which the component \""
                + component.getName()
                + "\" of a primitive type cannot hold.")
        .mend("Declare the component with the boxed type, such as Long or Double.");
  }

  /** A value of the Java type that {@link Row#getObject} gives for the column, or a wider number. */
  private static UnaryOperator<Object> plain(Class<?> type, DataType column) {
    Class<?> boxed = java.lang.invoke.MethodType.methodType(type).wrap().returnType();
    if (type.isEnum() && column.kind() == DataType.Kind.VARCHAR) {
      return value -> constant(type, value);
    }
    Class<?> own =
        switch (column.kind()) {
          case BOOLEAN -> Boolean.class;
          case TINYINT -> Byte.class;
          case SMALLINT -> Short.class;
          case INTEGER -> Integer.class;
          case BIGINT -> Long.class;
          case REAL -> Float.class;
          case DOUBLE -> Double.class;
          case DECIMAL -> java.math.BigDecimal.class;
          case VARCHAR -> String.class;
          case VARBINARY -> byte[].class;
          case DATE -> java.time.LocalDate.class;
          case TIME -> java.time.LocalTime.class;
          case TIMESTAMP -> java.time.LocalDateTime.class;
          default -> java.time.Instant.class;
        };
    if (boxed.isAssignableFrom(own)) {
      return UnaryOperator.identity();
    }
    Integer bits = ComponentWriters.INTEGERS.get(boxed);
    boolean integer = ComponentWriters.INTEGERS.containsKey(own);
    if (integer && bits != null && bits > column.kind().width() * 8) {
      return value -> integer(((Number) value).longValue(), bits);
    }
    boolean number = integer || own == Float.class;
    return number && boxed == Double.class ? value -> ((Number) value).doubleValue() : null;
  }

  private static Object integer(long value, int bits) {
    return switch (bits) {
      case 16 -> (short) value;
      case 32 -> (int) value;
      default -> value;
    };
  }

  private static Object constant(Class<?> type, Object name) {
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(name)) {
        return constant;
      }
    }
    throw new LaminarException(
            ErrorCode.TYPE_MISMATCH,
            "\"" + name + "\" is no constant of " + type.getSimpleName() + ".")
        .mend("Declare the component with String.");
  }
}
