package io.laminardb.core.operator.sort;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.memory.Memory;
import java.util.List;

/** Compares rows by sort keys: NaN is the greatest number, text goes by its UTF-8 bytes. */
final class RowOrder {
  private final List<SortOperator.Key> keys;

  RowOrder(List<SortOperator.Key> keys) {
    this.keys = keys;
  }

  /** Negative when the left row comes first. */
  int compare(Batch left, int leftRow, Batch right, int rightRow) {
    for (SortOperator.Key key : keys) {
      int order =
          compare(key, left.column(key.column()), leftRow, right.column(key.column()), rightRow);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int compare(
      SortOperator.Key key, Column left, int leftRow, Column right, int rightRow) {
    boolean leftNull = left.isNull(leftRow);
    boolean rightNull = right.isNull(rightRow);
    if (leftNull || rightNull) {
      if (leftNull == rightNull) {
        return 0;
      }
      return leftNull == key.nullsFirst() ? -1 : 1;
    }
    int order = values(left, leftRow, right, rightRow);
    return key.descending() ? -order : order;
  }

  private static int values(Column left, int leftRow, Column right, int rightRow) {
    return switch (left.type().kind()) {
      case REAL, DOUBLE -> Double.compare(zero(left, leftRow), zero(right, rightRow));
      case DECIMAL -> decimals(left, leftRow, right, rightRow);
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> bytes(left, leftRow, right, rightRow);
      default -> Long.compare(left.getLong(leftRow), right.getLong(rightRow));
    };
  }

  /** -0.0 and 0.0 are equal in SQL. */
  private static double zero(Column column, int row) {
    return column.getDouble(row) + 0.0;
  }

  private static int decimals(Column left, int leftRow, Column right, int rightRow) {
    int high = Long.compare(left.getDecimalHigh(leftRow), right.getDecimalHigh(rightRow));
    return high != 0
        ? high
        : Long.compareUnsigned(left.getDecimalLow(leftRow), right.getDecimalLow(rightRow));
  }

  private static int bytes(Column left, int leftRow, Column right, int rightRow) {
    int leftStart = offset(left, leftRow);
    int rightStart = offset(right, rightRow);
    int leftLength = offset(left, leftRow + 1) - leftStart;
    int rightLength = offset(right, rightRow + 1) - rightStart;
    int common = Math.min(leftLength, rightLength);
    for (int i = 0; i < common; i++) {
      int order =
          (Memory.getByte(left.dataAddress() + leftStart + i) & 0xff)
              - (Memory.getByte(right.dataAddress() + rightStart + i) & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return leftLength - rightLength;
  }

  private static int offset(Column column, int row) {
    return Memory.getInt(column.offsetsAddress() + ((long) row << 2));
  }
}
