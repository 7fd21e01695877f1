package io.laminardb.core.operator.over;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.core.state.Keys;
import java.util.List;

/**
 * Sort keys as bytes: the unsigned order of the bytes is the order of the rows, and equal bytes are
 * peers. A key is a byte that sorts NULL, then 8 or 16 bytes of a number with the greatest first, or
 * a text with its zeros escaped and an end; descending ones are inverted. NaN is the greatest number.
 * One thread.
 */
final class OrderCodec {
  private static final int NUMBER_BYTES = 8;

  private final int[] columns;
  private final DataType.Kind[] kinds;
  private final boolean[] descending;
  private final boolean[] nullsFirst;
  private final Utf8 view = new Utf8();

  OrderCodec(Schema schema, List<SortOperator.Key> keys) {
    int count = keys.size();
    columns = new int[count];
    kinds = new DataType.Kind[count];
    descending = new boolean[count];
    nullsFirst = new boolean[count];
    for (int i = 0; i < count; i++) {
      SortOperator.Key key = keys.get(i);
      columns[i] = key.column();
      kinds[i] = schema.field(key.column()).type().kind();
      descending[i] = key.descending();
      nullsFirst[i] = key.nullsFirst();
    }
  }

  /** Bytes that {@link #write} may need for a row. */
  long maxLength(Batch batch, int row) {
    long length = 0;
    for (int i = 0; i < columns.length; i++) {
      length +=
          switch (kinds[i]) {
            case VARCHAR, VARBINARY, ARRAY, MAP, ROW ->
                3 + 2 * batch.column(columns[i]).textBytes(row, row + 1);
            case DECIMAL -> 1 + 2 * NUMBER_BYTES;
            default -> 1 + NUMBER_BYTES;
          };
    }
    return length;
  }

  /** Writes the key of a row and returns where it ends. */
  long write(Batch batch, int row, long address) {
    long at = address;
    for (int i = 0; i < columns.length; i++) {
      Column column = batch.column(columns[i]);
      boolean isNull = column.isNull(row);
      Memory.putByte(at++, (byte) (isNull != nullsFirst[i] ? 1 : 0));
      if (!isNull) {
        at = writeValue(i, column, row, at);
      }
    }
    return at;
  }

  private long writeValue(int key, Column column, int row, long at) {
    boolean inverted = descending[key];
    return switch (kinds[key]) {
      case REAL, DOUBLE ->
          putOrdered(at, Keys.orderOfDouble(column.getDouble(row)) ^ Long.MIN_VALUE, inverted);
      case DECIMAL -> {
        long low = putOrdered(at, column.getDecimalHigh(row) ^ Long.MIN_VALUE, inverted);
        yield putOrdered(low, column.getDecimalLow(row), inverted);
      }
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
        column.getBytes(row, view);
        yield putText(at, inverted);
      }
      default -> putOrdered(at, column.getLong(row) ^ Long.MIN_VALUE, inverted);
    };
  }

  private static long putOrdered(long at, long word, boolean inverted) {
    Memory.putLong(at, Long.reverseBytes(inverted ? ~word : word));
    return at + NUMBER_BYTES;
  }

  private long putText(long start, boolean inverted) {
    int flip = inverted ? 0xff : 0;
    long at = start;
    for (int i = 0; i < view.length; i++) {
      byte value = Memory.getByte(view.address + i);
      Memory.putByte(at++, (byte) (value ^ flip));
      if (value == 0) {
        Memory.putByte(at++, (byte) (0xff ^ flip));
      }
    }
    Memory.putByte(at++, (byte) flip);
    Memory.putByte(at++, (byte) flip);
    return at;
  }

  /** Bytes of a key made by {@link #writeNumber}. */
  static int numberLength(boolean isDecimal) {
    return 1 + (isDecimal ? 2 : 1) * NUMBER_BYTES;
  }

  /** Writes the key that a row with this integer in its only sort column has. */
  void writeNumber(long value, long address) {
    Memory.putByte(address, (byte) (nullsFirst[0] ? 1 : 0));
    putOrdered(address + 1, value ^ Long.MIN_VALUE, descending[0]);
  }

  /** Writes the key that a row with this number in its only sort column has. */
  void writeNumber(double value, long address) {
    writeNumber(Keys.orderOfDouble(value), address);
  }

  /** Writes the key that a row with this DECIMAL in its only sort column has. */
  void writeNumber(long low, long high, long address) {
    writeNumber(high, address);
    putOrdered(address + 1 + NUMBER_BYTES, low, descending[0]);
  }

  /** Whether greater values of the first sort column come first. */
  boolean isDescending() {
    return descending[0];
  }
}
