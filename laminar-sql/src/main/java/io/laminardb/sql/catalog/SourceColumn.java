package io.laminardb.sql.catalog;

/**
 * A column of a source whose values reached some later column unchanged.
 *
 * @param source name of the source
 * @param column its name there
 */
public record SourceColumn(String source, String column) {
  @Override
  public String toString() {
    return source + "." + column;
  }
}
