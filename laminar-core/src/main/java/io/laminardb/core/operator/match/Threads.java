package io.laminardb.core.operator.match;

import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.aggregate.LongList;

/**
 * Partial matches in the order of preference, and which of them have the same future: they are in one
 * state, and conditions can tell nothing different of them. One thread.
 */
final class Threads {
  private final int comparedBytes;
  private final LongList nodes = new LongList();
  private int[] slots = new int[16]; // open addressing: indexes of nodes, plus 1
  private int used;

  Threads(int comparedWords) {
    this.comparedBytes = 8 * comparedWords;
  }

  int size() {
    return nodes.size();
  }

  long get(int index) {
    return nodes.get(index);
  }

  void clear() {
    if (used > 0) {
      java.util.Arrays.fill(slots, 0);
      used = 0;
    }
    if (slots.length > 1 << 16) {
      slots = new int[16];
    }
    nodes.clear();
  }

  /** Adds one that is not looked up. */
  void add(long node) {
    nodes.add(node);
  }

  /** Whether one that is preferred has the future of a state with registers. */
  boolean contains(int state, long registers) {
    return nodes.size() > 0 && slots[slot(state, registers)] != 0;
  }

  /** Adds one for {@link #contains}. */
  void addKnown(long node) {
    nodes.add(node);
    if (2 * (used + 1) > slots.length) {
      slots = new int[2 * slots.length];
      for (int i = 0; i < nodes.size() - 1; i++) {
        slots[slot(PathNodes.state(nodes.get(i)), PathNodes.registers(nodes.get(i)))] = i + 1;
      }
    }
    slots[slot(PathNodes.state(node), PathNodes.registers(node))] = nodes.size();
    used++;
  }

  private int slot(int state, long registers) {
    int hash = RowCodec.hash(registers, comparedBytes) * 31 + state;
    int slot = (hash ^ hash >>> 15) & slots.length - 1;
    while (slots[slot] != 0) {
      long other = nodes.get(slots[slot] - 1);
      if (PathNodes.state(other) == state
          && Memory.equal(PathNodes.registers(other), registers, comparedBytes)) {
        return slot;
      }
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }
}
