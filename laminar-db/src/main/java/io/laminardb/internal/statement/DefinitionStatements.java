package io.laminardb.internal.statement;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorFactory;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.LookupConnector;
import io.laminardb.core.connector.SinkConnector;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.TableStore;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.changelog.UpsertOperator;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.core.runtime.SourceOptions;
import io.laminardb.internal.connector.SilentSink;
import io.laminardb.internal.connector.SinkPump;
import io.laminardb.internal.connector.SourcePump;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.internal.durable.Persistence;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.EventTime;
import io.laminardb.sql.parser.Column;
import io.laminardb.sql.parser.Connector;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.Options;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.Definitions;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.QueryKind;
import io.laminardb.sql.plan.Views;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * CREATE and DROP. Everything that can fail is tried first (planned, compiled, opened); only then the
 * engine and the catalog change, so that a bad statement changes nothing.
 */
final class DefinitionStatements {
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
  private final QueryAttacher attacher;
  private final Readers readers;
  private final Replacements replacements;

  DefinitionStatements(Database database, QueryAttacher attacher) {
    this.database = database;
    this.attacher = attacher;
    this.readers = new Readers(database);
    this.replacements = new Replacements(database, attacher);
  }

  // ---- CREATE ----

  String createSource(Statement.CreateSource create, ParsedStatement parsed) {
    if (isThere(create.name(), create.ifNotExists(), create.orReplace())) {
      return "source " + create.name() + " exists already";
    }
    SourceConnector connector =
        create.connector() == null || database.isReplay()
            ? null
            : placed(create.connector(), (factory, options) -> factory.source(options));
    Statement.CreateSource complete =
        !create.columns().isEmpty()
            ? create
            : create.connector() == null
                ? withInferredColumns(create, null)
                : placed(create.connector(), () -> withInferredColumns(create, connector));
    CatalogObject object = Definitions.source(complete, parsed.text());
    replace(create.name(), create.orReplace(), ObjectKind.SOURCE);
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
    database.engine().createSource(options);
    SourcePump pump = null;
    try {
      if (connector != null) {
        pump =
            placed(
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
    if (isThere(create.name(), create.ifNotExists(), create.orReplace())) {
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
            : placed(create.connector(), (factory, options) -> factory.source(options));
    Statement.CreateTable complete =
        connector == null || !create.columns().isEmpty()
            ? create
            : create.withColumns(
                placed(
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
    replace(create.name(), create.orReplace(), create.kind());
    SourceConnector feeding = database.isReplay() ? null : connector;
    addFed(object, tableOptions(object), create.connector(), feeding, create.name());
    return kind + " " + object.name() + " created";
  }

  /** A lookup table outside is looked at once, so that a wrong address is told now. */
  private String createLookup(Statement.CreateTable create, ParsedStatement parsed) {
    LookupConnector connector =
        placed(create.connector(), (factory, options) -> factory.lookup(options));
    CatalogObject object = Definitions.lookupTable(create, connector, parsed.text());
    if (!database.isRecovering()) {
      placed(
          create.connector(),
          () -> {
            connector.check(object.schema());
            return null;
          });
    }
    replace(create.name(), create.orReplace(), create.kind());
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
                placed(
                    connector,
                    (factory, options) ->
                        factory.store(
                            options,
                            new TableStore.Declared(name, schema, key, database.isReplay()))),
            parsed.text());
    if (!database.isRecovering()) {
      placed(
          connector,
          () -> {
            object.store().check(object.schema());
            return null;
          });
    }
    replace(create.name(), create.orReplace(), create.kind());
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

  /**
   * Plans a query, and compiles it where that is to be had before anything waits: while it is made in a
   * durable database no event comes in.
   *
   * @return makes it
   */
  Supplier<String> createQuery(Statement.CreateQuery create, ParsedStatement parsed) {
    String kind = create.kind().sql().toLowerCase(Locale.ROOT);
    if (isThere(create.name(), create.ifNotExists(), create.orReplace())) {
      return () -> kind + " " + create.name() + " exists already";
    }
    if (create.kind() == ObjectKind.VIEW) {
      return () -> createView(create, parsed);
    }
    String name = create.name().name();
    PlannedQuery planned = plan(create);
    CatalogObject object = object(create, planned, shown(parsed));
    RunningQuery former = database.query(name);
    if (planned.lateDataTo() != null) {
      checkLateStream(planned.lateDataTo(), name, former, create.query().lateDataTo().position());
    }
    boolean replaces = database.catalog().snapshot().find(name) != null;
    OperatorGraph graph =
        database.engine().isDurable() && !replaces ? attacher.compile(name, planned) : null;
    return () -> {
      attachQuery(create, parsed, planned, graph, object, replaces);
      return kind + " " + name + (replaces ? " replaced" : " created");
    };
  }

  /**
   * @param graph its operators, or null to compile what it does not share
   */
  private void attachQuery(
      Statement.CreateQuery create,
      ParsedStatement parsed,
      PlannedQuery planned,
      OperatorGraph graph,
      CatalogObject object,
      boolean replaces) {
    QueryOptions read =
        object.isView()
            ? QueryOptions.DEFAULT.withMaterialized()
            : QueryOptions.DEFAULT.withReadable();
    RunningQuery query;
    if (replaces) {
      query = replacements.apply(replacements.change(object, planned, create.name()), read);
    } else {
      query = attacher.attach(create.name().name(), planned, graph, read);
      database.catalog().add(object, false, create.name().position());
    }
    for (String side : query.sideStreams()) {
      if (database.catalog().snapshot().find(side) == null) {
        database.catalog().add(sideStream(side, parsed), false, create.name().position());
      }
    }
  }

  private PlannedQuery plan(Statement.CreateQuery create) {
    boolean view = create.kind() == ObjectKind.MATERIALIZED_VIEW;
    return plan(
        create.query(), view ? QueryKind.MATERIALIZED_VIEW : QueryKind.STREAM, create.name());
  }

  private CatalogObject object(Statement.CreateQuery create, PlannedQuery planned, String sql) {
    return Definitions.query(create, planned, sql).reading(views(create.query()));
  }

  /** What a CREATE OR REPLACE would do to the query that runs. */
  Replacements.Change replacement(Statement statement) {
    if (statement instanceof Statement.CreateQuery create
        && create.orReplace()
        && create.kind() != ObjectKind.VIEW) {
      PlannedQuery planned = plan(create);
      return replacements.change(object(create, planned, ""), planned, create.name());
    }
    if (statement instanceof Statement.CreateSink create && create.orReplace()) {
      PlannedQuery planned = plan(create);
      return replacements.change(object(create, planned, ""), planned, create.name());
    }
    throw new LaminarException(
            ErrorCode.NOT_SUPPORTED, "this statement replaces no query that runs.")
        .mend("EXPLAIN REPLACE CREATE OR REPLACE STREAM, MATERIALIZED VIEW or SINK ..");
  }

  /** What SHOW CREATE says of a query: with the time zone that it keeps, where that is not UTC. */
  private String shown(ParsedStatement parsed) {
    String zone = database.zone();
    return zone == null ? parsed.text() : "SET TIME ZONE '" + zone + "'; " + parsed.text();
  }

  /** A plain view is planned to see that it can be, and then only remembered. */
  private String createView(Statement.CreateQuery create, ParsedStatement parsed) {
    QuerySpec query = create.query();
    boolean suffixed =
        query.emit() != null
            || query.lateDataTo() != null
            || query.includeOpen() != null
            || !query.with().isEmpty();
    if (suffixed) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "a VIEW is a name for a query and has no EMIT, LATE DATA TO, INCLUDE OPEN or WITH.")
          .mend("Say it where the view is read, or create a STREAM or MATERIALIZED VIEW.")
          .at(create.name().position());
    }
    PlannedQuery planned = plan(query, QueryKind.MATERIALIZED_VIEW, create.name());
    CatalogObject object =
        Definitions.view(create, planned, parsed.text()).reading(views(create.query()));
    replace(create.name(), create.orReplace(), ObjectKind.VIEW);
    database.catalog().add(object, false, create.name().position());
    return "view " + object.name() + " created";
  }

  private List<String> views(QuerySpec query) {
    return Views.of(query.query(), database.catalog().snapshot());
  }

  /**
   * @param former the query that is replaced, or null
   */
  private void checkLateStream(
      String late, String query, RunningQuery former, SourcePosition position) {
    if (late.equalsIgnoreCase(query) || late.equalsIgnoreCase(query + QueryAttacher.ERRORS)) {
      throw new LaminarException(
              ErrorCode.OBJECT_EXISTS,
              "late rows need a stream of their own, not \"" + late + "\".")
          .mend("Choose another name.")
          .at(position);
    }
    if (former == null || former.sideStreams().stream().noneMatch(late::equalsIgnoreCase)) {
      checkNew(late, position);
    }
  }

  /** Late and failed rows can be read like a stream; it comes and goes with its query. */
  private CatalogObject sideStream(String name, ParsedStatement parsed) {
    Schema schema = database.engine().schema(name);
    return new CatalogObject(
        ObjectKind.STREAM,
        name,
        schema,
        null,
        List.of(),
        List.of(),
        schema.isChangelog() ? ChangelogMode.RETRACT : ChangelogMode.APPEND_ONLY,
        0,
        java.util.Map.of(),
        parsed.text(),
        List.of());
  }

  private PlannedQuery plan(QuerySpec query, QueryKind kind, Identifier name) {
    CatalogSnapshot catalog = database.catalog().snapshot();
    PlannedQuery planned = database.planner().plan(query, kind, catalog);
    if (planned.upstreams().stream().anyMatch(name.name()::equalsIgnoreCase)
        || views(query).stream().anyMatch(name.name()::equalsIgnoreCase)) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "\"" + name + "\" cannot read itself.")
          .mend("Choose another name.")
          .at(name.position());
    }
    return planned;
  }

  /** As {@link #createQuery}: what is answered makes the sink. */
  Supplier<String> createSink(Statement.CreateSink create, ParsedStatement parsed) {
    if (isThere(create.name(), create.ifNotExists(), create.orReplace())) {
      return () -> "sink " + create.name() + " exists already";
    }
    if (!create.with().isEmpty()) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION,
              "a sink has no option \"" + create.with().all().get(0).name() + "\".")
          .mend("Options of the connector stand behind its name: INTO FILES (..).")
          .at(create.with().all().get(0).namePosition());
    }
    SinkConnector connector =
        database.isReplay()
            ? SilentSink.INSTANCE
            : placed(create.connector(), (factory, options) -> factory.sink(options));
    String name = create.name().name();
    PlannedQuery planned = plan(create);
    connector.check(planned.schema());
    CatalogObject object = object(create, planned, parsed.text());
    Supplier<SinkPump> opened =
        () -> placed(create.connector(), () -> open(name, connector, planned.schema()));
    if (database.catalog().snapshot().find(name) != null) {
      return () -> {
        replaceSink(replacements.change(object, planned, create.name()), connector, opened);
        return "sink " + name + " replaced";
      };
    }
    OperatorGraph graph = attacher.compile(name, planned);
    return () -> {
      attachSink(create, planned, graph, object, opened.get());
      return "sink " + name + " created";
    };
  }

