package io.laminardb.internal.statement;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.Definitions;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.QueryKind;
import io.laminardb.sql.plan.Views;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * CREATE STREAM, MATERIALIZED VIEW and VIEW. Everything that can fail is tried first (planned,
 * compiled); only then the engine and the catalog change, so that a bad statement changes nothing.
 */
final class QueryDefinitions {
  private final Database database;
  private final QueryAttacher attacher;
  private final Names names;
  private final DropStatements drops;
  private final Replacements replacements;

  QueryDefinitions(Database database, QueryAttacher attacher, Names names, DropStatements drops) {
    this.database = database;
    this.attacher = attacher;
    this.names = names;
    this.drops = drops;
    this.replacements = new Replacements(database, attacher);
  }

  /**
   * Plans a query, and compiles it where that is to be had before anything waits: while it is made in a
   * durable database no event comes in.
   *
   * @return makes it
   */
  Supplier<String> createQuery(Statement.CreateQuery create, ParsedStatement parsed) {
    String kind = create.kind().sql().toLowerCase(Locale.ROOT);
    if (names.isThere(create.name(), create.ifNotExists(), create.orReplace())) {
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
    drops.replace(create.name(), create.orReplace(), ObjectKind.VIEW);
    database.catalog().add(object, false, create.name().position());
    return "view " + object.name() + " created";
  }

  /** The plain views that a query names. */
  List<String> views(QuerySpec query) {
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
      names.checkNew(late, position);
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
        Map.of(),
        parsed.text(),
        List.of());
  }

  /** Plans what an object of this name is to read. */
  PlannedQuery plan(QuerySpec query, QueryKind kind, Identifier name) {
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

  /** What a CREATE OR REPLACE would do to the query that runs. */
  Replacements.Change replacement(Statement.CreateQuery create) {
    PlannedQuery planned = plan(create);
    return replacements.change(object(create, planned, ""), planned, create.name());
  }
}
