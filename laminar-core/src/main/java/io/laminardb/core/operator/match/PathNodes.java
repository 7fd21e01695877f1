package io.laminardb.core.operator.match;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Partial matches by their last rows, off the heap: {@code [references][state][node before][number of
 * the row][registers]}. A node counts who refers to it and is freed with the last of them. Nodes
 * before are kept only where all rows of a match are asked for. One thread.
 */
final class PathNodes {
  private static final int STATE = 4;
  private static final int BEFORE = 8;
  private static final int NUMBER = 16;
  private static final int WORDS = 24;

  private final StateHeap heap;
  private final int words;
  private final boolean keepsPaths;

  PathNodes(StateHeap heap, int words, boolean keepsPaths) {
    this.heap = heap;
    this.words = words;
    this.keepsPaths = keepsPaths;
  }

  private int size() {
    return WORDS + 8 * words;
  }

  /**
   * A new node with one reference.
   *
   * @param before the node it follows, or 0
   * @param registers copied
   */
  long create(long before, int state, long number, long registers) {
    long node = heap.allocate(size());
    Memory.putInt(node, 1);
    Memory.putInt(node + STATE, state);
    Memory.putLong(node + BEFORE, keepsPaths ? before : 0);
    Memory.putLong(node + NUMBER, number);
    Memory.copy(registers, node + WORDS, 8L * words);
    if (keepsPaths && before != 0) {
      retain(before);
    }
    return node;
  }

  static void retain(long node) {
    Memory.putInt(node, Memory.getInt(node) + 1);
  }

  /** Takes a reference back; none to 0. */
  void release(long node) {
    long last = node;
    while (last != 0) {
      int references = Memory.getInt(last) - 1;
      Memory.putInt(last, references);
      if (references > 0) {
        return;
      }
      long before = before(last);
      heap.free(last, size());
      last = before;
    }
  }

  static int state(long node) {
    return Memory.getInt(node + STATE);
  }

  static long before(long node) {
    return Memory.getLong(node + BEFORE);
  }

  /** The number of its row. */
  static long number(long node) {
    return Memory.getLong(node + NUMBER);
  }

  /** Where its registers are; 0 of no node. */
  static long registers(long node) {
    return node == 0 ? 0 : node + WORDS;
  }

  // ---- snapshots

  /** Writes nodes with those before them; 0 is none. */
  void write(long[] roots, StateWriter writer) {
    Map<Long, Integer> numbers = new HashMap<>();
    List<Long> ordered = new ArrayList<>();
    List<Long> path = new ArrayList<>();
    for (long root : roots) {
      for (long node = root; node != 0 && !numbers.containsKey(node); node = before(node)) {
        path.add(node);
      }
      for (int i = path.size() - 1; i >= 0; i--) {
        ordered.add(path.get(i));
        numbers.put(path.get(i), ordered.size());
      }
      path.clear();
    }
    numbers.put(0L, 0);
    writer.putInt(ordered.size());
    for (long node : ordered) {
      writer.putInt(state(node));
      writer.putInt(numbers.get(before(node)));
      writer.putBytes(node + NUMBER, size() - NUMBER);
    }
    writer.putInt(roots.length);
    for (long root : roots) {
      writer.putInt(numbers.get(root));
    }
  }

  /** Reads what {@link #write} wrote; a reference to each belongs to the caller. */
  long[] read(StateReader reader) {
    long[] nodes = new long[reader.getInt() + 1];
    for (int i = 1; i < nodes.length; i++) {
      long node = heap.allocate(size());
      Memory.putInt(node, 0);
      Memory.putInt(node + STATE, reader.getInt());
      long before = nodes[reader.getInt()];
      Memory.putLong(node + BEFORE, before);
      if (before != 0) {
        retain(before);
      }
      reader.getBytes(node + NUMBER, size() - NUMBER);
      nodes[i] = node;
    }
    long[] roots = new long[reader.getInt()];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = nodes[reader.getInt()];
      if (roots[i] != 0) {
        retain(roots[i]);
      }
    }
    return roots;
  }
}
