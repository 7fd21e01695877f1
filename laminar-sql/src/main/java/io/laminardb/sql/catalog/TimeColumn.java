package io.laminardb.sql.catalog;

import java.util.List;

/**
 * A column that is a time attribute: watermarks speak about it.
 *
 * @param column index in the schema
 * @param origins the source columns it passes on unchanged; empty for the bounds of windows
 */
public record TimeColumn(int column, List<SourceColumn> origins) {
  public TimeColumn {
    origins = List.copyOf(origins);
  }
}
