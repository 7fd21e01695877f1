package io.laminardb.core.operator.match;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.operator.aggregate.Sums;
import io.laminardb.core.state.Keys;

/**
 * Some words of a partial match that tell about its rows of some variables. All zeros are those of
 * no row. Rows are noted by their number plus 1. One thread.
 */
abstract class Register {
  final long variables;
  final int at; // in bytes from the first word

  Register(long variables, int at) {
    this.variables = variables;
    this.at = at;
  }

  /** Words it takes. */
  abstract int words();

  /** Adds a row, whose bytes are given, to the words at {@code words}. */
  abstract void add(long words, long number, long bytes);

  /** The first rows. */
  static final class First extends Register {
    private final int depth;

    First(long variables, int at, int depth) {
      super(variables, at);
      this.depth = depth;
    }

    @Override
    int words() {
      return depth;
    }

    @Override
    void add(long words, long number, long bytes) {
      for (int i = 0; i < depth; i++) {
        long word = words + at + 8L * i;
        if (Memory.getLong(word) == 0) {
          Memory.putLong(word, number + 1);
          return;
        }
      }
    }
  }

  /** The last rows, the very last one first. */
  static final class Last extends Register {
    private final int depth;

    Last(long variables, int at, int depth) {
      super(variables, at);
      this.depth = depth;
    }

    @Override
    int words() {
      return depth;
    }

    @Override
    void add(long words, long number, long bytes) {
      for (int i = depth - 1; i > 0; i--) {
        long word = words + at + 8L * i;
        Memory.putLong(word, Memory.getLong(word - 8));
      }
      Memory.putLong(words + at, number + 1);
    }
  }

  /** How many rows, or how many whose column is not NULL. */
  static final class Count extends Register {
    private final int column;

    Count(long variables, int at, int column) {
      super(variables, at);
      this.column = column;
    }

    @Override
    int words() {
      return 1;
    }

    @Override
    void add(long words, long number, long bytes) {
      if (column < 0 || !RowCodec.isNull(bytes, column)) {
        Memory.putLong(words + at, Memory.getLong(words + at) + 1);
      }
    }
  }

  /** How many values, and their sum: 128 bits, or a double. */
  static final class Sum extends Register {
    private final RowCodec codec;
    private final int column;
    private final DataType.Kind kind;

    Sum(long variables, int at, RowCodec codec, int column) {
      super(variables, at);
      this.codec = codec;
      this.column = column;
      this.kind = codec.schema().field(column).type().kind();
    }

    @Override
    int words() {
      return 3;
    }

    @Override
    void add(long words, long number, long bytes) {
      if (RowCodec.isNull(bytes, column)) {
        return;
      }
      Memory.putLong(words + at, Memory.getLong(words + at) + 1);
      long sum = words + at + 8;
      switch (kind) {
        case REAL, DOUBLE ->
            Memory.putDouble(sum, Memory.getDouble(sum) + codec.getDouble(bytes, column));
        case DECIMAL -> {
          long low = codec.getDecimalLow(bytes, column);
          long high = codec.getDecimalHigh(bytes, column);
          Sums.checkWide(sum, low, high, 1, "SUM");
          Sums.addWide(sum, low, high);
        }
        default -> {
          long value = codec.getLong(bytes, column);
          Sums.addWide(sum, value, value >> 63);
        }
      }
    }
  }

  /** The row with the least or greatest value, the first of equal ones. */
  static final class Extreme extends Register {
    private final RowCodec codec;
    private final int column;
    private final boolean greatest;
    private final MatchRows rows;
    private final DataType.Kind kind;
    private final Utf8 text = new Utf8();
    private final Utf8 otherText = new Utf8();

    Extreme(long variables, int at, RowCodec codec, int column, boolean greatest, MatchRows rows) {
      super(variables, at);
      this.codec = codec;
      this.column = column;
      this.greatest = greatest;
      this.rows = rows;
      this.kind = codec.schema().field(column).type().kind();
    }

    @Override
    int words() {
      return 1;
    }

    @Override
    void add(long words, long number, long bytes) {
      if (RowCodec.isNull(bytes, column)) {
        return;
      }
      long known = Memory.getLong(words + at);
      int order = known == 0 ? 0 : compare(bytes, rows.bytes(known - 1));
      if (known == 0 || (greatest ? order > 0 : order < 0)) {
        Memory.putLong(words + at, number + 1);
      }
    }

    private int compare(long row, long other) {
      switch (kind) {
        case REAL, DOUBLE -> {
          return Long.compare(
              Keys.orderOfDouble(codec.getDouble(row, column)),
              Keys.orderOfDouble(codec.getDouble(other, column)));
        }
        case DECIMAL -> {
          int high =
              Long.compare(codec.getDecimalHigh(row, column), codec.getDecimalHigh(other, column));
          return high != 0
              ? high
              : Long.compareUnsigned(
                  codec.getDecimalLow(row, column), codec.getDecimalLow(other, column));
        }
        case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
          codec.getText(row, column, text);
          codec.getText(other, column, otherText);
          return text.compareWith(otherText);
        }
        default -> {
          return Long.compare(codec.getLong(row, column), codec.getLong(other, column));
        }
      }
    }
  }
}
