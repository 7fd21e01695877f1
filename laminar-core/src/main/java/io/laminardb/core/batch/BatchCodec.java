package io.laminardb.core.batch;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of a batch as bytes, column by column in Arrow's layout, and back. What is copied are whole
 * ranges of buffers; only a column without NULL leaves its validity out, and a coded one is written as
 * texts. Little-endian; every column begins at a multiple of 8. One thread.
 *
 * <pre>
 * int rows, int bytes in all; weights where the schema is a changelog; then for each column
 *   int 1 where validity follows, int bytes of text
 *   validity bits | values, or 32-bit offsets (rows + 1) and the bytes of texts
 * </pre>
 */
public final class BatchCodec {
  private static final int HEADER = 8;
  private static final int COLUMN_HEADER = 8;

  private final Schema schema;
  private final boolean[] valid; // of the batch whose length was asked for: columns without NULL
  private final int[] texts; // of it: bytes of texts

  public BatchCodec(Schema schema) {
    this.schema = schema;
    this.valid = new boolean[schema.size()];
    this.texts = new int[schema.size()];
  }

  /**
   * How many bytes the rows on loan take, a multiple of 8.
   *
   * @throws LaminarException MEMORY_BUDGET_EXCEEDED where that is 2 GiB or more
   */
  public int length(Batch batch) {
    int rows = batch.size();
    long length = HEADER + (schema.isChangelog() ? padded(rows) : 0);
    for (int i = 0; i < schema.size(); i++) {
      Column column = batch.column(i);
      valid[i] = isValid(column, batch.from(), batch.to());
      long bytes = column.type().isVariableWidth() ? column.textBytes(batch.from(), batch.to()) : 0;
      texts[i] = (int) bytes;
      length += COLUMN_HEADER + (valid[i] ? 0 : padded(bitmapBytes(rows)));
      length += padded(valueBytes(column.type(), rows)) + padded(bytes);
    }
    if (length > Integer.MAX_VALUE - 64) {
      throw new LaminarException(
              ErrorCode.MEMORY_BUDGET_EXCEEDED,
              rows + " rows of " + length + " bytes are too many.")
          .mend("Push smaller batches.");
    }
    return (int) length;
  }

  /** Writes the rows whose {@link #length} was just asked for. */
  public void write(Batch batch, long address, int length) {
    int rows = batch.size();
    Memory.putInt(address, rows);
    Memory.putInt(address + 4, length);
    long at = address + HEADER;
    if (schema.isChangelog()) {
      if (batch.weightsAddress() == 0) {
        Memory.fill(at, rows, (byte) 1);
      } else {
        Memory.copy(batch.weightsAddress() + batch.from(), at, rows);
      }
      at += padded(rows);
    }
    for (int i = 0; i < schema.size(); i++) {
      at = write(batch.column(i), i, batch.from(), batch.to(), at);
    }
  }

  private long write(Column column, int index, int from, int to, long start) {
    int rows = to - from;
    Memory.putInt(start, valid[index] ? 0 : 1);
    Memory.putInt(start + 4, texts[index]);
    long at = start + COLUMN_HEADER;
    if (!valid[index]) {
      copyBits(column.validityAddress(), from, rows, at);
      at += padded(bitmapBytes(rows));
    }
    DataType type = column.type();
    if (!type.isVariableWidth()) {
      int width = type.kind().width();
      if (width == 0) {
        copyBits(column.dataAddress(), from, rows, at);
      } else {
        Memory.copy(column.dataAddress() + (long) from * width, at, (long) rows * width);
      }
      return at + padded(valueBytes(type, rows));
    }
    long bytes = at + padded(valueBytes(type, rows));
    if (column.codesAddress() != 0) {
      writeCoded(column, from, to, at, bytes);
    } else {
      Memory.copy(column.offsetsAddress() + 4L * from, at, 4L * (rows + 1));
      Memory.copy(column.dataAddress() + Memory.getInt(at), bytes, texts[index]);
    }
    return bytes + padded(texts[index]);
  }

  private static void writeCoded(Column column, int from, int to, long offsets, long bytes) {
    long texts = column.textOffsetsAddress();
    int at = 0;
    Memory.putInt(offsets, 0);
    for (int row = from; row < to; row++) {
      if (!column.isNull(row)) {
        long text = texts + ((long) Memory.getInt(column.codesAddress() + 4L * row) << 2);
        int start = Memory.getInt(text);
        int length = Memory.getInt(text + 4) - start;
        Memory.copy(column.textDataAddress() + start, bytes + at, length);
        at += length;
      }
      Memory.putInt(offsets + 4L * (row - from + 1), at);
    }
  }

