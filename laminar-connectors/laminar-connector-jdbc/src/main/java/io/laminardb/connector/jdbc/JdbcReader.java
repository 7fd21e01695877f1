package io.laminardb.connector.jdbc;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupCondition;
import io.laminardb.core.connector.LookupReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;

/** Asks a database for rows by key, over a connection of its own that is made when it is needed. */
final class JdbcReader implements LookupReader {
  private final JdbcOptions options;
  private final Schema table;
  private final List<Integer> keys;
  private final Map<Integer, PreparedStatement> statements = new HashMap<>(); // by number of keys
  private final List<LookupCondition> conditions;
  private Connection connection;
  private JdbcColumns columns;

  JdbcReader(
      JdbcOptions options, Schema table, List<Integer> keys, List<LookupCondition> conditions) {
    this.conditions = List.copyOf(conditions);
    this.options = options;
    this.table = table;
    this.keys = List.copyOf(keys);
  }

  /** Connects, and looks for the columns. */
  static void check(JdbcOptions options, Schema table) {
    try (Connection connection = connect(options)) {
      JdbcColumns.of(connection, options.relation(), table, List.of(), List.of());
    } catch (SQLException e) {
      throw new LaminarException(
              ErrorCode.CONNECTOR_FAILED, "JDBC cannot read the table: " + message(e), e)
          .mend("Check url, user, password, and table or query.");
    }
  }

  private static Connection connect(JdbcOptions options) throws SQLException {
    try {
      DriverManager.getDriver(options.url());
    } catch (SQLException e) {
      throw new LaminarException(
              ErrorCode.CONNECTOR_FAILED,
              "no JDBC driver on the class path takes a url \"" + scheme(options.url()) + "..\".",
              e)
          .mend("Add the driver of that database to the class path.");
    }
    Properties properties = new Properties();
    if (options.user() != null) {
      properties.setProperty("user", options.user());
    }
    if (options.password() != null) {
      properties.setProperty("password", options.password());
    }
    return DriverManager.getConnection(options.url(), properties);
  }

  /** The url without what could be a secret. */
  private static String scheme(String url) {
    return url.substring(0, url.indexOf(':', 5) + 1);
  }

  @Override
  public void read(List<Object[]> wanted, Consumer<Object[]> rows) throws SQLException {
    try {
      PreparedStatement statement = statement(padded(wanted.size()));
      int parameter = 1;
      for (int i = 0; i < padded(wanted.size()); i++) {
        Object[] key = wanted.get(Math.min(i, wanted.size() - 1));
        for (int part = 0; part < key.length; part++) {
          JdbcValues.set(statement, parameter++, table.field(keys.get(part)).type(), key[part]);
        }
      }
      for (LookupCondition condition : columns.conditions()) {
        for (Object value : condition.values()) {
          JdbcValues.set(statement, parameter++, table.field(condition.column()).type(), value);
        }
      }
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          Object[] row = new Object[table.size()];
          for (int i = 0; i < row.length; i++) {
            row[i] = JdbcValues.get(result, i + 1, table.field(i));
          }
          rows.accept(row);
        }
      }
    } catch (SQLException e) {
      throw asked(e);
    }
  }

  /** What will fail again however often it is asked, and what fails for some keys, is ours to say. */
  private static SQLException asked(SQLException failure) {
    String state = failure.getSQLState() == null ? "" : failure.getSQLState();
    if (state.startsWith("42")) { // the query is none
      throw new LaminarException(ErrorCode.CONNECTOR_FAILED, message(failure), failure);
    }
    if (state.startsWith("22")) { // a value is none
      throw new LaminarException(ErrorCode.SCHEMA_MISMATCH, message(failure), failure);
    }
    return failure;
  }

  /** Powers of two, so that a few statements do. */
  private static int padded(int count) {
    return count == 1 ? 1 : Integer.highestOneBit(count - 1) << 1;
  }

  private PreparedStatement statement(int count) throws SQLException {
    if (connection == null) {
      open();
    }
    PreparedStatement statement = statements.get(count);
    if (statement == null) {
      statement = connection.prepareStatement(columns.query(count));
      statements.put(count, statement);
      try {
        statement.setQueryTimeout((int) Math.max(1, (options.timeout().toMillis() + 999) / 1000));
      } catch (SQLException e) {
        // The driver has none; then its own limits hold.
      }
    }
    return statement;
  }

  private void open() throws SQLException {
    Connection opened = connect(options);
    try {
      opened.setReadOnly(true);
    } catch (SQLException e) {
      // A hint; where it is not taken, reading does no harm either.
    }
    try {
      columns = JdbcColumns.of(opened, options.relation(), table, keys, conditions);
    } catch (SQLException | RuntimeException e) {
      opened.close();
      throw e;
    }
    connection = opened;
  }

  private static String message(SQLException failure) {
    String text = failure.getMessage() == null ? failure.toString() : failure.getMessage().strip();
    int line = text.indexOf('\n');
    String first = line < 0 ? text : text.substring(0, line).strip();
    return first.endsWith(".") ? first : first + ".";
  }

  @Override
  public void close() {
    statements.clear();
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // It is given up, whatever the database thinks of that.
      }
    }
  }
}
