package io.laminardb.core.operator.aggregate;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;

/**
 * What an aggregate operator is made from. Immutable.
 *
 * @param kernels makes the generated kernel
 * @param shape of that kernel
 * @param mode when results are emitted
 * @param emitEveryNs the period of {@link EmitMode#EVERY} in nanoseconds, else 0
 */
public record AggregateSpec(
    Supplier<? extends AggregateKernel> kernels,
    AggregateShape shape,
    EmitMode mode,
    long emitEveryNs) {
  public AggregateSpec {
    requireNonNull(kernels, "kernels");
    requireNonNull(shape, "shape");
    requireNonNull(mode, "mode");
    if ((mode == EmitMode.EVERY) != (emitEveryNs > 0)) {
      throw new IllegalArgumentException(mode + " with a period of " + emitEveryNs + " ns");
    }
  }
}
