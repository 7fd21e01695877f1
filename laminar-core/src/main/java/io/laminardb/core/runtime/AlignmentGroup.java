package io.laminardb.core.runtime;

import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.List;

/**
 * Sources that keep pace: a partition whose watermark is too far ahead of the least one in the group is
 * not read until that has caught up, so that what joins and unions keep of the faster ones stays small.
 * Who has ended or is idle is waited for by nobody, and the slowest one is never held: somebody can
 * always go on. The reactor's thread.
 */
final class AlignmentGroup {
  private final List<SourceTask> members = new ArrayList<>();

  void add(SourceTask source) {
    members.add(source);
  }

  void remove(SourceTask source) {
    members.remove(source);
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  /** The greatest watermark with which a partition is read, given what its source allows. */
  long limitNs(long maxDriftNs) {
    long least = Watermark.END;
    for (int i = 0; i < members.size(); i++) {
      least = Math.min(least, members.get(i).leastOfPartitions());
    }
    if (least <= Watermark.IDLE) {
      return Watermark.NONE;
    }
    return least > Watermark.END - maxDriftNs ? Watermark.END : least + maxDriftNs;
  }
}
