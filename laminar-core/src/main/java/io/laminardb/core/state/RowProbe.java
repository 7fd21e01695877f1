package io.laminardb.core.state;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A row of a batch as bytes, and as a source of {@link KeyedTable}s whose key is one view: by its key
 * columns, and as a whole. What it points to is valid until the next {@link #look}. One thread.
 */
public final class RowProbe implements AutoCloseable {
  private static final int SOURCE_BYTES = 8 * 3; // [hash][view]

  private final RowCodec keys;
  private final RowCodec rows;
  private final BufferAllocator allocator;
  private final ArrowBuf sources;
  private ArrowBuf scratch; // the key as bytes, then the row
  private int keyLength;
  private int rowLength;

  /** For rows of a schema; no key column at all makes one key of all rows. */
  public RowProbe(Schema schema, int[] keyColumns, BufferAllocator allocator) {
    this.keys = RowCodec.ofKey(schema, keyColumns);
    this.rows = new RowCodec(schema);
    this.allocator = allocator;
    this.sources = StateMemory.allocate(allocator, 2 * SOURCE_BYTES);
    try {
      this.scratch = StateMemory.allocate(allocator, 256);
    } catch (RuntimeException e) {
      sources.close();
      throw e;
    }
  }

  /** Looks at a row of a batch; what the others answer is about it. */
  public void look(Batch batch, int row) {
    keyLength = Math.toIntExact(keys.length(batch, row));
    rowLength = Math.toIntExact(rows.length(batch, row));
    ensure((long) keyLength + rowLength);
    long key = scratch.memoryAddress();
    keys.write(batch, row, key);
    rows.write(batch, row, key + keyLength);
    KeyProbe.source(sources.memoryAddress(), key, keyLength);
  }

  /** Looks at a key alone, as {@link #keyBytes} gave it. */
  public void lookAtKey(byte[] key) {
    keyLength = key.length;
    rowLength = 0;
    ensure(keyLength);
    Memory.copyFromHeap(key, 0, scratch.memoryAddress(), keyLength);
    KeyProbe.source(sources.memoryAddress(), scratch.memoryAddress(), keyLength);
  }

  /** Its key, for {@link #lookAtKey} of a probe whose key columns have the same types. */
  public byte[] keyBytes() {
    byte[] key = new byte[keyLength];
    Memory.copyToHeap(scratch.memoryAddress(), key, 0, keyLength);
    return key;
  }

  /** A source of its key. */
  public long key() {
    return sources.memoryAddress();
  }

  /** A source of the row as a whole. */
  public long row() {
    return KeyProbe.source(sources.memoryAddress() + SOURCE_BYTES, rowAddress(), rowLength);
  }

  /** Where the bytes of the row are. */
  public long rowAddress() {
    return scratch.memoryAddress() + keyLength;
  }

  public int rowLength() {
    return rowLength;
  }

  private void ensure(long bytes) {
    if (bytes > scratch.capacity()) {
      ArrowBuf larger = StateMemory.allocate(allocator, Math.max(bytes, 2 * scratch.capacity()));
      scratch.close();
      scratch = larger;
    }
  }

  /** Memory held, in bytes. */
  public long bytes() {
    return scratch.capacity() + sources.capacity();
  }

  @Override
  public void close() {
    sources.close();
    scratch.close();
  }
}
