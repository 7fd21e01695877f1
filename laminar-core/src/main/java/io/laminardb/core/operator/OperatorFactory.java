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

  /** Names the state layout; equal fingerprints can restore each other's snapshots. */
  default String fingerprint() {
    return getClass().getSimpleName() + outputSchema();
  }
}
