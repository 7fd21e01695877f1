package io.laminardb.core.operator.window;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateHeap;
import java.util.Arrays;

/**
 * Sessions by the time they may end: a hashed timing wheel (Varghese and Lauck, 1987) whose slots are
 * lists of blocks off the heap. A session stays in the slot of the end it had when it was entered;
 * that it has grown since is seen when the slot's turn comes, and it is entered anew. So a row that
 * prolongs a session costs nothing here, and a session costs one entry for each time it outlives its
 * slot.
 *
 * <p>Slots whose turn has come are sorted by {@code (end, id)} into the <em>front</em>, from which
 * {@link #next} takes. An entry says {@code [node][id]} and holds only as long as the node has that
 * id. One thread.
 */
final class SessionWheel {
  private static final int BLOCK_BYTES = 512; // [next block][0] and 31 entries of two words
  private static final int BLOCK_ENTRIES = 31;
  private static final int FIRST_SLOTS = 512;
  private static final int MOST_SLOTS = 1 << 16;
  private static final int LARGEST_KEPT_FRONT = 1 << 17;

  private final SessionTable sessions;
  private final StateHeap heap;
  private final int shift; // a slot is 2^shift units of time wide
  private long[] slots = new long[FIRST_SLOTS]; // the first block of each, or 0
  private byte[] counts = new byte[FIRST_SLOTS]; // entries of that block; all others are full
  private long entries; // in the slots
  private long firstBucket; // none before it has entries; means nothing while there are none
  private long lastBucket;
  private long turn = Long.MIN_VALUE; // buckets up to it are at the front
  private long[] front = new long[3 * 64]; // [end][id][node], sorted, from frontAt on
  private int frontAt;
  private int frontEnd;
  private final long[] blockEnds = new long[BLOCK_ENTRIES];
  private final long[] blockIds = new long[BLOCK_ENTRIES];

  SessionWheel(SessionTable sessions, StateHeap heap, long gap) {
    this.sessions = sessions;
    this.heap = heap;
    this.shift = 63 - Long.numberOfLeadingZeros(Math.max(1, gap >> 8));
  }

  /** Enters a session by the end it has now. */
  void add(long node) {
    add(sessions.end(node), sessions.id(node), node);
  }

  private void add(long end, long id, long node) {
    long bucket = end >> shift;
    if (bucket <= turn) {
      insertIntoFront(end, id, node);
      return;
    }
    if (entries == 0) {
      firstBucket = bucket;
      lastBucket = bucket;
    } else if (bucket < firstBucket) {
      firstBucket = bucket;
    } else if (bucket > lastBucket) {
      lastBucket = bucket;
    }
    if (lastBucket - firstBucket >= slots.length && slots.length < MOST_SLOTS) {
      grow();
    }
    push(bucket, id, node);
  }

  private void push(long bucket, long id, long node) {
    int slot = (int) bucket & slots.length - 1;
    long block = slots[slot];
    int count = counts[slot];
    if (block == 0 || count == BLOCK_ENTRIES) {
      long full = block;
      block = heap.allocate(BLOCK_BYTES);
      Memory.putLong(block, full);
      slots[slot] = block;
      count = 0;
    }
    counts[slot] = (byte) (count + 1);
    Memory.putLong(block + 16 + 16L * count, node);
    Memory.putLong(block + 24 + 16L * count, id);
    entries++;
  }

  /** More slots where sessions end further apart than the wheel is long. */
  private void grow() {
    long[] old = slots;
    byte[] oldCounts = counts;
    int length = old.length;
    while (length < MOST_SLOTS && lastBucket - firstBucket >= length) {
      length <<= 1;
    }
    slots = new long[length];
    counts = new byte[length];
    entries = 0;
    for (int slot = 0; slot < old.length; slot++) {
      int count = oldCounts[slot];
      for (long block = old[slot]; block != 0; block = dropped(block), count = BLOCK_ENTRIES) {
        for (int i = 0; i < count; i++) {
          long node = Memory.getLong(block + 16 + 16L * i);
          long id = Memory.getLong(block + 24 + 16L * i);
          if (sessions.id(node) == id) {
            long bucket = sessions.end(node) >> shift;
            lastBucket = Math.max(lastBucket, bucket);
            push(bucket, id, node);
          }
        }
      }
    }
  }

  private long dropped(long block) {
    long next = Memory.getLong(block);
    heap.free(block, BLOCK_BYTES);
    return next;
  }

  /** Forgets all entries; their blocks are gone with the heap. */
  void clear() {
    Arrays.fill(slots, 0);
    entries = 0;
    frontAt = 0;
    frontEnd = 0;
  }

