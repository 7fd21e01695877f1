package io.laminardb.core.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BufferUtil;

/** Memory off the heap with an address that files can be read into and written from. The owner closes it. */
public final class NativeBuffer implements AutoCloseable {
  private static final AtomicLong ALLOCATED = new AtomicLong();

  private final int capacity;
  private final long address;
  private ByteBuffer memory;

  /** Takes {@code capacity} bytes, which are zero. */
  public NativeBuffer(int capacity) {
    this.capacity = capacity;
    this.memory = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    this.address = BufferUtil.address(memory);
    ALLOCATED.addAndGet(capacity);
  }

  /** The bytes of all that were not closed yet, in this process. */
  public static long allocatedBytes() {
    return ALLOCATED.get();
  }

  /** Its size in bytes. */
  public int capacity() {
    return capacity;
  }

  /** Where it begins, a multiple of 8. */
  public long address() {
    return address;
  }

  /** A view on all of it with a position and a limit of its own; not to be used once this is closed. */
  public ByteBuffer view() {
    return memory.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    if (memory != null) {
      ALLOCATED.addAndGet(-capacity);
      BufferUtil.free(memory);
      memory = null;
    }
  }
}
