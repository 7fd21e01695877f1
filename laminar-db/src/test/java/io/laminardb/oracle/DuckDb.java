package io.laminardb.oracle;

import io.laminardb.script.Content.Weighted;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.duckdb.DuckDBStruct;

/** The batch engine that is asked the same. One connection, one thread. */
final class DuckDb implements AutoCloseable {
  private final Connection connection;

  DuckDb() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("threads", "1");
    connection = DriverManager.getConnection("jdbc:duckdb:", properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      // What is NULL here where an argument is; DuckDB takes it for no elements, or looks for it.
      statement.execute(noNull("CONCAT", "x IS NOT NULL AND y IS NOT NULL"));
      statement.execute(noNull("APPEND", "x IS NOT NULL"));
      statement.execute(noNull("PREPEND", "y IS NOT NULL"));
      statement.execute(noNull("POSITION", "y IS NOT NULL"));
    }
  }

  private static String noNull(String function, String condition) {
    return "CREATE MACRO NO_NULL_%1$s(x, y) AS CASE WHEN %2$s THEN LIST_%1$s(x, y) END"
        .formatted(function, condition);
  }

  /** The answer to the case's query over the rows that count. */
  List<Weighted> answer(OracleCase test) throws SQLException {
    List<Object[]> counted = new ArrayList<>();
    for (int r = 0; r < test.rows().size(); r++) {
      if (test.counted()[r]) {
        counted.add(test.rows().get(r));
      }
    }
    table("t", test.table(), counted);
    return query(test.oracle());
  }

  /** Replaces a table. */
  void table(String name, String create, List<Object[]> rows) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS " + name);
      statement.execute(create);
      StringBuilder insert = new StringBuilder();
      for (Object[] row : rows) {
        insert.append(insert.isEmpty() ? "INSERT INTO " + name + " VALUES (" : "), (");
        for (int c = 0; c < row.length; c++) {
          insert.append(c == 0 ? "" : ", ").append(literal(row[c]));
        }
      }
      if (!insert.isEmpty()) {
        statement.execute(insert.append(')').toString());
      }
    }
  }

  /** Replaces a view. */
  void view(String name, String query) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE OR REPLACE VIEW " + name + " AS " + query);
    }
  }

  /** The rows of a SELECT. */
  List<Weighted> query(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return read(rows);
    }
  }

  private static List<Weighted> read(ResultSet rows) throws SQLException {
    List<Weighted> answer = new ArrayList<>();
    int columns = rows.getMetaData().getColumnCount();
    while (rows.next()) {
      Object[] values = new Object[columns];
      for (int c = 0; c < columns; c++) {
        Object value = value(rows, c + 1);
        values[c] =
            value instanceof BigInteger integer && integer.bitLength() < 64
                ? (Object) integer.longValue()
                : value;
      }
      answer.add(new Weighted(values, 1));
    }
    return answer;
  }

  private static Object value(ResultSet rows, int column) throws SQLException {
    String type = rows.getMetaData().getColumnTypeName(column);
    if (type.equals("TIMESTAMP WITH TIME ZONE")) {
      OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
      return time == null ? null : time.toInstant();
    }
    return type.equals("TIMESTAMP")
        ? rows.getObject(column, LocalDateTime.class)
        : plain(rows.getObject(column));
  }

  /** A nested value as lists and maps; a STRUCT is a map by the names of its fields. */
  private static Object plain(Object value) throws SQLException {
    if (value instanceof Array array) {
      List<Object> elements = new ArrayList<>();
      for (Object element : (Object[]) array.getArray()) {
        elements.add(plain(element));
      }
      return elements;
    }
    if (value instanceof DuckDBStruct struct) {
      return plain(struct.getMap());
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> entries = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        entries.put(plain(entry.getKey()), plain(entry.getValue()));
      }
      return entries;
    }
    return value;
  }

  /** A value as DuckDB reads it; a MAP is sorted, a STRUCT any other map. */
  private static String literal(Object value) {
    if (value == null) {
      return "NULL";
    }
    if (value instanceof String text) {
      return "'" + text.replace("'", "''") + "'";
    }
    if (value instanceof LocalDateTime time) {
      return "TIMESTAMP '" + time.toString().replace('T', ' ') + "'";
    }
    if (value instanceof Instant time) {
      return "TIMESTAMPTZ '" + time.toString().replace('T', ' ').replace("Z", "+00") + "'";
    }
    if (value instanceof LocalDate date) {
      return "DATE '" + date + "'";
    }
    if (value instanceof Long number && number == Long.MIN_VALUE) {
      return "CAST('" + number + "' AS BIGINT)";
    }
    if (value instanceof List<?> list) {
      return list.stream().map(DuckDb::literal).collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof SortedMap<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> literal(entry.getKey()) + ": " + literal(entry.getValue()))
          .collect(Collectors.joining(", ", "MAP {", "}"));
    }
    if (value instanceof Map<?, ?> struct) {
      return struct.entrySet().stream()
          .map(entry -> entry.getKey() + ": " + literal(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return value instanceof Double number ? number + "::DOUBLE" : value.toString();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
