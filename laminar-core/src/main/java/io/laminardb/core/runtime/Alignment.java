package io.laminardb.core.runtime;

import static java.util.Objects.requireNonNull;

/**
 * Says that a source keeps pace with others.
 *
 * @param group the name that sources which keep pace have in common
 * @param maxDriftNs how far a partition may be ahead of the slowest one of the group, in event time
 */
public record Alignment(String group, long maxDriftNs) {
  public Alignment {
    requireNonNull(group, "group");
    if (maxDriftNs < 0) {
      throw new IllegalArgumentException("a drift of " + maxDriftNs + " ns");
    }
  }
}
