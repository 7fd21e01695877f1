package io.laminardb.core.operator.over;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateHeap;

/**
 * A growing array of words off the heap. Its header {@code [count][address][capacity]} is part of a
 * row of state; all zeros are an empty one.
 */
public final class WordVector {
  /** Words of the header. */
  public static final int HEADER_WORDS = 3;

  private static final int FIRST_CAPACITY = 4;

  private WordVector() {}

  /** How many words it holds. */
  public static int count(long vector) {
    return (int) Memory.getLong(vector);
  }

  /** The word at an index. */
  public static long get(long vector, int index) {
    return Memory.getLong(Memory.getLong(vector + 8) + ((long) index << 3));
  }

  /** Puts a word at an index; those from there on move up. */
  public static void insert(long vector, int index, long word, StateHeap heap) {
    int count = count(vector);
    int capacity = (int) Memory.getLong(vector + 16);
    if (count == capacity) {
      resize(vector, count, capacity == 0 ? FIRST_CAPACITY : capacity * 2, heap);
    }
    long at = Memory.getLong(vector + 8) + ((long) index << 3);
    if (index < count) {
      Memory.move(at, at + 8, (long) (count - index) << 3);
    }
    Memory.putLong(at, word);
    Memory.putLong(vector, count + 1);
  }

  /** Takes out the words {@code [from, to)}. */
  public static void remove(long vector, int from, int to, StateHeap heap) {
    int count = count(vector);
    long address = Memory.getLong(vector + 8);
    if (to < count) {
      Memory.move(
          address + ((long) to << 3), address + ((long) from << 3), (long) (count - to) << 3);
    }
    int left = count - (to - from);
    Memory.putLong(vector, left);
    int capacity = (int) Memory.getLong(vector + 16);
    if (left == 0) {
      free(vector, heap);
    } else if (capacity > FIRST_CAPACITY && left <= capacity >> 2) {
      resize(vector, left, capacity >> 1, heap);
    }
  }

  private static void resize(long vector, int count, int capacity, StateHeap heap) {
    long old = Memory.getLong(vector + 8);
    long block = heap.allocate(Math.multiplyExact(capacity, 8));
    if (count > 0) {
      Memory.copy(old, block, (long) count << 3);
    }
    if (old != 0) {
      heap.free(old, (int) Memory.getLong(vector + 16) << 3);
    }
    Memory.putLong(vector + 8, block);
    Memory.putLong(vector + 16, capacity);
  }

  /** Empties it and gives its memory back. */
  public static void free(long vector, StateHeap heap) {
    long block = Memory.getLong(vector + 8);
    if (block != 0) {
      heap.free(block, (int) Memory.getLong(vector + 16) << 3);
    }
    clear(vector);
  }

  /** Makes an empty one of whatever is there, freeing nothing. */
  public static void clear(long vector) {
    for (int i = 0; i < HEADER_WORDS; i++) {
      Memory.putLong(vector + 8L * i, 0);
    }
  }
}
