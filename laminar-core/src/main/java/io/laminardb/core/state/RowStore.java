package io.laminardb.core.state;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of a stream off the heap, each of the words of a {@link RowFormat} and some words more, that are
 * the owner's: its first one, and those behind the format's. Rows never move; memory of freed ones is used again. One thread.
 *
 * <p>A row may be <em>doomed</em>: it is over, but results still refer to it by its address. It is
 * freed by {@link #freeDoomed}, when these have been made.
 */
public final class RowStore implements AutoCloseable {
  private static final int FIRST_CHUNK = 4096;
  private static final int LARGEST_CHUNK = 1 << 20;

  private final BufferAllocator allocator;
  private final RowFormat format;
  private final RowLayout layout;
  private final int rowBytes;
  private final StateHeap heap; // of long texts
  private final List<ArrowBuf> chunks = new ArrayList<>();
  private long chunkBytes;
  private long position; // of the next row that never was used
  private long end;
  private int nextChunk = FIRST_CHUNK;
  private final AddressStack free;
  private final AddressStack doomed;
  private final ArrowBuf zeros;

  /**
   * For some columns of rows of a schema.
   *
   * @param stateWords words of the owner behind the columns, at least one
   */
  public RowStore(Schema schema, int[] columns, int stateWords, BufferAllocator allocator) {
    this(RowFormat.ofRows(schema, columns), stateWords, allocator);
  }

  /** Without rows, for those of a format. */
  public RowStore(RowFormat format, int stateWords, BufferAllocator allocator) {
    this.allocator = allocator;
    this.format = format;
    layout = format.layout(stateWords);
    rowBytes = layout.rowBytes();
    heap = new StateHeap(allocator);
    free = new AddressStack(allocator);
    doomed = new AddressStack(allocator);
    zeros = StateMemory.allocate(allocator, rowBytes);
    Memory.fill(zeros.memoryAddress(), rowBytes, (byte) 0);
  }

  public RowFormat format() {
    return format;
  }

  /** Where the owner's words behind the columns begin, from a row's address. */
  public int stateOffset() {
    return layout.countOffset();
  }

  /** A row of zeros, to be read and no more. */
  public long zeros() {
    return zeros.memoryAddress();
  }

  /**
   * Keeps copies of rows of a batch; the owner's words are undefined.
   *
   * @param selected which ones, {@code count} of them
   * @param rows receives where they are
   */
  public void add(Batch batch, int[] selected, int count, long[] rows) {
    for (int i = free.popTo(rows, count); i < count; i++) {
      rows[i] = allocateNew();
    }
    if (format.write(batch, selected, count, rows)) {
      for (int i = 0; i < count; i++) {
        layout.ownKeyTexts(rows[i], heap);
      }
    }
  }

  private long allocateNew() {
    if (end - position < rowBytes) {
      addChunk();
    }
    long row = position;
    position += rowBytes;
    return row;
  }

  private void addChunk() {
    ArrowBuf chunk = StateMemory.allocate(allocator, Math.max(nextChunk, rowBytes));
    chunks.add(chunk);
    chunkBytes += chunk.capacity();
    position = chunk.memoryAddress();
    end = position + chunk.capacity();
    nextChunk = Math.min(nextChunk * 2, LARGEST_CHUNK);
  }

  /** Keeps a copy of a row of another store of the same format, with the owner's words. */
  public long copy(long row) {
    long copy = free.isEmpty() ? allocateNew() : free.pop();
    Memory.copy(row, copy, rowBytes);
    layout.ownKeyTexts(copy, heap);
    return copy;
  }

  /** Forgets a row once {@link #freeDoomed} is called. */
  public void doom(long row) {
    doomed.push(row);
  }

  /** Forgets the rows that are doomed. */
  public void freeDoomed() {
    if (heap.bytes() == 0) { // no row ever had a long text
      free.takeAll(doomed);
      return;
    }
    while (!doomed.isEmpty()) {
      long row = doomed.pop();
      layout.freeKeyTexts(row, heap);
      free.push(row);
    }
  }

  /** Memory held, in bytes. */
  public long bytes() {
    return chunkBytes + heap.bytes() + free.bytes() + doomed.bytes();
  }

  /** Writes a row with its texts and the owner's words. */
  public void write(long row, StateWriter writer) {
    layout.write(row, heap, writer);
  }

  /** Reads what {@link #write} wrote into a row. */
  public long read(StateReader reader) {
    long row = free.isEmpty() ? allocateNew() : free.pop();
    layout.read(row, heap, reader);
    return row;
  }

  @Override
  public void close() {
    chunks.forEach(ArrowBuf::close);
    chunks.clear();
    heap.close();
    free.close();
    doomed.close();
    zeros.close();
  }
}
