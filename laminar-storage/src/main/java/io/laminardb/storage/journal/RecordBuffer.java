package io.laminardb.storage.journal;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import io.laminardb.core.durable.Journal;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.NativeBuffer;

/**
 * Records on their way from the thread that makes them to the one that writes them: the bytes in a
 * ring off the heap, one behind the other, with room for what a file adds to each; and a slot of a
 * Disruptor for each. A record is never broken at the end of the ring. One larger than the ring gets
 * memory of its own, when the ring is empty, and counts as filling it. One that is made later takes no
 * bytes here, and counts all the same.
 */
final class RecordBuffer implements AutoCloseable {
  /** Where a record is, or what it is to be made of. */
  static final class Slot {
    private Journal.Deferred deferred; // or null, and the record is in memory
    private NativeBuffer memory;
    private int offset;
    private int length;
    private long end;

    /** The bytes of the payload at most. */
    int maxLength() {
      return deferred == null ? length : deferred.maxLength();
    }

    /** Writes the payload; answers its length. */
    int write(long address) {
      if (deferred != null) {
        return deferred.write(address);
      }
      Memory.copy(memory.address() + offset + RecordFormat.HEADER, address, length);
      return length;
    }
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

  /** The address of the payload of a new record, or {@link Journal#FULL}. */
  long claim(int length) {
    if (claimed != null) {
      if (claimedLength == length) {
        return address();
      }
      forgetClaim();
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

  private void forgetClaim() {
    if (claimed != null) {
      free(claimed);
      claimed = null;
    }
  }

  /** The bytes that were claimed. */
  int claimedLength() {
    return claimedLength;
  }

  /**
   * Hands the record that was claimed over to the thread that writes.
   *
   * @param length at most what was claimed
   */
  void commit(int length) {
    if (claimed == null || length > claimedLength) {
      throw new IllegalStateException("no record of " + length + " bytes was claimed");
    }
    long sequence = nextSlot();
    Slot slot = slots.get(sequence);
    slot.memory = claimed;
    slot.offset = claimedOffset;
    slot.length = length;
    tail = claimedEnd;
    if (claimed == ring) {
      int spare = RecordFormat.sizeOf(claimedLength) - RecordFormat.sizeOf(length);
      at = claimedOffset + RecordFormat.sizeOf(length);
      tail -= spare;
    }
    slot.end = tail;
    claimed = null;
    slots.publish(sequence);
  }

  /** Hands a record over that the thread that writes will make; false where there is no room. */
  boolean offer(Journal.Deferred record) {
    forgetClaim();
    long end = tail + RecordFormat.sizeOf(record.maxLength());
    if (end - knownReleased > ring.capacity()) {
      knownReleased = released;
    }
    if (end - knownReleased > ring.capacity() && knownReleased != tail
        || !slots.hasAvailableCapacity(1)) {
      return false;
    }
    long sequence = nextSlot();
    Slot slot = slots.get(sequence);
    slot.deferred = record;
    slot.end = end;
    tail = end;
    slots.publish(sequence);
    return true;
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

  /** Frees what a record takes; for the thread that writes, in the order of records. */
  void release(Slot slot) {
    if (slot.deferred != null) {
      slot.deferred.close();
      slot.deferred = null;
    } else {
      free(slot.memory);
      slot.memory = null;
    }
    released = slot.end;
  }

  private void free(NativeBuffer memory) {
    if (memory != ring) {
      memory.close();
    }
  }

  /** Once nobody writes any more. */
  @Override
  public void close() {
    for (int i = 0; i < SLOTS; i++) {
      Slot slot = slots.get(i);
      if (slot.deferred != null) { // was never written
        slot.deferred.close();
        slot.deferred = null;
      }
    }
    if (large != null) {
      large.close();
    }
    ring.close();
  }

  private long address() {
    return claimed.address() + claimedOffset + RecordFormat.HEADER;
  }
}
