package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.StateHeap;
import java.util.ArrayList;
import java.util.List;

/**
 * What was last emitted of a group, kept in the last words of its row, so that EMIT EVERY can take it
 * back: {@code [1 dirty | 2 emitted][NULL bits][values]}. Immutable.
 */
public final class EmittedRow {
  private static final int DIRTY = 1;
  private static final int EMITTED = 2;

  private final int offset;
  private final int firstColumn;
  private final DataType[] types;
  private final int[] valueOffsets;

  /**
   * @param offset where the words begin in a row
   * @param firstColumn the first column of the output that is kept; those before it never change
   */
  public EmittedRow(Schema output, int firstColumn, int offset) {
    this.offset = offset;
    this.firstColumn = firstColumn;
    this.types = new DataType[output.size() - firstColumn];
    this.valueOffsets = new int[types.length];
    int at = offset + 8 + 8 * nullWords(types.length);
    for (int i = 0; i < types.length; i++) {
      types[i] = output.field(firstColumn + i).type();
      valueOffsets[i] = at;
      at += 8 * words(types[i]);
    }
  }

  /** Words needed to keep the columns of {@code output} from {@code firstColumn} on. */
  public static int words(Schema output, int firstColumn) {
    int words = 1 + nullWords(output.size() - firstColumn);
    for (Field field : output.fields().subList(firstColumn, output.size())) {
      words += words(field.type());
    }
    return words;
  }

  /** Offsets of the views of texts among the words, from the row's start. */
  public static List<Integer> texts(Schema output, int firstColumn, int offset) {
    EmittedRow row = new EmittedRow(output, firstColumn, offset);
    List<Integer> texts = new ArrayList<>();
    for (int i = 0; i < row.types.length; i++) {
      if (row.types[i].isVariableWidth()) {
        texts.add(row.valueOffsets[i]);
      }
    }
    return texts;
  }

  private static int nullWords(int columns) {
    return (columns + 63) >>> 6;
  }

  private static int words(DataType type) {
    return type.isVariableWidth() || type.kind() == DataType.Kind.DECIMAL ? 2 : 1;
  }

  /** Whether the group changed since it was emitted. */
  public boolean isDirty(long row) {
    return (Memory.getLong(row + offset) & DIRTY) != 0;
  }

  /** Whether the group was emitted and not taken back. */
  public boolean isEmitted(long row) {
    return (Memory.getLong(row + offset) & EMITTED) != 0;
  }

  /** Marks a row dirty and says whether it was not before. */
  boolean markDirty(long row) {
    long flags = Memory.getLong(row + offset);
    Memory.putLong(row + offset, flags | DIRTY);
    return (flags & DIRTY) == 0;
  }

  public void clearDirty(long row) {
    Memory.putLong(row + offset, Memory.getLong(row + offset) & ~DIRTY);
  }

  /** Writes what was emitted to row {@code at} of the output. */
  void write(long row, Batch out, int at) {
    for (int i = 0; i < types.length; i++) {
      Column column = out.column(firstColumn + i);
      long value = row + valueOffsets[i];
      if (Memory.getBit(row + offset + 8, i)) {
        column.setNull(at);
        continue;
      }
      switch (types[i].kind()) {
        case VARCHAR, VARBINARY, ARRAY, MAP, ROW ->
            column.putBytes(at, Keys.bytes(value), Memory.getInt(value));
        case DECIMAL -> column.putDecimal(at, Memory.getLong(value), Memory.getLong(value + 8));
        case REAL, DOUBLE -> column.putDouble(at, Memory.getDouble(value));
        default -> column.putLong(at, Memory.getLong(value));
      }
    }
  }

  /** Remembers row {@code at} of the output as what was emitted. */
  void save(long row, Batch out, int at, StateHeap heap) {
    Memory.putLong(row + offset, Memory.getLong(row + offset) | EMITTED);
    for (int i = 0; i < types.length; i++) {
      Column column = out.column(firstColumn + i);
      long value = row + valueOffsets[i];
      if (types[i].isVariableWidth()) {
        saveText(column, at, value, heap);
      }
      if (column.isNull(at)) {
        Memory.setBit(row + offset + 8, i);
        continue;
      }
      Memory.clearBit(row + offset + 8, i);
      switch (types[i].kind()) {
        case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {}
        case DECIMAL -> {
          Memory.putLong(value, column.getDecimalLow(at));
          Memory.putLong(value + 8, column.getDecimalHigh(at));
        }
        case REAL, DOUBLE -> Memory.putDouble(value, column.getDouble(at));
        default -> Memory.putLong(value, column.getLong(at));
      }
    }
  }

  private static void saveText(Column column, int at, long value, StateHeap heap) {
    long offsets = column.offsetsAddress() + 4L * at;
    int start = Memory.getInt(offsets);
    TextState.set(value, column.dataAddress() + start, Memory.getInt(offsets + 4) - start, heap);
  }

  /** Forgets what was emitted, and frees its texts. */
  public void forget(long row, StateHeap heap) {
    for (int i = 0; i < types.length; i++) {
      if (types[i].isVariableWidth()) {
        TextState.set(row + valueOffsets[i], 0, 0, heap);
      }
    }
    Memory.putLong(row + offset, 0);
  }
}
