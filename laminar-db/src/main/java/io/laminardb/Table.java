package io.laminardb;

import io.laminardb.core.batch.Schema;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The way rows come into a table without SQL, and go. In a table with a PRIMARY KEY a row takes the
 * place of the one with its key; one without a key takes every row.
 *
 * <p><b>Threading and back-pressure</b> are those of a {@link Source}: one thread at a time uses a
 * handle, {@link #another} opens one for another thread. A row is in the table when the reactor has
 * taken it: inline when the call returns, else in a moment, and before a statement of the same thread
 * that changes the table.
 *
 * <p><b>Errors.</b> SCHEMA_MISMATCH, NULL_NOT_ALLOWED for values that do not fit their column;
 * CLOSED. A row is taken whole or not at all.
 */
public interface Table extends AutoCloseable {
  String name();

  Schema schema();

  /** Puts a row in, values in column order. Waits while the handle is full. */
  void upsert(Object... values);

  /** As {@link #upsert(Object...)}; false when the handle is full. */
  boolean tryUpsert(Object... values);

  /**
   * Puts the rows of an Arrow batch in without copying them; see {@link
   * Source#push(VectorSchemaRoot)}.
   */
  void upsert(VectorSchemaRoot root);

  /**
   * Takes the row of a key out, and does nothing where there is none.
   *
   * @param values those of the key, in the order the key was declared in, or of all columns. A table
   *     without a key needs all of them, and such a row must be there
   */
  void delete(Object... values);

  /**
   * A writer that writes rows in place, without allocating: {@code endRow} puts the row in, {@code
   * retractRow} takes it out. The same one every time.
   */
  RowWriter rows();

  /** Opens another handle, for another thread. */
  Table another();

  /** Lets go of the handle; the table stays. */
  @Override
  void close();
}
