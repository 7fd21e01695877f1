package io.laminardb.core.operator.over;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateMemory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What is due at some time, earliest first and in the order of their sequence numbers: a binary heap
 * off the Java heap of entries {@code [time][sequence][value]}. One thread.
 */
final class TimeHeap implements DueRows, AutoCloseable {
  private static final int ENTRY_BYTES = 24;
  private static final int FIRST_CAPACITY = 64;

  private final BufferAllocator allocator;
  private ArrowBuf buffer;
  private int size;

  TimeHeap(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  int size() {
    return size;
  }

  @Override
  public boolean isEmpty() {
    return size == 0;
  }

  long bytes() {
    return buffer == null ? 0 : buffer.capacity();
  }

  private long at(int index) {
    return buffer.memoryAddress() + (long) index * ENTRY_BYTES;
  }

  @Override
  public long time() {
    return time(0);
  }

  @Override
  public long value() {
    return value(0);
  }

  @Override
  public long sequence() {
    return sequence(0);
  }

  /** Of an entry in the heap's own order, for who writes them all. */
  long time(int index) {
    return Memory.getLong(at(index));
  }

  long sequence(int index) {
    return Memory.getLong(at(index) + 8);
  }

  long value(int index) {
    return Memory.getLong(at(index) + 16);
  }

  void add(long time, long sequence, long value) {
    if (buffer == null || (size + 1L) * ENTRY_BYTES > buffer.capacity()) {
      grow();
    }
    int hole = size++;
    while (hole > 0) {
      int parent = (hole - 1) >>> 1;
      if (!isBefore(time, sequence, parent)) {
        break;
      }
      Memory.copy(at(parent), at(hole), ENTRY_BYTES);
      hole = parent;
    }
    put(hole, time, sequence, value);
  }

  private boolean isBefore(long time, long sequence, int other) {
    long otherTime = Memory.getLong(at(other));
    return time != otherTime ? time < otherTime : sequence < Memory.getLong(at(other) + 8);
  }

  private void put(int index, long time, long sequence, long value) {
    long at = at(index);
    Memory.putLong(at, time);
    Memory.putLong(at + 8, sequence);
    Memory.putLong(at + 16, value);
  }

  @Override
  public void remove() {
    size--;
    if (size == 0) {
      return;
    }
    long last = at(size);
    long time = Memory.getLong(last);
    long sequence = Memory.getLong(last + 8);
    long value = Memory.getLong(last + 16);
    int hole = 0;
    while (true) {
      int child = 2 * hole + 1;
      if (child >= size) {
        break;
      }
      int right = child + 1;
      if (right < size
          && isBefore(Memory.getLong(at(right)), Memory.getLong(at(right) + 8), child)) {
        child = right;
      }
      if (!isBefore(Memory.getLong(at(child)), Memory.getLong(at(child) + 8), time, sequence)) {
        break;
      }
      Memory.copy(at(child), at(hole), ENTRY_BYTES);
      hole = child;
    }
    put(hole, time, sequence, value);
  }

  private static boolean isBefore(long time, long sequence, long otherTime, long otherSequence) {
    return time != otherTime ? time < otherTime : sequence < otherSequence;
  }

  private void grow() {
    long bytes = buffer == null ? FIRST_CAPACITY * ENTRY_BYTES : 2 * buffer.capacity();
    ArrowBuf larger = StateMemory.allocate(allocator, bytes);
    if (buffer != null) {
      Memory.copy(buffer.memoryAddress(), larger.memoryAddress(), (long) size * ENTRY_BYTES);
      buffer.close();
    }
    buffer = larger;
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
    size = 0;
  }
}
