package io.laminardb.core.state;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The keys of rows of a batch as sources of a {@link KeyedTable}: keys that are equal in SQL have equal
 * words, so that rows of two inputs meet in one table. No column at all makes one key of all rows. What
 * it points to is valid until the next {@link #read}, and as long as the batch is. One thread.
 */
public final class KeySources implements AutoCloseable {
  private final int[] columns;
  private final boolean[] nullSafe;
  private final RowFormat format;
  private final BufferAllocator allocator;
  private final int sourceBytes;
  private ArrowBuf buffer;
  private long[] sources = new long[0];

  /**
   * @param nullSafe of each column whether NULL equals NULL; else it equals nothing
   */
  public KeySources(Schema schema, int[] columns, boolean[] nullSafe, BufferAllocator allocator) {
    this.columns = columns.clone();
    this.nullSafe = nullSafe.clone();
    this.format = RowFormat.ofKey(schema, columns, nullSafe);
    this.allocator = allocator;
    this.sourceBytes = 8 * (1 + format.words());
    this.buffer = StateMemory.allocate(allocator, sourceBytes);
  }

  /** The key's words, for the layout of a table. */
  public RowFormat format() {
    return format;
  }

  /**
   * Reads the keys of rows of a batch.
   *
   * @param rows which ones, {@code count} of them
   * @param keys receives the address of each row's source, 0 where it equals no other for a NULL
   */
  public void read(Batch batch, int[] rows, int count, long[] keys) {
    ensure(count);
    System.arraycopy(sources, 0, keys, 0, count);
    format.writeKeys(batch, rows, count, keys);
    for (int i = 0; i < columns.length; i++) {
      Column column = batch.column(columns[i]);
      if (!nullSafe[i] && column.validityAddress() != 0) {
        for (int k = 0; k < count; k++) {
          if (column.isNull(rows[k])) {
            keys[k] = 0;
          }
        }
      }
    }
  }

  private void ensure(int count) {
    if (count <= sources.length) {
      return;
    }
    long needed = (long) count * sourceBytes;
    if (needed > buffer.capacity()) {
      ArrowBuf larger = StateMemory.allocate(allocator, needed);
      buffer.close();
      buffer = larger;
    }
    sources = new long[count];
    for (int i = 0; i < count; i++) {
      sources[i] = buffer.memoryAddress() + (long) i * sourceBytes;
    }
  }

  /** Memory held, in bytes. */
  public long bytes() {
    return buffer.capacity();
  }

  @Override
  public void close() {
    buffer.close();
  }
}
