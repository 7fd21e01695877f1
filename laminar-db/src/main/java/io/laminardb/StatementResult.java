package io.laminardb;

/**
 * What one statement did.
 *
 * @param statement its text
 * @param message for people, such as {@code stream vwap created}; null when there are rows
 * @param rows what it answered (SELECT, SHOW, DESCRIBE, EXPLAIN), or null; whoever gets the result of
 *     a live SELECT closes them
 */
public record StatementResult(String statement, String message, Rows rows) {
  /** Whether the statement answered rows. */
  public boolean hasRows() {
    return rows != null;
  }
}
