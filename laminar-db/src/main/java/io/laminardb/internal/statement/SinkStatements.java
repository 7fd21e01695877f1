package io.laminardb.internal.statement;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SinkConnector;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.internal.connector.SilentSink;
import io.laminardb.internal.connector.SinkPump;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.durable.Persistence;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.Definitions;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.QueryKind;
import java.util.function.Supplier;

/** CREATE SINK. Everything that can fail is tried before anything changes, as far as that can be. */
final class SinkStatements {
  private final Database database;
  private final QueryAttacher attacher;
  private final QueryDefinitions queries;
  private final WrittenConnectors connectors;
  private final Names names;
  private final DropStatements drops;
  private final Replacements replacements;

  SinkStatements(
      Database database,
      QueryAttacher attacher,
      QueryDefinitions queries,
      WrittenConnectors connectors,
      Names names,
      DropStatements drops) {
    this.database = database;
    this.attacher = attacher;
    this.queries = queries;
    this.connectors = connectors;
    this.names = names;
    this.drops = drops;
    this.replacements = new Replacements(database, attacher);
  }

  /** As {@link #createQuery}: what is answered makes the sink. */
  Definition createSink(Statement.CreateSink create, ParsedStatement parsed) {
    if (names.isThere(create.name(), create.ifNotExists(), create.orReplace())) {
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
            : connectors.placed(create.connector(), (factory, options) -> factory.sink(options));
    String name = create.name().name();
    PlannedQuery planned = plan(create);
    connector.check(planned.schema());
    CatalogObject object = object(create, planned, parsed.text());
    Supplier<SinkPump> opened =
        () ->
            WrittenConnectors.placed(
                create.connector(), () -> open(name, connector, planned.schema()));
    if (database.catalog().snapshot().find(name) != null) {
      return () -> {
        replaceSink(replacements.change(object, planned, create.name(), false), connector, opened);
        return "sink " + name + " replaced";
      };
    }
    OperatorGraph graph = attacher.compile(name, planned);
    return () -> {
      attachSink(create, planned, graph, object, opened.get());
      attacher.begin(name);
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
    return queries.plan(read(create), QueryKind.STREAM, create.name());
  }

  private QuerySpec read(Statement.CreateSink create) {
    return create.query() != null ? create.query() : everythingOf(create.from());
  }

  private CatalogObject object(Statement.CreateSink create, PlannedQuery planned, String sql) {
    return Definitions.sink(create, planned.schema(), planned.upstreams(), sql)
        .reading(queries.views(read(create)));
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
      replacements.apply(change, QueryOptions.DEFAULT.withConsumer(former), null);
      return;
    }
    drops.commitLast(former);
    replacements.apply(change.cut(), QueryOptions.DEFAULT.withReadable(), null);
    LaminarException unfinished = DropStatements.finish(database.removeSinkPump(change.name()));
    try {
      SinkPump pump = opened.get();
      database.addSinkPump(change.name(), pump);
      replacements.apply(change.cut(), QueryOptions.DEFAULT.withConsumer(pump), null);
    } catch (RuntimeException e) {
      drops.remove(database.require(change.name()));
      throw e;
    }
    if (unfinished != null) {
      throw DropStatements.unfinished(change.existing().describe(), unfinished);
    }
  }

  /** {@code FROM stream} means all its columns; a view's content comes first. */
  private QuerySpec everythingOf(Identifier stream) {
    database.catalog().snapshot().require(stream.name(), stream.position());
    return database.planning().everythingOf(stream.name());
  }

  /** What a CREATE OR REPLACE would do to the query of the sink that runs. */
  Replacements.Change replacement(Statement.CreateSink create) {
    PlannedQuery planned = plan(create);
    return replacements.change(object(create, planned, ""), planned, create.name(), false);
  }
}
