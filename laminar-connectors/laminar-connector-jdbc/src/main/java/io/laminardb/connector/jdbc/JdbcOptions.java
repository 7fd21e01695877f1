package io.laminardb.connector.jdbc;

import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.LookupOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.time.Duration;

/**
 * What stands behind {@code FROM JDBC}.
 *
 * @param url of the driver
 * @param user or null
 * @param password or null
 * @param relation what is read, as SQL: a table's name, or a query in parentheses
 * @param timeout for which an answer is waited
 */
record JdbcOptions(
    String url,
    String user,
    String password,
    String relation,
    Duration timeout,
    LookupOptions lookup) {
  private static final LookupOptions DEFAULTS =
      new LookupOptions(10_000, Duration.ofMinutes(1), 1024, 2, 128, 3);

  static JdbcOptions of(ConnectorOptions options) {
    String url = options.requireString("url");
    if (!url.startsWith("jdbc:")) {
      throw options.invalid("url", "which is no address of JDBC").mend("Write url = 'jdbc:..'.");
    }
    String table = options.getString("table", "");
    String query = options.getString("query", "");
    if (table.isBlank() == query.isBlank()) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION, "JDBC needs either a \"table\" or a \"query\".")
          .mend("Write table = 'customers', or query = 'SELECT ..'.");
    }
    Duration timeout = options.getDuration("timeout", Duration.ofSeconds(5));
    if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(Duration.ofDays(1)) > 0) {
      throw options.invalid("timeout", "must be longer than nothing, and at most a day");
    }
    JdbcOptions made =
        new JdbcOptions(
            url,
            options.getString("user", null),
            options.getString("password", null),
            table.isBlank()
                ? "(" + query.strip().replaceAll(";+$", "") + ") laminar_lookup"
                : table,
            timeout,
            LookupOptions.of(options, DEFAULTS));
    options.rejectUnknown();
    return made;
  }
}
