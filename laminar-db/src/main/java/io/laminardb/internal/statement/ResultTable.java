package io.laminardb.internal.statement;

import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.internal.receive.ListRows;
import io.laminardb.internal.row.BatchRowTarget;
import io.laminardb.internal.row.ColumnRowWriter;
import io.laminardb.internal.row.OwnedRow;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/** Collects the rows of a small answer, such as that of SHOW. */
final class ResultTable {
  private final Schema schema;
  private final List<Object[]> values = new ArrayList<>();

  ResultTable(Field... fields) {
    schema = Schema.appendOnly(fields);
  }

  ResultTable row(Object... columns) {
    values.add(columns);
    return this;
  }

  /** A row for each line of a text. */
  ResultTable lines(String text) {
    text.lines().forEach(this::row);
    return this;
  }

  Rows toRows(BufferAllocator allocator) {
    List<Row> rows = new ArrayList<>(values.size());
    try (Batch batch = new Batch(schema, Math.max(1, values.size()), allocator)) {
      ColumnRowWriter writer = new ColumnRowWriter(new BatchRowTarget(batch), "the answer");
      for (Object[] row : values) {
        writer.push(1, false, row);
      }
      rows.addAll(rowsOf(batch));
    }
    return new ListRows(schema, rows);
  }

  /** Copies of the rows of a batch. */
  static List<Row> rowsOf(Batch batch) {
    List<Row> rows = new ArrayList<>(batch.size());
    for (int i = batch.from(); i < batch.to(); i++) {
      rows.add(OwnedRow.of(batch.schema(), batch, i));
    }
    return rows;
  }
}
