package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Addresses, off the heap, the last one first: what is free is listed here without being touched. One
 * thread.
 */
final class AddressStack implements AutoCloseable {
  private static final int FIRST_BYTES = 512;

  private final BufferAllocator allocator;
  private ArrowBuf buffer;
  private long start;
  private long top; // behind the last one
  private long end;

  AddressStack(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  boolean isEmpty() {
    return top == start;
  }

  void push(long address) {
    if (top == end) {
      reserve(FIRST_BYTES);
    }
    Memory.putLong(top, address);
    top += 8;
  }

  long pop() {
    top -= 8;
    return Memory.getLong(top);
  }

  /** What {@link #pop} takes next. */
  long peek() {
    return Memory.getLong(top - 8);
  }

  /** How many there are. */
  long size() {
    return (top - start) >> 3;
  }

  /** The one that was pushed before all others but {@code index}. */
  long get(long index) {
    return Memory.getLong(start + (index << 3));
  }

  /** Turns the order round. */
  void reverse() {
    for (long low = start, high = top - 8; low < high; low += 8, high -= 8) {
      long first = Memory.getLong(low);
      Memory.putLong(low, Memory.getLong(high));
      Memory.putLong(high, first);
    }
  }

  /** Takes up to {@code count} addresses off; returns how many there were. */
  int popTo(long[] targets, int count) {
    int taken = (int) Math.min(count, (top - start) >> 3);
    for (int i = 0; i < taken; i++) {
      top -= 8;
      targets[i] = Memory.getLong(top);
    }
    return taken;
  }

  /** Moves all addresses of another one here. */
  void takeAll(AddressStack other) {
    long bytes = other.top - other.start;
    if (end - top < bytes) {
      reserve(bytes);
    }
    Memory.copy(other.start, top, bytes);
    top += bytes;
    other.top = other.start;
  }

  private void reserve(long bytes) {
    long used = top - start;
    ArrowBuf larger = StateMemory.allocate(allocator, Math.max(2 * used, used + bytes));
    Memory.copy(start, larger.memoryAddress(), used);
    if (buffer != null) {
      buffer.close();
    }
    buffer = larger;
    start = larger.memoryAddress();
    top = start + used;
    end = start + (larger.capacity() & ~7L);
  }

  long bytes() {
    return buffer == null ? 0 : buffer.capacity();
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
    start = 0;
    top = 0;
    end = 0;
  }
}
