package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Values by time, ties by arrival, off the heap. Values that come in order stand in a ring and cost a
 * constant each; stragglers go to a binary heap beside it, and the head is the lesser of both heads.
 * One thread.
 */
public final class TimeQueue implements AutoCloseable {
  /** From one value to the next, see {@link #first}. */
  public static final int NEXT = 32;

  private static final int ENTRY_BYTES = NEXT; // time, arrival, value, and what goes with it
  private static final int FIRST_ENTRIES = 64;
  private static final int ARRIVAL = 8;
  private static final int VALUE = 16;
  private static final int COMPANION = 24;

  private final BufferAllocator allocator;
  private ArrowBuf ringBuffer;
  private long ring;
  private long ringMask = -1; // entries less one; a power of two
  private long ringHead; // counts up; the place is its low bits
  private long ringTail;
  private long ringLastTime;
  private ArrowBuf heapBuffer;
  private long heap;
  private long heapCapacity;
  private long heapSize;
  private long arrivals;

  public TimeQueue(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  public boolean isEmpty() {
    return ringHead == ringTail && heapSize == 0;
  }

  public long size() {
    return ringTail - ringHead + heapSize;
  }

  public long bytes() {
    return (ringBuffer == null ? 0 : ringBuffer.capacity())
        + (heapBuffer == null ? 0 : heapBuffer.capacity());
  }

  /** Values that came so far. */
  public long arrivals() {
    return arrivals;
  }

  /** Adds a value behind all of its time, with another that goes with it. */
  public void push(long time, long value, long companion) {
    push(time, arrivals, value, companion);
    arrivals++;
  }

  /** As {@link #push(long, long, long)}, many at once: those {@code [from, to)} of three arrays. */
  public void push(long[] times, long[] values, long[] companions, int from, int to) {
    while (ringTail - ringHead + (to - from) > ringMask + 1) {
      growRing();
    }
    for (int i = from; i < to; i++) {
      final long time = times[i];
      if (ringHead == ringTail || time >= ringLastTime) {
        put(ringEntry(ringTail++), time, arrivals++, values[i], companions[i]);
        ringLastTime = time;
      } else {
        pushHeap(time, arrivals++, values[i], companions[i]);
      }
    }
  }

  /** Goes on counting from {@code newArrivals}, after {@link #restore}. */
  public void arrivals(long newArrivals) {
    arrivals = newArrivals;
  }

  /** Puts a value back that {@link #forEach} told of. */
  public void restore(long time, long arrival, long value, long companion) {
    push(time, arrival, value, companion);
  }

  private void push(long time, long arrival, long value, long companion) {
    if (ringHead == ringTail || isBehindRing(time, arrival)) {
      if (ringTail - ringHead > ringMask) {
        growRing();
      }
      put(ringEntry(ringTail), time, arrival, value, companion);
      ringTail++;
      ringLastTime = time;
    } else {
      pushHeap(time, arrival, value, companion);
    }
  }

  private boolean isBehindRing(long time, long arrival) {
    return time > ringLastTime
        || time == ringLastTime && arrival > Memory.getLong(ringEntry(ringTail - 1) + ARRIVAL);
  }

  /** The least time; of a queue that is not empty. */
  public long headTime() {
    return Memory.getLong(head());
  }

  /** How many came before {@link #headValue}. */
  public long headArrival() {
    return Memory.getLong(head() + ARRIVAL);
  }

  /** The value of the least time that came first; of a queue that is not empty. */
  public long headValue() {
    return Memory.getLong(head() + VALUE);
  }

  /** What goes with {@link #headValue}. */
  public long headCompanion() {
    return Memory.getLong(head() + COMPANION);
  }

  /**
   * How many values from the head on, up to {@code most}, have times of at most {@code time} and stand
   * in a row in memory: then {@link #time}, {@link #value} and {@link #companion} tell of them. 0 where
   * stragglers are in between.
   */
  public int inOrder(long time, int most) {
    if (heapSize > 0) {
      return 0;
    }
    long first = ringHead & ringMask;
    long bound = Math.min(most, Math.min(ringTail - ringHead, ringMask + 1 - first));
    if (bound > 0 && Memory.getLong(ringEntry(ringHead + bound - 1)) <= time) {
      return (int) bound;
    }
    int count = 0;
    for (long at = ring + first * ENTRY_BYTES; count < bound; at += ENTRY_BYTES) {
      if (Memory.getLong(at) > time) {
        break;
      }
      count++;
    }
    return count;
  }

  /** The address of the first of {@link #inOrder}; the next is {@link #NEXT} behind it. */
  public long first() {
    return ringEntry(ringHead);
  }

  /** Where the companion of one of {@link #inOrder} lies. */
  public static long companionAddress(long at) {
    return at + COMPANION;
  }

  public static long time(long at) {
    return Memory.getLong(at);
  }

  public static long value(long at) {
    return Memory.getLong(at + VALUE);
  }

  public static long companion(long at) {
    return Memory.getLong(at + COMPANION);
  }

  /** Removes the first {@code count} of {@link #inOrder}. */
  public void pop(int count) {
    moveHead(count);
  }

  /** An empty ring begins anew, in memory that was in use just now. */
  private void moveHead(int count) {
    ringHead += count;
    if (ringHead == ringTail) {
      ringHead = 0;
      ringTail = 0;
    }
  }

  /** Removes the head. */
  public void pop() {
    if (isHeadInRing()) {
      moveHead(1);
    } else {
      popHeap();
    }
  }

  private long head() {
    return isHeadInRing() ? ringEntry(ringHead) : heap;
  }

  private boolean isHeadInRing() {
    return heapSize == 0 || ringHead != ringTail && isBefore(ringEntry(ringHead), heap);
  }

  private static boolean isBefore(long left, long right) {
    long leftTime = Memory.getLong(left);
    long rightTime = Memory.getLong(right);
    return leftTime != rightTime
        ? leftTime < rightTime
        : Memory.getLong(left + ARRIVAL) < Memory.getLong(right + ARRIVAL);
  }

  private long ringEntry(long index) {
    return ring + (index & ringMask) * ENTRY_BYTES;
  }

  private static void put(long entry, long time, long arrival, long value, long companion) {
    Memory.putLong(entry, time);
    Memory.putLong(entry + ARRIVAL, arrival);
    Memory.putLong(entry + VALUE, value);
    Memory.putLong(entry + COMPANION, companion);
  }

  private static void move(long from, long to) {
    put(
        to,
        Memory.getLong(from),
        Memory.getLong(from + ARRIVAL),
        Memory.getLong(from + VALUE),
        Memory.getLong(from + COMPANION));
  }

  private void growRing() {
    long entries = Math.max(FIRST_ENTRIES, 2 * (ringMask + 1));
    ArrowBuf larger = StateMemory.allocate(allocator, entries * ENTRY_BYTES);
    long count = ringTail - ringHead;
    for (long i = 0; i < count; i++) {
      move(ringEntry(ringHead + i), larger.memoryAddress() + i * ENTRY_BYTES);
    }
    if (ringBuffer != null) {
      ringBuffer.close();
    }
    ringBuffer = larger;
    ring = larger.memoryAddress();
    ringMask = entries - 1;
    ringHead = 0;
    ringTail = count;
  }

  private void pushHeap(long time, long arrival, long value, long companion) {
    if (heapSize == heapCapacity) {
      growHeap();
    }
    long at = heapSize++;
    put(heapEntry(at), time, arrival, value, companion);
    while (at > 0) {
      long parent = (at - 1) >>> 1;
      if (isBefore(heapEntry(parent), heapEntry(at))) {
        break;
      }
      swap(heapEntry(parent), heapEntry(at));
      at = parent;
    }
  }

  private void popHeap() {
    heapSize--;
    move(heapEntry(heapSize), heap);
    long at = 0;
    while (true) {
      long least = 2 * at + 1;
      if (least >= heapSize) {
        return;
      }
      if (least + 1 < heapSize && isBefore(heapEntry(least + 1), heapEntry(least))) {
        least++;
      }
      if (isBefore(heapEntry(at), heapEntry(least))) {
        return;
      }
      swap(heapEntry(at), heapEntry(least));
      at = least;
    }
  }

  private static void swap(long left, long right) {
    long time = Memory.getLong(left);
    long arrival = Memory.getLong(left + ARRIVAL);
    long value = Memory.getLong(left + VALUE);
    long companion = Memory.getLong(left + COMPANION);
    move(right, left);
    put(right, time, arrival, value, companion);
  }

  private long heapEntry(long index) {
    return heap + index * ENTRY_BYTES;
  }

  private void growHeap() {
    long entries = Math.max(FIRST_ENTRIES, 2 * heapCapacity);
    ArrowBuf larger = StateMemory.allocate(allocator, entries * ENTRY_BYTES);
    if (heapBuffer != null) {
      Memory.copy(heap, larger.memoryAddress(), heapSize * ENTRY_BYTES);
      heapBuffer.close();
    }
    heapBuffer = larger;
    heap = larger.memoryAddress();
    heapCapacity = entries;
  }

  /** Removes the values that are {@code dead}; costs as much as there are values. */
  public void removeIf(LongPredicate dead) {
    long end = ringTail;
    ringTail = ringHead;
    for (long i = ringHead; i < end; i++) {
      if (!dead.test(Memory.getLong(ringEntry(i) + VALUE))) {
        move(ringEntry(i), ringEntry(ringTail));
        ringLastTime = Memory.getLong(ringEntry(ringTail));
        ringTail++;
      }
    }
    long count = heapSize;
    heapSize = 0;
    for (long i = 0; i < count; i++) {
      long entry = heapEntry(i);
      if (!dead.test(Memory.getLong(entry + VALUE))) {
        pushHeap(
            Memory.getLong(entry),
            Memory.getLong(entry + ARRIVAL),
            Memory.getLong(entry + VALUE),
            Memory.getLong(entry + COMPANION));
      }
    }
  }

  /** Is told of an entry. */
  public interface Visitor {
    void visit(long time, long arrival, long value, long companion);
  }

  /** Tells of all entries, in no order; for snapshots. */
  public void forEach(Visitor visitor) {
    for (long i = ringHead; i < ringTail; i++) {
      visit(ringEntry(i), visitor);
    }
    for (long i = 0; i < heapSize; i++) {
      visit(heapEntry(i), visitor);
    }
  }

  private static void visit(long entry, Visitor visitor) {
    visitor.visit(
        Memory.getLong(entry),
        Memory.getLong(entry + ARRIVAL),
        Memory.getLong(entry + VALUE),
        Memory.getLong(entry + COMPANION));
  }

  @Override
  public void close() {
    if (ringBuffer != null) {
      ringBuffer.close();
      ringBuffer = null;
    }
    if (heapBuffer != null) {
      heapBuffer.close();
      heapBuffer = null;
    }
    ringHead = 0;
    ringTail = 0;
    ringMask = -1;
    heapSize = 0;
    heapCapacity = 0;
  }
}
