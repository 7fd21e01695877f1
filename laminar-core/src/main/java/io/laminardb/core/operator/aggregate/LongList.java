package io.laminardb.core.operator.aggregate;

import java.util.Arrays;

/** A growing list of longs that keeps its memory. */
public final class LongList {
  private long[] values = new long[16];
  private int size;

  public void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = value;
  }

  public long get(int index) {
    return values[index];
  }

  public void set(int index, long value) {
    values[index] = value;
  }

  public int size() {
    return size;
  }

  public void truncate(int newSize) {
    size = newSize;
  }

  /** Forgets the values, and memory that is much larger than usual. */
  public void clear() {
    size = 0;
    if (values.length > 1 << 16) {
      values = new long[16];
    }
  }
}
