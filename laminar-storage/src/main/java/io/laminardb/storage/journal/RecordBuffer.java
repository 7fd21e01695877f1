package io.laminardb.storage.journal;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import io.laminardb.core.durable.Journal;

/**
 * Records on their way from the thread that makes them to the one that writes them: the bytes in a
 * ring off the heap, one behind the other, each with room for its header and footer; and a slot of a
 * Disruptor for each. A record is never broken at the end of the ring. One larger than the ring gets
 * memory of its own, when the ring is empty, and counts as filling it.
 */
final class RecordBuffer implements AutoCloseable {
  /** Where a record is. */
  static final class Slot {
    NativeBuffer memory;
    int offset;
    int length;
    long end;
  }

  private static final int SLOTS = 1 << 15;

  private final NativeBuffer ring;
  private final RingBuffer<Slot> slots;

  // The thread that makes records.
  private long tail;
  private int at;
  private long knownReleased;
  private NativeBuffer claimed;
  private int claimedOffset;
  private int claimedLength;
  private long claimedEnd;
  private NativeBuffer large; // the last one of its own, which may never have been written

  /** Up to where the ring is free again, counted as {@code tail} is. */
  private volatile long released;

  RecordBuffer(int bytes, WaitStrategy waiting) {
    this.ring = new NativeBuffer(bytes + 7 & -8);
    this.slots = RingBuffer.createSingleProducer(Slot::new, SLOTS, waiting);
  }

  RingBuffer<Slot> slots() {
    return slots;
  }

  NativeBuffer ring() {
    return ring;
  }

  /** The address of the payload of a new record, or {@link Journal#FULL}. */
  long claim(int length) {
    if (claimed != null) {
      if (claimedLength == length) {
        return address();
      }
      free(claimed);
      claimed = null;
    }
    if (length < 0 || length > RecordFormat.MAX_LENGTH) {
      throw new IllegalArgumentException("length: " + length);
    }
    int size = RecordFormat.sizeOf(length);
    int capacity = ring.capacity();
    if (size > capacity) {
      if (released != tail || !slots.hasAvailableCapacity(1)) {
        return Journal.FULL;
      }
      large = new NativeBuffer(size);
      claimed = large;
      claimedOffset = 0;
      claimedEnd = tail + capacity;
    } else {
      boolean fits = capacity - at >= size;
      long end = tail + size + (fits ? 0 : capacity - at);
      if (end - knownReleased > capacity) {
        knownReleased = released;
        if (end - knownReleased > capacity) {
          if (knownReleased != tail) {
            return Journal.FULL;
          }
          end = tail + size; // empty: it may begin anywhere
        }
      }
      if (!slots.hasAvailableCapacity(1)) {
        return Journal.FULL;
      }
      claimed = ring;
      claimedOffset = fits ? at : 0;
      claimedEnd = end;
    }
    claimedLength = length;
    return address();
  }

  /** Hands the record that was claimed over to the thread that writes. */
  void commit() {
    if (claimed == null) {
      throw new IllegalStateException("no record was claimed");
    }
    long sequence = nextSlot();
    Slot slot = slots.get(sequence);
    slot.memory = claimed;
    slot.offset = claimedOffset;
    slot.length = claimedLength;
    slot.end = claimedEnd;
    if (claimed == ring) {
      at = claimedOffset + RecordFormat.sizeOf(claimedLength);
    }
    tail = claimedEnd;
    claimed = null;
    slots.publish(sequence);
  }

  /** There is one since {@link #claim}. Records are made by one thread at a time, not always the same. */
  private long nextSlot() {
    try {
      return slots.tryNext();
    } catch (InsufficientCapacityException full) {
      throw new IllegalStateException(full);
    }
  }

  /** Whether more than half of the ring waits to be written; for the thread that makes records. */
  boolean isFilling() {
    if (tail - knownReleased <= ring.capacity() >> 1) {
      return false;
    }
    knownReleased = released;
    return tail - knownReleased > ring.capacity() >> 1;
  }

  /** Gives the memory of a record, and of all before it, back; for the thread that writes. */
  void release(long end) {
    released = end;
  }

  /** Frees what a record has of its own. */
  void free(NativeBuffer memory) {
    if (memory != ring) {
      memory.close();
    }
  }

  @Override
  public void close() {
    if (large != null) {
      large.close();
    }
    ring.close();
  }

  private long address() {
    return claimed.address() + claimedOffset + RecordFormat.HEADER;
  }
}
