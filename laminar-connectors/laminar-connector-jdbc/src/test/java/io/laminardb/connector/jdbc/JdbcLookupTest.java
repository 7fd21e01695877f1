package io.laminardb.connector.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.LookupConnector;
import io.laminardb.core.connector.LookupReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.h2.tools.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcLookupTest {
  private static final String TABLE =
      "CREATE TABLE things (id BIGINT, flag BOOLEAN, tiny SMALLINT, price DECIMAL(10, 2), ratio DOUBLE PRECISION,"
          + " small REAL, name VARCHAR, a_day DATE, clock TIME, moment TIMESTAMP, instant TIMESTAMP WITH TIME ZONE,"
          + " \"Odd \"\" name\" INT)";
  private static final String ROWS =
      "INSERT INTO things VALUES (1, TRUE, -7, 12.50, 0.1, 0.1, 'Grüße', DATE '1969-12-31', TIME '23:59:59',"
          + " TIMESTAMP '1969-12-31 23:59:59.123456', TIMESTAMP WITH TIME ZONE '2024-07-01 12:00:00+02:00', 5),"
          + " (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)";
  private static final Schema THINGS =
      new Schema(
          List.of(
              Field.of("ID", DataType.BIGINT),
              Field.of("flag", DataType.BOOLEAN),
              Field.of("tiny", DataType.TINYINT),
              Field.of("price", DataType.decimal(12, 3)),
              Field.of("ratio", DataType.DOUBLE),
              Field.of("small", DataType.REAL),
              Field.of("name", DataType.VARCHAR),
              Field.of("a_day", DataType.DATE),
              Field.of("clock", DataType.time(0)),
              Field.of("moment", DataType.timestamp(6)),
              Field.of("instant", DataType.timestampLtz(3)),
              Field.of("odd \" NAME", DataType.INTEGER)),
          false);

  @TempDir Path directory;

  private static LookupConnector connector(String url, String... more) {
    Map<String, String> options = new TreeMap<>(Map.of("url", url));
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    if (!options.containsKey("query")) {
      options.putIfAbsent("table", "things");
    }
    return new JdbcConnector().lookup(ConnectorOptions.of("JDBC", options));
  }

  private static List<List<Object>> read(LookupReader reader, Object[]... keys) throws Exception {
    List<List<Object>> rows = new ArrayList<>();
    reader.read(List.of(keys), row -> rows.add(java.util.Arrays.asList(row)));
    return rows;
  }

  /** As after a failure. */
  private static void giveUp(LookupReader reader) {
    reader.close();
  }

  private static Object[] key(Object... values) {
    return values;
  }

  private static void execute(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "duckdb"})
  void valuesOfEveryTypeComeAsTheyAre(String kind) throws Exception {
    Path file = directory.resolve("db");
    String url = "jdbc:" + kind + ":" + file;
    try (Connection connection =
        DriverManager.getConnection(url + (kind.equals("h2") ? ";DB_CLOSE_DELAY=-1" : ""))) {
      execute(connection, TABLE, ROWS);
      LookupConnector connector = connector(url);
      connector.check(THINGS);
      try (LookupReader reader = connector.open(THINGS, List.of(0))) {
        List<Object> nulls = new ArrayList<>(java.util.Collections.nCopies(12, null));
        nulls.set(0, 2L);
        assertThat(read(reader, key(2L), key(1L), key(77L)))
            .containsExactlyInAnyOrder(
                List.of(
                    1L,
                    true,
                    -7L,
                    new BigDecimal("12.500"),
                    0.1,
                    (double) 0.1f,
                    "Grüße",
                    -1L,
                    86_399_000_000L,
                    -876_544L,
                    1_719_828_000_000L,
                    5L),
                nulls);
      }
      for (int column = 0; column < THINGS.size(); column++) {
        try (LookupReader reader = connector.open(THINGS, List.of(column))) {
          Object value = read(connector.open(THINGS, List.of(0)), key(1L)).get(0).get(column);
          assertThat(read(reader, key(value))).as(THINGS.field(column).name()).hasSize(1);
        }
      }
      if (kind.equals("h2")) {
        execute(connection, "SHUTDOWN");
      }
    }
  }

  @Test
  void severalKeyColumnsAreAskedForPairByPair() throws Exception {
    String url = "jdbc:h2:mem:pairs;DB_CLOSE_DELAY=-1";
    try (Connection connection = DriverManager.getConnection(url)) {
      execute(
          connection,
          "CREATE TABLE things (a INT, b VARCHAR)",
          "INSERT INTO things VALUES (1, 'x'), (1, 'y'), (2, 'x'), (2, 'y')");
      Schema schema =
          new Schema(
              List.of(Field.of("a", DataType.INTEGER), Field.of("b", DataType.VARCHAR)), false);
      try (LookupReader reader = connector(url).open(schema, List.of(1, 0))) {
        assertThat(read(reader, key("x", 1L), key("y", 2L), key("z", 1L)))
            .containsExactlyInAnyOrder(List.of(1L, "x"), List.of(2L, "y"));
        giveUp(reader);
        assertThat(read(reader, key("x", 2L))).containsExactly(List.of(2L, "x"));
      }
      execute(connection, "SHUTDOWN");
    }
  }

  @Test
  void aServerIsAskedOverTheNetworkAndMayGoAwayAndComeBack() throws Exception {
    Server server =
        Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", directory.toString())
            .start();
    int port = server.getPort();
    String url = "jdbc:h2:tcp://localhost:" + port + "/./net";
    Schema schema = new Schema(List.of(Field.of("id", DataType.BIGINT)), false);
    try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
      execute(connection, "CREATE TABLE things (id BIGINT)", "INSERT INTO things VALUES (1), (2)");
    }
    LookupConnector connector = connector(url, "user", "sa", "password", "");
    connector.check(schema);
    try (LookupReader reader = connector.open(schema, List.of(0))) {
      assertThat(read(reader, key(1L))).hasSize(1);
      server.stop();
      assertThatThrownBy(() -> read(reader, key(1L))).isInstanceOf(SQLException.class);
      giveUp(reader);
      server =
          Server.createTcpServer("-tcpPort", "" + port, "-baseDir", directory.toString()).start();
      assertThat(read(reader, key(2L))).hasSize(1);
    } finally {
      server.stop();
    }
    assertThatThrownBy(() -> connector.check(schema))
        .isInstanceOfSatisfying(
            LaminarException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTOR_FAILED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3000000000", "1.5", "'x'", "CAST(2.5 AS DOUBLE PRECISION)", "TRUE"})
  void whatAColumnCannotHoldIsRefusedAndNotRounded(String value) throws Exception {
    Schema schema =
        new Schema(
            List.of(Field.of("id", DataType.BIGINT), Field.of("n", DataType.INTEGER)), false);
    LookupConnector connector =
        connector("jdbc:duckdb:", "query", "SELECT 1 AS id, " + value + " AS n;");
    connector.check(schema);
    try (LookupReader reader = connector.open(schema, List.of(0))) {
      assertThatThrownBy(() -> read(reader, key(1L)))
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_MISMATCH);
                assertThat(e.problem()).startsWith("column \"n\" is INTEGER, and cannot hold ");
              });
    }
  }

  @Test
  void aQueryThatIsNoneIsNotAskedAgain() {
    Schema schema = new Schema(List.of(Field.of("id", DataType.BIGINT)), false);
    assertThatThrownBy(() -> connector("jdbc:h2:mem:none", "query", "SELEC 1").check(schema))
        .isInstanceOf(LaminarException.class)
        .hasMessageContaining("JDBC cannot read the table");
  }
}
