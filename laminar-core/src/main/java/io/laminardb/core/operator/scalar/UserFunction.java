package io.laminardb.core.operator.scalar;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A scalar function that a user wrote in Java: an object, and the method of it that generated code
 * calls, with the types it is written with. Nothing is boxed. The method must answer the same for
 * the same arguments and be fast; it is called on the reactor, by one thread for each query. It is not
 * called where an argument is NULL: the result is NULL.
 */
public final class UserFunction {
  /** A Java type that is a type of SQL. */
  public enum Type {
    BOOLEAN(boolean.class),
    INTEGER(int.class),
    BIGINT(long.class),
    REAL(float.class),
    DOUBLE(double.class),
    VARCHAR(String.class),
    VARBINARY(byte[].class),
    DECIMAL(BigDecimal.class),
    DATE(LocalDate.class),
    TIMESTAMP(LocalDateTime.class),
    TIMESTAMP_LTZ(Instant.class);

    private final Class<?> javaType;

    Type(Class<?> javaType) {
      this.javaType = javaType;
    }

    public Class<?> javaType() {
      return javaType;
    }

    /** The type of SQL, or null. */
    public static Type of(Class<?> javaType) {
      for (Type type : values()) {
        if (type.javaType == javaType) {
          return type;
        }
      }
      return null;
    }
  }

  private final String name;
  private final Class<?> owner;
  private final Method method;
  private final Object target;
  private final List<Type> parameters;
  private final Type result;

  private UserFunction(String name, Class<?> owner, Method method, Object target) {
    this.name = name;
    this.owner = owner;
    this.method = method;
    this.target = target;
    this.parameters = Arrays.stream(method.getParameterTypes()).map(this::type).toList();
    this.result = type(method.getReturnType());
  }

  /**
   * A function with the signature of an interface, such as {@code DoubleUnaryOperator.class} or one
   * of the user's own.
   *
   * @param function of that type; a lambda, for example
   * @throws LaminarException INVALID_OPTION for a name or types that SQL has not
   */
  public static UserFunction of(String name, Class<?> signature, Object function) {
    requireNonNull(function, "function");
    return new UserFunction(name, signature, only(name, signature), function);
  }

  /** The one public method of a class, or the abstract one of an interface, of a public type. */
  static Method only(String name, Class<?> signature) {
    checkName(name);
    List<Method> candidates = new ArrayList<>();
    for (Method method : requireNonNull(signature, "signature").getMethods()) {
      boolean own = method.getDeclaringClass() != Object.class && !method.isBridge();
      boolean wanted = signature.isInterface() == Modifier.isAbstract(method.getModifiers());
      if (own && wanted && !Modifier.isStatic(method.getModifiers())) {
        candidates.add(method);
      }
    }
    if (candidates.size() != 1) {
      throw wrong(
          name,
          signature.getName()
              + " has "
              + candidates.size()
              + " public methods that could be the function.",
          "Give it one, or register it with the interface whose method is meant.");
    }
    if (!isPublic(signature) || signature.getCanonicalName() == null) {
      throw wrong(
          name,
          signature.getName() + " is not public, so generated code cannot call it.",
          "Make it, and the classes it is nested in, public.");
    }
    return candidates.get(0);
  }

  /** A function that is the one public method of the class of {@code function}. */
  public static UserFunction of(String name, Object function) {
    return of(
        name,
        typeOf(name, function, "registerFunction(name, DoubleUnaryOperator.class, x -> ..)"),
        function);
  }

  /** The class of an object, which a lambda has not. */
  static Class<?> typeOf(String name, Object function, String instead) {
    Class<?> type = requireNonNull(function, "function").getClass();
    if (type.isHidden() || type.isSynthetic()) {
      throw wrong(name, "a lambda does not tell its types.", "Say them: " + instead + ".");
    }
    return type;
  }

  /** Refuses what SQL takes for no name. */
  public static void checkName(String name) {
    if (!requireNonNull(name, "name").matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw wrong(name, "it is no name of a function.", "Use letters, digits and underscores.");
    }
  }

  /** Whether generated code can call methods of a class. */
  public static boolean isPublic(Class<?> type) {
    for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
      if (!Modifier.isPublic(outer.getModifiers())) {
        return false;
      }
    }
    return true;
  }

  private Type type(Class<?> javaType) {
    return type(name, method, javaType);
  }

  /** The type of SQL of something a method takes or gives. */
  static Type type(String name, Method method, Class<?> javaType) {
    Type type = Type.of(javaType);
    if (type == null) {
      throw wrong(
          name,
          "its method " + method.getName() + " has the type " + javaType.getTypeName() + ".",
          "Use boolean, int, long, float, double, String, byte[], BigDecimal, LocalDate,"
              + " LocalDateTime or Instant.");
    }
    return type;
  }

  /** Why a function cannot be registered. */
  public static LaminarException wrong(String name, String problem, String mend) {
    return new LaminarException(
            ErrorCode.INVALID_OPTION, "function \"" + name + "\" cannot be registered: " + problem)
        .mend(mend);
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

  public List<Type> parameters() {
    return parameters;
  }

  public Type result() {
    return result;
  }
}