  private void attachSink(
      Statement.CreateSink create,
      PlannedQuery planned,
      OperatorGraph graph,
      CatalogObject object,
      SinkPump pump) {
    String name = create.name().name();
    try {
      attacher.attach(name, planned, graph, QueryOptions.DEFAULT.withConsumer(pump));
      database.catalog().add(object, false, create.name().position());
    } catch (RuntimeException e) {
      if (database.query(name) != null) {
        attacher.detach(name);
      }
      pump.drop();
      throw e;
    }
    database.addSinkPump(name, pump);
  }

  private PlannedQuery plan(Statement.CreateSink create) {
    return plan(read(create), QueryKind.STREAM, create.name());
  }

  private QuerySpec read(Statement.CreateSink create) {
    return create.query() != null ? create.query() : everythingOf(create.from());
  }

  private CatalogObject object(Statement.CreateSink create, PlannedQuery planned, String sql) {
    return Definitions.sink(create, planned.schema(), planned.upstreams(), sql)
        .reading(views(read(create)));
  }

  private SinkPump open(String name, SinkConnector connector, Schema schema) {
    Persistence kept = database.persistence();
    SinkPump pump =
        new SinkPump(
            name,
            connector,
            schema,
            kept == null ? SinkPump.Life.IN_MEMORY : SinkPump.Life.DURABLE,
            kept == null ? null : kept.transactions(name),
            database.options().inline(),
            database.allocator());
    pump.start();
    return pump;
  }

