package io.laminardb.connector.files;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowFormat;
import io.laminardb.core.connector.BadRecordHandler;
import io.laminardb.core.connector.SourceDemand;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.nio.charset.StandardCharsets;

/** Turns the records of one file into rows. One thread; owns its input. */
abstract class FileRows implements AutoCloseable {
  private static final int EXCERPT_BYTES = 60;

  final FileInput input;
  final SourceOptions options;
  final Schema schema;
  final CellWriter cells;
  private final BadRecordHandler badRecords;
  SourceDemand demand;

  FileRows(FileInput input, SourceOptions options, Schema schema, BadRecordHandler badRecords) {
    this.input = input;
    this.options = options;
    this.schema = schema;
    this.badRecords = badRecords;
    this.cells = new CellWriter(options.timestamps());
    this.demand = SourceDemand.all(schema);
  }

  /** Reads what is wanted from the next row on. */
  void demand(SourceDemand newDemand) {
    demand = newDemand;
  }

  static FileRows open(
      FileInput input, SourceOptions options, Schema schema, BadRecordHandler badRecords) {
    return switch (options.format()) {
      case CSV -> new CsvRows(input, options, schema, badRecords);
      case JSON -> new JsonRows(input, options, schema, badRecords);
    };
  }

  FileInput input() {
    return input;
  }

  /**
   * Appends the next record that is a row to {@code into}, which has room.
   *
   * @return false if there is no complete record (for good, if the input {@linkplain
   *     FileInput#isLast is the last})
   */
  abstract boolean readRow(Batch into);

  /** Reads what stands before the first record, so that a later one can be skipped to. */
  abstract boolean readHeader();

  /** Skips the bad record that ends at {@code end}, or throws with the input still before it. */
  final void reject(Batch into, LaminarException badRecord, int end, int lines) {
    for (int i = 0; i < schema.size(); i++) {
      Column column = into.column(i);
      if (column.validityAddress() != 0) {
        Memory.setBit(column.validityAddress(), into.rowCount());
      }
    }
    badRecords.handle(badRecord);
    advance(end, lines);
  }

  final void advance(int end, int lines) {
    input.position = end;
    input.line += lines;
  }

  final void endRow(Batch into, int weight) {
    if (schema.isChangelog()) {
      into.endRow(weight);
    } else {
      into.endRow();
    }
  }

  final LaminarException badRecord(long line, String what) {
    return new LaminarException(
            ErrorCode.BAD_RECORD, "file \"" + input.path() + "\", line " + line + ": " + what + ".")
        .mend("Correct the file, or set on_error = 'skip' to leave such records out.");
  }

  final LaminarException badCell(
      long line, String name, DataType type, byte[] bytes, int from, int to) {
    boolean text = type.kind() == DataType.Kind.VARCHAR && !CellWriter.isUtf8(bytes, from, to);
    String excerpt = excerpt(bytes, from, to);
    return new LaminarException(
            ErrorCode.BAD_RECORD,
            place(line, name)
                + (text ? excerpt + " is not UTF-8." : excerpt + " is no " + type + "."))
        .mend(
            text
                ? "Convert the file to UTF-8, or set on_error = 'skip' to leave such records out."
                : "Correct the file, declare the column as VARCHAR, or set on_error = 'skip' to"
                    + " leave such records out.");
  }

  final LaminarException nullCell(long line, String name) {
    return new LaminarException(
            ErrorCode.BAD_RECORD, place(line, name) + "NULL in a column that is NOT NULL.")
        .mend("Drop NOT NULL, or set on_error = 'skip' to leave such records out.");
  }

  final LaminarException badWeight(long line, byte[] bytes, int from, int to) {
    return badRecord(
        line,
        "column \""
            + RowFormat.WEIGHT_COLUMN
            + "\": "
            + excerpt(bytes, from, to)
            + " is not 1 or -1");
  }

  private String place(long line, String name) {
    return "file \"" + input.path() + "\", line " + line + ", column \"" + name + "\": ";
  }

  private static String excerpt(byte[] bytes, int from, int to) {
    int shown = Math.min(to - from, EXCERPT_BYTES);
    String text = new String(bytes, from, shown, StandardCharsets.UTF_8);
    return "\"" + text + (shown < to - from ? "..\"" : "\"");
  }

  @Override
  public void close() {
    cells.close();
    input.close();
  }
}
