package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Memory for what a row of state cannot hold itself: long texts and the nodes of multisets. Blocks
 * come in sizes of powers of two and never move; freed ones are used again for the same size.
 * Closing it drops everything at once. One thread.
 */
public final class StateHeap implements AutoCloseable {
  private static final int MIN_BITS = 4;
  private static final int SIZES = 32 - MIN_BITS;
  private static final int FIRST_CHUNK = 4096;
  private static final int LARGEST_CHUNK = 1 << 20;

  private final BufferAllocator allocator;
  private final List<ArrowBuf> chunks = new ArrayList<>();
  private final long[] free = new long[SIZES]; // heads of lists linked through the blocks
  private long position;
  private long end;
  private int nextChunk = FIRST_CHUNK;
  private long chunkBytes;
  private long usedBytes;
  private final List<Object> objects = new ArrayList<>();
  private final List<Integer> freeObjects = new ArrayList<>();

  public StateHeap(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** A block of at least {@code bytes} bytes, its contents undefined. */
  public long allocate(int bytes) {
    int size = sizeClass(bytes);
    usedBytes += 1L << (size + MIN_BITS);
    long block = free[size];
    if (block != 0) {
      free[size] = Memory.getLong(block);
      return block;
    }
    long blockBytes = 1L << (size + MIN_BITS);
    if (end - position < blockBytes) {
      addChunk(blockBytes);
    }
    block = position;
    position += blockBytes;
    return block;
  }

  /** Gives back a block that was allocated for {@code bytes} bytes. */
  public void free(long block, int bytes) {
    int size = sizeClass(bytes);
    usedBytes -= 1L << (size + MIN_BITS);
    Memory.putLong(block, free[size]);
    free[size] = block;
  }

  /** A copy of {@code length} bytes; freed with the same length. */
  public long copy(long address, int length) {
    long block = allocate(length);
    Memory.copy(address, block, length);
    return block;
  }

  /** Whether blocks for these numbers of bytes are of one size. */
  static boolean sameSize(int bytes, int otherBytes) {
    return sizeClass(bytes) == sizeClass(otherBytes);
  }

  /** Keeps an object of Java; returns the word that stands for it, which is not 0. */
  public long putObject(Object object) {
    if (freeObjects.isEmpty()) {
      objects.add(object);
      return objects.size();
    }
    int index = freeObjects.remove(freeObjects.size() - 1);
    objects.set(index, object);
    return index + 1;
  }

  /** The object that a word stands for; null for 0. */
  public Object object(long word) {
    return word == 0 ? null : objects.get((int) word - 1);
  }

  /** Lets an object go, if the word stands for one. */
  public void freeObject(long word) {
    if (word != 0) {
      objects.set((int) word - 1, null);
      freeObjects.add((int) word - 1);
    }
  }

  /** Memory held off the heap, in bytes. */
  public long bytes() {
    return chunkBytes;
  }

  /** Whether there is little room left for more, without more memory. */
  public boolean isCrowded() {
    return chunkBytes - usedBytes < chunkBytes >> 3;
  }

  /** Drops all blocks and their memory. */
  public void clear() {
    chunks.forEach(ArrowBuf::close);
    chunks.clear();
    objects.clear();
    freeObjects.clear();
    java.util.Arrays.fill(free, 0);
    position = 0;
    end = 0;
    nextChunk = FIRST_CHUNK;
    chunkBytes = 0;
    usedBytes = 0;
  }

  @Override
  public void close() {
    clear();
  }

  private static int sizeClass(int bytes) {
    return Math.max(0, 32 - Integer.numberOfLeadingZeros(bytes - 1) - MIN_BITS);
  }

  private void addChunk(long blockBytes) {
    ArrowBuf chunk = StateMemory.allocate(allocator, Math.max(blockBytes, nextChunk));
    chunks.add(chunk);
    chunkBytes += chunk.capacity();
    position = chunk.memoryAddress();
    end = position + chunk.capacity();
    nextChunk = Math.min(nextChunk * 2, LARGEST_CHUNK);
  }
}
