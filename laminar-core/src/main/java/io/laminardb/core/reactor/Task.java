package io.laminardb.core.reactor;

/** Something a reactor does a bounded piece of in every cycle. The reactor's thread only. */
public interface Task {
  /**
   * Does what can be done now, without waiting.
   *
   * @return how much was done; 0 lets the reactor back off
   */
  int doWork();

  /** Whether {@link #doWork} stopped as a piece has a bound, and not as there was nothing to do. */
  default boolean hasMore() {
    return false;
  }
}
