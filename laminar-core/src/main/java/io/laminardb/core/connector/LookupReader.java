package io.laminardb.core.connector;

import io.laminardb.core.error.LaminarException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Asks a table outside for rows by key. May block; one thread at a time.
 *
 * <p>Values are of the classes Boolean, Long (of whole numbers, and of DATE, TIME and TIMESTAMP in the
 * units of their column), Double (of REAL, too), BigDecimal, String and byte[]; null for NULL.
 */
public interface LookupReader extends AutoCloseable {
  /**
   * Reads all rows whose key columns equal one of {@code keys}; others may come, too, and are left out.
   *
   * @param keys of each key the values of its columns, none of them null
   * @param rows takes each row, all columns of the table
   * @throws LaminarException where the data cannot be what the table declares; asking again does not
   *     help
   * @throws Exception what else fails; asking again may help, and begins with a new connection
   */
  void read(List<Object[]> keys, Consumer<Object[]> rows) throws Exception;

  /** Gives up the connection; the next {@link #read} makes a new one. Throws nothing. */
  @Override
  void close();
}
