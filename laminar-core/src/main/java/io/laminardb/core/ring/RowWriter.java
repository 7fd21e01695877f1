package io.laminardb.core.ring;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;

/**
 * Sets the columns of a row on its way into a {@link ColumnarRing}, by index and without allocation.
 * Columns may be set in any order; those left out are NULL. The ring's producer thread only, between
 * begin and end of a row.
 *
 * <p>Errors: SCHEMA_MISMATCH when a setter does not fit the column's type or the value its range;
 * NULL_NOT_ALLOWED. The row stays open then, for another value or for being aborted.
 */
public final class RowWriter {
  private static final byte LONG = 0;
  private static final byte DOUBLE = 1;
  private static final byte BOOLEAN = 2;
  private static final byte DECIMAL = 3;
  private static final byte BYTES = 4;

  private final ColumnarRing ring;
  private final Schema schema;
  private final byte[] groups;
  private final byte[] narrowBits; // 8, 16, 32 for narrow integers, else 0
  private final long[] all;
  private final long[] set;
  private Column[] columns; // null when no row is open
  private int row;
  private boolean hasNulls;
  private volatile boolean shut;

  RowWriter(ColumnarRing ring) {
    this.ring = ring;
    schema = ring.schema();
    int size = schema.size();
    groups = new byte[size];
    narrowBits = new byte[size];
    all = new long[(size + 63) >>> 6];
    set = new long[all.length];
    for (int i = 0; i < size; i++) {
      DataType type = schema.field(i).type();
      groups[i] = group(type);
      int width = type.kind().width();
      narrowBits[i] = groups[i] == LONG && width < 8 ? (byte) (width << 3) : 0;
      all[i >>> 6] |= 1L << i;
    }
  }

