package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.StateMemory;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads the key of a row of one input and makes it a source for a {@link
 * io.laminardb.core.state.KeyedTable} whose key is a text: keys of both inputs that are equal in SQL
 * have equal bytes. Without columns all rows have one key. One thread.
 */
final class JoinKey implements AutoCloseable {
  /** Words of the key in a table: the view of its bytes. */
  static final int WORDS = 2;

  private static final int SOURCE_BYTES = 24; // hash and view
  private static final int FIRST_BYTES = 256;

  private final int[] columns;
  private final boolean[] nullSafe;
  private final RowCodec codec;
  private final Kind single; // of a key of one column that never is NULL here; else null
  private final Utf8 text = new Utf8();
  private final BufferAllocator allocator;
  private ArrowBuf buffer; // the source, then bytes
  private long source;

  /**
   * @param nullSafe for each column whether NULL equals NULL; otherwise it equals nothing
   */
  JoinKey(Schema schema, List<Integer> columns, List<Boolean> nullSafe, BufferAllocator allocator) {
    this.columns = columns.stream().mapToInt(Integer::intValue).toArray();
    this.nullSafe = new boolean[this.columns.length];
    for (int i = 0; i < this.nullSafe.length; i++) {
      this.nullSafe[i] = nullSafe.get(i);
    }
    this.codec = RowCodec.ofKey(schema, this.columns);
    this.single =
        this.columns.length == 1 && !this.nullSafe[0]
            ? fastKind(schema.field(this.columns[0]).type().kind())
            : null;
    this.allocator = allocator;
    this.buffer = StateMemory.allocate(allocator, FIRST_BYTES);
    this.source = buffer.memoryAddress();
  }

  private static Kind fastKind(Kind kind) {
    return switch (kind) {
      case VARCHAR, INTEGER, BIGINT, TIMESTAMP -> kind;
      default -> null;
    };
  }

  /**
   * Makes the key of a row the {@link #source}.
   *
   * @return false when the row equals no other, for a NULL in its key
   */
  boolean read(Batch batch, int row) {
    for (int i = 0; i < columns.length; i++) {
      if (!nullSafe[i] && batch.column(columns[i]).isNull(row)) {
        return false;
      }
    }
    if (single == Kind.VARCHAR) {
      batch.column(columns[0]).getBytes(row, text);
      view(text.address, text.length);
    } else if (single != null) {
      Column column = batch.column(columns[0]);
      Memory.putLong(source + SOURCE_BYTES, column.getLong(row));
      view(source + SOURCE_BYTES, 8);
    } else {
      int length = Math.toIntExact(codec.length(batch, row));
      ensure(SOURCE_BYTES + length);
      codec.write(batch, row, source + SOURCE_BYTES);
      view(source + SOURCE_BYTES, length);
    }
    return true;
  }

  private void view(long address, int length) {
    long head = Keys.head(address, length);
    long tail = Keys.tail(address, length);
    Memory.putLong(source, Keys.finish(Keys.mixText(Keys.SEED, head, tail)));
    Memory.putLong(source + 8, head);
    Memory.putLong(source + 16, tail);
  }

  /** Where the key of the last {@link #read} lies: hash, then view. Valid until the next one. */
  long source() {
    return source;
  }

  private void ensure(long bytes) {
    if (bytes > buffer.capacity()) {
      ArrowBuf larger = StateMemory.allocate(allocator, 2 * bytes);
      buffer.close();
      buffer = larger;
      source = larger.memoryAddress();
    }
  }

  long bytes() {
    return buffer.capacity();
  }

  @Override
  public void close() {
    buffer.close();
  }
}
