package io.laminardb.internal.source;

import io.laminardb.Source;
import io.laminardb.TypedSource;
import io.laminardb.internal.record.RecordWriter;
import io.laminardb.internal.row.ColumnRowWriter;

/** Pushes records through a {@link PushSource}'s row writer. */
public final class RecordSource<T> implements TypedSource<T> {
  private final PushSource source;
  private final RecordWriter<T> records;
  private final ColumnRowWriter writer;

  public RecordSource(PushSource source, Class<T> type) {
    this.source = source;
    this.records = RecordWriter.of(type, source.owner(), source.schema());
    this.writer = source.writer();
  }

  @Override
  public void push(T record) {
    write(record, 1, true);
  }

  @Override
  public boolean tryPush(T record) {
    return write(record, 1, false);
  }

  @Override
  public void retract(T record) {
    source.checkRetraction(-1);
    write(record, -1, true);
  }

  private boolean write(T record, int weight, boolean wait) {
    return records.push(record, writer, weight, wait);
  }

  @Override
  public Source source() {
    return source;
  }
}
