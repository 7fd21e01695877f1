package io.laminardb.sql.codegen;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.Kernel;
import java.lang.reflect.Constructor;
import java.util.function.Supplier;

/**
 * A generated class and the literals of one query. Immutable; any thread may make instances, and
 * whoever makes one opens, uses and closes it on one thread.
 *
 * @param <T> the base class of the kernel
 */
public final class CompiledKernel<T extends Kernel> implements Supplier<T> {
  private final Class<?> generated;
  private final Class<T> base;
  private final String source;
  private final Object[] constants;

  CompiledKernel(Class<?> generated, Class<T> base, String source, Object[] constants) {
    this.generated = generated;
    this.base = base;
    this.source = source;
    this.constants = constants;
  }

  /** A new kernel; the caller opens and closes it. */
  @Override
  public T get() {
    try {
      Constructor<?> constructor = generated.getConstructor(Object[].class);
      return base.cast(constructor.newInstance((Object) constants));
    } catch (ReflectiveOperationException e) {
      throw new LaminarException(
          ErrorCode.INTERNAL_ERROR, "a generated class has no use: " + e.getMessage() + ".", e);
    }
  }

  /** The class as it was compiled, with comments for readers. */
  public String source() {
    return source;
  }

  /** The class itself; equal shapes have the same one. */
  public Class<?> generatedClass() {
    return generated;
  }
}
