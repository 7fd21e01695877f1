package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The slots of a {@link KeyedTable}, {@code [16 bits of hash | 48 bits of row address]}, tried from {@code hash &
 * mask} on; 0 where none is, {@link #REMOVED} where one was. One thread.
 */
final class KeySlots implements AutoCloseable {
  /** A slot whose row was removed; its tag, 0, is none of a hash. */
  static final long REMOVED = 1;

  private static final int FIRST_SLOTS = 64;
  private static final int SPARSE_SLOTS = 1 << 15;
  private static final long TAG_MASK = ~KeyedTable.ADDRESS_MASK;
  private static final int PREFETCHED_ROWS = 128; // at a time: they stay in the first-level cache

  private final BufferAllocator allocator;
  private final RowPlaces places;
  private ArrowBuf buffer;
  private long growAt; // slots in use at which there have to be more
  private long removed; // in use with no row

  /** Where they lie; 0 where there are none yet. */
  long start;

  /** Their number, a power of two, less one. */
  long mask;

  KeySlots(RowPlaces places, BufferAllocator allocator) {
    this.places = places;
    this.allocator = allocator;
  }

  /** Makes the first ones, if there are none. */
  void ensure() {
    if (start == 0) {
      allocate(FIRST_SLOTS);
    }
  }

  /** Memory held, in bytes. */
  long bytes() {
    return buffer == null ? 0 : buffer.capacity();
  }

  /** Whether a table of so many rows has to {@link #grow} before it takes another one. */
  boolean isFull(long rows) {
    return rows + removed >= growAt;
  }

  /** Gives rows more slots, or takes back those of removed ones where there are many; enters all rows. */
  void grow(long rows) {
    ensure();
    allocate(isShort(rows) ? (mask + 1) << 1 : mask + 1);
  }

  /** Whether a table of so many rows soon has to {@link #grow}. */
  boolean isNearlyFull(long rows) {
    return start != 0 && rows + removed >= growAt - (growAt >> 3);
  }

  private boolean isShort(long rows) {
    return rows >= growAt - (growAt >> 2);
  }

  /** Bytes that {@link #grow} takes. */
  long growth() {
    return (mask + 1) << 4;
  }

  /**
   * Goes on with few empty slots for once, as rows are about to leave; false where it has done so, or need not.
   */
  boolean squeeze(long rows) {
    long most = mask + 1 - ((mask + 1) >> 3);
    if (start == 0 || !isShort(rows) || growAt >= most) {
      return false;
    }
    growAt = most;
    return true;
  }

  /** Whether there are fewer slots than there should be, after {@link #squeeze}. */
  boolean isCrowded() {
    return start != 0 && growAt > rowsIn(mask + 1);
  }

  /** Makes room for {@code expected} rows, if there is none. */
  void reserve(long expected) {
    long wanted = FIRST_SLOTS;
    while (rowsIn(wanted) < expected) {
      wanted <<= 1;
    }
    if (start == 0 || wanted > mask + 1) {
      allocate(wanted);
    }
  }

  /**
   * How many rows that many slots are for. A lookup that does not end at its first slot costs a
   * mispredicted branch, as much as all the rest of it: while slots fit into the second-level cache
   * there are many; beyond it a cache miss costs more.
   */
  private static long rowsIn(long count) {
    return count >> (count <= SPARSE_SLOTS ? 3 : count <= 4 * SPARSE_SLOTS ? 2 : 1);
  }

  private void allocate(long count) {
    ArrowBuf larger = StateMemory.allocate(allocator, count << 3);
    if (buffer != null) {
      buffer.close();
    }
    buffer = larger;
    start = larger.memoryAddress();
    mask = count - 1;
    enterAll();
  }

  /** Enters all rows anew. */
  void enterAll() {
    clear();
    growAt = rowsIn(mask + 1);
    final int stride = places.stride;
    for (int chunk = 0; chunk < places.chunkCount(); chunk++) {
      long row = places.chunkStart(chunk);
      long end = row + (long) places.chunkRows(chunk) * stride;
      for (; row < end; row += stride) {
        long hash = Memory.getLong(row);
        if (hash != 0) {
          put(empty(hash), hash, row);
        }
      }
    }
  }

  /** The slot for a row of a hash that has none. */
  long empty(long hash) {
    long index = hash & mask;
    while (Memory.getLong(start + (index << 3)) != 0) {
      index = (index + 1) & mask;
    }
    return index;
  }

  void put(long index, long hash, long row) {
    Memory.putLong(start + (index << 3), (hash & TAG_MASK) | row);
  }

  /**
   * Makes the slot of a row one of none: an empty one where no lookup goes on behind it, with those
   * before it that were kept for that only. No other row is looked at, as each would be a cache miss.
   */
  void remove(long row) {
    long index = Memory.getLong(row) & mask;
    while ((Memory.getLong(start + (index << 3)) & KeyedTable.ADDRESS_MASK) != row) {
      index = (index + 1) & mask;
    }
    if (Memory.getLong(start + (((index + 1) & mask) << 3)) != 0) {
      Memory.putLong(start + (index << 3), REMOVED);
      removed++;
      return;
    }
    Memory.putLong(start + (index << 3), 0);
    long before = (index - 1) & mask;
    while (Memory.getLong(start + (before << 3)) == REMOVED) {
      Memory.putLong(start + (before << 3), 0);
      removed--;
      before = (before - 1) & mask;
    }
  }

  // ---- Loads that do not wait for each other; what they answer has no meaning but to be kept

  /** Loads the slots and rows of sources. */
  long prefetch(long sources, int from, int to, int lastWord) {
    long sum = 0;
    for (int first = from; first < to; first += PREFETCHED_ROWS) {
      int end = Math.min(to, first + PREFETCHED_ROWS);
      for (int i = first; i < end; i++) {
        sum += Memory.getLong(start + ((hashOf(sources, i) & mask) << 3));
      }
      for (int i = first; i < end; i++) {
        long hash = hashOf(sources, i);
        long index = hash & mask;
        long slot = Memory.getLong(start + (index << 3));
        while (slot != 0 && ((slot ^ hash) & TAG_MASK) != 0) {
          index = (index + 1) & mask;
          slot = Memory.getLong(start + (index << 3));
        }
        if (slot != 0) {
          long row = slot & KeyedTable.ADDRESS_MASK;
          sum += Memory.getLong(row) + Memory.getLong(row + lastWord);
        }
      }
    }
    return sum;
  }

  private static long hashOf(long sources, int index) {
    return Memory.getLong(Memory.getLong(sources + ((long) index << 3)));
  }

  /** What stands in the first slots of sources, 0 where that is of another hash. */
  void loadFirst(long[] sources, int from, int to, long[] rows) {
    final long first = start;
    final long lastIndex = mask;
    for (int i = from; i < to; i++) {
      long hash = sources[i] == 0 ? 0 : Memory.getLong(sources[i]);
      long slot = Memory.getLong(first + ((hash & lastIndex) << 3));
      rows[i - from] = ((slot ^ hash) & TAG_MASK) == 0 ? slot & KeyedTable.ADDRESS_MASK : 0;
    }
  }

  /** Loads the first and the last word of rows; 0 is none. */
  static long loadRows(long[] rows, int count, int lastWord) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      long row = rows[i];
      if (row != 0) {
        sum += Memory.getLong(row) + Memory.getLong(row + lastWord);
      }
    }
    return sum;
  }

  /** Loads rows, then their first slots; the address of one is {@code step} bytes behind that before. */
  long prefetchRows(long first, int step, int count, int lastWord) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      long row = Memory.getLong(first + (long) i * step);
      sum += Memory.getLong(row) + Memory.getLong(row + lastWord);
    }
    for (int i = 0; i < count; i++) {
      long hash = Memory.getLong(Memory.getLong(first + (long) i * step));
      sum += Memory.getLong(start + ((hash & mask) << 3));
    }
    return sum;
  }

  /** Empties all slots. */
  void clear() {
    if (start != 0) {
      Memory.fill(start, (mask + 1) << 3, (byte) 0);
    }
    removed = 0;
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
    start = 0;
    mask = 0;
    growAt = 0;
    removed = 0;
  }
}
