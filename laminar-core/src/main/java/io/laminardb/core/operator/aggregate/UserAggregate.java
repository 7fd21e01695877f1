package io.laminardb.core.operator.aggregate;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.scalar.UserFunction;
import io.laminardb.core.state.ObjectCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * An aggregate function that a user wrote in Java: an object a group, and what is done with it.
 * Generated code calls the methods directly, so that primitive values are not boxed. Snapshots write
 * the objects as {@link Serializable} says. Immutable.
 *
 * @param name in SQL, in the case it was given
 * @param states makes the object of a group
 * @param stateType its class
 * @param parameters types of the arguments
 * @param result type of the result
 * @param add takes a row in
 * @param retract takes a row back, or null where that cannot be done
 * @param merge takes in the rows of another object, or null where that cannot be done
 * @param answer gives the result
 */
public record UserAggregate(
    String name,
    Supplier<?> states,
    Class<?> stateType,
    List<UserFunction.Type> parameters,
    UserFunction.Type result,
    Step add,
    Step retract,
    Step merge,
    Step answer)
    implements ObjectCodec {
  /**
   * A method that is called.
   *
   * @param owner the public type it is called through
   * @param method its name
   * @param target the object whose method it is, which takes the state as its first argument; null
   *     for a method of the state
   */
  public record Step(Class<?> owner, String method, Object target) {}

  public UserAggregate {
    UserFunction.checkName(name);
    requireNonNull(states, "states");
    parameters = List.copyOf(parameters);
    if (add == null || answer == null || parameters.isEmpty()) {
      throw UserFunction.wrong(name, "it lacks add, with an argument, or result.", "Give it both.");
    }
    if (!Serializable.class.isAssignableFrom(stateType)) {
      throw UserFunction.wrong(
          name,
          stateType.getName() + " is not Serializable, so snapshots cannot write it.",
          "Let it implement java.io.Serializable.");
    }
  }

  /**
   * The aggregate whose state is a class with public methods {@code add} and {@code result}, and
   * perhaps {@code retract}, with the arguments of {@code add}, and {@code merge} of another state.
   *
   * @throws LaminarException INVALID_OPTION where that is not so
   */
  public static UserAggregate of(String name, Class<?> type) {
    UserFunction.checkName(name);
    if (!UserFunction.isPublic(type) || type.getCanonicalName() == null) {
      throw UserFunction.wrong(
          name,
          type.getName() + " is not public, so generated code cannot call it.",
          "Make it, and the classes it is nested in, public.");
    }
    Method add = method(name, type, "add");
    Method answer = method(name, type, "result");
    Method retract = method(name, type, "retract");
    Method merge = method(name, type, "merge");
    if (add == null || answer == null || answer.getParameterCount() > 0) {
      throw UserFunction.wrong(
          name, type.getName() + " lacks public methods add(..) and result().", "Give it both.");
    }
    if (retract != null && !Arrays.equals(retract.getParameterTypes(), add.getParameterTypes())) {
      throw UserFunction.wrong(
          name, "its methods add and retract differ in their arguments.", "Let them be the same.");
    }
    if (merge != null && !Arrays.equals(merge.getParameterTypes(), new Class<?>[] {type})) {
      throw UserFunction.wrong(
          name, "its method merge takes no " + type.getSimpleName() + ".", "Let it take one.");
    }
    return new UserAggregate(
        name,
        maker(name, type),
        type,
        Arrays.stream(add.getParameterTypes()).map(parameter -> type(name, parameter)).toList(),
        type(name, answer.getReturnType()),
        new Step(type, "add", null),
        retract == null ? null : new Step(type, "retract", null),
        merge == null ? null : new Step(type, "merge", null),
        new Step(type, "result", null));
  }

  private static Method method(String name, Class<?> type, String wanted) {
    List<Method> found = new ArrayList<>();
    for (Method method : type.getMethods()) {
      if (method.getName().equals(wanted)
          && !method.isBridge()
          && !Modifier.isStatic(method.getModifiers())) {
        found.add(method);
      }
    }
    if (found.size() > 1) {
      throw UserFunction.wrong(
          name, type.getName() + " has several methods " + wanted + ".", "Leave one.");
    }
    return found.isEmpty() ? null : found.get(0);
  }

  private static Supplier<Object> maker(String name, Class<?> type) {
    Constructor<?> constructor;
    try {
      constructor = type.getConstructor();
    } catch (NoSuchMethodException e) {
      throw UserFunction.wrong(
          name, type.getName() + " has no public constructor without arguments.", "Give it one.");
    }
    return () -> {
      try {
        return constructor.newInstance();
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("there is no new " + type.getName() + ": " + e, e);
      }
    };
  }

  /** The type of SQL of an argument or result. */
  public static UserFunction.Type type(String name, Class<?> javaType) {
    UserFunction.Type type = UserFunction.Type.of(javaType);
    if (type == null) {
      throw UserFunction.wrong(
          name,
          "it has a value of type " + javaType.getTypeName() + ".",
          "Use boolean, int, long, float, double, String, byte[], BigDecimal, LocalDate,"
              + " LocalDateTime or Instant.");
    }
    return type;
  }

  @Override
  public byte[] write(Object object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    } catch (IOException e) {
      throw new UncheckedIOException("the state of " + name + " cannot be written: " + e, e);
    }
    return bytes.toByteArray();
  }

  @Override
  public Object read(byte[] bytes) {
    try (ObjectInputStream in = new Objects(bytes, stateType.getClassLoader())) {
      return stateType.cast(in.readObject());
    } catch (IOException e) {
      throw new UncheckedIOException("the state of " + name + " cannot be read: " + e, e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the state of " + name + " cannot be read: " + e, e);
    }
  }

  /** Looks for classes where the user's are. */
  private static final class Objects extends ObjectInputStream {
    private final ClassLoader loader;

    Objects(byte[] bytes, ClassLoader loader) throws IOException {
      super(new ByteArrayInputStream(bytes));
      this.loader = loader;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      return loader == null
          ? super.resolveClass(description)
          : Class.forName(description.getName(), false, loader);
    }
  }
}
