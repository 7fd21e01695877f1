package io.laminardb.core.runtime;

/** Where a query is in its life. */
public enum QueryState {
  /** Waits for the engine to start, or for a consumer to take what it emits at its start. */
  STARTING,

  /** Takes rows. */
  RUNNING,

  /** Stopped by a failure, which is kept; its inputs and all other queries go on. */
  FAILED,

  /** Gone. */
  DROPPED
}
