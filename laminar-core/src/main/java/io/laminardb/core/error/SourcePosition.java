package io.laminardb.core.error;

/**
 * A range in a SQL text. Lines and columns count from 1; the end is inclusive.
 *
 * @param line first line
 * @param column first column
 * @param endLine last line
 * @param endColumn last column, inclusive
 */
public record SourcePosition(int line, int column, int endLine, int endColumn) {
  public static SourcePosition at(int line, int column) {
    return new SourcePosition(line, column, line, column);
  }

  @Override
  public String toString() {
    return "line " + line + ", column " + column;
  }
}
