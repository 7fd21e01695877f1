package io.laminardb.core.operator.match;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.aggregate.Sums;
import io.laminardb.core.operator.over.PartitionedRows;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes what is asked of a match into columns. One thread. */
final class PathWriter {
  private static final int NO_VARIABLE = -1;

  private final PathValue[] values;
  private final int[] places; // of their words, in bytes
  private final byte[][] names;
  private final RowCodec codec;
  private final MatchRows rows;

  // what the values are asked of
  private long registers;
  private int variable;
  private long current;
  private long matchNumber;

  /**
   * @param places of the words of each value among the registers, in bytes
   */
  PathWriter(
      List<PathValue> values, int[] places, List<String> names, RowCodec codec, MatchRows rows) {
    this.values = values.toArray(PathValue[]::new);
    this.places = places;
    this.names =
        names.stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    this.codec = codec;
    this.rows = rows;
  }

  /**
   * What follows is about a match so far.
   *
   * @param newRegisters its registers, or 0 of a match without rows
   * @param newVariable of its last row
   * @param row the number of the row that is meant where none is asked for
   * @param newMatchNumber 0 where there is no match at all
   */
  void open(long newRegisters, int newVariable, long row, long newMatchNumber) {
    registers = newRegisters;
    variable = newRegisters == 0 ? NO_VARIABLE : newVariable;
    current = row;
    matchNumber = newMatchNumber;
  }

  /** Whether a value of the whole match is asked for. */
  boolean isFinal(int index) {
    return values[index].isFinal();
  }

  /** Throws where a value does not fit into its column. */
  void check(int index, Column target) {
    if (values[index].kind() == PathValue.Kind.SUM && registers != 0) {
      DataType from = codec.schema().field(values[index].column()).type();
      if (target.type().kind() == DataType.Kind.BIGINT) {
        Sums.wideAsLong(registers + places[index] + 8, "SUM");
      } else if (from.kind() == DataType.Kind.DECIMAL) {
        Sums.checkPrecision(registers + places[index] + 8, target.type().precision(), "SUM");
      }
    }
  }

  /** Writes a value into a row of a column. */
  void write(int index, Column target, int row) {
    PathValue value = values[index];
    long words = registers + places[index];
    boolean isSome = registers != 0;
    switch (value.kind()) {
      case CURRENT -> codec.readValue(rows.bytes(current), value.column(), target, row);
      case MATCH_NUMBER -> {
        if (matchNumber == 0) {
          target.setNull(row);
        } else {
          target.putLong(row, matchNumber);
        }
      }
      case CLASSIFIER -> {
        if (variable == NO_VARIABLE) {
          target.setNull(row);
        } else {
          target.putBytes(row, names[variable], 0, names[variable].length);
        }
      }
      case FIRST, LAST, MIN, MAX ->
          writeOfRow(value, isSome ? Memory.getLong(words) : 0, target, row);
      case COUNT -> {
        if (matchNumber == 0) {
          target.setNull(row);
        } else {
          target.putLong(row, isSome ? Memory.getLong(words) : 0);
        }
      }
      case SUM, AVG -> {
        if (!isSome || Memory.getLong(words) == 0) {
          target.setNull(row);
        } else if (value.kind() == PathValue.Kind.SUM) {
          writeSum(words + 8, target, row);
        } else {
          target.putDouble(row, mean(value, words));
        }
      }
    }
  }

  /**
   * The value of a row.
   *
   * @param noted its number plus 1, or 0
   */
  private void writeOfRow(PathValue value, long noted, Column target, int row) {
    long found = noted == 0 ? 0 : rows.row(noted - 1 + (value.isNavigation() ? value.offset() : 0));
    if (found == 0) {
      target.setNull(row);
    } else {
      codec.readValue(PartitionedRows.bytesOf(found), value.column(), target, row);
    }
  }

  private static void writeSum(long sum, Column target, int row) {
    switch (target.type().kind()) {
      case DOUBLE -> target.putDouble(row, Memory.getDouble(sum));
      case DECIMAL -> target.putDecimal(row, Memory.getLong(sum), Memory.getLong(sum + 8));
      default -> target.putLong(row, Memory.getLong(sum));
    }
  }

  private double mean(PathValue value, long words) {
    DataType type = codec.schema().field(value.column()).type();
    long count = Memory.getLong(words);
    return switch (type.kind()) {
      case REAL, DOUBLE -> Memory.getDouble(words + 8) / count;
      case DECIMAL -> Sums.wideMean(words + 8, count, type.scale());
      default -> Sums.wideMean(words + 8, count, 0);
    };
  }
}
