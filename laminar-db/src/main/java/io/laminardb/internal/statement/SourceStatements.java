package io.laminardb.internal.statement;

import io.laminardb.core.batch.Field;
import io.laminardb.core.connector.LookupConnector;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.TableStore;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.changelog.UpsertOperator;
import io.laminardb.core.runtime.SourceOptions;
import io.laminardb.internal.connector.Rereader;
import io.laminardb.internal.connector.SourcePump;
import io.laminardb.internal.database.Database;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.EventTime;
import io.laminardb.sql.parser.Column;
import io.laminardb.sql.parser.Connector;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.Options;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.Definitions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * CREATE SOURCE and CREATE TABLE. Everything that can fail is tried first (planned, opened); only then
 * the engine and the catalog change, so that a bad statement changes nothing.
 */
final class SourceStatements {
  private final Database database;
  private final WrittenConnectors connectors;
  private final Names names;
  private final DropStatements drops;

  SourceStatements(
      Database database, WrittenConnectors connectors, Names names, DropStatements drops) {
    this.database = database;
    this.connectors = connectors;
    this.names = names;
    this.drops = drops;
  }

  String createSource(Statement.CreateSource create, ParsedStatement parsed) {
    if (names.isThere(create.name(), create.ifNotExists(), create.orReplace())) {
      return "source " + create.name() + " exists already";
    }
    SourceConnector connector =
        create.connector() == null || database.isReplay()
            ? null
            : connectors.placed(create.connector(), (factory, options) -> factory.source(options));
    Statement.CreateSource complete =
        !create.columns().isEmpty()
            ? create
            : create.connector() == null
                ? withInferredColumns(create, null)
                : WrittenConnectors.placed(
                    create.connector(), () -> withInferredColumns(create, connector));
    CatalogObject object = Definitions.source(complete, parsed.text());
    drops.replace(create.name(), create.orReplace(), ObjectKind.SOURCE);
    addFed(object, sourceOptions(object), create.connector(), connector, create.name());
    return "source " + object.name() + " created";
  }

  /** Adds a source or table and, where there is a connector, what feeds it. */
  private void addFed(
      CatalogObject object,
      SourceOptions options,
      Connector written,
      SourceConnector connector,
      Identifier name) {
    boolean rereads = connector != null && connector.isRereadable() && database.readsAgain();
    database.engine().createSource(rereads ? options.withReread() : options);
    SourcePump pump = null;
    try {
      if (written != null && database.isRecovering()) {
        database.sources().add(object.name(), rereader(object, written));
      }
      if (connector != null) {
        pump =
            WrittenConnectors.placed(
                written,
                () ->
                    new SourcePump(
                        object.name(),
                        connector,
                        database.sources().open(object.name()),
                        database.isRecovering(),
                        database.allocator()));
      } else if (written != null) {
        database.sources().open(object.name()); // whose rows are in the records
      }
      database.catalog().add(object, false, name.position());
    } catch (RuntimeException e) {
      if (pump != null) {
        pump.close();
      }
      database.sources().remove(object.name());
      throw e;
    }
    if (pump != null) {
      database.sources().add(object.name(), pump);
    }
  }

  private Rereader rereader(CatalogObject object, Connector written) {
    return new Rereader(
        object.name(),
        () -> connectors.placed(written, (factory, options) -> factory.source(options)),
        object.schema(),
        database.allocator());
  }

  private static SourceOptions sourceOptions(CatalogObject source) {
    SourceOptions options =
        SourceOptions.of(source.name(), source.schema())
            .withOnFull(Definitions.onFull(source))
            .withDurability(Definitions.durability(source));
    EventTime time = source.eventTime();
    if (time != null) {
      options =
          options
              .withTime(time.column(), time.delayNs())
              .withWatermarkKey(time.key())
              .withAlignment(time.alignment());
    }
    if (source.changelogMode() == ChangelogMode.UPSERT) {
      options =
          options.withIntake(new UpsertOperator.Factory(source.schema(), source.primaryKey()));
    } else if (source.changelogMode() == ChangelogMode.RETRACT) {
      options = options.withKept();
    }
    return source.idleTimeoutNs() == 0
        ? options
        : options.withIdleTimeout(Duration.ofNanos(source.idleTimeoutNs()));
  }

