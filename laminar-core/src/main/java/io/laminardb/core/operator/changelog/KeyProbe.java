package io.laminardb.core.operator.changelog;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.StateMemory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The key of one row after another as a source of a {@link KeyedTable}, {@code [hash][view]}: the key
 * columns as bytes make one text. Keys that are equal in SQL are equal, NULLs too. One thread.
 */
public final class KeyProbe implements AutoCloseable {
  /** Words of a key in the table. */
  public static final int KEY_WORDS = 2;

  private static final int SOURCE_BYTES = 8 * (1 + KEY_WORDS);

  private final RowCodec keys;
  private final BufferAllocator allocator;
  private final ArrowBuf source;
  private ArrowBuf scratch; // the key as bytes

  /**
   * @param keyColumns may be empty: all rows have the same key
   */
  public KeyProbe(Schema schema, int[] keyColumns, BufferAllocator allocator) {
    this.keys = RowCodec.ofKey(schema, keyColumns);
    this.allocator = allocator;
    this.source = StateMemory.allocate(allocator, SOURCE_BYTES);
    try {
      this.scratch = StateMemory.allocate(allocator, 128);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** Looks at a row: from now on {@link #address} is about its key. */
  public void look(Batch batch, int row) {
    int length = Math.toIntExact(keys.length(batch, row));
    if (length > scratch.capacity()) {
      ArrowBuf larger = StateMemory.allocate(allocator, Math.max(length, 2 * scratch.capacity()));
      scratch.close();
      scratch = larger;
    }
    keys.write(batch, row, scratch.memoryAddress());
    set(scratch.memoryAddress(), length);
  }

  private void set(long key, int length) {
    long head = Keys.head(key, length);
    long tail = Keys.tail(key, length);
    Memory.putLong(address(), Keys.finish(Keys.mixText(Keys.SEED, head, tail)));
    Memory.putLong(address() + 8, head);
    Memory.putLong(address() + 16, tail);
  }

  /** Where the source lies; valid until the next {@link #look}. */
  public long address() {
    return source.memoryAddress();
  }

  /** Memory held, in bytes. */
  public long bytes() {
    return source.capacity() + scratch.capacity();
  }

  @Override
  public void close() {
    source.close();
    scratch.close();
  }
}
