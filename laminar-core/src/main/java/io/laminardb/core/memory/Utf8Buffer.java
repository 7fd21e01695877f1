package io.laminardb.core.memory;

import java.nio.charset.StandardCharsets;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A {@link Utf8} with room of its own: the result of a text function, rewritten for every row. It
 * grows to the longest text it has held and is then allocation-free. One thread; the owner closes it.
 */
public final class Utf8Buffer extends Utf8 implements AutoCloseable {
  private final BufferAllocator allocator;
  private ArrowBuf buffer;

  public Utf8Buffer(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Makes room for {@code capacity} bytes and returns where they start; the contents are lost. */
  public long reserve(int capacity) {
    if (buffer == null || buffer.capacity() < capacity) {
      ArrowBuf larger = allocator.buffer(Math.max(64, Integer.highestOneBit(capacity) << 1));
      close();
      buffer = larger;
    }
    address = buffer.memoryAddress();
    return address;
  }

  /** Makes room for {@code capacity} bytes, keeping the first {@code kept}; returns the start. */
  public long grow(int capacity, int kept) {
    if (buffer == null || buffer.capacity() < capacity) {
      ArrowBuf larger = allocator.buffer(Math.max(64, Integer.highestOneBit(capacity) << 1));
      if (buffer != null) {
        Memory.copy(buffer.memoryAddress(), larger.memoryAddress(), kept);
        close();
      }
      buffer = larger;
    }
    address = buffer.memoryAddress();
    return address;
  }

  /** Holds a copy of {@code text}. */
  public Utf8Buffer setString(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return setBytes(bytes);
  }

  /** Holds a copy of {@code bytes}. */
  public Utf8Buffer setBytes(byte[] bytes) {
    Memory.copyFromHeap(bytes, 0, reserve(Math.max(1, bytes.length)), bytes.length);
    length = bytes.length;
    return this;
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
  }
}
