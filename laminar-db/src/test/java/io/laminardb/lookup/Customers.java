package io.laminardb.lookup;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** The other database: a table of customers 1 to 1000 in H2, behind the {@link Gate}. */
final class Customers implements AutoCloseable {
  static final String URL = "jdbc:h2:mem:lookup;DB_CLOSE_DELAY=-1";

  private final Connection h2;

  Customers() throws SQLException {
    Gate.reset();
    h2 = DriverManager.getConnection(URL);
    execute("CREATE ALIAS GATE FOR \"io.laminardb.lookup.Gate.pass\"");
    execute("CREATE TABLE customers (id BIGINT PRIMARY KEY, name VARCHAR)");
    execute("INSERT INTO customers SELECT x, 'name ' || x FROM SYSTEM_RANGE(1, 1000)");
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = h2.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Statements that make a stream "named" of "orders" with the names of their customers.
   *
   * @param options of the lookup table, each behind a comma
   * @param with of the stream
   */
  static String named(String options, String with) {
    return "CREATE SOURCE orders (id INT, customer BIGINT);"
        + "CREATE LOOKUP TABLE customers (id BIGINT, name VARCHAR) FROM JDBC (url = '"
        + URL
        + "', query = 'SELECT id, GATE(name) AS name FROM customers'"
        + options
        + ");"
        + "CREATE STREAM named AS SELECT o.id, c.name FROM orders AS o"
        + " LEFT JOIN customers AS c ON o.customer = c.id "
        + with;
  }

  @Override
  public void close() throws SQLException {
    Gate.open();
    execute("SHUTDOWN");
    h2.close();
  }
}
