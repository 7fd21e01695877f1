package io.laminardb.internal.arrow;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.memory.Utf8;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.Field;

/** Copies nested columns into Arrow's lists, maps and structs. */
final class NestedExport {
  private NestedExport() {}

  /** A vector of the rows on loan, with memory of its own. */
  static FieldVector vector(Field field, Column column, Batch batch, BufferAllocator allocator) {
    FieldVector vector = field.createVector(allocator);
    try {
      vector.allocateNew();
      Utf8 view = new Utf8();
      for (int row = batch.from(); row < batch.to(); row++) {
        if (column.isNull(row)) {
          putNull(vector, row - batch.from());
        } else {
          column.getBytes(row, view);
          put(vector, row - batch.from(), column.type(), view.address - 1);
        }
      }
      vector.setValueCount(batch.size());
      return vector;
    } catch (RuntimeException e) {
      vector.close();
      throw e;
    }
  }

  private static void putNull(FieldVector vector, int index) {
    if (vector instanceof StructVector struct) {
      while (struct.getValueCapacity() <= index) {
        struct.reAlloc();
      }
      struct.setNull(index);
    } else if (vector instanceof ListVector list) {
      list.setNull(index);
    } else if (vector instanceof BaseFixedWidthVector fixed) {
      while (fixed.getValueCapacity() <= index) {
        fixed.reAlloc();
      }
      fixed.setNull(index);
    }
    // a text that is not set is NULL
  }

  /** Puts what is behind the mark at {@code item}. */
  private static void put(FieldVector vector, int index, DataType type, long item) {
    switch (type.kind()) {
      case ARRAY, MAP -> putList((ListVector) vector, index, type, item + 1);
      case ROW -> {
        StructVector struct = (StructVector) vector;
        struct.setIndexDefined(index);
        putFields(struct, index, type, item + 1);
      }
      case BOOLEAN -> ((BitVector) vector).setSafe(index, NestedCodec.getBoolean(item) ? 1 : 0);
      case REAL -> ((Float4Vector) vector).setSafe(index, NestedCodec.getFloat(item));
      case DOUBLE -> ((Float8Vector) vector).setSafe(index, NestedCodec.getDouble(item));
      case DECIMAL -> {
        byte[] littleEndian = new byte[16];
        long low = NestedCodec.getDecimalLow(item);
        long high = NestedCodec.getDecimalHigh(item);
        for (int i = 0; i < 8; i++) {
          littleEndian[i] = (byte) (low >> 8 * i);
          littleEndian[8 + i] = (byte) (high >> 8 * i);
        }
        DecimalVector decimals = (DecimalVector) vector;
        while (decimals.getValueCapacity() <= index) {
          decimals.reAlloc();
        }
        decimals.getDataBuffer().setBytes(16L * index, littleEndian);
        decimals.setIndexDefined(index);
      }
      case VARCHAR -> ((VarCharVector) vector).setSafe(index, NestedCodec.getBytes(item));
      case VARBINARY -> ((VarBinaryVector) vector).setSafe(index, NestedCodec.getBytes(item));
      default -> putInteger(vector, index, NestedCodec.getLong(item, type.kind().width()));
    }
  }

  private static void putInteger(FieldVector vector, int index, long value) {
    if (vector instanceof TinyIntVector integers) {
      integers.setSafe(index, (int) value);
    } else if (vector instanceof SmallIntVector integers) {
      integers.setSafe(index, (int) value);
    } else if (vector instanceof IntVector integers) {
      integers.setSafe(index, (int) value);
    } else if (vector instanceof BigIntVector integers) {
      integers.setSafe(index, value);
    } else if (vector instanceof DateDayVector days) {
      days.setSafe(index, (int) value);
    } else if (vector instanceof TimeMicroVector times) {
      times.setSafe(index, value);
    } else {
      ((TimeStampVector) vector).setSafe(index, value);
    }
  }

  private static void putList(ListVector list, int index, DataType type, long items) {
    int start = list.startNewValue(index);
    int count = 0;
    for (long at = items; !NestedBytes.isEnd(at); at = NestedBytes.afterEntry(type, at)) {
      if (type.kind() == DataType.Kind.MAP) {
        StructVector entries = (StructVector) list.getDataVector();
        entries.setIndexDefined(start + count);
        putFields(entries, start + count, type, at);
      } else {
        putItem(list.getDataVector(), start + count, type.element(), at);
      }
      count++;
    }
    list.endValue(index, count);
  }

  private static void putFields(StructVector struct, int index, DataType type, long items) {
    long at = items;
    for (int i = 0; i < type.children().size(); i++) {
      DataType child = type.children().get(i).type();
      putItem((FieldVector) struct.getChildByOrdinal(i), index, child, at);
      at = NestedBytes.afterItem(child, at);
    }
  }

  private static void putItem(FieldVector vector, int index, DataType type, long item) {
    if (NestedBytes.isNull(item)) {
      putNull(vector, index);
    } else {
      put(vector, index, type, item);
    }
  }
}
