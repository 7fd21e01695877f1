package io.laminardb;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.operator.aggregate.UserAggregate;
import io.laminardb.core.operator.aggregate.UserAggregate.Step;
import io.laminardb.core.operator.scalar.UserFunction;
import java.io.Serializable;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjDoubleConsumer;
import java.util.function.ObjIntConsumer;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * An aggregate function of one argument made from lambdas, for {@link
 * LaminarDB.Builder#registerAggregate(String, Aggregate)}: what a group begins with, what a row adds
 * to it, and what is its result. Primitive values are not boxed. Not thread-safe while it is made.
 *
 * <pre>{@code
 * Aggregate.over(() -> new double[1])
 *     .addDouble((product, factor) -> product[0] += Math.log(factor))
 *     .retractDouble((product, factor) -> product[0] -= Math.log(factor))
 *     .merge((product, other) -> product[0] += other[0])
 *     .resultDouble(product -> Math.exp(product[0]))
 * }</pre>
 *
 * @param <S> the state of a group
 */
public final class Aggregate<S extends Serializable> {
  private final Supplier<S> states;
  private UserFunction.Type argument;
  private UserFunction.Type retracted;
  private UserFunction.Type result;
  private Step add;
  private Step retract;
  private Step merge;
  private Step answer;

  private Aggregate(Supplier<S> states) {
    this.states = requireNonNull(states, "states");
  }

  /** Begins an aggregate; {@code states} gives a new, changeable state for every group. */
  public static <S extends Serializable> Aggregate<S> over(Supplier<S> states) {
    return new Aggregate<>(states);
  }

  private static Step step(Class<?> owner, String method, Object target) {
    return new Step(owner, method, requireNonNull(target, "function"));
  }

  private Aggregate<S> add(UserFunction.Type type, Class<?> owner, Object function) {
    argument = type;
    add = step(owner, "accept", function);
    return this;
  }

  private Aggregate<S> retract(UserFunction.Type type, Class<?> owner, Object function) {
    retracted = type;
    retract = step(owner, "accept", function);
    return this;
  }

  private Aggregate<S> result(
      UserFunction.Type type, Class<?> owner, String method, Object function) {
    result = type;
    answer = step(owner, method, function);
    return this;
  }

  /** How a row is taken in; its argument is a DOUBLE, or another number made one. */
  public Aggregate<S> addDouble(ObjDoubleConsumer<? super S> function) {
    return add(UserFunction.Type.DOUBLE, ObjDoubleConsumer.class, function);
  }

  /** As {@link #addDouble}, of a BIGINT. */
  public Aggregate<S> addLong(ObjLongConsumer<? super S> function) {
    return add(UserFunction.Type.BIGINT, ObjLongConsumer.class, function);
  }

  /** As {@link #addDouble}, of an INTEGER. */
  public Aggregate<S> addInt(ObjIntConsumer<? super S> function) {
    return add(UserFunction.Type.INTEGER, ObjIntConsumer.class, function);
  }

  /** As {@link #addDouble}, of a VARCHAR. */
  public Aggregate<S> addText(BiConsumer<? super S, String> function) {
    return add(UserFunction.Type.VARCHAR, BiConsumer.class, function);
  }

  /** How a row is taken back; without it the aggregate is refused over a changelog. */
  public Aggregate<S> retractDouble(ObjDoubleConsumer<? super S> function) {
    return retract(UserFunction.Type.DOUBLE, ObjDoubleConsumer.class, function);
  }

  /** As {@link #retractDouble}, of a BIGINT. */
  public Aggregate<S> retractLong(ObjLongConsumer<? super S> function) {
    return retract(UserFunction.Type.BIGINT, ObjLongConsumer.class, function);
  }

  /** As {@link #retractDouble}, of an INTEGER. */
  public Aggregate<S> retractInt(ObjIntConsumer<? super S> function) {
    return retract(UserFunction.Type.INTEGER, ObjIntConsumer.class, function);
  }

  /** As {@link #retractDouble}, of a VARCHAR. */
  public Aggregate<S> retractText(BiConsumer<? super S, String> function) {
    return retract(UserFunction.Type.VARCHAR, BiConsumer.class, function);
  }

  /** How the rows of the second state are taken into the first; without it sessions are refused. */
  public Aggregate<S> merge(BiConsumer<? super S, ? super S> function) {
    merge = step(BiConsumer.class, "accept", function);
    return this;
  }

  /** The result of a group, as a DOUBLE. */
  public Aggregate<S> resultDouble(ToDoubleFunction<? super S> function) {
    return result(UserFunction.Type.DOUBLE, ToDoubleFunction.class, "applyAsDouble", function);
  }

  /** The result of a group, as a BIGINT. */
  public Aggregate<S> resultLong(ToLongFunction<? super S> function) {
    return result(UserFunction.Type.BIGINT, ToLongFunction.class, "applyAsLong", function);
  }

  /** The result of a group, as a VARCHAR; null is NULL. */
  public Aggregate<S> resultText(Function<? super S, String> function) {
    return result(UserFunction.Type.VARCHAR, Function.class, "apply", function);
  }

  UserAggregate named(String name) {
    if (retract != null && retracted != argument) {
      throw UserFunction.wrong(
          name, "it takes back another type than it adds.", "Let them be the same.");
    }
    return new UserAggregate(
        name,
        states,
        states.get().getClass(),
        argument == null ? List.of() : List.of(argument),
        result,
        add,
        retract,
        merge,
        answer);
  }
}
