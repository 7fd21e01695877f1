package io.laminardb;

/**
 * A {@link Table} that takes records. Threading, back-pressure and errors are the table's.
 *
 * @param <T> a record (or class) whose components are the columns
 */
public interface TypedTable<T> {
  /** Puts a row in; where the table has a key, in the place of the one with the same key. */
  void upsert(T record);

  /** As {@link #upsert}; false when the handle is full. */
  boolean tryUpsert(T record);

  /** Takes the row of the record's key out; in a table without a key, the very row. */
  void delete(T record);

  /** The handle the records go through. */
  Table table();
}
