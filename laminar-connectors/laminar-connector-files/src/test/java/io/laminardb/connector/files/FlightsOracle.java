package io.laminardb.connector.files;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What DuckDB makes of the flights. */
final class FlightsOracle {
  private FlightsOracle() {}

  static long sum(String column) {
    String sql =
        "SELECT CAST(SUM("
            + column
            + ") AS BIGINT) FROM read_csv('../../examples/data/flights-200k.csv.gz')";
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
