package io.laminardb.core.operator.scalar;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.LaminarException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A table function that a user wrote in Java: an object, the method of it that generated code calls,
 * and the interface through which that method gives rows away. Its last parameter is that interface,
 * whose one method takes the columns of a row; nothing is boxed that the interface does not box. The
 * method is called on the reactor, by one thread for each query. It is not called where an argument
 * is NULL: then there are no rows. Immutable.
 */
public final class UserTableFunction {
  /**
   * A column of the rows.
   *
   * @param name in SQL
   * @param type its type in SQL
   * @param javaType what the interface's method takes: as {@link UserFunction.Type} says, or the
   *     class that boxes it, which has NULL
   * @param declared what the method's parameter is declared as, which generated code casts from
   */
  public record Column(String name, UserFunction.Type type, Class<?> javaType, Class<?> declared) {
    /** Whether there is a NULL. */
    public boolean isNullable() {
      return !javaType.isPrimitive();
    }

    /** Whether the value is that of a primitive type in an object. */
    public boolean isBoxed() {
      return !javaType.isPrimitive() && type.javaType().isPrimitive();
    }
  }

  private final String name;
  private final Class<?> owner;
  private final Method method;
  private final Object target;
  private final List<UserFunction.Type> parameters;
  private final Method row;
  private final List<Column> columns;

  private UserTableFunction(
      String name, Class<?> owner, Method method, Object target, List<String> columnNames) {
    this.name = name;
    this.owner = owner;
    this.method = method;
    this.target = target;
    int last = method.getParameterCount() - 1;
    if (method.getReturnType() != void.class
        || last < 0
        || !method.getParameterTypes()[last].isInterface()) {
      throw UserFunction.wrong(
          name,
          "its method " + method.getName() + " gives rows to nobody.",
          "Let it be void, and its last parameter an interface whose method takes the columns of"
              + " a row, such as LongConsumer or Consumer<String>.");
    }
    this.parameters =
        Arrays.stream(method.getParameterTypes())
            .limit(last)
            .map(type -> UserFunction.type(name, method, type))
            .toList();
    this.row = UserFunction.only(name, method.getParameterTypes()[last]);
    this.columns = columns(columnNames);
    if (row.getReturnType() != void.class || columns.isEmpty()) {
      throw UserFunction.wrong(
          name,
          row.getDeclaringClass().getName() + " takes no row.",
          "Let its method be void, with a parameter for each column.");
    }
  }

  private List<Column> columns(List<String> given) {
    Parameter[] taken = row.getParameters();
    if (!given.isEmpty() && given.size() != taken.length) {
      throw UserFunction.wrong(
          name,
          "it has " + taken.length + " columns and " + given.size() + " names of columns.",
          "Give a name for each, or none.");
    }
    List<Column> made = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < taken.length; i++) {
      String named =
          !given.isEmpty()
              ? given.get(i)
              : taken[i].isNamePresent() && !row.getDeclaringClass().getName().startsWith("java.")
                  ? snakeCase(taken[i].getName())
                  : taken.length == 1 ? name : "column" + (i + 1);
      if (!names.add(requireNonNull(named, "column").toLowerCase(Locale.ROOT))) {
        throw UserFunction.wrong(
            name, "two of its columns are \"" + named + "\".", "Give them different names.");
      }
      Class<?> type = columnType(taken[i].getParameterizedType());
      UserFunction.Type own = UserFunction.Type.of(primitive(type));
      if (own == null) {
        own = UserFunction.type(name, row, type);
      }
      made.add(new Column(named, own, type, taken[i].getType()));
    }
    return List.copyOf(made);
  }

  private static String snakeCase(String javaName) {
    return javaName.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  /** The class that a parameter of the row's method has, of which the function's may tell more. */
  private Class<?> columnType(Type type) {
    if (type instanceof Class<?> plain) {
      return plain;
    }
    Type rows = method.getGenericParameterTypes()[method.getParameterCount() - 1];
    if (type instanceof TypeVariable<?> variable && rows instanceof ParameterizedType known) {
      int place =
          Arrays.asList(((Class<?>) known.getRawType()).getTypeParameters()).indexOf(variable);
      Type argument = place < 0 ? null : known.getActualTypeArguments()[place];
      if (argument instanceof WildcardType wildcard && wildcard.getLowerBounds().length > 0) {
        argument = wildcard.getLowerBounds()[0];
      }
      if (argument instanceof Class<?> plain) {
        return plain;
      }
    }
    return Object.class;
  }

  private static Class<?> primitive(Class<?> type) {
    for (UserFunction.Type each : UserFunction.Type.values()) {
      Class<?> candidate = each.javaType();
      if (candidate.isPrimitive()
          && java.lang.invoke.MethodType.methodType(candidate).wrap().returnType() == type) {
        return candidate;
      }
    }
    return type;
  }

  /**
   * A function with the signature of an interface, such as one of the user's own.
   *
   * @param function of that type; a lambda, for example
   * @param columns names of the columns; none for those of the parameters of the row's method
   * @throws LaminarException INVALID_OPTION for a name or types that SQL has not
   */
  public static UserTableFunction of(
      String name, Class<?> signature, Object function, List<String> columns) {
    requireNonNull(function, "function");
    return new UserTableFunction(
        name, signature, UserFunction.only(name, signature), function, columns);
  }

  /** A function that is the one public method of the class of {@code function}. */
  public static UserTableFunction of(String name, Object function, List<String> columns) {
    Class<?> type =
        UserFunction.typeOf(
            name, function, "registerTableFunction(name, Words.class, (text, rows) -> ..)");
    return of(name, type, function, columns);
  }

  /** The name in SQL, in the case it was given. */
  public String name() {
    return name;
  }

  /** The type generated code calls it through. */
  public Class<?> owner() {
    return owner;
  }

  /** The name of the method. */
  public String method() {
    return method.getName();
  }

  /** The object the method is called on. */
  public Object target() {
    return target;
  }

  /** Types of the arguments, without what takes the rows. */
  public List<UserFunction.Type> parameters() {
    return parameters;
  }

  /** The interface that takes the rows. */
  public Class<?> rows() {
    return method.getParameterTypes()[parameters.size()];
  }

  /** The name of its method. */
  public String rowMethod() {
    return row.getName();
  }

  public List<Column> columns() {
    return columns;
  }
}
