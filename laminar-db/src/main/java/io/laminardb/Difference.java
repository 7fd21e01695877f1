package io.laminardb;

/**
 * Where the rows of a view, or those that a subscription keeps of a stream, are not those that history gives.
 *
 * @param expected a row that the history gives and the view has not, or not as often; null where the
 *     view has a row too many
 * @param found the row that the view has in its place, or too many; null where it has none
 */
public record Difference(Row expected, Row found) {
  @Override
  public String toString() {
    return "expected " + expected + ", found " + found;
  }
}
