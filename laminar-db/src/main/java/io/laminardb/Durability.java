package io.laminardb;

/** When rows that were pushed are on disk. */
public enum Durability {
  /**
   * Rows are written in the background as fast as the disk takes them, and nobody waits: after a crash
   * of the process or machine, the last ones may be missing; what is there is consistent.
   */
  ASYNC,
  /** {@code push} and {@code sync} return when the rows are on disk, and stay there. */
  SYNC
}
