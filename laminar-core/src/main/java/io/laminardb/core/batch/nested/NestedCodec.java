package io.laminardb.core.batch.nested;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** Moves single values between items of nested values and plain Java or columns. */
public final class NestedCodec {
  private NestedCodec() {}

  /** Appends a row of a column as an item; {@code view} is moved. */
  public static void append(Column column, int row, Utf8 view, NestedWriter out) {
    DataType type = column.type();
    if (column.isNull(row)) {
      out.putNull(type);
      return;
    }
    switch (type.kind()) {
      case BOOLEAN -> out.putBoolean(column.getBoolean(row));
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          out.putLong(column.getLong(row), type.kind().width());
      case REAL -> out.putFloat((float) column.getDouble(row));
      case DOUBLE -> out.putDouble(column.getDouble(row));
      case DECIMAL -> out.putDecimal(column.getDecimalLow(row), column.getDecimalHigh(row));
      case VARCHAR, VARBINARY -> {
        column.getBytes(row, view);
        out.putText(view);
      }
      case ARRAY, MAP, ROW -> {
        column.getBytes(row, view);
        out.putNested(view);
      }
    }
  }

  /**
   * Writes the item at {@code item} to a row of a column of its type.
   *
   * @param scratch what texts with zero bytes are put together in; moved
   */
  public static void read(
      long item, DataType type, Column column, int row, Utf8 view, Utf8Buffer scratch) {
    if (item == 0 || NestedBytes.isNull(item)) {
      column.setNull(row);
      return;
    }
    switch (type.kind()) {
      case BOOLEAN -> column.putBoolean(row, getBoolean(item));
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          column.putLong(row, getLong(item, type.kind().width()));
      case REAL -> column.putDouble(row, getFloat(item));
      case DOUBLE -> column.putDouble(row, getDouble(item));
      case DECIMAL -> column.putDecimal(row, getDecimalLow(item), getDecimalHigh(item));
      case VARCHAR, VARBINARY -> {
        Utf8 text = getText(item, view, scratch);
        column.putBytes(row, text.address, text.length);
      }
      case ARRAY, MAP, ROW -> {
        getNested(item, type, view);
        column.putBytes(row, view.address, view.length);
      }
    }
  }

  public static boolean getBoolean(long item) {
    return Memory.getByte(item + 1) != 0;
  }

  /** An integer, date, time or timestamp of a type of {@code width} bytes. */
  public static long getLong(long item, int width) {
    return switch (width) {
      case 1 -> Memory.getByte(item + 1) ^ Byte.MIN_VALUE;
      case 2 -> (short) (Short.reverseBytes(Memory.getShort(item + 1)) ^ Short.MIN_VALUE);
      case 4 -> Integer.reverseBytes(Memory.getInt(item + 1)) ^ Integer.MIN_VALUE;
      default -> Long.reverseBytes(Memory.getLong(item + 1)) ^ Long.MIN_VALUE;
    };
  }

  public static double getDouble(long item) {
    long bits = getLong(item, 8);
    return Double.longBitsToDouble(bits ^ bits >> 63 & Long.MAX_VALUE);
  }

  public static float getFloat(long item) {
    int bits = (int) getLong(item, 4);
    return Float.intBitsToFloat(bits ^ bits >> 31 & Integer.MAX_VALUE);
  }

  /** The low 8 bytes of a DECIMAL's unscaled value. */
  public static long getDecimalLow(long item) {
    return Long.reverseBytes(Memory.getLong(item + 9));
  }

  /** The high 8 bytes of a DECIMAL's unscaled value. */
  public static long getDecimalHigh(long item) {
    return Long.reverseBytes(Memory.getLong(item + 1)) ^ Long.MIN_VALUE;
  }

  /** The VARCHAR or VARBINARY: {@code view} moved to it, or {@code scratch} with a copy. */
  public static Utf8 getText(long item, Utf8 view, Utf8Buffer scratch) {
    long start = item + 1;
    long end = NestedBytes.zero(start);
    return Memory.getByte(end + 1) == 0
        ? view.set(start, (int) (end - start))
        : withoutEscapes(start, scratch);
  }

  private static Utf8 withoutEscapes(long start, Utf8Buffer scratch) {
    int length = 0;
    long end = start;
    for (; Memory.getByte(end) != 0 || Memory.getByte(end + 1) != 0; length++) {
      end += Memory.getByte(end) == 0 ? 2 : 1;
    }
    long to = scratch.reserve(length);
    for (long at = start; at < end; to++) {
      byte next = Memory.getByte(at);
      Memory.putByte(to, next);
      at += next == 0 ? 2 : 1;
    }
    scratch.length = length;
    return scratch;
  }

  /** The VARCHAR or VARBINARY as a new array. */
  public static byte[] getBytes(long item) {
    int length = 0;
    long at = item + 1;
    for (; Memory.getByte(at) != 0 || Memory.getByte(at + 1) != 0; length++) {
      at += Memory.getByte(at) == 0 ? 2 : 1;
    }
    byte[] bytes = new byte[length];
    at = item + 1;
    for (int i = 0; i < length; i++) {
      bytes[i] = Memory.getByte(at);
      at += bytes[i] == 0 ? 2 : 1;
    }
    return bytes;
  }

  /** Moves {@code view} to the ARRAY, MAP or ROW. */
  public static Utf8 getNested(long item, DataType type, Utf8 view) {
    return view.set(item + 1, (int) (NestedBytes.afterValue(type, item + 1) - item - 1));
  }
}
