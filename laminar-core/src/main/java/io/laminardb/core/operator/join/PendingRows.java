package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows that wait for something, and the watermarks between them, first in, first out. Off the heap; one
 * thread.
 *
 * <p>An entry is a block of a heap: the one behind it, its weight or 0 for a watermark, how many bytes
 * the row has; then the row, or the watermark.
 */
final class PendingRows implements AutoCloseable {
  private static final int WEIGHT = 8;
  private static final int LENGTH = 12;
  private static final int DATA = 16;

  private final BufferAllocator allocator;
  private final StateHeap heap;
  private final RowCodec codec;
  private long first; // 0: there is none
  private long last;
  private int rows;

  PendingRows(Schema schema, BufferAllocator allocator) {
    this.allocator = allocator;
    this.heap = new StateHeap(allocator);
    this.codec = new RowCodec(schema);
  }

  boolean isEmpty() {
    return first == 0;
  }

  /** Rows, without the watermarks. */
  int rows() {
    return rows;
  }

  long bytes() {
    return heap.bytes();
  }

  /** Adds the row a probe looks at. */
  void add(RowProbe probe, int weight) {
    add(probe.rowAddress(), probe.rowLength(), weight);
  }

  private void add(long address, int length, int weight) {
    long entry = append(length, weight);
    Memory.copy(address, entry + DATA, length);
    rows++;
  }

  /** Adds a watermark; of two without a row between them the later one counts. */
  void addWatermark(long watermarkNs) {
    boolean replaces =
        last != 0
            && Memory.getInt(last + WEIGHT) == 0
            && Memory.getLong(last + DATA) != Watermark.IDLE
            && watermarkNs != Watermark.IDLE;
    Memory.putLong((replaces ? last : append(8, 0)) + DATA, watermarkNs);
  }

  private long append(int length, int weight) {
    long entry = heap.allocate(Math.addExact(DATA, length));
    Memory.putLong(entry, 0);
    Memory.putInt(entry + WEIGHT, weight);
    Memory.putInt(entry + LENGTH, length);
    if (last == 0) {
      first = entry;
    } else {
      Memory.putLong(last, entry);
    }
    last = entry;
    return entry;
  }

  /** Whether the first one is a watermark. */
  boolean isWatermark() {
    return Memory.getInt(first + WEIGHT) == 0;
  }

  /** The first one, a watermark. */
  long watermark() {
    return Memory.getLong(first + DATA);
  }

  /** Makes the first one, a row, the only row of a batch. */
  void read(Batch one) {
    read(first, one);
  }

  private void read(long entry, Batch one) {
    one.clear();
    codec.read(entry + DATA, one, Memory.getInt(entry + WEIGHT));
  }

  /** Takes the first one out. */
  void remove() {
    long entry = first;
    first = Memory.getLong(entry);
    if (first == 0) {
      last = 0;
    }
    rows -= Memory.getInt(entry + WEIGHT) == 0 ? 0 : 1;
    heap.free(entry, DATA + Memory.getInt(entry + LENGTH));
  }

  /** Writes all of them, in their order. */
  void snapshot(StateWriter writer) {
    for (long entry = first; entry != 0; entry = Memory.getLong(entry)) {
      int length = Memory.getInt(entry + LENGTH);
      writer.putInt(Memory.getInt(entry + WEIGHT));
      writer.putInt(length);
      writer.putBytes(entry + DATA, length);
    }
  }

  /** Becomes what was written up to the end of a section. */
  void restore(StateReader reader) {
    while (reader.hasMore()) {
      int weight = reader.getInt();
      int length = reader.getInt();
      try (ArrowBuf buffer = allocator.buffer(Math.max(8, length))) {
        reader.getBytes(buffer.memoryAddress(), length);
        if (weight == 0) {
          addWatermark(Memory.getLong(buffer.memoryAddress()));
        } else {
          add(buffer.memoryAddress(), length, weight);
        }
      }
    }
  }

  /** Reads each row into a batch, alone, and calls {@code action}. */
  void forEach(Batch one, Runnable action) {
    for (long entry = first; entry != 0; entry = Memory.getLong(entry)) {
      if (Memory.getInt(entry + WEIGHT) != 0) {
        read(entry, one);
        action.run();
      }
    }
  }

  @Override
  public void close() {
    heap.close();
    first = 0;
    last = 0;
    rows = 0;
  }
}