  private static byte group(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> BOOLEAN;
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ -> LONG;
      case REAL, DOUBLE -> DOUBLE;
      case DECIMAL -> DECIMAL;
      case VARCHAR, VARBINARY -> BYTES;
    };
  }

  /** An integer, date, time or timestamp, in the unit of the column's type. */
  public void setLong(int index, long value) {
    Column column = column(index, LONG);
    int bits = narrowBits[index];
    if (bits != 0 && value << 64 - bits >> 64 - bits != value) {
      throw outOfRange(index, value);
    }
    column.putLong(row, value);
    done(index, column);
  }

  /** A DOUBLE, or a REAL rounded from it. */
  public void setDouble(int index, double value) {
    Column column = column(index, DOUBLE);
    column.putDouble(row, value);
    done(index, column);
  }

  public void setBoolean(int index, boolean value) {
    Column column = column(index, BOOLEAN);
    column.putBoolean(row, value);
    done(index, column);
  }

  /** The unscaled value of a DECIMAL as 128 bits. */
  public void setDecimal(int index, long low, long high) {
    Column column = column(index, DECIMAL);
    column.putDecimal(row, low, high);
    done(index, column);
  }

  /** Bytes of a VARCHAR (UTF-8) or VARBINARY off the heap, copied. */
  public void setBytes(int index, long address, int length) {
    column(index, BYTES);
    Column column = room(index, length);
    column.putBytes(row, address, length);
    done(index, column);
  }

  /** Bytes of a VARCHAR (UTF-8) or VARBINARY, copied. */
  public void setBytes(int index, byte[] bytes, int from, int length) {
    column(index, BYTES);
    Column column = room(index, length);
    column.putBytes(row, bytes, from, length);
    done(index, column);
  }

  /** A text, as UTF-8; what is no character (half a surrogate pair) becomes a question mark. */
  public void setText(int index, String text) {
    column(index, BYTES);
    int length = text.length();
    Column column = room(index, length);
    long at = textAddress(column);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        setWideText(index, text);
        return;
      }
      Memory.putByte(at + i, (byte) c);
    }
    endText(index, column, length);
  }

  /** As {@link #setText(int, String)}. */
  public void setText(int index, CharSequence text) {
    if (text instanceof String string) {
      setText(index, string);
    } else {
      column(index, BYTES);
      setWideText(index, text);
    }
  }

  public void setNull(int index) {
    if (columns == null) {
      throw noRow();
    }
    Column column = columns[index];
    if (column.validityAddress() == 0) {
      throw new LaminarException(
              ErrorCode.NULL_NOT_ALLOWED,
              "column \"" + schema.field(index).name() + "\" is NOT NULL and got no value.")
          .mend("Give it a value, or declare the column without NOT NULL.");
    }
    column.setNull(row);
    hasNulls = true;
    set[index >>> 6] |= 1L << index;
  }

  void open(Column[] newColumns, int newRow) {
    if (columns != null) {
      throw new LaminarException(ErrorCode.WRONG_THREAD, "a row is open already.")
          .mend("End or abort it before the next one begins.");
    }
    columns = newColumns;
    row = newRow;
    hasNulls = false;
    for (int i = 0; i < set.length; i++) {
      set[i] = 0;
    }
  }

  /** Sets what was left out to NULL. */
  void finish() {
    if (columns == null) {
      throw noRow();
    }
    for (int i = 0; i < set.length; i++) {
      long missing = all[i] & ~set[i];
      while (missing != 0) {
        setNull((i << 6) + Long.numberOfTrailingZeros(missing));
        missing &= missing - 1;
      }
    }
  }

  void closed() {
    columns = null;
  }

  void shut() {
    shut = true;
    columns = null;
  }

  void abort() {
    if (columns == null) {
      return;
    }
    for (Column column : columns) {
      if (hasNulls && column.validityAddress() != 0) {
        Memory.setBit(column.validityAddress(), row);
      }
    }
    columns = null;
  }

  /** Continues the row as the first one of an empty batch. */
  void moveTo(Column[] from, int fromRow, Column[] to) {
    for (int i = 0; i < to.length; i++) {
      if ((set[i >>> 6] >>> i & 1) != 0) {
        to[i].copyFrom(from[i], fromRow, fromRow + 1, 0);
      }
    }
    columns = to;
    row = 0;
  }

  private void setWideText(int index, CharSequence text) {
    long length = Utf8Encoder.length(text);
    if (length > Integer.MAX_VALUE - 8) {
      throw outOfRange(index, length);
    }
    Column column = room(index, length);
    Utf8Encoder.encode(text, textAddress(column));
    endText(index, column, (int) length);
  }

  private Column column(int index, byte group) {
    Column[] open = columns;
    if (open == null) {
      throw noRow();
    }
    if (groups[index] != group) {
      throw mismatch(index, group);
    }
    return open[index];
  }

  private Column room(int index, long bytes) {
    Column column = columns[index];
    return column.hasRoom(row, bytes) ? column : ring.spill(index, bytes, this).columns[index];
  }

  private long textAddress(Column column) {
    return column.dataAddress() + Memory.getInt(column.offsetsAddress() + ((long) row << 2));
  }

  private void endText(int index, Column column, int length) {
    long at = column.offsetsAddress() + ((long) row << 2);
    Memory.putInt(at + 4, Memory.getInt(at) + length);
    done(index, column);
  }

  private void done(int index, Column column) {
    if (hasNulls && column.validityAddress() != 0) {
      Memory.setBit(column.validityAddress(), row);
    }
    set[index >>> 6] |= 1L << index;
  }

  private LaminarException noRow() {
    if (shut) {
      return new LaminarException(
          ErrorCode.CLOSED, "the database is closed, or the source dropped.");
    }
    return new LaminarException(ErrorCode.WRONG_THREAD, "no row is open.")
        .mend("Begin a row before its columns are set.");
  }

  private LaminarException mismatch(int index, byte group) {
    Field field = schema.field(index);
    String given =
        switch (group) {
          case LONG -> "an integer or time";
          case DOUBLE -> "a floating-point number";
          case BOOLEAN -> "a boolean";
          case DECIMAL -> "a decimal";
          default -> "a text or bytes";
        };
    return new LaminarException(
            ErrorCode.SCHEMA_MISMATCH,
            "column \"" + field.name() + "\" is " + field.type() + ", but was given " + given + ".")
        .mend("Use the setter of its type.");
  }

  private LaminarException outOfRange(int index, long value) {
    Field field = schema.field(index);
    return new LaminarException(
            ErrorCode.SCHEMA_MISMATCH,
            value + " does not fit column \"" + field.name() + "\", which is " + field.type() + ".")
        .mend("Declare a wider type.");
  }
}