  /**
   * Where the outside stays as it is, it is told what changes. Another one is told all that there is;
   * the former is finished before, as both may be the same file.
   */
  private void replaceSink(
      Replacements.Change change, SinkConnector connector, Supplier<SinkPump> opened) {
    SinkPump former = database.sinkPump(change.name());
    if (change.continues()
        && former.writesTo(connector)
        && change.existing().options().equals(change.object().options())) {
      replacements.apply(change, QueryOptions.DEFAULT.withConsumer(former));
      return;
    }
    commitLast(former);
    replacements.apply(change.cut(), QueryOptions.DEFAULT.withReadable());
    LaminarException unfinished = finish(database.removeSinkPump(change.name()));
    try {
      SinkPump pump = opened.get();
      database.addSinkPump(change.name(), pump);
      replacements.apply(change.cut(), QueryOptions.DEFAULT.withConsumer(pump));
    } catch (RuntimeException e) {
      remove(database.require(change.name()));
      throw e;
    }
    if (unfinished != null) {
      throw unfinished(change.existing().describe(), unfinished);
    }
  }

  /** Ends a sink; what went wrong with its last rows, or null. */
  private static LaminarException finish(SinkPump pump) {
    if (pump == null) {
      return null;
    }
    boolean failedBefore = pump.failure() != null;
    pump.drop();
    return failedBefore ? null : pump.failure();
  }

