package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.StateMemory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The order of values of any type that has one: a word, and, where that is not all of it, bytes that
 * decide between equal words. One thread.
 */
final class AsofOrder implements AutoCloseable {
  private static final int DECIMAL_BYTES = 16;
  private static final int EXACT_DIGITS = 18;

  private final DataType type;
  private final long scale;
  private final Utf8 text = new Utf8();
  private final ArrowBuf decimal;
  private long word;
  private long address;
  private int length;

  /**
   * @param scale what a time is multiplied by, to be in the unit it is compared in
   */
  AsofOrder(DataType type, long scale, BufferAllocator allocator) {
    this.type = type;
    this.scale = scale;
    this.decimal = StateMemory.allocate(allocator, DECIMAL_BYTES);
  }

  /** Reads the value of a row that is not NULL. */
  void read(Batch batch, int columnIndex, int row) {
    Column column = batch.column(columnIndex);
    address = 0;
    length = 0;
    switch (type.kind()) {
      case REAL, DOUBLE -> word = Keys.orderOfDouble(column.getDouble(row));
      case DECIMAL -> readDecimal(column, row);
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
        column.getBytes(row, text);
        readBytes(text.address, text.length);
      }
      default -> word = JoinWatermarks.scaled(column.getLong(row), scale);
    }
  }

  private void readDecimal(Column column, int row) {
    if (type.precision() <= EXACT_DIGITS) {
      word = column.getDecimalLow(row);
      return;
    }
    long bytes = decimal.memoryAddress();
    long high = column.getDecimalHigh(row) ^ Long.MIN_VALUE;
    Memory.putLong(bytes, Long.reverseBytes(high));
    Memory.putLong(bytes + 8, Long.reverseBytes(column.getDecimalLow(row)));
    readBytes(bytes, DECIMAL_BYTES);
  }

  private void readBytes(long bytes, int count) {
    address = bytes;
    length = count;
    long first = 0;
    for (int i = 0; i < 8; i++) {
      first = first << 8 | (i < count ? Memory.getByte(bytes + i) & 0xff : 0);
    }
    word = first ^ Long.MIN_VALUE;
  }

  /** Smaller for smaller values; equal ones are told apart by the bytes. */
  long word() {
    return word;
  }

  /** Where the bytes are, valid until the next {@link #read} and as long as the batch is. */
  long address() {
    return address;
  }

  int length() {
    return length;
  }

  @Override
  public void close() {
    decimal.close();
  }
}
