package io.laminardb.core.reactor;

/** Something a reactor does a bounded piece of in every cycle. The reactor's thread only. */
public interface Task {
  /**
   * Does what can be done now, without waiting.
   *
   * @param nowEpochNs processing time of this cycle
   * @return how much was done; 0 lets the reactor back off
   */
  int doWork(long nowEpochNs);
}