  /** The statement with the columns the data itself shows. */
  private Statement.CreateSource withInferredColumns(
      Statement.CreateSource create, SourceConnector connector) {
    if (connector == null) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "source \"" + create.name() + "\" has no columns.")
          .mend("Declare them: CREATE SOURCE " + create.name() + " (ts BIGINT, ..).")
          .at(create.name().position());
    }
    return new Statement.CreateSource(
        create.name(),
        create.orReplace(),
        create.ifNotExists(),
        inferred(create.name(), create.connector(), connector),
        create.primaryKey(),
        create.watermark(),
        create.connector(),
        create.with());
  }

  /** The columns the data itself shows, as if they had been declared. */
  private List<Column> inferred(Identifier name, Connector written, SourceConnector connector) {
    List<Field> fields =
        connector
            .inferSchema()
            .orElseThrow(
                () ->
                    new LaminarException(
                            ErrorCode.VALIDATION_FAILED,
                            written.name() + " does not show its columns.")
                        .mend("Declare them behind the name: " + name + " (ts BIGINT, ..).")
                        .at(name.position()));
    StringBuilder columns = new StringBuilder("CREATE SOURCE inferred (");
    for (Field field : fields) {
      columns
          .append(columns.charAt(columns.length() - 1) == '(' ? "" : ", ")
          .append('"')
          .append(field.name().replace("\"", "\"\""))
          .append("\" ")
          .append(field.type());
    }
    return ((Statement.CreateSource)
            database.planning().parse(columns.append(')').toString()).get(0).statement())
        .columns();
  }

  String createTable(Statement.CreateTable create, ParsedStatement parsed) {
    String kind = create.kind().sql().toLowerCase(Locale.ROOT);
    if (names.isThere(create.name(), create.ifNotExists(), create.orReplace())) {
      return kind + " " + create.name() + " exists already";
    }
    Options.Option storage = create.with().find("storage");
    if (storage != null && !storage.value().text().equalsIgnoreCase("memory")) {
      return createStored(create, storage, parsed);
    }
    if (create.connector() != null && create.kind() == ObjectKind.LOOKUP_TABLE) {
      return createLookup(create, parsed);
    }
    SourceConnector connector =
        create.connector() == null || database.isReplay() && !create.columns().isEmpty()
            ? null
            : connectors.placed(create.connector(), (factory, options) -> factory.source(options));
    Statement.CreateTable complete =
        connector == null || !create.columns().isEmpty()
            ? create
            : create.withColumns(
                WrittenConnectors.placed(
                    create.connector(),
                    () -> inferred(create.name(), create.connector(), connector)));
    CatalogObject object = Definitions.table(complete, parsed.text());
    if (connector != null && database.engine().isDurable() && object.primaryKey().isEmpty()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              object.describe() + " would be loaded twice when the database is opened again.")
          .mend("Declare a PRIMARY KEY.")
          .at(create.name().position());
    }
    drops.replace(create.name(), create.orReplace(), create.kind());
    SourceConnector feeding = database.isReplay() ? null : connector;
    addFed(object, tableOptions(object), create.connector(), feeding, create.name());
    return kind + " " + object.name() + " created";
  }

  /** A lookup table outside is looked at once, so that a wrong address is told now. */
  private String createLookup(Statement.CreateTable create, ParsedStatement parsed) {
    LookupConnector connector =
        connectors.placed(create.connector(), (factory, options) -> factory.lookup(options));
    CatalogObject object = Definitions.lookupTable(create, connector, parsed.text());
    if (!database.isRecovering()) {
      WrittenConnectors.placed(
          create.connector(),
          () -> {
            connector.check(object.schema());
            return null;
          });
    }
    drops.replace(create.name(), create.orReplace(), create.kind());
    database.catalog().add(object, false, create.name().position());
    return "lookup table " + object.name() + " created";
  }

  /** A table that keeps its rows in a store of its own, which is opened once, to see that it can be. */
  private String createStored(
      Statement.CreateTable create, Options.Option storage, ParsedStatement parsed) {
    if (create.connector() != null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "a table with a storage of its own is not fed by a connector.")
          .mend("INSERT rows into it, or leave the option out.")
          .at(storage.namePosition());
    }
    CatalogObject existing = database.catalog().snapshot().find(create.name().name());
    if (existing != null && existing.store() != null) {
      throw new LaminarException(
              ErrorCode.OBJECT_EXISTS, existing.describe() + " has its file, and is not replaced.")
          .mend("Drop it first; the file stays.")
          .at(create.name().position());
    }
    Identifier kept = new Identifier(storage.value().text(), false, storage.value().position());
    List<Options.Option> others = new ArrayList<>(create.with().all());
    others.remove(storage);
    Connector connector = new Connector(kept, new Options(others));
    String name = create.name().name();
    CatalogObject object =
        Definitions.storedTable(
            create,
            (schema, key) ->
                connectors.placed(
                    connector,
                    (factory, options) ->
                        factory.store(
                            options,
                            new TableStore.Declared(name, schema, key, database.isReplay()))),
            parsed.text());
    if (!database.isRecovering()) {
      WrittenConnectors.placed(
          connector,
          () -> {
            object.store().check(object.schema());
            return null;
          });
    }
    drops.replace(create.name(), create.orReplace(), create.kind());
    database.catalog().add(object, false, create.name().position());
    return create.kind().sql().toLowerCase(Locale.ROOT) + " " + name + " created";
  }

  /** A table is a source without time whose present content is known: by key, or kept row by row. */
  private static SourceOptions tableOptions(CatalogObject table) {
    SourceOptions options =
        SourceOptions.of(table.name(), table.schema())
            .withTable()
            .withDurability(Definitions.durability(table));
    return table.primaryKey().isEmpty()
        ? options.withKept()
        : options.withIntake(new UpsertOperator.Factory(table.schema(), table.primaryKey()));
  }
}
