package io.laminardb.core.batch;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of a batch as bytes, column by column, and back. What is copied are whole ranges of Arrow's
 * buffers; a column without NULL leaves its validity out, and a coded one is written as texts. From
 * {@value #NARROW_ROWS} rows on, numbers are written {@linkplain NarrowNumbers narrow} where that is
 * shorter: whole numbers, DOUBLEs that are short decimals, and lengths of texts. Little-endian; every
 * column begins at a multiple of 8. One thread.
 *
 * <pre>
 * int rows, int bytes in all; weights where the schema is a changelog; then for each column
 *   byte 1 where validity follows, byte how numbers are written, byte width of a narrow one,
 *     byte decimals of a DOUBLE, int bytes of text
 *   validity bits
 *   values as they are; or long base and narrow numbers
 *     or 32-bit offsets (rows + 1), or long base and narrow lengths; and the bytes of texts
 * </pre>
 */
public final class BatchCodec {
  private static final int HEADER = 8;
  private static final int COLUMN_HEADER = 8;

  /** How the numbers of a column are written: as they are in Arrow. */
  private static final byte PLAIN = 0;

  /** As narrow numbers. */
  private static final byte NARROW = 1;

  /** What comes with narrow numbers saves nothing for fewer. */
  private static final int NARROW_ROWS = 16;

  private final Schema schema;
  private final NarrowNumbers numbers = new NarrowNumbers();

  public BatchCodec(Schema schema) {
    this.schema = schema;
  }

  /**
   * How many bytes the rows on loan take at most, a multiple of 8.
   *
   * @throws LaminarException MEMORY_BUDGET_EXCEEDED where that is 2 GiB or more
   */
  public int maxLength(Batch batch) {
    int rows = batch.size();
    long length = HEADER + (schema.isChangelog() ? padded(rows) : 0);
    for (int i = 0; i < schema.size(); i++) {
      Column column = batch.column(i);
      length += COLUMN_HEADER + (column.validityAddress() == 0 ? 0 : padded(bitmapBytes(rows)));
      length += padded(valueBytes(column.type(), rows));
      if (column.type().isVariableWidth()) {
        length += padded(column.textBytes(batch.from(), batch.to())) + NarrowNumbers.HEADER;
      }
    }
    if (length > Integer.MAX_VALUE - 64) {
      throw new LaminarException(
              ErrorCode.MEMORY_BUDGET_EXCEEDED,
              rows + " rows of " + length + " bytes are too many.")
          .mend("Push smaller batches.");
    }
    return (int) length;
  }

  /**
   * Writes the rows on loan.
   *
   * @param address of {@link #maxLength} bytes
   * @return how many bytes were written, a multiple of 8
   */
  public int write(Batch batch, long address) {
    int rows = batch.size();
    long at = address + HEADER;
    if (schema.isChangelog()) {
      if (batch.weightsAddress() == 0) {
        Memory.fill(at, rows, (byte) 1);
      } else {
        Memory.copy(batch.weightsAddress() + batch.from(), at, rows);
      }
      at = padFrom(at, rows);
    }
    for (int i = 0; i < schema.size(); i++) {
      at = write(batch.column(i), batch.from(), batch.to(), at);
    }
    int length = (int) (at - address);
    Memory.putInt(address, rows);
    Memory.putInt(address + 4, length);
    return length;
  }

  private long write(Column column, int from, int to, long start) {
    int rows = to - from;
    boolean hasNulls = !isValid(column, from, to);
    Memory.putLong(start, hasNulls ? 1 : 0);
    long at = start + COLUMN_HEADER;
    if (hasNulls) {
      copyBits(column.validityAddress(), from, rows, at);
      at = padFrom(at, bitmapBytes(rows));
    }
    if (column.type().isVariableWidth()) {
      return writeTexts(column, from, to, start, at);
    }
    DataType type = column.type();
    int width = type.kind().width();
    if (width == 0) {
      copyBits(column.dataAddress(), from, rows, at);
      return padFrom(at, bitmapBytes(rows));
    }
    long values = column.dataAddress() + (long) from * width;
    if (rows >= NARROW_ROWS && numbers.take(type.kind(), values, rows)) {
      return writeNarrow(start, at);
    }
    Memory.copy(values, at, (long) rows * width);
    return padFrom(at, (long) rows * width);
  }

  private long writeTexts(Column column, int from, int to, long start, long values) {
    int rows = to - from;
    int bytes = (int) column.textBytes(from, to);
    Memory.putInt(start + 4, bytes);
    if (column.codesAddress() != 0) {
      long texts = values + padded(4L * (rows + 1));
      writeCoded(column, from, to, values, texts);
      padFrom(values, 4L * (rows + 1));
      return padFrom(texts, bytes);
    }
    long offsets = column.offsetsAddress() + 4L * from;
    long at = values;
    if (rows >= NARROW_ROWS) {
      numbers.takeLengths(offsets, rows);
      at = writeNarrow(start, at);
    } else {
      Memory.copy(offsets, at, 4L * (rows + 1));
      at = padFrom(at, 4L * (rows + 1));
    }
    Memory.copy(column.dataAddress() + Memory.getInt(offsets), at, bytes);
    return padFrom(at, bytes);
  }

  /** Writes the numbers that were taken, and in the column's header how. */
  private long writeNarrow(long start, long at) {
    Memory.putByte(start + 1, NARROW);
    Memory.putByte(start + 2, (byte) numbers.width());
    Memory.putByte(start + 3, (byte) numbers.decimals());
    return padFrom(at, numbers.write(at));
  }

  /** Ends so many bytes with zeros up to a multiple of 8; answers the address behind them. */
  private static long padFrom(long at, long bytes) {
    long end = at + padded(bytes);
    for (long i = at + bytes; i < end; i++) {
      Memory.putByte(i, (byte) 0);
    }
    return end;
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
    long at = start + COLUMN_HEADER;
    if (Memory.getByte(start) != 0) {
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
    if (type.isVariableWidth()) {
      return readTexts(column, rows, start, at, end);
    }
    if (isNarrow(start)) {
      int width = Memory.getByte(start + 2);
      long bytes = NarrowNumbers.length(rows, width);
      check(at, bytes, end);
      int decimals = Memory.getByte(start + 3);
      if (!NarrowNumbers.read(type.kind(), at, width, decimals, rows, column.dataAddress())) {
        throw corrupt();
      }
      return at + padded(bytes);
    }
    long values = valueBytes(type, rows);
    check(at, values, end);
    Memory.copy(at, column.dataAddress(), values);
    return at + padded(values);
  }

  private static boolean isNarrow(long start) {
    return switch (Memory.getByte(start + 1)) {
      case PLAIN -> false;
      case NARROW -> true;
      default -> throw corrupt();
    };
  }

  private static long readTexts(Column column, int rows, long start, long values, long end) {
    int bytes = Memory.getInt(start + 4);
    column.reserve(Math.max(0, Math.min(bytes, end - values)));
    long offsets = column.offsetsAddress();
    long at = values;
    if (isNarrow(start)) {
      int width = Memory.getByte(start + 2);
      long length = NarrowNumbers.length(rows, width);
      check(at, length, end);
      NarrowNumbers.readLengths(at, width, rows, offsets);
      at += padded(length);
    } else {
      check(at, 4L * (rows + 1), end);
      int base = Memory.getInt(at);
      for (int row = 0; row <= rows; row++) {
        Memory.putInt(offsets + 4L * row, Memory.getInt(at + 4L * row) - base);
      }
      at += padded(4L * (rows + 1));
    }
    check(at, bytes, end);
    for (int row = 0; row <= rows; row++) {
      int offset = Memory.getInt(offsets + 4L * row);
      if (offset < 0 || offset > bytes) {
        throw corrupt();
      }
    }
    Memory.copy(at, column.dataAddress(), bytes);
    return at + padded(bytes);
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
