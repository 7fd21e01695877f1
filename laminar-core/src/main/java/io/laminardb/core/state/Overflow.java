package io.laminardb.core.state;

/** Where a row goes that a table is not to hold. One thread. */
public interface Overflow {
  /**
   * Whether a key that the table lacks goes here.
   *
   * @param moreBytes by which the table would grow if it took it; often 0
   */
  boolean takes(KeyedTable table, long moreBytes);

  /** A row of its own for a source: its key, and the state of a new group. */
  long add(long source);

  /** Whether a row was made here. */
  boolean holds(long row);
}
