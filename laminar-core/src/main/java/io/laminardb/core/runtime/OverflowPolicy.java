package io.laminardb.core.runtime;

/** What happens when a pull subscription is full. */
public enum OverflowPolicy {
  /** The query waits until rows are taken. */
  BLOCK,

  /** The oldest rows are dropped, and counted. */
  DROP_OLDEST
}
