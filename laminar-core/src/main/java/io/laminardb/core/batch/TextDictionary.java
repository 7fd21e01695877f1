package io.laminardb.core.batch;

import io.laminardb.core.memory.Memory;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The texts that the rows of {@linkplain Column#adoptCodes coded columns} name by number. An immutable
 * copy of its own, shared by columns and freed with the last of them; any thread.
 *
 * <p>Each text also has a <em>view</em> of 16 bytes, so that what a key needs of it is worked out once
 * a text and not once a row: its length in 4 bytes, then 12 bytes of a text that is no longer, padded
 * with zeros; of a longer one the first 4 bytes, and its address in the last 8.
 */
public final class TextDictionary {
  private static final int VIEW_BYTES = 16;
  private static final int INLINE_BYTES = 12;

  private final int size;
  private final ArrowBuf memory;
  private final long viewsAddress;
  private final long dataAddress;
  private final long dataBytes;
  private final AtomicInteger holders = new AtomicInteger(1);

  /**
   * Copies texts; the caller holds the dictionary and {@linkplain #release releases} it.
   *
   * @param size how many
   * @param offsets address of {@code size + 1} 32-bit offsets, the first of any value
   * @param data address that they count from
   */
  public TextDictionary(int size, long offsets, long data, BufferAllocator allocator) {
    this.size = size;
    int first = size == 0 ? 0 : Memory.getInt(offsets);
    dataBytes = size == 0 ? 0 : Memory.getInt(offsets + 4L * size) - (long) first;
    // One text more, an empty one: what a column of NULLs points to where there are no texts.
    long offsetBytes = 4L * (size + 2) + 7 & -8L;
    long viewBytes = (long) VIEW_BYTES * (size + 1);
    memory = allocator.buffer(offsetBytes + viewBytes + dataBytes);
    viewsAddress = memory.memoryAddress() + offsetBytes;
    dataAddress = viewsAddress + viewBytes;
    for (int i = 0; i <= size; i++) {
      Memory.putInt(
          offsetsAddress() + 4L * i, size == 0 ? 0 : Memory.getInt(offsets + 4L * i) - first);
    }
    Memory.putInt(offsetsAddress() + 4L * (size + 1), (int) dataBytes);
    Memory.copy(data + first, dataAddress, dataBytes);
    for (int i = 0; i <= size; i++) {
      putView(i);
    }
  }

  private void putView(int text) {
    long view = viewsAddress + (long) VIEW_BYTES * text;
    int start = Memory.getInt(offsetsAddress() + 4L * text);
    int length = Memory.getInt(offsetsAddress() + 4L * text + 4) - start;
    Memory.putLong(view, length);
    Memory.putLong(view + 8, 0);
    if (length <= INLINE_BYTES) {
      Memory.copy(dataAddress + start, view + 4, length);
    } else {
      Memory.copy(dataAddress + start, view + 4, 4);
      Memory.putLong(view + 8, dataAddress + start);
    }
  }

  /** Whether it has the very texts that the constructor would copy, in the same order. */
  public boolean isCopyOf(int otherSize, long offsets, long data) {
    if (otherSize != size) {
      return false;
    }
    if (size == 0) {
      return true;
    }
    int first = Memory.getInt(offsets);
    for (int i = 1; i <= size; i++) {
      if (Memory.getInt(offsets + 4L * i) - first != Memory.getInt(offsetsAddress() + 4L * i)) {
        return false;
      }
    }
    return Memory.equal(data + first, dataAddress, (int) dataBytes);
  }

  /** The number of texts. */
  public int size() {
    return size;
  }

  /** Where the 32-bit offsets of the texts start, 0 the first. */
  public long offsetsAddress() {
    return memory.memoryAddress();
  }

  /** Where the views of the texts start. */
  public long viewsAddress() {
    return viewsAddress;
  }

  /** Where the bytes of the texts start. */
  public long dataAddress() {
    return dataAddress;
  }

  /** Where memory for decoded texts comes from. */
  BufferAllocator allocator() {
    return memory.getReferenceManager().getAllocator();
  }

  /** One more holds it. */
  public TextDictionary retain() {
    holders.incrementAndGet();
    return this;
  }

  /** One less holds it; the last one frees it. */
  public void release() {
    if (holders.decrementAndGet() == 0) {
      memory.close();
    }
  }
}
