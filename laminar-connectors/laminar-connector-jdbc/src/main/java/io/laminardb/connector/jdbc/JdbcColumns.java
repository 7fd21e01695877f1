package io.laminardb.connector.jdbc;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** The columns of a relation by the names that its database gives them, and queries for its rows. */
final class JdbcColumns {
  private final String relation;
  private final List<String> names; // as SQL, in the order of the schema
  private final List<String> keys;

  private JdbcColumns(String relation, List<String> names, List<String> keys) {
    this.relation = relation;
    this.names = names;
    this.keys = keys;
  }

  /**
   * Asks the database for them.
   *
   * @throws LaminarException SCHEMA_MISMATCH where one is not there
   */
  static JdbcColumns of(Connection connection, String relation, Schema table, List<Integer> keys)
      throws SQLException {
    List<String> there = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet none = statement.executeQuery("SELECT * FROM " + relation + " WHERE 1 = 0")) {
      ResultSetMetaData columns = none.getMetaData();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        there.add(columns.getColumnLabel(i));
      }
    }
    String quote = connection.getMetaData().getIdentifierQuoteString();
    List<String> names = new ArrayList<>();
    for (Field field : table.fields()) {
      names.add(quoted(find(field.name(), there), quote == null ? "" : quote.strip()));
    }
    return new JdbcColumns(relation, names, keys.stream().map(names::get).toList());
  }

  private static String find(String name, List<String> there) {
    if (there.contains(name)) {
      return name;
    }
    return there.stream()
        .filter(name::equalsIgnoreCase)
        .findFirst()
        .orElseThrow(
            () ->
                new LaminarException(
                        ErrorCode.SCHEMA_MISMATCH,
                        "the table outside has no column \"" + name + "\".")
                    .mend(
                        ConnectorOptions.didYouMean(
                            name, there, "Its columns are " + String.join(", ", there) + ".")));
  }

  private static String quoted(String name, String quote) {
    return quote.isEmpty() ? name : quote + name.replace(quote, quote + quote) + quote;
  }

  /** The query for the rows of so many keys. */
  String query(int count) {
    String condition =
        keys.size() == 1
            ? keys.get(0) + " IN (" + String.join(", ", Collections.nCopies(count, "?")) + ")"
            : String.join(" OR ", Collections.nCopies(count, oneOf()));
    return "SELECT " + String.join(", ", names) + " FROM " + relation + " WHERE " + condition;
  }

  private String oneOf() {
    return keys.stream().map(key -> key + " = ?").collect(Collectors.joining(" AND ", "(", ")"));
  }
}
