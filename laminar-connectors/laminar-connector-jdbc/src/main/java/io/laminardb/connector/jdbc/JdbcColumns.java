package io.laminardb.connector.jdbc;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.LookupCondition;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The columns of a relation by the names that its database gives them, and queries for its rows. */
final class JdbcColumns {
  /** Not the names of enumerations and the like, which are no texts to an operator. */
  private static final Set<String> TEXTS =
      Set.of("VARCHAR", "CHARACTER VARYING", "TEXT", "NVARCHAR", "VARCHAR2", "NVARCHAR2");

  private static final Set<Integer> NUMBERS =
      Set.of(Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT);

  private final String relation;
  private final List<String> names; // as SQL, in the order of the schema
  private final List<String> keys;

  private final List<LookupCondition> conditions;

  private JdbcColumns(
      String relation, List<String> names, List<String> keys, List<LookupCondition> conditions) {
    this.conditions = conditions;
    this.relation = relation;
    this.names = names;
    this.keys = keys;
  }

  /**
   * Asks the database for them.
   *
   * @throws LaminarException SCHEMA_MISMATCH where one is not there
   */
  static JdbcColumns of(
      Connection connection,
      String relation,
      Schema table,
      List<Integer> keys,
      List<LookupCondition> conditions)
      throws SQLException {
    List<String> there = new ArrayList<>();
    List<Boolean> texts = new ArrayList<>(); // whether a text compares as a text
    List<Boolean> numbers = new ArrayList<>(); // whether a whole number as a number
    try (Statement statement = connection.createStatement();
        ResultSet none = statement.executeQuery("SELECT * FROM " + relation + " WHERE 1 = 0")) {
      ResultSetMetaData columns = none.getMetaData();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        there.add(columns.getColumnLabel(i));
        texts.add(TEXTS.contains(columns.getColumnTypeName(i).toUpperCase(Locale.ROOT)));
        numbers.add(NUMBERS.contains(columns.getColumnType(i)));
      }
    }
    String quote = connection.getMetaData().getIdentifierQuoteString();
    List<String> names = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (Field field : table.fields()) {
      String name = find(field.name(), there);
      places.add(there.indexOf(name));
      names.add(quoted(name, quote == null ? "" : quote.strip()));
    }
    List<LookupCondition> asked = new ArrayList<>();
    for (LookupCondition condition : conditions) {
      boolean text = condition.values().get(0) instanceof String;
      if ((text ? texts : numbers).get(places.get(condition.column()))) {
        asked.add(condition);
      }
    }
    return new JdbcColumns(relation, names, keys.stream().map(names::get).toList(), asked);
  }

  /** Those that the database is asked to look at, too, in the order of the query's parameters. */
  List<LookupCondition> conditions() {
    return conditions;
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
    StringBuilder query = new StringBuilder("SELECT ").append(String.join(", ", names));
    query.append(" FROM ").append(relation).append(" WHERE ");
    if (conditions.isEmpty()) {
      return query.append(condition).toString();
    }
    query.append('(').append(condition).append(')');
    for (LookupCondition wanted : conditions) {
      query.append(" AND ").append(names.get(wanted.column())).append(" IN (");
      query.append(String.join(", ", Collections.nCopies(wanted.values().size(), "?"))).append(')');
    }
    return query.toString();
  }

  private String oneOf() {
    return keys.stream().map(key -> key + " = ?").collect(Collectors.joining(" AND ", "(", ")"));
  }
}