  /** How many bytes a written batch takes. */
  public static int length(long address) {
    return Memory.getInt(address + 4);
  }

  /**
   * A batch of the rows that were written.
   *
   * @param available bytes at {@code address}
   * @param allocator where its memory comes from; the caller closes it
   * @throws LaminarException STATE_CORRUPT where these are not such bytes
   */
  public Batch read(long address, int available, BufferAllocator allocator) {
    int rows = available < HEADER ? -1 : Memory.getInt(address);
    if (rows < 0 || length(address) > available) {
      throw corrupt();
    }
    long end = address + length(address);
    Batch batch = new Batch(schema, Math.max(1, rows), allocator);
    try {
      long at = address + HEADER;
      if (schema.isChangelog()) {
        check(at, rows, end);
        Memory.copy(at, batch.weightsAddress(), rows);
        at += padded(rows);
      }
      for (int i = 0; i < schema.size(); i++) {
        at = read(batch.column(i), schema.field(i).nullable(), rows, at, end);
      }
      batch.rowCount(rows);
      return batch;
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
  }

  private static long read(Column column, boolean nullable, int rows, long start, long end) {
    check(start, COLUMN_HEADER, end);
    boolean hasNulls = Memory.getInt(start) != 0;
    int bytes = Memory.getInt(start + 4);
    long at = start + COLUMN_HEADER;
    if (hasNulls) {
      if (!nullable) {
        throw corrupt();
      }
      check(at, bitmapBytes(rows), end);
      for (int row = 0; row < rows; row++) {
        if (!Memory.getBit(at, row)) {
          column.setNull(row);
        }
      }
      at += padded(bitmapBytes(rows));
    }
    DataType type = column.type();
    long values = valueBytes(type, rows);
    check(at, values, end);
    if (!type.isVariableWidth()) {
      Memory.copy(at, column.dataAddress(), values);
      return at + padded(values);
    }
    long data = at + padded(values);
    check(data, bytes, end);
    column.reserve(bytes);
    int base = Memory.getInt(at);
    for (int row = 0; row <= rows; row++) {
      int offset = Memory.getInt(at + 4L * row) - base;
      if (offset < 0 || offset > bytes) {
        throw corrupt();
      }
      Memory.putInt(column.offsetsAddress() + 4L * row, offset);
    }
    Memory.copy(data, column.dataAddress(), bytes);
    return data + padded(bytes);
  }

  private static void check(long at, long bytes, long end) {
    if (bytes < 0 || bytes > end - at) {
      throw corrupt();
    }
  }

  private static LaminarException corrupt() {
    return new LaminarException(
        ErrorCode.STATE_CORRUPT, "rows that were written down cannot be read.");
  }

  private static long valueBytes(DataType type, int rows) {
    int width = type.kind().width();
    return width < 0 ? 4L * (rows + 1) : width == 0 ? bitmapBytes(rows) : (long) rows * width;
  }

  private static long bitmapBytes(int rows) {
    return rows + 7L >>> 3;
  }

  private static long padded(long bytes) {
    return bytes + 7 & ~7L;
  }

  /** Whether no row is NULL. */
  private static boolean isValid(Column column, int from, int to) {
    long bits = column.validityAddress();
    if (bits == 0) {
      return true;
    }
    int row = from;
    for (; row < to && (row & 63) != 0; row++) {
      if (!Memory.getBit(bits, row)) {
        return false;
      }
    }
    for (; row + 64 <= to; row += 64) {
      if (Memory.getLong(bits + (row >>> 3)) != -1) {
        return false;
      }
    }
    for (; row < to; row++) {
      if (!Memory.getBit(bits, row)) {
        return false;
      }
    }
    return true;
  }

  /** Copies bits from any one on to the first one of {@code target}; those behind the last are 0. */
  private static void copyBits(long bits, int from, int count, long target) {
    long source = bits + (from >>> 3);
    int shift = from & 7;
    int bytes = (int) bitmapBytes(count);
    int sourceBytes = (int) bitmapBytes(shift + count);
    for (int i = 0; i < bytes; i++) {
      int value = (Memory.getByte(source + i) & 0xff) >>> shift;
      if (shift > 0 && i + 1 < sourceBytes) {
        value |= Memory.getByte(source + i + 1) << 8 - shift;
      }
      Memory.putByte(target + i, (byte) value);
    }
    int rest = count & 7;
    if (rest != 0) {
      long last = target + bytes - 1;
      Memory.putByte(last, (byte) (Memory.getByte(last) & (1 << rest) - 1));
    }
  }
}
