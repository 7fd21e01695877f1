package io.laminardb.internal.statement;

import io.laminardb.core.connector.ConnectorFactory;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.database.Database;
import io.laminardb.sql.parser.Connector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Connectors as statements name them. */
final class WrittenConnectors {
  /** Connectors whose statements parse, and which come later. */
  private static final Set<String> LATER =
      Set.of(
          "KAFKA",
          "POSTGRES_CDC",
          "MYSQL_CDC",
          "DELTA_LAKE",
          "ICEBERG",
          "POSTGRES",
          "S3",
          "PARQUET",
          "WEBSOCKET",
          "MQTT");

  private final Database database;

  WrittenConnectors(Database database) {
    this.database = database;
  }

  /** What a factory makes of the options. */
  <T> T placed(Connector connector, BiFunction<ConnectorFactory, ConnectorOptions, T> make) {
    return placed(connector, () -> make.apply(factory(connector), options(connector)));
  }

  /** What a connector makes; an error without a place gets that of the connector. */
  static <T> T placed(Connector connector, Supplier<T> make) {
    try {
      return make.get();
    } catch (LaminarException e) {
      throw e.position() == null ? e.at(connector.name().position()) : e;
    }
  }

  private ConnectorFactory factory(Connector connector) {
    String name = connector.name().name();
    try {
      return database.connectors().get(name);
    } catch (LaminarException e) {
      if (LATER.contains(name.toUpperCase(Locale.ROOT))) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED,
                "the connector " + name.toUpperCase(Locale.ROOT) + " is not supported yet.")
            .mend("Here are " + String.join(", ", database.connectors().names()) + ".")
            .at(connector.name().position());
      }
      throw e.at(connector.name().position());
    }
  }

  private static ConnectorOptions options(Connector connector) {
    List<ConnectorOptions.Option> options = new ArrayList<>();
    connector
        .options()
        .all()
        .forEach(
            option ->
                options.add(
                    new ConnectorOptions.Option(
                        option.name(),
                        option.value().text(),
                        option.namePosition(),
                        option.value().position())));
    return new ConnectorOptions(connector.name().name().toUpperCase(Locale.ROOT), options);
  }
}
