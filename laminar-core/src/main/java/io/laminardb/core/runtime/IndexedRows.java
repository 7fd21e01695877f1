package io.laminardb.core.runtime;

import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.TableRows;
import io.laminardb.core.operator.changelog.UpsertOperator;
import java.util.List;

/** Rows of a stream that are kept by key, or by an index that is there as long as it is read. */
final class IndexedRows implements TableRows {
  private final RunningObjects objects;
  private final StreamOutput stream;
  private final OperatorNode keyed; // keeps the rows by the very columns; null for an index
  private final List<Integer> columns;
  private boolean closed;

  /**
   * @param keyed what keeps the rows by their key; null to read an index
   */
  IndexedRows(
      RunningObjects objects, StreamOutput stream, OperatorNode keyed, List<Integer> columns) {
    this.objects = objects;
    this.stream = stream;
    this.keyed = keyed;
    this.columns = columns;
  }

  @Override
  public void find(long keySource, Found found) {
    LaminarException failure = stream.failure();
    if (failure != null) {
      throw new LaminarException(
              failure.code(),
              "\"" + stream.name + "\" cannot be read any more: " + failure.problem(),
              failure)
          .mend(failure.mend());
    }
    if (keyed != null) {
      ((UpsertOperator) keyed.operator()).find(keySource, found);
    } else {
      stream.content.find(columns, keySource, found);
    }
  }

  @Override
  public void close() {
    if (keyed == null && !closed) {
      objects.dropIndex(stream.name, columns);
    }
    closed = true;
  }
}
