package io.laminardb.core.operator;

/**
 * The present rows of a table or view by the values of some of its columns: those that are kept for it
 * anyway, and no copy. As of the moment it is asked. On the thread of the operators.
 */
public interface TableRows extends AutoCloseable {
  /** Takes the rows that are found. */
  interface Found {
    /**
     * A row.
     *
     * @param address its bytes, as {@link io.laminardb.core.batch.RowCodec} writes them; valid during
     *     the call
     * @param copies how often it is there, at least once
     */
    void row(long address, int length, long copies);
  }

  /**
   * Tells the rows of a key, in the order they came.
   *
   * @param keySource as {@link io.laminardb.core.state.RowProbe#key} makes it of columns of the same
   *     types, in the order of the index
   */
  void find(long keySource, Found found);

  /** Nobody asks any more. */
  @Override
  void close();
}
