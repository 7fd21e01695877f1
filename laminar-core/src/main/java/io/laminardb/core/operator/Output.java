package io.laminardb.core.operator;

import io.laminardb.core.batch.Batch;

/** Where an operator's results go: the operators, subscriptions and sinks that follow. */
public interface Output {
  /**
   * Lends rows downstream. On {@code true} everybody has consumed them and the caller may reuse the
   * batch; on {@code false} (back-pressure) the caller offers the same, unchanged batch again later.
   */
  boolean offer(Batch batch);

  /**
   * Passes on a watermark in nanoseconds, or {@link io.laminardb.core.time.Watermark#IDLE} or {@link
   * io.laminardb.core.time.Watermark#END}. Never goes back, except out of IDLE.
   *
   * @return false for back-pressure: the same call has to come again
   */
  boolean watermark(long watermarkNs);

  /**
   * Offers the rows that were written to a batch of the caller's, if there are any, and clears it once
   * they are accepted.
   *
   * @return whether none are left
   */
  default boolean flush(Batch out) {
    if (out.rowCount() > 0) {
      if (!offer(out)) {
        return false;
      }
      out.clear();
    }
    return true;
  }
}
