package io.laminardb.core.connector;

import io.laminardb.core.batch.Schema;
import java.util.List;
import java.util.function.Consumer;

/**
 * A table whose rows lie in a store of its own, by its PRIMARY KEY: {@code WITH (storage = '..')}. Joins
 * ask it for keys, statements read all of it and change it. It is opened when it is first used. Any
 * thread; rows are of the classes that {@link LookupReader} names, keys have their columns in the
 * order they were declared in.
 *
 * <p>Errors: CONNECTOR_FAILED where the store fails; IO_ERROR, SCHEMA_MISMATCH or OBJECT_IN_USE where it
 * cannot be opened.
 */
public interface TableStore extends LookupConnector, AutoCloseable {
  /**
   * What a statement says of a table.
   *
   * @param name for messages
   * @param key columns of its PRIMARY KEY, NOT NULL; empty where it has none
   * @param isRead whether nothing will be changed, whatever the options say
   */
  record Declared(String name, Schema schema, List<Integer> key, boolean isRead) {
    public Declared {
      key = List.copyOf(key);
    }
  }

  /** The row of a key, or null. */
  Object[] get(Object[] key);

  /** Gives every row, in no order; what changes meanwhile may be among them or not. */
  void forEach(Consumer<Object[]> rows);

  /** How many rows there are. */
  long rows();

  /**
   * Takes rows out by their keys, then puts rows in, each in the place of the one with its key. All or,
   * after a failure, nothing; a reader elsewhere may see some of it before the rest. One caller at a time.
   *
   * @throws io.laminardb.core.error.LaminarException NOT_SUPPORTED where it was opened to be read
   */
  void change(List<Object[]> keys, List<Object[]> rows);

  /** Lets the store go; what it holds stays. Again: does nothing. */
  @Override
  void close();
}
