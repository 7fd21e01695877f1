package io.laminardb.sql.catalog;

import java.util.List;

/**
 * A column that is a time attribute: watermarks speak about it.
 *
 * @param column index in the schema
 * @param origins the source columns it passes on unchanged; empty for the bounds of windows
 * @param isOrdered false where rows come long after their time, as a join emits them when their match
 *     comes: it says when they happened, and no watermark says that one is late
 */
public record TimeColumn(int column, List<SourceColumn> origins, boolean isOrdered) {
  public TimeColumn {
    origins = List.copyOf(origins);
  }

  /** A time attribute that watermarks speak about. */
  public TimeColumn(int column, List<SourceColumn> origins) {
    this(column, origins, true);
  }

  /** The same as another column. */
  public TimeColumn at(int newColumn) {
    return new TimeColumn(newColumn, origins, isOrdered);
  }

  /** The same in rows that come long after their time. */
  public TimeColumn unordered() {
    return new TimeColumn(column, origins, false);
  }
}
