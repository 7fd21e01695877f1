package io.laminardb.sql.catalog;

import java.util.List;

/**
 * A column that is a time attribute: watermarks speak about it.
 *
 * @param column index in the schema
 * @param origins the source columns it passes on unchanged; empty for the bounds of windows
 * @param isOrdered false where rows come long after their time, as a join emits them when their match
 *     comes: it says when they happened, and no watermark says that one is late
 * @param isByKey whether it is a bound of windows that close each by the time of its key: a new key may
 *     begin before the watermark
 */
public record TimeColumn(
    int column, List<SourceColumn> origins, boolean isOrdered, boolean isByKey) {
  public TimeColumn {
    origins = List.copyOf(origins);
  }

  /** A time attribute that watermarks speak about. */
  public TimeColumn(int column, List<SourceColumn> origins) {
    this(column, origins, true);
  }

  /** A time attribute of all keys. */
  public TimeColumn(int column, List<SourceColumn> origins, boolean isOrdered) {
    this(column, origins, isOrdered, false);
  }

  /** A bound of windows that are over once the watermark has passed it: it comes of no source. */
  public boolean isBound() {
    return isOrdered && !isByKey && origins.isEmpty();
  }

  /** The same as another column. */
  public TimeColumn at(int newColumn) {
    return new TimeColumn(newColumn, origins, isOrdered, isByKey);
  }

  /** The same in rows that come long after their time. */
  public TimeColumn unordered() {
    return new TimeColumn(column, origins, false, isByKey);
  }
}
