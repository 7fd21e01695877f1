package io.laminardb.core.runtime;

import java.util.List;

/**
 * How far producers had come at one moment. Rows that wait for slower sources of an alignment group are
 * not waited for: it may be this thread that will push what they wait for.
 */
final class SyncPoint {
  private final SourceHandle[] handles;
  private final long[] positions;
  private final long[] marks;

  SyncPoint(List<SourceHandle> current) {
    handles = current.toArray(new SourceHandle[0]);
    positions = new long[handles.length];
    marks = new long[handles.length];
    for (int i = 0; i < handles.length; i++) {
      positions[i] = handles[i].ring.publishedPosition();
      marks[i] = handles[i].ring.publishedMarks();
    }
  }

  /** Whether all of it has been consumed. */
  boolean isReached() {
    for (int i = 0; i < handles.length; i++) {
      if (isBehind(i) && !handles[i].isHeld()) {
        return false;
      }
    }
    return true;
  }

  /** Whether some of it waits for slower sources. To be asked by who drives the engine. */
  boolean isHeldBack() {
    for (int i = 0; i < handles.length; i++) {
      if (isBehind(i) && handles[i].isHeld()) {
        return true;
      }
    }
    return false;
  }

  private boolean isBehind(int handle) {
    return handles[handle].ring.consumedPosition() < positions[handle]
        || handles[handle].ring.consumedMarks() < marks[handle];
  }
}
