package io.laminardb.core.memory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory off the heap that is handed out bit by bit and taken back at once, to be handed out again: what
 * is needed anew all the time is so no work for the collector. The owner closes it. One thread at a time;
 * {@link #bytes} any.
 */
public final class NativeArena implements AutoCloseable {
  private static final int BLOCK_BYTES = 256 << 10;
  private static final int KEPT_BLOCKS = 32;

  private final List<NativeBuffer> used = new ArrayList<>();
  private final ArrayDeque<NativeBuffer> free = new ArrayDeque<>(); // all of BLOCK_BYTES
  private ByteBuffer rest = ByteBuffer.allocate(0); // of the block that is being handed out
  private volatile long bytes;
  private boolean closed;

  /**
   * Hands out memory, whose content is undefined. Valid until {@link #reset}; position 0, limit and
   * capacity {@code size}. Of a closed arena it is the collector's.
   */
  public ByteBuffer allocate(int size) {
    if (closed) {
      return ByteBuffer.allocateDirect(size);
    }
    if (size > BLOCK_BYTES) {
      return use(new NativeBuffer(size));
    }
    if (size > rest.remaining()) {
      NativeBuffer next = free.poll();
      rest = next == null ? use(new NativeBuffer(BLOCK_BYTES)) : again(next);
    }
    int start = rest.position();
    rest.position(start + size);
    return rest.slice(start, size);
  }

  private ByteBuffer use(NativeBuffer block) {
    bytes += block.capacity();
    return again(block);
  }

  private ByteBuffer again(NativeBuffer block) {
    used.add(block);
    return block.view();
  }

  /** Takes back all that was handed out: nobody uses it any more. Keeps 8 MB at most. */
  public void reset() {
    rest = ByteBuffer.allocate(0);
    for (NativeBuffer block : used) {
      if (block.capacity() == BLOCK_BYTES && free.size() < KEPT_BLOCKS && !closed) {
        free.add(block);
      } else {
        release(block);
      }
    }
    used.clear();
  }

  private void release(NativeBuffer block) {
    bytes -= block.capacity();
    block.close();
  }

  /** Memory held, in bytes, handed out or not. */
  public long bytes() {
    return bytes;
  }

  /** Frees all of it: nobody uses any more what was handed out. Again: does nothing. */
  @Override
  public void close() {
    closed = true;
    reset();
    free.forEach(this::release);
    free.clear();
  }
}
