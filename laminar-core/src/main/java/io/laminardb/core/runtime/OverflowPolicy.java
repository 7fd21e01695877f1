package io.laminardb.core.runtime;

/** What happens when a handle of a source, or a pull subscription, is full. */
public enum OverflowPolicy {
  /** Who brings rows waits until others are taken. */
  BLOCK,

  /** The oldest rows are dropped, and counted. */
  DROP_OLDEST
}
