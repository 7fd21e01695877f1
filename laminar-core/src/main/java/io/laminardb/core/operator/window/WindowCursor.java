package io.laminardb.core.operator.window;

/** Walks the windows of one row on the axis of its windows, in order of their ends. One thread. */
final class WindowCursor {
  private final WindowShape window;
  private long time;
  private long end;
  private long lastEnd;
  private boolean inWindow;

  WindowCursor(WindowShape window) {
    this.window = window;
  }

  /**
   * Goes to the first window of an event time.
   *
   * @return false when a window of it begins or ends beyond 64 bits
   */
  boolean start(long newTime) {
    inWindow = false;
    if (!window.reaches(newTime)) {
      return false;
    }
    time = window.axis(newTime);
    boolean cumulates = window.kind() == WindowShape.Kind.CUMULATE;
    long grid = cumulates ? window.size() : window.slide();
    long lastStart = time - WindowShape.phase(time, grid, window.offset());
    lastEnd = lastStart + window.size();
    if (lastStart > time || lastEnd < lastStart) {
      return false;
    }
    if (lastEnd <= time) {
      return true; // between two windows
    }
    end = lastEnd - (lastEnd - 1 - time) / window.slide() * window.slide();
    if (!cumulates && end < Long.MIN_VALUE + window.size()) {
      return false;
    }
    inWindow = true;
    return true;
  }

  /** Whether the cursor stands on a window. */
  boolean inWindow() {
    return inWindow;
  }

  /** Goes to the next window, if there is one. */
  void next() {
    inWindow = end < lastEnd;
    end += inWindow ? window.slide() : 0;
  }

  /** Skips the windows that are left. */
  void leave() {
    inWindow = false;
  }

  long windowStart() {
    return window.kind() == WindowShape.Kind.CUMULATE
        ? lastEnd - window.size()
        : end - window.size();
  }

  long windowEnd() {
    return end;
  }

  /** The end of the last window of the time. */
  long lastEnd() {
    return lastEnd;
  }
}
