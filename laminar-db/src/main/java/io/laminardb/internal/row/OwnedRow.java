package io.laminardb.internal.row;

import io.laminardb.Row;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import java.math.BigDecimal;

/** An immutable copy of a row, on the heap. */
public final class OwnedRow extends AbstractRow {
  private static final Object NULL = new Object();

  private final int weight;
  private final long[] fixed; // integers and times; doubles as their bits
  private final Object[] objects; // texts, bytes, decimals, and NULL of any type

  private OwnedRow(Schema schema, int weight, long[] fixed, Object[] objects) {
    super(schema);
    this.weight = weight;
    this.fixed = fixed;
    this.objects = objects;
  }

  /** Copies a row; {@code schema} has the columns of the batch. */
  public static OwnedRow of(Schema schema, Batch batch, int row) {
    int columns = schema.size();
    long[] fixed = new long[columns];
    Object[] objects = new Object[columns];
    Utf8 view = new Utf8();
    for (int i = 0; i < columns; i++) {
      Column column = batch.column(i);
      if (column.isNull(row)) {
        objects[i] = NULL;
        continue;
      }
      switch (column.type().kind()) {
        case VARCHAR -> {
          column.getBytes(row, view);
          objects[i] = view.toString();
        }
        case VARBINARY -> objects[i] = bytes(column, row, view);
        case ARRAY, MAP, ROW -> {
          column.getBytes(row, view);
          objects[i] = NestedValues.Copy.of(column.type(), view);
        }
        case DECIMAL -> objects[i] = Decimals.get(column, row);
        case REAL, DOUBLE -> fixed[i] = Double.doubleToRawLongBits(column.getDouble(row));
        default -> fixed[i] = column.getLong(row);
      }
    }
    return new OwnedRow(schema, batch.weight(row), fixed, objects);
  }

  /** The row that a ROW is, whose bytes start at {@code address}. */
  static OwnedRow ofFields(Schema schema, long address) {
    long[] fixed = new long[schema.size()];
    Object[] objects = new Object[schema.size()];
    long at = address;
    for (int i = 0; i < schema.size(); i++) {
      DataType type = schema.field(i).type();
      long next = NestedBytes.afterItem(type, at);
      if (NestedBytes.isNull(at)) {
        objects[i] = NULL;
      } else {
        switch (type.kind()) {
          case REAL -> fixed[i] = Double.doubleToRawLongBits(NestedCodec.getFloat(at));
          case DOUBLE -> fixed[i] = Double.doubleToRawLongBits(NestedCodec.getDouble(at));
          case BOOLEAN -> fixed[i] = NestedCodec.getBoolean(at) ? 1 : 0;
          case DECIMAL, VARCHAR, VARBINARY -> objects[i] = NestedValues.item(type, at);
          case ARRAY, MAP, ROW -> {
            Utf8 bytes = new Utf8().set(at + 1, (int) (next - at - 1));
            objects[i] = NestedValues.Copy.of(type, bytes);
          }
          default -> fixed[i] = NestedCodec.getLong(at, type.kind().width());
        }
      }
      at = next;
    }
    return new OwnedRow(schema, 1, fixed, objects);
  }

  /** The bytes of a variable-width row, as a new array. */
  static byte[] bytes(Column column, int row, Utf8 view) {
    column.getBytes(row, view);
    byte[] bytes = new byte[view.length];
    Memory.copyToHeap(view.address, bytes, 0, view.length);
    return bytes;
  }

  @Override
  public int weight() {
    return weight;
  }

  @Override
  public Row copy() {
    return this;
  }

  @Override
  boolean nullAt(int column) {
    return objects[column] == NULL;
  }

  @Override
  long longAt(int column) {
    return fixed[column];
  }

  @Override
  double doubleAt(int column) {
    return Double.longBitsToDouble(fixed[column]);
  }

  @Override
  BigDecimal decimalAt(int column) {
    return (BigDecimal) objects[column];
  }

  @Override
  String textAt(int column) {
    return (String) objects[column];
  }

  @Override
  byte[] bytesAt(int column) {
    return ((byte[]) objects[column]).clone();
  }

  @Override
  NestedValues.Copy nestedAt(int column) {
    return (NestedValues.Copy) objects[column];
  }
}
