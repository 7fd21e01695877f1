package io.laminardb.connector.files;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowFormat;
import io.laminardb.core.connector.BadRecordHandler;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.SourceDemand;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of a CSV file: columns by the names of the header, or by position without one. */
final class CsvRows extends FileRows {
  private static final int ABSENT = -1;

  private final CsvSplitter splitter;
  private final int[] fieldOfColumn;
  private int[] first; // columns to read of every row
  private int[] then; // of rows that are kept
  private int weightField = ABSENT;
  private int headerFields = ABSENT; // ABSENT until the header is read
  private byte[] unescaped = new byte[64];

  CsvRows(FileInput input, SourceOptions options, Schema schema, BadRecordHandler badRecords) {
    super(input, options, schema, badRecords);
    splitter = new CsvSplitter(options.delimiter(), options.quote());
    fieldOfColumn = new int[schema.size()];
    for (int i = 0; i < fieldOfColumn.length; i++) {
      fieldOfColumn[i] = i;
    }
    weightField = schema.isChangelog() ? schema.size() : ABSENT;
    demand(demand);
  }

  @Override
  void demand(SourceDemand newDemand) {
    super.demand(newDemand);
    first = newDemand.first().stream().toArray();
    then = newDemand.wanted().stream().filter(column -> !newDemand.first().get(column)).toArray();
  }

  @Override
  boolean readHeader() {
    if (!options.header() || headerFields >= 0) {
      return true;
    }
    int end = splitter.splitNext(input);
    if (end < 0) {
      return false;
    }
    List<String> names = headerNames(splitter, input.bytes);
    for (int i = 0; i < fieldOfColumn.length; i++) {
      fieldOfColumn[i] = find(names, schema.field(i).name());
    }
    weightField = schema.isChangelog() ? indexOf(names, RowFormat.WEIGHT_COLUMN) : ABSENT;
    headerFields = names.size();
    advance(end, splitter.lines());
    return true;
  }

  /** The fields of the record split last, as column names. */
  static List<String> headerNames(CsvSplitter splitter, byte[] bytes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < splitter.count(); i++) {
      int length = splitter.end(i) - splitter.start(i);
      byte[] name = Arrays.copyOfRange(bytes, splitter.start(i), splitter.end(i));
      if (splitter.isEscaped(i)) {
        length = splitter.unescape(bytes, i, name);
      }
      names.add(new String(name, 0, length, StandardCharsets.UTF_8).strip());
    }
    return names;
  }

  private int find(List<String> names, String column) {
    int field = indexOf(names, column);
    if (field == ABSENT) {
      throw new LaminarException(
              ErrorCode.COLUMN_NOT_FOUND,
              "file \""
                  + input.path()
                  + "\" has no column \""
                  + column
                  + "\": its header names "
                  + String.join(", ", names)
                  + ".")
          .mend(
              ConnectorOptions.didYouMean(
                  column, names, "Set header = 'false' if its first line is a row already."));
    }
    return field;
  }

  private static int indexOf(List<String> names, String column) {
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equalsIgnoreCase(column)) {
        return i;
      }
    }
    return ABSENT;
  }

  @Override
  boolean readRow(Batch into) {
    if (!readHeader()) {
      return false;
    }
    while (true) {
      int end = splitter.splitNext(input);
      if (end < 0) {
        return false;
      }
      if (isEmptyLine()) {
        advance(end, 1);
        continue;
      }
      LaminarException problem = writeRow(into);
      if (problem == null) {
        advance(end, splitter.lines());
        return true;
      }
      reject(into, problem, end, splitter.lines());
    }
  }

  /** Whether the record is a line without anything, and not the NULL of a single column. */
  private boolean isEmptyLine() {
    boolean empty =
        splitter.count() == 1 && !splitter.isQuoted(0) && splitter.start(0) == splitter.end(0);
    return empty && (options.header() ? headerFields : schema.size()) > 1;
  }

  /** Writes the split record as a row; answers what is wrong with it, or null. */
  private LaminarException writeRow(Batch into) {
    if (splitter.problem() != null) {
      return badRecord(input.line, splitter.problem());
    }
    int count = splitter.count();
    if (headerFields >= 0 && count != headerFields) {
      return badRecord(
          input.line, "the record has " + fields(count) + ", and the header " + headerFields);
    }
    LaminarException problem = writeCells(into, first);
    if (problem != null) {
      return problem;
    }
    if (then.length > 0) {
      if (demand.filter().keeps(into, into.rowCount())) {
        problem = writeCells(into, then);
      } else {
        writeNothing(into);
      }
    }
    return problem == null ? endRow(into) : problem;
  }

  /** Nobody reads the rest of the row: only texts need a place. */
  private void writeNothing(Batch into) {
    for (int i : then) {
      if (schema.field(i).type().isVariableWidth()) {
        into.column(i).putBytes(into.rowCount(), unescaped, 0, 0);
      }
    }
  }

  private LaminarException writeCells(Batch into, int[] columns) {
    int count = splitter.count();
    int row = into.rowCount();
    for (int i : columns) {
      int field = fieldOfColumn[i];
      Field column = schema.field(i);
      if (field >= count) {
        return badRecord(
            input.line,
            "the record has "
                + fields(count)
                + ", and column \""
                + column.name()
                + "\" is number "
                + (field + 1));
      }
      if (isNull(field, column.type())) {
        if (!column.nullable()) {
          return nullCell(input.line, column.name());
        }
        into.column(i).setNull(row);
      } else if (!writeCell(field, into.column(i), row)) {
        return badCell(
            input.line,
            column.name(),
            column.type(),
            input.bytes,
            splitter.start(field),
            splitter.end(field));
      }
    }
    return null;
  }

  private LaminarException endRow(Batch into) {
    int weight = 1;
    if (weightField != ABSENT && weightField < splitter.count()) {
      int from = splitter.start(weightField);
      int length = splitter.end(weightField) - from;
      weight = length == 2 && input.bytes[from] == '-' ? -1 : 1;
      if (length < 1
          || length > 2
          || input.bytes[from + length - 1] != '1'
          || (length == 2 && weight > 0)) {
        return badWeight(input.line, input.bytes, from, from + length);
      }
    }
    endRow(into, weight);
    return null;
  }

  private static String fields(int count) {
    return count == 1 ? "1 field" : count + " fields";
  }

  private boolean writeCell(int field, Column column, int row) {
    int from = splitter.start(field);
    int to = splitter.end(field);
    if (!splitter.isEscaped(field)) {
      return cells.write(input.bytes, from, to, column, row);
    }
    if (unescaped.length < to - from) {
      unescaped = new byte[(to - from) * 2];
    }
    int length = splitter.unescape(input.bytes, field, unescaped);
    return cells.write(unescaped, 0, length, column, row);
  }

  private boolean isNull(int field, DataType type) {
    int from = splitter.start(field);
    int to = splitter.end(field);
    if (from == to && type.kind() != DataType.Kind.VARCHAR) {
      return true;
    }
    if (splitter.isQuoted(field)) {
      return false;
    }
    List<byte[]> nullTexts = options.nullTexts();
    if (from == to && nullTexts.isEmpty()) {
      return true;
    }
    for (int i = 0; i < nullTexts.size(); i++) {
      byte[] text = nullTexts.get(i);
      if (Arrays.equals(text, 0, text.length, input.bytes, from, to)) {
        return true;
      }
    }
    return false;
  }
}
