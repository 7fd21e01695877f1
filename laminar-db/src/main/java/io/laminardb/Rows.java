package io.laminardb;

import io.laminardb.core.batch.Schema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The rows of a query. A query over views and tables answers a consistent snapshot, complete when it
 * is returned. A query over a source or stream is <em>live</em>: iteration waits for the next row, as
 * long as the query runs. Rows are immutable copies.
 *
 * <p><b>Threading.</b> One thread at a time. {@link #close} may be called from another one and ends
 * the iteration. Closing a live query drops it.
 */
public abstract class Rows implements Iterable<Row>, AutoCloseable {
  private final Schema schema;

  protected Rows(Schema schema) {
    this.schema = schema;
  }

  /** The columns. */
  public final Schema schema() {
    return schema;
  }

  /** Whether more rows may come for ever. */
  public abstract boolean isLive();

  /**
   * The next row, waiting for at most {@code timeout}; null when none came, or when there are no
   * more.
   */
  public abstract Row next(Duration timeout);

  /** All rows that are there now, without waiting. */
  public List<Row> drain() {
    List<Row> rows = new ArrayList<>();
    for (Row row = next(Duration.ZERO); row != null; row = next(Duration.ZERO)) {
      rows.add(row);
    }
    return rows;
  }

  /** The rows to come; {@code hasNext} of a live query waits. */
  @Override
  public abstract Iterator<Row> iterator();

  @Override
  public abstract void close();
}
