package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of a table's layout in the order in which they came, of which only the last ones are in memory.
 * It takes the rows that a table is not to hold: each source whose key the table lacks gets a row of its
 * own, though there may be others of the same key before it. Bringing the rows together, in their order,
 * is the owner's affair. One thread.
 *
 * <p>A block is a section of a {@link StateWriter}: rows as they lie in memory, then what they refer to.
 */
public final class RowRun implements Overflow, AutoCloseable {
  private static final int FIRST_CHUNK_BYTES = 4096;
  private static final int MARK_BYTES = RowPlaces.MARK_BYTES;
  private static final int READ_ROWS = 512; // at a time

  /** A block in the store. */
  private record Block(long number, int length, int rows) {}

  private final RowLayout layout;
  private final StateHeap heap;
  private final BufferAllocator allocator;
  private final Spill spill;
  private final List<Block> blocks = new ArrayList<>();
  private final List<ArrowBuf> chunks = new ArrayList<>(); // rows behind the blocks
  private int lastRows; // of the last chunk; the others are full
  private int lastCapacity;
  private final StateWriter writer = new StateWriter(); // of the block under way
  private long blockRows;
  private long tailRows;
  private boolean settled;

  /** An empty run; long texts of keys go to {@code heap}, which stays the caller's. */
  public RowRun(RowLayout layout, StateHeap heap, BufferAllocator allocator, Spill spill) {
    this.layout = layout;
    this.heap = heap;
    this.allocator = allocator;
    this.spill = spill;
  }

  /** Rows, with those that failed and are still in memory. */
  public long rows() {
    return blockRows + tailRows;
  }

  /** Memory held, in bytes, without the heap's. */
  public long bytes() {
    long bytes = 0;
    for (int i = 0; i < chunks.size(); i++) {
      bytes += chunks.get(i).capacity();
    }
    return bytes;
  }

  /** Whether no two rows are of one key, as the owner has said since a row came last. */
  public boolean isSettled() {
    return settled;
  }

  /** Says that no two rows are of one key, and none is of a key of the table. */
  public void settled() {
    settled = true;
  }

  @Override
  public boolean takes(KeyedTable table, long moreBytes) {
    return rows() > 0
        || moreBytes > 0 && table.rows() > 0 && !spill.mayGrow(table.bytes(), moreBytes);
  }

  @Override
  public long add(long source) {
    if (lastRows == lastCapacity) {
      addChunk();
    }
    long row = firstRow(chunks.get(chunks.size() - 1)) + (long) lastRows * layout.rowBytes();
    Memory.copy(source, row, layout.countOffset());
    layout.ownKeyTexts(row, heap);
    layout.zero(row);
    lastRows++;
    tailRows++;
    settled = false;
    return row;
  }

  /** Where the rows of a chunk begin: what looks for marks of tables may read what is before. */
  private static long firstRow(ArrowBuf chunk) {
    return chunk.memoryAddress() + MARK_BYTES;
  }

  private void addChunk() {
    int wanted = rows() == 0 ? FIRST_CHUNK_BYTES : spill.blockBytes();
    chunks.add(StateMemory.allocate(allocator, Math.max(wanted, MARK_BYTES + layout.rowBytes())));
    lastRows = 0;
    lastCapacity = rowsIn(chunks.get(chunks.size() - 1));
  }

  @Override
  public boolean holds(long row) {
    for (int i = 0; i < chunks.size(); i++) {
      long offset = row - chunks.get(i).memoryAddress();
      if (offset >= 0 && offset < chunks.get(i).capacity()) {
        return true;
      }
    }
    return false;
  }

  /** Writes rows to the store where there are many in memory; addresses of rows end. */
  public void flushIfLarge() {
    if (tailRows * layout.rowBytes() >= spill.blockBytes()) {
      flush();
    }
  }

  /** Writes all rows to the store; addresses of rows end. */
  public void flush() {
    for (int i = 0; i < chunks.size(); i++) {
      long first = firstRow(chunks.get(i));
      write(first, rowsOf(i), layout.rowBytes(), heap, blocks);
      free(first, rowsOf(i), heap);
    }
    dropChunks();
  }

  private int rowsOf(int chunk) {
    return chunk == chunks.size() - 1 ? lastRows : rowsIn(chunks.get(chunk));
  }

  private int rowsIn(ArrowBuf chunk) {
    return (int) ((chunk.capacity() - MARK_BYTES) / layout.rowBytes());
  }

  private void free(long first, int count, StateHeap owner) {
    if (layout.hasReferences()) {
      long end = first + (long) count * layout.rowBytes();
      for (long row = first; row < end; row += layout.rowBytes()) {
        layout.freeKeyTexts(row, owner);
        if (layout.ownsMemory()) {
          layout.release(row, owner);
        }
      }
    }
  }

  private void dropChunks() {
    chunks.forEach(ArrowBuf::close);
    chunks.clear();
    lastRows = 0;
    lastCapacity = 0;
    tailRows = 0;
  }

