package io.laminardb.connector.jdbc;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorFactory;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.LookupCondition;
import io.laminardb.core.connector.LookupConnector;
import io.laminardb.core.connector.LookupOptions;
import io.laminardb.core.connector.LookupReader;
import java.util.List;
import java.util.Set;

/** {@code CREATE LOOKUP TABLE .. FROM JDBC (url = '..', table = '..', ..)}. */
public final class JdbcConnector implements ConnectorFactory {
  /** For the service loader. */
  public JdbcConnector() {}

  @Override
  public String name() {
    return "JDBC";
  }

  @Override
  public Set<Direction> directions() {
    return Set.of(Direction.LOOKUP);
  }

  @Override
  public LookupConnector lookup(ConnectorOptions written) {
    JdbcOptions options = JdbcOptions.of(written);
    return new LookupConnector() {
      @Override
      public LookupOptions options() {
        return options.lookup();
      }

      @Override
      public void check(Schema table) {
        JdbcValues.checkTypes(table);
        JdbcReader.check(options, table);
      }

      @Override
      public LookupReader open(Schema table, List<Integer> keys) {
        return open(table, keys, List.of());
      }

      @Override
      public LookupReader open(Schema table, List<Integer> keys, List<LookupCondition> conditions) {
        return new JdbcReader(options, table, keys, conditions);
      }
    };
  }
}
