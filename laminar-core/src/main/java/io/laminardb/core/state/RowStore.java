package io.laminardb.core.state;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of a stream off the heap, each of the words of a {@link RowFormat} and some words more, that are
 * the owner's. Rows never move; memory of freed ones is used again. One thread.
 *
 * <p>A row may be <em>doomed</em>: it is over, but results still refer to it by its address. It is
 * freed by {@link #freeDoomed}, when these have been made.
 */
public final class RowStore implements AutoCloseable {
  private final RowFormat format;
  private final RowLayout layout;
  private final StateHeap heap;
  private final KeyedTable table; // rows outside of its index only
  private final boolean hasTexts;
  private final ArrowBuf zeros;
  private long doomed; // linked through the first of the owner's words, whose content is over too

  /**
   * For some columns of rows of a schema.
   *
   * @param stateWords words of the owner in each row, at least one
   */
  public RowStore(Schema schema, int[] columns, int stateWords, BufferAllocator allocator) {
    format = RowFormat.ofRows(schema, columns);
    layout = format.layout(stateWords);
    heap = new StateHeap(allocator);
    table = new KeyedTable(layout, heap, allocator);
    hasTexts = format.texts().length > 0;
    zeros = StateMemory.allocate(allocator, layout.rowBytes());
    Memory.fill(zeros.memoryAddress(), layout.rowBytes(), (byte) 0);
  }

  public RowFormat format() {
    return format;
  }

  /** Where the owner's words begin, from a row's address. */
  public int stateOffset() {
    return layout.countOffset();
  }

  /** A row of zeros, to be read and no more. */
  public long zeros() {
    return zeros.memoryAddress();
  }

  /**
   * Keeps copies of rows of a batch; the owner's words are zeros.
   *
   * @param selected which ones, {@code count} of them
   * @param rows receives where they are
   */
  public void add(Batch batch, int[] selected, int count, long[] rows) {
    for (int i = 0; i < count; i++) {
      rows[i] = table.allocateDetached();
    }
    format.write(batch, selected, count, rows);
    for (int i = 0; i < count; i++) {
      layout.zero(rows[i]);
    }
    if (hasTexts) {
      for (int i = 0; i < count; i++) {
        layout.ownKeyTexts(rows[i], heap);
      }
    }
  }

  /** Forgets a row at once. */
  public void free(long row) {
    if (hasTexts) {
      layout.freeKeyTexts(row, heap);
    }
    table.freeDetached(row);
  }

  /** Forgets a row once {@link #freeDoomed} is called; its first state word is lost now. */
  public void doom(long row) {
    Memory.putLong(row + layout.countOffset(), doomed);
    doomed = row;
  }

  /** Forgets the rows that are doomed. */
  public void freeDoomed() {
    long row = doomed;
    doomed = 0;
    while (row != 0) {
      long next = Memory.getLong(row + layout.countOffset());
      free(row);
      row = next;
    }
  }

  /** Memory held, in bytes. */
  public long bytes() {
    return table.bytes() + heap.bytes();
  }

  /** Writes a row with its texts and the owner's words. */
  public void write(long row, StateWriter writer) {
    layout.write(row, writer);
  }

  /** Reads what {@link #write} wrote into a row. */
  public long read(StateReader reader) {
    long row = table.allocateDetached();
    layout.read(row, heap, reader);
    return row;
  }

  /** Forgets all rows and their memory. */
  public void clear() {
    table.close();
    heap.clear();
    doomed = 0;
  }

  @Override
  public void close() {
    clear();
    zeros.close();
  }
}
