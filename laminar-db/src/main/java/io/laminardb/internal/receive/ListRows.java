package io.laminardb.internal.receive;

import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.core.batch.Schema;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/** A complete result. */
public final class ListRows extends Rows {
  private final Iterator<Row> rows;

  public ListRows(Schema schema, List<Row> rows) {
    super(schema);
    this.rows = rows.iterator();
  }

  @Override
  public boolean isLive() {
    return false;
  }

  @Override
  public Row next(Duration timeout) {
    return rows.hasNext() ? rows.next() : null;
  }

  @Override
  public Iterator<Row> iterator() {
    return rows;
  }

  @Override
  public void close() {}
}
