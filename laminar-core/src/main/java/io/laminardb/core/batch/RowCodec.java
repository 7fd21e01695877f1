package io.laminardb.core.batch;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import java.util.stream.IntStream;

/**
 * Rows, or some of their columns, as bytes: a byte a column that says whether it is NULL, then the
 * values that are not, texts with their length in front. Equal rows have equal bytes. One thread.
 */
public final class RowCodec {
  private static final long NAN = Double.doubleToLongBits(Double.NaN);
  private static final int REAL_NAN = Float.floatToIntBits(Float.NaN);

  private final Schema schema;
  private final int[] columns; // the column of the schema at each place of the bytes
  private final DataType.Kind[] kinds;
  private final boolean keys;
  private final Utf8 view = new Utf8();

  /** Whole rows of a schema. */
  public RowCodec(Schema schema) {
    this(schema, IntStream.range(0, schema.size()).toArray(), false);
  }

  private RowCodec(Schema schema, int[] columns, boolean keys) {
    this.schema = schema;
    this.columns = columns;
    this.keys = keys;
    kinds = new DataType.Kind[columns.length];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = schema.field(columns[i]).type().kind();
    }
  }

  /** The columns of a key: values that are equal in SQL have equal bytes. For writing only. */
  public static RowCodec ofKey(Schema schema, int... columns) {
    return new RowCodec(schema, columns.clone(), true);
  }

  /** Some columns of the rows, for those whose other columns come from elsewhere. */
  public static RowCodec ofColumns(Schema schema, int... columns) {
    return new RowCodec(schema, columns.clone(), false);
  }

  public Schema schema() {
    return schema;
  }

  /** Bytes of a row. */
  public long length(Batch batch, int row) {
    long length = kinds.length;
    for (int i = 0; i < kinds.length; i++) {
      Column column = batch.column(columns[i]);
      if (!column.isNull(row)) {
        int width = kinds[i].width();
        length += width > 0 ? width : width == 0 ? 1 : 4 + column.textBytes(row, row + 1);
      }
    }
    return length;
  }

  /** Writes a row to {@code address}, where {@link #length} bytes are free. */
  public void write(Batch batch, int row, long address) {
    long at = address + kinds.length;
    for (int i = 0; i < kinds.length; i++) {
      Column column = batch.column(columns[i]);
      boolean isNull = column.isNull(row);
      Memory.putByte(address + i, isNull ? (byte) 1 : 0);
      if (!isNull) {
        at = writeValue(kinds[i], column, row, at);
      }
    }
  }

  private long writeValue(DataType.Kind kind, Column column, int row, long at) {
    switch (kind) {
      case BOOLEAN, TINYINT -> Memory.putByte(at, (byte) column.getLong(row));
      case SMALLINT -> Memory.putShort(at, (short) column.getLong(row));
      case INTEGER, DATE -> Memory.putInt(at, (int) column.getLong(row));
      case BIGINT, TIME, TIMESTAMP, TIMESTAMP_LTZ -> Memory.putLong(at, column.getLong(row));
      case REAL -> {
        float value = (float) column.getDouble(row);
        value = keys && value == 0 ? 0 : value;
        Memory.putInt(at, value != value ? REAL_NAN : Float.floatToRawIntBits(value));
      }
      case DOUBLE -> {
        double value = column.getDouble(row);
        value = keys && value == 0 ? 0 : value;
        Memory.putLong(at, value != value ? NAN : Double.doubleToRawLongBits(value));
      }
      case DECIMAL -> {
        Memory.putLong(at, column.getDecimalLow(row));
        Memory.putLong(at + 8, column.getDecimalHigh(row));
      }
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
        column.getBytes(row, view);
        Memory.putInt(at, view.length);
        Memory.copy(view.address, at + 4, view.length);
        return at + 4 + view.length;
      }
    }
    return at + Math.max(1, kind.width());
  }

  /** Appends the row at {@code address} to a batch, with weight 1. */
  public void read(long address, Batch batch) {
    read(address, batch, 1);
  }

  /** As above, with a weight where the schema is a changelog. */
  public void read(long address, Batch batch, int weight) {
    readColumns(address, batch, 0);
    if (schema.isChangelog()) {
      batch.endRow(weight);
    } else {
      batch.endRow();
    }
  }

  /**
   * Writes the values of the row at {@code address} behind the last row of a batch that has more
   * columns, from {@code firstColumn} on. The caller ends the row.
   */
  public void readColumns(long address, Batch batch, int firstColumn) {
    int row = batch.rowCount();
    long at = address + kinds.length;
    for (int i = 0; i < kinds.length; i++) {
      Column column = batch.column(firstColumn + columns[i]);
      if (Memory.getByte(address + i) != 0) {
        column.setNull(row);
      } else {
        at = readValue(kinds[i], column, row, at);
      }
    }
  }

  /** Whether the value at a place of the bytes is NULL. */
  public static boolean isNull(long address, int place) {
    return Memory.getByte(address + place) != 0;
  }

  /** Reads the value at a place of the bytes into a row of a column of its type. */
  public void readValue(long address, int place, Column target, int row) {
    if (isNull(address, place)) {
      target.setNull(row);
    } else {
      readValue(kinds[place], target, row, valueAt(address, place));
    }
  }

  /** The integer, date, time or timestamp at a place of the bytes that is not NULL. */
  public long getLong(long address, int place) {
    long at = valueAt(address, place);
    return switch (kinds[place].width()) {
      case 1, 0 -> Memory.getByte(at);
      case 2 -> Memory.getShort(at);
      case 4 -> Memory.getInt(at);
      default -> Memory.getLong(at);
    };
  }

  /** The REAL or DOUBLE at a place of the bytes that is not NULL. */
  public double getDouble(long address, int place) {
    long at = valueAt(address, place);
    return kinds[place] == DataType.Kind.REAL ? Memory.getFloat(at) : Memory.getDouble(at);
  }

  /** Points {@code target} to the text at a place of the bytes that is not NULL. */
  public void getText(long address, int place, Utf8 target) {
    long at = valueAt(address, place);
    target.set(at + 4, Memory.getInt(at));
  }

  /** The low word of the DECIMAL at a place of the bytes that is not NULL. */
  public long getDecimalLow(long address, int place) {
    return Memory.getLong(valueAt(address, place));
  }

  /** The high word of the DECIMAL at a place of the bytes that is not NULL. */
  public long getDecimalHigh(long address, int place) {
    return Memory.getLong(valueAt(address, place) + 8);
  }

  private long valueAt(long address, int place) {
    long at = address + kinds.length;
    for (int i = 0; i < place; i++) {
      if (!isNull(address, i)) {
        int width = kinds[i].width();
        at += width > 0 ? width : width == 0 ? 1 : 4 + Memory.getInt(at);
      }
    }
    return at;
  }

  private static long readValue(DataType.Kind kind, Column column, int row, long at) {
    switch (kind) {
      case BOOLEAN, TINYINT -> column.putLong(row, Memory.getByte(at));
      case SMALLINT -> column.putLong(row, Memory.getShort(at));
      case INTEGER, DATE -> column.putLong(row, Memory.getInt(at));
      case BIGINT, TIME, TIMESTAMP, TIMESTAMP_LTZ -> column.putLong(row, Memory.getLong(at));
      case REAL -> column.putDouble(row, Memory.getFloat(at));
      case DOUBLE -> column.putDouble(row, Memory.getDouble(at));
      case DECIMAL -> column.putDecimal(row, Memory.getLong(at), Memory.getLong(at + 8));
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
        int length = Memory.getInt(at);
        column.putBytes(row, at + 4, length);
        return at + 4 + length;
      }
    }
    return at + Math.max(1, kind.width());
  }

  /** A hash of bytes a row was written as. */
  public static int hash(long address, int length) {
    long hash = length * 0x9e3779b97f4a7c15L;
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      hash = mix(hash ^ Memory.getLong(address + i));
    }
    long tail = 0;
    for (; i < length; i++) {
      tail = tail << 8 | Memory.getByte(address + i) & 0xff;
    }
    hash = mix(hash ^ tail);
    return (int) (hash ^ hash >>> 32);
  }

  private static long mix(long value) {
    long mixed = value * 0xbf58476d1ce4e5b9L;
    return mixed ^ mixed >>> 29;
  }
}
