package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Leaves out of a batch of changes the adjacent pairs (-1, +1) of equal rows. The batch itself is
 * passed on when there is none; else the rest is copied to a batch of our own.
 */
final class Unchanged implements AutoCloseable {
  private final Batch changes;
  private final BufferAllocator allocator;
  private Batch rest; // made when first needed
  private Batch result; // what the output has seen and not accepted

  Unchanged(Batch changes, BufferAllocator allocator) {
    this.changes = changes;
    this.allocator = allocator;
  }

  /** What is to be passed on; the same batch until {@link #clear}. */
  Batch compact() {
    if (result == null) {
      result = hasPair() ? copy() : changes;
    }
    return result;
  }

  void clear() {
    result = null;
    if (rest != null) {
      rest.clear();
    }
  }

  private boolean hasPair() {
    for (int row = 0; row + 1 < changes.rowCount(); row++) {
      if (isPair(row)) {
        return true;
      }
    }
    return false;
  }

  private Batch copy() {
    if (rest == null) {
      rest = new Batch(changes.schema(), changes.capacity(), allocator);
    }
    int run = 0;
    int row = 0;
    while (row < changes.rowCount()) {
      if (row + 1 < changes.rowCount() && isPair(row)) {
        append(run, row);
        row += 2;
        run = row;
      } else {
        row++;
      }
    }
    append(run, row);
    return rest;
  }

  private void append(int from, int to) {
    if (to > from) {
      rest.append(changes, from, to);
    }
  }

  private boolean isPair(int row) {
    if (changes.weight(row) != -1 || changes.weight(row + 1) != 1) {
      return false;
    }
    for (int i = 0; i < changes.schema().size(); i++) {
      if (!isSame(changes.column(i), row)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSame(Column column, int row) {
    boolean isNull = column.isNull(row);
    if (isNull || column.isNull(row + 1)) {
      return isNull && column.isNull(row + 1);
    }
    DataType.Kind kind = column.type().kind();
    return switch (kind) {
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
        int start = Memory.getInt(column.offsetsAddress() + ((long) row << 2));
        int middle = Memory.getInt(column.offsetsAddress() + ((long) row << 2) + 4);
        int end = Memory.getInt(column.offsetsAddress() + ((long) row << 2) + 8);
        yield middle - start == end - middle
            && Memory.equal(
                column.dataAddress() + start, column.dataAddress() + middle, middle - start);
      }
      case REAL, DOUBLE -> Numbers.same(column.getDouble(row), column.getDouble(row + 1));
      case DECIMAL ->
          column.getDecimalLow(row) == column.getDecimalLow(row + 1)
              && column.getDecimalHigh(row) == column.getDecimalHigh(row + 1);
      default -> column.getLong(row) == column.getLong(row + 1);
    };
  }

  @Override
  public void close() {
    if (rest != null) {
      rest.close();
      rest = null;
    }
  }
}
