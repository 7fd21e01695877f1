package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.core.state.StateHeap;

/** What generated code needs beside {@link OrderedMultiset}. */
public final class Multisets {
  private Multisets() {}

  /**
   * Adds a timed entry {@code [time][sequence][payload]}, or takes back the earliest one of its time
   * and payload. One that is not there cannot be taken back: nobody knows which it stands for.
   */
  public static long addTimed(
      OrderedMultiset.Type type, StateHeap heap, long root, long entry, int weight) {
    if (weight > 0) {
      return type.add(heap, root, entry, entry + 16, weight);
    }
    long node = type.findTimed(root, Memory.getLong(entry), entry + 16);
    return node == 0 ? root : type.remove(heap, root, node);
  }

  /** Whether one {@code [time][sequence]} lies before another. */
  public static boolean isBefore(long time, long sequence, long otherTime, long otherSequence) {
    return time != otherTime ? time < otherTime : sequence < otherSequence;
  }

  /** Compares two 128-bit numbers. */
  public static int compareWide(long low, long high, long otherLow, long otherHigh) {
    return high != otherHigh ? Long.compare(high, otherHigh) : Long.compareUnsigned(low, otherLow);
  }
}
