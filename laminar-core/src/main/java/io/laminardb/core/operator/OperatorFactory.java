package io.laminardb.core.operator;

import io.laminardb.core.batch.Schema;

/** The immutable plan-time half of an operator. Creates one operator a task; any thread. */
public interface OperatorFactory {
  /** A fresh operator with empty state. */
  Operator create(OperatorContext context);

  /** The rows the operator emits. */
  Schema outputSchema();

  /** The source of the generated class behind it, for EXPLAIN CODE; or null. */
  default String generatedSource() {
    return null;
  }

  /**
   * At which watermarks the operator does something: at multiples of this many nanoseconds from
   * {@link #watermarkOffsetNs()}, such as ends of windows; 0 for any; {@link Long#MAX_VALUE} for
   * none, as it passes watermarks on and no more. Rows behind a watermark at which nobody has done
   * anything yet stay in one batch with the others.
   */
  default long watermarkGrainNs() {
    return 0;
  }

  /** See {@link #watermarkGrainNs()}. */
  default long watermarkOffsetNs() {
    return 0;
  }

  /** How a late reader learns what the operator has emitted, where that is a changelog. */
  default Recall recall() {
    return Recall.KEPT;
  }

  /** Names the state layout; equal fingerprints can restore each other's snapshots. */
  default String fingerprint() {
    return getClass().getSimpleName() + outputSchema().types();
  }
}
