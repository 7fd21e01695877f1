package io.laminardb.core.ring;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.lang.invoke.VarHandle;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A copy of the newest row of a ring, beside its position: where rows come one by one, the consumer
 * gets a row with the cache line it looks at anyway, and those of the columns stay with the core that
 * writes them.
 *
 * <p>Every row is in its batch as well, so this one need not be read, nor written: rows with a NULL and
 * long ones are not. The producer may write the next one while this one is read; who reads looks at the
 * position again (a sequence lock: Boehm, "Can Seqlocks Get Along With Programming Language Memory
 * Models?", 2012).
 *
 * <p>One thread writes, one reads; {@link #close} when both have stopped.
 */
final class NewestRow implements AutoCloseable {
  /** Two cache lines, which come as a pair from where they are. */
  private static final int BYTES = 128;

  /** Rows of the batch, of which one is used: its texts then have room for all there are here. */
  private static final int BATCH_ROWS = BYTES / 16;

  private final ArrowBuf memory;
  private final long address; // of the position behind the row, or 0
  private final long valuesAddress; // of numbers and the like, in the order of their columns
  private final long lengthsAddress; // of the lengths of texts, a byte each
  private final long textsAddress;
  private final int[] values; // columns of a fixed width
  private final int[] texts; // the others
  private final Batch batch; // the consumer's

  private NewestRow(Schema schema, int[] values, int[] texts, BufferAllocator allocator) {
    this.values = values;
    this.texts = texts;
    batch = new Batch(schema, BATCH_ROWS, allocator);
    try {
      memory = allocator.buffer(2L * BYTES);
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
    address = (memory.memoryAddress() + BYTES - 1) & -BYTES;
    valuesAddress = address + 8;
    lengthsAddress = valuesAddress + valueBytes(schema, values);
    textsAddress = lengthsAddress + texts.length;
    Memory.putLong(address, 0);
  }

  /** Room for the newest of rows like these, or null where they are too long or have weights. */
  static NewestRow of(Schema schema, BufferAllocator allocator) {
    int[] values = columns(schema, false);
    int[] texts = columns(schema, true);
    boolean fits = 8 + valueBytes(schema, values) + texts.length <= BYTES;
    return fits && !schema.isChangelog() ? new NewestRow(schema, values, texts, allocator) : null;
  }

  private static int[] columns(Schema schema, boolean variableWidth) {
    return IntStream.range(0, schema.size())
        .filter(i -> schema.field(i).type().isVariableWidth() == variableWidth)
        .toArray();
  }

  /** Two words for a DECIMAL, one for everything else. */
  private static int valueBytes(Schema schema, int[] values) {
    return IntStream.of(values).map(i -> isWide(schema.field(i).type()) ? 16 : 8).sum();
  }

  private static boolean isWide(DataType type) {
    return type.kind().width() == 16;
  }

  /** Takes row {@code row}, whose position is {@code position}, where it fits. The producer's. */
  void put(Column[] columns, int row, long position) {
    for (Column column : columns) {
      if (column.isNull(row)) {
        return;
      }
    }
    Memory.putLong(address, 0);
    VarHandle.storeStoreFence();
    putValues(columns, row);
    if (putTexts(columns, row)) {
      VarHandle.releaseFence();
      Memory.putLong(address, position + 1);
    }
  }

  private void putValues(Column[] columns, int row) {
    long at = valuesAddress;
    for (int i : values) {
      Column column = columns[i];
      if (isWide(column.type())) {
        Memory.putLong(at, column.getDecimalLow(row));
        Memory.putLong(at + 8, column.getDecimalHigh(row));
        at += 16;
      } else {
        Memory.putLong(at, column.getLong(row));
        at += 8;
      }
    }
  }

  private boolean putTexts(Column[] columns, int row) {
    long at = textsAddress;
    for (int i = 0; i < texts.length; i++) {
      Column column = columns[texts[i]];
      long offset = column.offsetsAddress() + ((long) row << 2);
      int start = Memory.getInt(offset);
      int length = Memory.getInt(offset + 4) - start;
      if (!fits(at, length)) {
        return false;
      }
      Memory.putByte(lengthsAddress + i, (byte) length);
      Memory.copyShort(column.dataAddress() + start, at, length);
      at += length;
    }
    return true;
  }

  private boolean fits(long at, int length) {
    return length <= address + BYTES - at;
  }

  /** Whether the newest row is the one at {@code position}; then {@link #batch} is it. The consumer's. */
  boolean take(long position) {
    if (Memory.getLong(address) != position + 1) {
      return false;
    }
    VarHandle.acquireFence();
    takeValues();
    if (!takeTexts()) {
      return false;
    }
    batch.range(0, 1);
    VarHandle.loadLoadFence();
    return Memory.getLong(address) == position + 1;
  }

  private void takeValues() {
    long at = valuesAddress;
    for (int i : values) {
      Column column = batch.column(i);
      if (isWide(column.type())) {
        column.putDecimal(0, Memory.getLong(at), Memory.getLong(at + 8));
        at += 16;
      } else {
        column.putLong(0, Memory.getLong(at));
        at += 8;
      }
    }
  }

  /** False where lengths of two rows are mixed, as the next one is written meanwhile. */
  private boolean takeTexts() {
    long at = textsAddress;
    for (int i = 0; i < texts.length; i++) {
      int length = Memory.getByte(lengthsAddress + i);
      if (!fits(at, length)) {
        return false;
      }
      batch.column(texts[i]).putBytes(0, at, length);
      at += length;
    }
    return true;
  }

  /** The row that was taken, on loan until the next one is. */
  Batch batch() {
    return batch;
  }

  @Override
  public void close() {
    batch.close();
    memory.close();
  }
}
