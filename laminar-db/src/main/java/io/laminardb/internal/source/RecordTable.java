package io.laminardb.internal.source;

import io.laminardb.Table;
import io.laminardb.TypedTable;

/** Puts records into a table. */
public final class RecordTable<T> implements TypedTable<T> {
  private final TableHandle table;
  private final RecordSource<T> records;

  public RecordTable(TableHandle table, Class<T> type) {
    this.table = table;
    this.records = new RecordSource<>(table.source(), type);
  }

  @Override
  public void upsert(T record) {
    records.push(record);
  }

  @Override
  public boolean tryUpsert(T record) {
    return records.tryPush(record);
  }

  @Override
  public void delete(T record) {
    records.retract(record);
  }

  @Override
  public Table table() {
    return table;
  }
}