  /**
   * Writes rows as a block. One without a count failed and is none.
   *
   * @param stride bytes from one row to the next
   */
  private void write(long first, int count, int stride, StateHeap owner, List<Block> target) {
    final int rowBytes = layout.rowBytes();
    final long end = first + (long) count * stride;
    int live = 0;
    for (long row = first; row < end; row += stride) {
      live += layout.count(row) == 0 ? 0 : 1;
    }
    if (live == 0) {
      return;
    }
    writer.section(StateWriter.ANY_KEY_GROUP);
    final boolean together = live == count && stride == rowBytes;
    if (together) {
      writer.putBytes(first, count * rowBytes);
    }
    for (long row = together ? end : first; row < end; row += stride) {
      if (layout.count(row) != 0) {
        writer.putBytes(row, rowBytes);
      }
    }
    for (long row = layout.hasReferences() ? first : end; row < end; row += stride) {
      if (layout.count(row) != 0) {
        layout.writeReferences(row, owner, writer);
      }
    }
    target.add(put(writer.takeBytes(), live));
  }

  private Block put(byte[] block, int rows) {
    blockRows += rows;
    return new Block(spill.put(block, rows), block.length, rows);
  }

  /**
   * Writes the rows of a table to the store, before or behind all others. The table stays as it is.
   *
   * @param table of the same layout
   */
  public void addAll(KeyedTable table, boolean before) {
    flush();
    List<Block> added = new ArrayList<>();
    final int most = Math.max(1, spill.blockBytes() / layout.rowBytes());
    RowPlaces places = table.places();
    for (int chunk = 0; chunk < places.chunkCount(); chunk++) {
      int rows = places.chunkRows(chunk);
      for (int at = 0, count; at < rows; at += count) {
        count = Math.min(most, rows - at);
        long first = places.chunkStart(chunk) + (long) at * places.stride;
        write(first, count, places.stride, table.heap(), added);
      }
    }
    blocks.addAll(before ? 0 : blocks.size(), added);
    settled = false;
  }

  /** Takes some rows of a run that are in memory during the call. */
  public interface Reader {
    /**
     * @param sources where the addresses of the rows lie
     * @param targets room for as many addresses
     */
    void accept(long sources, long targets, int count);
  }

  /**
   * Reads all rows in their order, and keeps them.
   *
   * @param owner takes what they refer to while they are in memory
   */
  public void read(StateHeap owner, Reader reader) {
    flush();
    try (ArrowBuf memory = readMemory()) {
      for (int i = 0; i < blocks.size(); i++) {
        read(blocks.get(i), memory.memoryAddress(), owner, reader);
      }
    }
  }

  /** Reads all rows in their order, and forgets them. */
  public void drain(StateHeap owner, Reader reader) {
    flush();
    try (ArrowBuf memory = readMemory()) {
      for (int i = 0; i < blocks.size(); i++) {
        read(blocks.get(i), memory.memoryAddress(), owner, reader);
        drop(blocks.get(i));
        blocks.set(i, null);
      }
    }
    blocks.clear();
  }

  private ArrowBuf readMemory() {
    int most = 0;
    for (int i = 0; i < blocks.size(); i++) {
      most = Math.max(most, blocks.get(i).rows);
    }
    return StateMemory.allocate(allocator, 16L * READ_ROWS + (long) most * layout.rowBytes());
  }

  private void read(Block block, long memory, StateHeap owner, Reader reader) {
    final int rowBytes = layout.rowBytes();
    final long targets = memory + 8L * READ_ROWS;
    final long rows = targets + 8L * READ_ROWS;
    StateReader bytes = new StateReader(spill.get(block.number));
    bytes.section();
    bytes.getBytes(rows, block.rows * rowBytes);
    for (int done = 0, count; done < block.rows; done += count) {
      count = Math.min(READ_ROWS, block.rows - done);
      long first = rows + (long) done * rowBytes;
      for (int i = 0; i < count; i++) {
        long row = first + (long) i * rowBytes;
        if (layout.hasReferences()) {
          layout.readReferences(row, owner, bytes);
        }
        Memory.putLong(memory + 8L * i, row);
      }
      reader.accept(memory, targets, count);
      free(first, count, owner);
    }
  }

  private void drop(Block block) {
    spill.drop(block.number, block.length, block.rows);
    blockRows -= block.rows;
  }

  /** Writes a section for each block, led by what {@code head} writes. */
  public void write(StateWriter target, Runnable head) {
    flush();
    for (int i = 0; i < blocks.size(); i++) {
      StateReader bytes = new StateReader(spill.get(blocks.get(i).number));
      bytes.section();
      target.section(StateWriter.SPILLED);
      head.run();
      target.putInt(blocks.get(i).rows);
      target.putBytes(bytes.rest());
    }
  }

  /** Reads the rest of a section of {@link #write(StateWriter, Runnable)}, behind all other rows. */
  public void restore(StateReader reader) {
    int rows = reader.getInt();
    writer.section(StateWriter.ANY_KEY_GROUP);
    writer.putBytes(reader.rest());
    blocks.add(put(writer.takeBytes(), rows));
  }

  /** Forgets all rows. */
  public void clear() {
    for (int i = 0; i < chunks.size(); i++) {
      free(firstRow(chunks.get(i)), rowsOf(i), heap);
    }
    dropChunks();
    blocks.forEach(this::drop);
    blocks.clear();
    settled = false;
  }

  @Override
  public void close() {
    clear();
  }
}
