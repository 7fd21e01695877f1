package io.laminardb.core.state;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Key columns of a row of a batch as a source of {@link KeyedTable}s whose key is one view; NULL is a
 * value like others. What it points to is valid until the next {@link #look}. One thread.
 */
public final class KeyProbe implements AutoCloseable {
  private static final int SOURCE_BYTES = 8 * 3; // [hash][view]

  private final RowCodec codec;
  private final BufferAllocator allocator;
  private ArrowBuf scratch; // the source, then the key as bytes

  public KeyProbe(Schema schema, int[] keyColumns, BufferAllocator allocator) {
    this.codec = RowCodec.ofKey(schema, keyColumns);
    this.allocator = allocator;
    this.scratch = StateMemory.allocate(allocator, 256);
  }

  /** The layout of a table of such keys, with some plain words, the count among them. */
  public static RowLayout layout(int stateWords) {
    return RowLayout.plain(2, new int[] {0}, stateWords);
  }

  /** A source of the key of a row. */
  public long look(Batch batch, int row) {
    int length = Math.toIntExact(codec.length(batch, row));
    if (SOURCE_BYTES + length > scratch.capacity()) {
      ArrowBuf larger = StateMemory.allocate(allocator, 2L * (SOURCE_BYTES + length));
      scratch.close();
      scratch = larger;
    }
    long source = scratch.memoryAddress();
    codec.write(batch, row, source + SOURCE_BYTES);
    return source(source, source + SOURCE_BYTES, length);
  }

  /** Makes a source of {@code length} bytes. */
  static long source(long target, long bytes, int length) {
    long head = Keys.head(bytes, length);
    long tail = Keys.tail(bytes, length);
    Memory.putLong(target, Keys.finish(Keys.mixText(Keys.SEED, head, tail)));
    Memory.putLong(target + 8, head);
    Memory.putLong(target + 16, tail);
    return target;
  }

  /** Memory held, in bytes. */
  public long bytes() {
    return scratch.capacity();
  }

  @Override
  public void close() {
    scratch.close();
  }
}