  /** {@code FROM stream} means all its columns; a view's content comes first. */
  private QuerySpec everythingOf(Identifier stream) {
    database.catalog().snapshot().require(stream.name(), stream.position());
    return database.planning().everythingOf(stream.name());
  }

  /** What a factory makes of the options. */
  private <T> T placed(
      Connector connector, BiFunction<ConnectorFactory, ConnectorOptions, T> make) {
    return placed(connector, () -> make.apply(factory(connector), options(connector)));
  }

  /** What a connector makes; an error without a place gets that of the connector. */
  private static <T> T placed(Connector connector, Supplier<T> make) {
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

  /** Whether the name is taken and that is fine; an error where it is not. */
  private boolean isThere(Identifier name, boolean ifNotExists, boolean orReplace) {
    CatalogObject existing = database.catalog().snapshot().find(name.name());
    if (existing == null || orReplace) {
      return false;
    }
    if (!ifNotExists) {
      checkNew(name.name(), name.position());
    }
    return true;
  }

  private void checkNew(String name, SourcePosition position) {
    CatalogObject existing = database.catalog().snapshot().find(name);
    if (existing != null) {
      throw new LaminarException(ErrorCode.OBJECT_EXISTS, existing.describe() + " exists already.")
          .mend("Choose another name, or use CREATE OR REPLACE or IF NOT EXISTS.")
          .at(position);
    }
  }

  /** OR REPLACE: takes the old object away, which must be of the same kind and read by nobody. */
  private void replace(Identifier name, boolean orReplace, ObjectKind kind) {
    CatalogObject existing = database.catalog().snapshot().find(name.name());
    if (orReplace && existing != null) {
      if (existing.kind() != kind) {
        throw new LaminarException(
                ErrorCode.OBJECT_EXISTS, existing.describe() + " is no " + kind.sql() + ".")
            .mend("Drop it first.")
            .at(name.position());
      }
      readers.checkNone(existing, name.position(), "Drop them first.");
      remove(existing);
    }
  }

  // ---- DROP ----

  String drop(Statement.Drop drop) {
    CatalogSnapshot catalog = database.catalog().snapshot();
    CatalogObject object = catalog.find(drop.name().name());
    String kind = drop.kind().sql().toLowerCase(Locale.ROOT);
    if (object == null && drop.ifExists()) {
      return "there is no " + kind + " " + drop.name();
    }
    if (object == null) {
      object = catalog.require(drop.name().name(), drop.name().position());
    }
    boolean fits =
        object.kind() == drop.kind() || object.isView() && drop.kind() == ObjectKind.VIEW;
    if (!fits) {
      throw new LaminarException(
              ErrorCode.OBJECT_NOT_FOUND, object.describe() + " is no " + drop.kind().sql() + ".")
          .mend("Use DROP " + object.kind().sql() + " " + object.name() + ".")
          .at(drop.name().position());
    }
    checkNoSideStream(object, drop.name().position());
    checkNoLiveReader(object, drop.cascade(), drop.name().position());
    if (drop.cascade()) {
      dropReaders(object);
    } else {
      readers.checkNone(object, drop.name().position(), "Drop them first, or add CASCADE.");
    }
    remove(object);
    return kind + " " + object.name() + " dropped";
  }

  private void checkNoSideStream(CatalogObject object, SourcePosition position) {
    for (CatalogObject other : database.catalog().snapshot().all()) {
      RunningQuery query = database.query(other.name());
      if (query != null && query.sideStreams().stream().anyMatch(object.name()::equalsIgnoreCase)) {
        throw new LaminarException(
                ErrorCode.OBJECT_IN_USE,
                object.describe() + " belongs to " + other.describe() + ".")
            .mend("Drop that.")
            .at(position);
      }
    }
  }

  /** Rows of a live SELECT are open, and its reader has to close them, also of what goes along. */
  private void checkNoLiveReader(CatalogObject object, boolean cascade, SourcePosition position) {
    readers.checkNotLive(object, position);
    if (cascade) {
      for (String name : readers.withSideStreams(object)) {
        for (CatalogObject reader : database.catalog().snapshot().dependents(name)) {
          checkNoLiveReader(reader, true, position);
        }
      }
    }
  }

  private void dropReaders(CatalogObject object) {
    for (String name : readers.withSideStreams(object)) {
      database.subscriptions().of(name).forEach(s -> SubscriptionStatements.remove(database, s));
      for (CatalogObject reader : database.catalog().snapshot().dependents(name)) {
        if (database.catalog().snapshot().find(reader.name()) != null) {
          dropReaders(reader);
          remove(reader);
        }
      }
    }
  }

  private void remove(CatalogObject object) {
    LaminarException unfinished = null;
    switch (object.kind()) {
      case SOURCE, TABLE, LOOKUP_TABLE -> {
        if (object.store() != null) {
          object.store().close();
        } else if (!object.isExternal()) {
          database.sources().remove(object.name());
        }
      }
      case SINK -> {
        commitLast(database.sinkPump(object.name()));
        attacher.detach(object.name());
        unfinished = finish(database.removeSinkPump(object.name()));
      }
      case VIEW -> {
        // has nothing that runs
      }
      case STREAM, MATERIALIZED_VIEW -> {
        RunningQuery query = database.query(object.name());
        attacher.detach(object.name());
        query.sideStreams().forEach(side -> database.catalog().remove(side, null));
      }
    }
    database.catalog().remove(object.name(), null);
    database.indexes().removeOf(object.name());
    if (unfinished != null) {
      throw unfinished(object.describe(), unfinished);
    }
  }

  /**
   * A sink shows all it was given before it goes. Where it went in an earlier life, it had shown it then.
   */
  private void commitLast(SinkPump pump) {
    boolean commits = pump != null && pump.isTransactional() && pump.failure() == null;
    if (commits && !database.isRecovering() && !database.isClosed()) {
      pump.endWithCheckpoint(true);
      try {
        database.persistence().checkpointWithin();
      } catch (RuntimeException e) {
        pump.endWithCheckpoint(false);
        throw e;
      }
    }
  }

  /** A sink is gone, and what it had still to write may not be where it should. */
  private static LaminarException unfinished(String sink, LaminarException failure) {
    return new LaminarException(
            ErrorCode.CONNECTOR_FAILED,
            sink + " was dropped, but could not be finished: " + failure.problem(),
            failure)
        .mend("Check what it has written.");
  }
}