  /** Gives the next slots their turn, up to one with entries or to {@code limit}. */
  private void turnOn(long limit) {
    compactFront();
    if (lastBucket - firstBucket >= slots.length) { // a slot may hold entries of several turns
      turn = limit;
      for (int slot = 0; slot < slots.length && firstBucket <= limit; slot++) {
        drain(slot);
      }
      firstBucket = Math.max(firstBucket, limit + 1);
    }
    while (frontEnd == 0 && entries > 0 && firstBucket <= limit) {
      turn = firstBucket++;
      drain((int) turn & slots.length - 1);
    }
    if (frontEnd == 0 || firstBucket > limit) {
      turn = limit;
    }
    lastBucket = Math.max(lastBucket, firstBucket);
    sort(0, frontEnd / 3 - 1);
  }

  private void drain(int slot) {
    long block = slots[slot];
    int count = counts[slot];
    slots[slot] = 0;
    while (block != 0) {
      entries -= count;
      for (int i = 0; i < count; i++) { // a loop of its own: rows lie all over memory
        long node = Memory.getLong(block + 16 + 16L * i);
        blockIds[i] = sessions.id(node);
        blockEnds[i] = sessions.end(node);
      }
      for (int i = 0; i < count; i++) {
        long id = Memory.getLong(block + 24 + 16L * i);
        if (blockIds[i] != id) {
          continue;
        }
        long node = Memory.getLong(block + 16 + 16L * i);
        if (blockEnds[i] >> shift <= turn) {
          append(blockEnds[i], id, node);
        } else {
          lastBucket = Math.max(lastBucket, blockEnds[i] >> shift);
          push(blockEnds[i] >> shift, id, node);
        }
      }
      block = dropped(block);
      count = BLOCK_ENTRIES;
    }
  }

  /**
   * Takes the next session that has ended at or before {@code target}, in the order of ends, then
   * ids; 0 when there is none. The caller takes its id away, as it may have more entries.
   */
  long next(long target) {
    long limit = target >> shift;
    while (true) {
      long node = nextOfFront(target);
      if (node != 0 || turn >= limit) {
        return node;
      }
      turnOn(limit);
    }
  }

  private long nextOfFront(long target) {
    while (frontAt < frontEnd && front[frontAt] <= target) {
      long end = front[frontAt];
      long id = front[frontAt + 1];
      long node = front[frontAt + 2];
      frontAt += 3;
      if (sessions.id(node) != id) {
        continue; // taken before, or gone
      }
      long now = sessions.end(node);
      if (now > end) {
        add(now, id, node);
      } else if (now == end) { // else it has shrunk, and been entered for that
        return node;
      }
    }
    return 0;
  }

  private void append(long end, long id, long node) {
    if (frontEnd == front.length) {
      front = Arrays.copyOf(front, frontEnd * 2);
    }
    front[frontEnd] = end;
    front[frontEnd + 1] = id;
    front[frontEnd + 2] = node;
    frontEnd += 3;
  }

  private void insertIntoFront(long end, long id, long node) {
    compactFront();
    append(end, id, node);
    int low = 0;
    int high = frontEnd / 3 - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isBefore(middle, end, id)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    System.arraycopy(front, low * 3, front, low * 3 + 3, frontEnd - low * 3 - 3);
    front[low * 3] = end;
    front[low * 3 + 1] = id;
    front[low * 3 + 2] = node;
  }

  private void compactFront() {
    if (frontAt == frontEnd) {
      frontEnd = 0;
      if (front.length > LARGEST_KEPT_FRONT) {
        front = new long[3 * 64];
      }
    } else if (frontAt > 0) {
      System.arraycopy(front, frontAt, front, 0, frontEnd - frontAt);
      frontEnd -= frontAt;
    }
    frontAt = 0;
  }

  private void sort(int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      long end = front[middle * 3];
      long id = front[middle * 3 + 1];
      int i = low;
      int j = high;
      while (i <= j) {
        while (isBefore(i, end, id)) {
          i++;
        }
        while (isBehind(j, end, id)) {
          j--;
        }
        if (i <= j) {
          swap(i++ * 3, j-- * 3);
        }
      }
      if (j - low < high - i) { // the smaller part by recursion keeps the stack short
        sort(low, j);
        low = i;
      } else {
        sort(i, high);
        high = j;
      }
    }
  }

  private boolean isBefore(int index, long end, long id) {
    long other = front[index * 3];
    return other < end || (other == end && front[index * 3 + 1] < id);
  }

  private boolean isBehind(int index, long end, long id) {
    long other = front[index * 3];
    return other > end || (other == end && front[index * 3 + 1] > id);
  }

  private void swap(int at, int other) {
    for (int k = 0; k < 3; k++) {
      long value = front[at + k];
      front[at + k] = front[other + k];
      front[other + k] = value;
    }
  }
}
