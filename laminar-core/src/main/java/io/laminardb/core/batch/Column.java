package io.laminardb.core.batch;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * One column of a batch in Arrow's layout: validity bits, data, and offsets for variable width.
 *
 * <p>Kernels read and write through the addresses; a row index is checked by nobody, so the caller
 * keeps to the batch's range. A validity address of 0 says "no NULL in this column". In a column we
 * write, validity starts as all ones and {@link #setNull} clears a bit, so that a row without NULL
 * costs nothing. One thread writes; another may read rows that were published before.
 *
 * <p>A VARCHAR column may be <em>coded</em>: its rows are numbers of texts in a {@link TextDictionary}.
 * Who knows about it reads text {@code code(row)} by {@link #textOffsetsAddress} and {@link
 * #textDataAddress}; who asks for the offsets or data of the rows finds them decoded.
 *
 * <p>Past 600 lines: a short method for each type and way to read or write it, over the same few addresses.
 */
public final class Column implements AutoCloseable {
  /** The longest text that {@link #putView} takes from the view itself, in bytes. */
  public static final int VIEW_BYTES = 12;

  private static final int INITIAL_BYTES_PER_TEXT = 16;

  /** A batch with more text in a column is full, whatever the number of its rows. */
  private static final long HEAVY_BYTES = 64 << 20;

  private final DataType type;
  private int capacity;
  private final BufferAllocator allocator; // null for a column over imported buffers
  private Batch owner; // whose rows those of a writable column are; null for an imported one
  private ArrowBuf validity;
  private ArrowBuf offsets;
  private ArrowBuf data;
  private long validityAddress;
  private long offsetsAddress;
  private long dataAddress;
  private long dataCapacity;
  private boolean hasNulls;
  private boolean isBlank; // nobody reads it: all rows are NULL, or, where it is NOT NULL, anything
  private TextDictionary dictionary; // null unless the column is, or was before decoding, coded
  private ArrowBuf codes;
  private long codesAddress; // 0 where the column is to be read by its offsets

  /** A writable column for {@code capacity} rows; nullable ones carry validity bits. */
  public Column(Field field, int capacity, BufferAllocator allocator) {
    this.type = field.type();
    this.capacity = capacity;
    this.allocator = allocator;
    try {
      if (field.nullable()) {
        validity = allocator.buffer(bitmapBytes(capacity));
        validityAddress = validity.memoryAddress();
        Memory.fill(validityAddress, bitmapBytes(capacity), (byte) 0xff);
      }
      if (type.isVariableWidth()) {
        offsets = allocator.buffer((capacity + 1L) * 4);
        offsetsAddress = offsets.memoryAddress();
        Memory.putInt(offsetsAddress, 0);
        setData(allocator.buffer((long) capacity * INITIAL_BYTES_PER_TEXT));
      } else {
        long bytes =
            type.kind().width() == 0
                ? bitmapBytes(capacity)
                : (long) capacity * type.kind().width();
        setData(allocator.buffer(bytes));
        if (type.kind().width() == 0) {
          Memory.fill(dataAddress, bytes, (byte) 0);
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Column(DataType type) {
    this.type = type;
    this.allocator = null;
  }

  /** A read-only column over Arrow buffers, which it {@linkplain #adopt adopts}. */
  public Column(DataType type, int rowCount, ArrowBuf validity, ArrowBuf offsets, ArrowBuf data) {
    this(type);
    adopt(rowCount, validity, offsets, data);
  }

  /** A read-only column over Arrow buffers that it {@linkplain #adopt adopts}; none so far. */
  public static Column imported(DataType type) {
    return new Column(type);
  }

  /**
   * Takes over Arrow buffers, which it owns from now on; for an imported column that holds none.
   *
   * @param newValidity null where there is no NULL
   * @param newOffsets null where the width is fixed
   */
  public void adopt(int rowCount, ArrowBuf newValidity, ArrowBuf newOffsets, ArrowBuf newData) {
    assert allocator == null && data == null : "the column holds buffers";
    capacity = rowCount;
    validity = newValidity;
    offsets = newOffsets;
    validityAddress = newValidity == null ? 0 : newValidity.memoryAddress();
    offsetsAddress = newOffsets == null ? 0 : newOffsets.memoryAddress();
    hasNulls = newValidity != null;
    setData(newData);
  }

  /** As {@link #adopt}, of the buffers of another imported column that is not coded; both hold them. */
  void share(Column other) {
    adopt(other.capacity, retain(other.validity), retain(other.offsets), retain(other.data));
  }

  private static ArrowBuf retain(ArrowBuf buffer) {
    if (buffer != null) {
      buffer.getReferenceManager().retain();
    }
    return buffer;
  }

  /**
   * As {@link #adopt}, of a coded column.
   *
   * @param newCodes 32-bit numbers of texts in the dictionary, also for rows that are NULL
   * @param newDictionary held once, for the column
   */
  public void adoptCodes(
      int rowCount, ArrowBuf newValidity, ArrowBuf newCodes, TextDictionary newDictionary) {
    assert allocator == null && data == null && codes == null : "the column holds buffers";
    capacity = rowCount;
    validity = newValidity;
    validityAddress = newValidity == null ? 0 : newValidity.memoryAddress();
    hasNulls = newValidity != null;
    offsetsAddress = 0;
    dataAddress = 0;
    codes = newCodes;
    codesAddress = newCodes.memoryAddress();
    dictionary = newDictionary;
  }

  /**
   * Lets rows be written as numbers of the source's texts, where it is coded and those before, if any,
   * have numbers of the same texts. Else rows are texts, also those before. For a writable column.
   *
   * @param rows how many were written before
   * @return where the numbers are to be written, or 0 where texts are
   */
  public long follow(Column source, int rows) {
    TextDictionary wanted = source.codesAddress == 0 ? null : source.dictionary;
    if (rows == 0) {
      forgetCodes();
      if (wanted != null) {
        if (codes == null) {
          codes = allocator.buffer(4L * capacity);
        }
        codesAddress = codes.memoryAddress();
        dictionary = wanted.retain();
      }
    } else if (codesAddress != 0 && wanted != dictionary) {
      decode(rows);
    }
    return codesAddress;
  }

  private void decode() {
    if (allocator != null) {
      decode(owner.rowCount());
    } else if (data == null) {
      decode(capacity);
    }
  }

  /** Gives the first {@code rows} rows offsets and bytes. The dictionary stays for who reads it now. */
  private void decode(int rows) {
    long from = codesAddress;
    long bytes = 0;
    for (int row = 0; row < rows; row++) {
      bytes += isNull(row) ? 0 : codedLength(row);
    }
    if (allocator == null) {
      offsets = dictionary.allocator().buffer(4L * (rows + 1));
      offsetsAddress = offsets.memoryAddress();
      setData(dictionary.allocator().buffer(Math.max(8, bytes)));
    } else {
      reserve(bytes);
    }
    long texts = dictionary.offsetsAddress();
    int at = 0;
    Memory.putInt(offsetsAddress, 0);
    for (int row = 0; row < rows; row++) {
      if (!isNull(row)) {
        long text = texts + ((long) Memory.getInt(from + ((long) row << 2)) << 2);
        int start = Memory.getInt(text);
        int length = Memory.getInt(text + 4) - start;
        Memory.copyShort(dictionary.dataAddress() + start, dataAddress + at, length);
        at += length;
      }
      Memory.putInt(offsetsAddress + ((long) row << 2) + 4, at);
    }
    if (allocator != null) {
      codesAddress = 0; // the rows may be changed now
    }
  }

  private int codedLength(int row) {
    long text =
        dictionary.offsetsAddress() + ((long) Memory.getInt(codesAddress + ((long) row << 2)) << 2);
    return Memory.getInt(text + 4) - Memory.getInt(text);
  }

  private void forgetCodes() {
    codesAddress = 0;
    if (dictionary != null) {
      dictionary.release();
      dictionary = null;
    }
  }

  /** Lets rows that are NULL hold zeros: equal rows are equal bytes then. For a writable column. */
  public void clearNulls(int rows) {
    int width = type.kind().width();
    for (int row = 0; row < rows && hasNulls && width >= 0; row++) {
      if (isNull(row) && width == 0) {
        Memory.clearBit(dataAddress, row);
      } else if (isNull(row)) {
        Memory.fill(dataAddress + (long) row * width, width, (byte) 0);
      }
    }
  }

  /** Whether its buffers came from elsewhere; then it is read-only. */
  public boolean isImported() {
    return allocator == null;
  }

  /** Says of which batch a writable column is; once, before it is used. */
  void of(Batch batch) {
    owner = batch;
  }

  public static long bitmapBytes(int rows) {
    return (rows + 63L >>> 6) << 3;
  }

  public DataType type() {
    return type;
  }

  /** Where validity bits start, or 0 when no row of the column is NULL. */
  public long validityAddress() {
    return validityAddress;
  }

  /** Where the 32-bit offsets start; 0 for fixed width. */
  public long offsetsAddress() {
    if (codesAddress != 0) {
      decode();
    }
    return offsetsAddress;
  }

  /** Where values start; moves when a variable-width column grows. */
  public long dataAddress() {
    if (codesAddress != 0) {
      decode();
    }
    return dataAddress;
  }

  /** Where the rows' 32-bit numbers of texts start; 0 where the column is not coded. */
  public long codesAddress() {
    return codesAddress;
  }

  /** Where the offsets of texts start: of the dictionary's, or of the rows' where it is not coded. */
  public long textOffsetsAddress() {
    return codesAddress != 0 ? dictionary.offsetsAddress() : offsetsAddress;
  }

  /** Where the views of the dictionary's texts start; 0 where the column is not coded. */
  public long textViewsAddress() {
    return codesAddress != 0 ? dictionary.viewsAddress() : 0;
  }

  /** Where the bytes of texts start: of the dictionary's, or of the rows' where it is not coded. */
  public long textDataAddress() {
    return codesAddress != 0 ? dictionary.dataAddress() : dataAddress;
  }

  /** The last address in the data that 8 bytes can be read from; below its start where it is short. */
  public long lastWordAddress() {
    return dataAddress + dataCapacity - 8;
  }

  public boolean isNull(int row) {
    return validityAddress != 0 && !Memory.getBit(validityAddress, row);
  }

  /** An integer, date, time or timestamp, widened; a BOOLEAN as 0 or 1. */
  public long getLong(int row) {
    return switch (type.kind().width()) {
      case 0 -> Memory.getBit(dataAddress, row) ? 1 : 0;
      case 1 -> Memory.getByte(dataAddress + row);
      case 2 -> Memory.getShort(dataAddress + ((long) row << 1));
      case 4 -> Memory.getInt(dataAddress + ((long) row << 2));
      default -> Memory.getLong(dataAddress + ((long) row << 3));
    };
  }

  public void putLong(int row, long value) {
    switch (type.kind().width()) {
      case 0 -> putBoolean(row, value != 0);
      case 1 -> Memory.putByte(dataAddress + row, (byte) value);
      case 2 -> Memory.putShort(dataAddress + ((long) row << 1), (short) value);
      case 4 -> Memory.putInt(dataAddress + ((long) row << 2), (int) value);
      default -> Memory.putLong(dataAddress + ((long) row << 3), value);
    }
  }

  public double getDouble(int row) {
    return type.kind() == DataType.Kind.REAL
        ? Memory.getFloat(dataAddress + ((long) row << 2))
        : Memory.getDouble(dataAddress + ((long) row << 3));
  }

  public void putDouble(int row, double value) {
    if (type.kind() == DataType.Kind.REAL) {
      Memory.putFloat(dataAddress + ((long) row << 2), (float) value);
    } else {
      Memory.putDouble(dataAddress + ((long) row << 3), value);
    }
  }

  public boolean getBoolean(int row) {
    return Memory.getBit(dataAddress, row);
  }

  public void putBoolean(int row, boolean value) {
    if (value) {
      Memory.setBit(dataAddress, row);
    } else {
      Memory.clearBit(dataAddress, row);
    }
  }

  /** The low 8 bytes of a DECIMAL's unscaled value. */
  public long getDecimalLow(int row) {
    return Memory.getLong(dataAddress + ((long) row << 4));
  }

  /** The high 8 bytes of a DECIMAL's unscaled value. */
  public long getDecimalHigh(int row) {
    return Memory.getLong(dataAddress + ((long) row << 4) + 8);
  }

  public void putDecimal(int row, long low, long high) {
    Memory.putLong(dataAddress + ((long) row << 4), low);
    Memory.putLong(dataAddress + ((long) row << 4) + 8, high);
  }

  /** Moves {@code view} to the bytes of a VARCHAR or VARBINARY. */
  public void getBytes(int row, Utf8 view) {
    if (codesAddress == 0) {
      view.setRow(offsetsAddress, dataAddress, row);
    } else {
      view.setRow(
          dictionary.offsetsAddress(),
          dictionary.dataAddress(),
          Memory.getInt(codesAddress + ((long) row << 2)));
    }
  }

  /**
   * Writes the bytes of a variable-width row; rows are written in order, each exactly once. Grows the
   * data buffer when it is full, which moves {@link #dataAddress()}: not for a column that another
   * thread reads, see {@link #hasRoom}.
   */
  public void putBytes(int row, long address, int length) {
    int start = Memory.getInt(offsetsAddress + ((long) row << 2));
    if (start + (long) length > dataCapacity) {
      grow(start, start + (long) length);
    }
    Memory.copyShort(address, dataAddress + start, length);
    Memory.putInt(offsetsAddress + ((long) row << 2) + 4, start + length);
  }

  /**
   * As {@link #putBytes(int, long, int)}, of a text given as a view: its length in the low 32 bits of
   * {@code head}, then up to {@link #VIEW_BYTES} bytes in {@code head} and {@code tail}, or, of a longer
   * one, its address in {@code tail}.
   */
  public void putView(int row, long head, long tail) {
    int length = (int) head;
    if (length > VIEW_BYTES) {
      putBytes(row, tail, length);
      return;
    }
    long at = offsetsAddress + ((long) row << 2);
    int start = Memory.getInt(at);
    if (start + (long) VIEW_BYTES > dataCapacity) {
      grow(start, start + (long) VIEW_BYTES);
    }
    // All 12 bytes: what is too much is overwritten by the next row.
    Memory.putInt(dataAddress + start, (int) (head >>> 32));
    Memory.putLong(dataAddress + start + 4, tail);
    Memory.putInt(at + 4, start + length);
  }

  /** As {@link #putBytes(int, long, int)} from the heap. */
  public void putBytes(int row, byte[] bytes, int index, int length) {
    int start = Memory.getInt(offsetsAddress + ((long) row << 2));
    if (start + (long) length > dataCapacity) {
      grow(start, start + (long) length);
    }
    Memory.copyFromHeap(bytes, index, dataAddress + start, length);
    Memory.putInt(offsetsAddress + ((long) row << 2) + 4, start + length);
  }

  /** Marks a row NULL; a variable-width row also gets its (empty) place. */
  public void setNull(int row) {
    if (validityAddress == 0) {
      throw new IllegalStateException("NULL in a column that is NOT NULL");
    }
    hasNulls = true;
    Memory.clearBit(validityAddress, row);
    if (codesAddress != 0) {
      Memory.putInt(codesAddress + ((long) row << 2), 0);
    } else if (offsetsAddress != 0) {
      long at = offsetsAddress + ((long) row << 2);
      Memory.putInt(at + 4, Memory.getInt(at));
    }
  }

  /**
   * Makes the first {@code rows} rows, whatever has been written to them, ones that nobody reads: NULL
   * where the column may be, else anything. Copying them costs little.
   */
  public void blank(int rows) {
    blankRows(0, rows);
    isBlank = true;
  }

  private void blankRows(int row, int count) {
    if (validityAddress != 0) {
      hasNulls = true;
      Memory.clearBits(validityAddress, row, row + count);
    }
    if (offsetsAddress != 0) {
      long at = offsetsAddress + ((long) row << 2);
      int start = Memory.getInt(at);
      for (int i = 1; i <= count; i++) {
        Memory.putInt(at + ((long) i << 2), start);
      }
    }
  }

  /** Whether {@code bytes} more bytes fit behind row {@code row} without growing. */
  public boolean hasRoom(int row, long bytes) {
    return offsetsAddress == 0
        || Memory.getInt(offsetsAddress + ((long) row << 2)) + bytes <= dataCapacity;
  }

  /**
   * Makes room for {@code bytes} more bytes behind row {@code row}, keeping what is there. Moves {@link
   * #dataAddress()}: not for a column that another thread reads.
   */
  public void makeRoom(int row, long bytes) {
    if (!hasRoom(row, bytes)) {
      int used = Memory.getInt(offsetsAddress + ((long) row << 2));
      grow(used, used + bytes);
    }
  }

  /** Makes room for {@code bytes} in an empty variable-width column. */
  public void reserve(long bytes) {
    if (offsetsAddress != 0 && bytes > dataCapacity) {
      grow(0, bytes);
    }
  }

  /** Row {@code row} is written next; texts of rows before it are lost. For a writable column. */
  void continueAt(int row) {
    if (offsets != null) {
      Memory.putInt(offsets.memoryAddress() + ((long) row << 2), 0);
    }
  }

  /** Forgets all rows of a writable column. */
  public void clear() {
    isBlank = false;
    if (hasNulls) {
      Memory.fill(validityAddress, bitmapBytes(capacity), (byte) 0xff);
      hasNulls = false;
    }
    if (dictionary != null) {
      forgetCodes();
    }
    if (dataCapacity > HEAVY_BYTES && offsetsAddress != 0 && allocator != null) {
      data.close();
      setData(allocator.buffer((long) capacity * INITIAL_BYTES_PER_TEXT));
    }
  }

  /** Appends rows {@code [from, to)} of {@code source}, a column of the same type, at {@code row}. */
  public void copyFrom(Column source, int from, int to, int row) {
    int count = to - from;
    if (source.isBlank) {
      blankRows(row, count);
      return;
    }
    if (source.codesAddress != 0) {
      copyCoded(source, from, count, row);
    } else if (type.isVariableWidth()) {
      copyTexts(source, from, count, row);
    } else if (type.kind().width() == 0) {
      for (int i = 0; i < count; i++) {
        putBoolean(row + i, source.getBoolean(from + i));
      }
    } else {
      int width = type.kind().width();
      Memory.copy(
          source.dataAddress + (long) from * width,
          dataAddress + (long) row * width,
          (long) count * width);
    }
    if (source.validityAddress != 0) {
      for (int i = 0; i < count; i++) {
        if (!Memory.getBit(source.validityAddress, from + i)) {
          if (validityAddress == 0) {
            throw new IllegalStateException("NULL in a column that is NOT NULL");
          }
          hasNulls = true;
          Memory.clearBit(validityAddress, row + i);
        }
      }
    }
  }

  /** Bytes of variable-width data in rows {@code [from, to)}; 0 for fixed width. */
  public long textBytes(int from, int to) {
    if (codesAddress != 0) {
      long bytes = 0;
      for (int row = from; row < to; row++) {
        bytes += isNull(row) ? 0 : codedLength(row);
      }
      return bytes;
    }
    return offsetsAddress == 0
        ? 0
        : Memory.getInt(offsetsAddress + ((long) to << 2))
            - (long) Memory.getInt(offsetsAddress + ((long) from << 2));
  }

  /** The validity buffer, or null; borrowed. */
  public ArrowBuf validityBuffer() {
    return validity;
  }

  /** The offsets buffer, or null; borrowed. */
  public ArrowBuf offsetsBuffer() {
    if (codesAddress != 0) {
      decode();
    }
    return offsets;
  }

  /** The data buffer; borrowed. */
  public ArrowBuf dataBuffer() {
    if (codesAddress != 0) {
      decode();
    }
    return data;
  }

  @Override
  public void close() {
    closeBuffer(validity);
    closeBuffer(offsets);
    closeBuffer(data);
    closeBuffer(codes);
    forgetCodes();
    validity = null;
    offsets = null;
    data = null;
    codes = null;
  }

  private static void closeBuffer(ArrowBuf buffer) {
    if (buffer != null) {
      buffer.close();
    }
  }

  private void copyCoded(Column source, int from, int count, int row) {
    long texts = source.dictionary.offsetsAddress();
    for (int i = 0; i < count; i++) {
      int length = source.isNull(from + i) ? 0 : source.codedLength(from + i);
      int code = Memory.getInt(source.codesAddress + ((long) (from + i) << 2));
      int start = Memory.getInt(texts + ((long) code << 2));
      putBytes(row + i, source.dictionary.dataAddress() + start, length);
    }
  }

  private void copyTexts(Column source, int from, int count, int row) {
    int sourceStart = Memory.getInt(source.offsetsAddress + ((long) from << 2));
    int bytes = (int) source.textBytes(from, from + count);
    int start = Memory.getInt(offsetsAddress + ((long) row << 2));
    if (start + (long) bytes > dataCapacity) {
      grow(start, start + (long) bytes);
    }
    Memory.copy(source.dataAddress + sourceStart, dataAddress + start, bytes);
    int shift = start - sourceStart;
    for (int i = 1; i <= count; i++) {
      Memory.putInt(
          offsetsAddress + ((long) (row + i) << 2),
          Memory.getInt(source.offsetsAddress + ((long) (from + i) << 2)) + shift);
    }
  }

  private void grow(int used, long needed) {
    if (allocator == null) {
      throw new IllegalStateException("an imported column cannot grow");
    }
    if (needed > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException("more than 2 GiB of text in one column of a batch");
    }
    if (needed > HEAVY_BYTES && owner != null) {
      owner.heavy();
    }
    ArrowBuf larger =
        allocator.buffer(Math.min(Math.max(needed, dataCapacity * 2), Integer.MAX_VALUE - 8));
    Memory.copy(dataAddress, larger.memoryAddress(), used);
    data.close();
    setData(larger);
  }

  private void setData(ArrowBuf buffer) {
    data = buffer;
    dataAddress = buffer.memoryAddress();
    dataCapacity = buffer.capacity();
  }
}
