package io.laminardb.core.durable;

/** When rows that were pushed to a source of a durable database are on disk. */
public enum DurabilityMode {
  /**
   * With the next checkpoint: after a crash rows that came behind the last one are gone, with all that
   * they did. A durable subscription may have told of them.
   */
  NONE,
  /**
   * Soon: they are written in the background, and nobody waits. After a crash the last ones may be
   * gone, with all that they did; a durable subscription has not told of them.
   */
  ASYNC,
  /** When the call that pushes returns, and they stay there if the power fails. */
  SYNC
}
