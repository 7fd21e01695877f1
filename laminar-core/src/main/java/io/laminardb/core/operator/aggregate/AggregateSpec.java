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
 * @param expiry which groups are forgotten; null for none
 */
public record AggregateSpec(
    Supplier<? extends AggregateKernel> kernels,
    AggregateShape shape,
    EmitMode mode,
    long emitEveryNs,
    Expiry expiry) {
  /**
   * How long a group is kept that no row touches.
   *
   * @param ttlNs nanoseconds of processing time
   * @param offset where the two words for that are in a group's row
   */
  public record Expiry(long ttlNs, int offset) {}

  /** Groups that are kept. */
  public AggregateSpec(
      Supplier<? extends AggregateKernel> kernels,
      AggregateShape shape,
      EmitMode mode,
      long emitEveryNs) {
    this(kernels, shape, mode, emitEveryNs, null);
  }

  public AggregateSpec {
    requireNonNull(kernels, "kernels");
    requireNonNull(shape, "shape");
    requireNonNull(mode, "mode");
    if ((mode == EmitMode.EVERY) != (emitEveryNs > 0)) {
      throw new IllegalArgumentException(mode + " with a period of " + emitEveryNs + " ns");
    }
    if (expiry != null && (mode == EmitMode.ON_CLOSE || !shape.distincts().isEmpty())) {
      throw new IllegalArgumentException("groups are forgotten where changes say so");
    }
  }
}
