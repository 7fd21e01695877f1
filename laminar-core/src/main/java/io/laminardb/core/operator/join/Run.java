package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateHeap;

/**
 * An ordered array of rows that lies in a heap and is described by three words of a key's entry: how
 * many rows there are, where the array is, and where in it the first one stands and how many it has
 * room for. All zeros is an empty one. An element is an order and the address of a row. A single one
 * stands in the words themselves: most keys of some joins never have another.
 *
 * <p>Adding at the end and removing the first cost a constant; elsewhere the rows behind move.
 */
final class Run {
  /** Words of an entry that describe a run. */
  static final int WORDS = 3;

  private static final long INLINE = 1L << 32; // in the first word, beside the count
  private static final int ARRAY = 8; // or the single element
  private static final int START = 16; // int
  private static final int CAPACITY = 20; // int
  private static final int ELEMENT_BYTES = 16;
  private static final int FIRST_ROWS = 4;

  private Run() {}

  static int count(long run) {
    return (int) Memory.getLong(run);
  }

  /** The order of an element, such as its time. */
  static long order(long run, int index) {
    return Memory.getLong(elements(run) + (long) index * ELEMENT_BYTES);
  }

  static long row(long run, int index) {
    return Memory.getLong(elements(run) + (long) index * ELEMENT_BYTES + 8);
  }

  private static boolean isInline(long run) {
    return (Memory.getLong(run) & INLINE) != 0;
  }

  private static long elements(long run) {
    if (isInline(run)) {
      return run + ARRAY;
    }
    return Memory.getLong(run + ARRAY) + (long) Memory.getInt(run + START) * ELEMENT_BYTES;
  }

  /** The first element whose order is not below {@code order}; {@link #count} when none is. */
  static int firstFrom(long run, long order) {
    long elements = elements(run);
    int low = 0;
    int high = count(run);
    // What is looked for stands near the end, as streams that are joined go along together.
    for (int step = 1; low < high; step <<= 1) {
      int at = Math.max(low, high - step);
      if (Memory.getLong(elements + (long) at * ELEMENT_BYTES) < order) {
        low = at + 1;
        break;
      }
      high = at;
    }
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Memory.getLong(elements + (long) middle * ELEMENT_BYTES) < order) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Adds a row behind all whose order is not above its own. */
  static void add(long run, long order, long row, StateHeap heap) {
    int index = count(run);
    while (index > 0 && order(run, index - 1) > order) {
      index--;
    }
    insert(run, index, order, row, heap);
  }

  /** Adds a row as element {@code index}. */
  static void insert(long run, int index, long order, long row, StateHeap heap) {
    int count = count(run);
    if (count == 0 && Memory.getLong(run + START) == 0) {
      Memory.putLong(run, 1 | INLINE);
      Memory.putLong(run + ARRAY, order);
      Memory.putLong(run + ARRAY + 8, row);
      return;
    }
    if (isInline(run)) {
      leaveWords(run, heap);
    }
    makeRoom(run, count, heap);
    long at = elements(run) + (long) count * ELEMENT_BYTES;
    long place = at - (long) (count - index) * ELEMENT_BYTES;
    for (; at > place; at -= ELEMENT_BYTES) {
      Memory.putLong(at, Memory.getLong(at - ELEMENT_BYTES));
      Memory.putLong(at + 8, Memory.getLong(at - ELEMENT_BYTES + 8));
    }
    Memory.putLong(place, order);
    Memory.putLong(place + 8, row);
    Memory.putLong(run, count + 1);
  }

  /** Moves the single element to an array. */
  private static void leaveWords(long run, StateHeap heap) {
    long array = heap.allocate(FIRST_ROWS * ELEMENT_BYTES);
    Memory.copy(run + ARRAY, array, ELEMENT_BYTES);
    Memory.putLong(run, 1);
    Memory.putLong(run + ARRAY, array);
    Memory.putInt(run + START, 0);
    Memory.putInt(run + CAPACITY, FIRST_ROWS);
  }

  private static void clearWords(long run) {
    Memory.putLong(run, 0);
    Memory.putLong(run + ARRAY, 0);
    Memory.putLong(run + START, 0);
  }

  /** Makes room for one more row: by moving to the front, or to a larger array. */
  private static void makeRoom(long run, int count, StateHeap heap) {
    int start = Memory.getInt(run + START);
    if (start + count < Memory.getInt(run + CAPACITY)) {
      return;
    }
    long from = elements(run);
    if (count > 0 && start >= count) {
      Memory.copy(from, Memory.getLong(run + ARRAY), (long) count * ELEMENT_BYTES);
    } else {
      int larger = Math.max(FIRST_ROWS, 2 * count);
      long moved = heap.allocate(Math.multiplyExact(larger, ELEMENT_BYTES));
      Memory.copy(from, moved, (long) count * ELEMENT_BYTES);
      free(run, heap);
      Memory.putLong(run + ARRAY, moved);
      Memory.putInt(run + CAPACITY, larger);
    }
    Memory.putInt(run + START, 0);
  }

  /** Removes the first element, of at least one. */
  static void removeFirst(long run) {
    if (isInline(run)) {
      clearWords(run);
      return;
    }
    Memory.putLong(run, count(run) - 1);
    Memory.putInt(run + START, Memory.getInt(run + START) + 1);
  }

  /** Removes element {@code index}. */
  static void remove(long run, int index) {
    if (isInline(run)) {
      clearWords(run);
      return;
    }
    int last = count(run) - 1;
    long at = elements(run) + (long) index * ELEMENT_BYTES;
    for (int i = index; i < last; i++, at += ELEMENT_BYTES) {
      Memory.putLong(at, Memory.getLong(at + ELEMENT_BYTES));
      Memory.putLong(at + 8, Memory.getLong(at + ELEMENT_BYTES + 8));
    }
    Memory.putLong(run, last);
  }

  /** Gives the array back; the words are then to be set anew or forgotten. */
  static void free(long run, StateHeap heap) {
    int capacity = isInline(run) ? 0 : Memory.getInt(run + CAPACITY);
    if (capacity > 0) {
      heap.free(Memory.getLong(run + ARRAY), capacity * ELEMENT_BYTES);
    }
  }
}
