package io.laminardb.core.state;

/**
 * What hangs on the rows of a table and goes where they go, beyond what {@link RowLayout} knows: other rows, say.
 * Sizes are bytes; one thread.
 */
public interface Attachment {
  /** Writes what hangs on a row. */
  void write(long row, StateWriter writer);

  /** Hangs what {@link #write} wrote on a row, whose words are those it was written with. */
  void read(long row, StateReader reader);

  /** Frees what hangs on a row; the row means nothing then. */
  void free(long row);
}
