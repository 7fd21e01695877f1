package io.laminardb.internal.statement;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.core.runtime.RebuiltQuery;
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
  private final RetainedHistory history;

  QueryDefinitions(
      Database database,
      QueryAttacher attacher,
      Names names,
      DropStatements drops,
      RetainedHistory history) {
    this.database = database;
    this.attacher = attacher;
    this.names = names;
    this.drops = drops;
    this.replacements = new Replacements(database, attacher);
    this.history = history;
  }

  /**
   * Plans a query, and compiles it where that is to be had before anything waits: while it is made in a
   * durable database no event comes in.
   *
   * @return makes it
   */
  Definition createQuery(Statement.CreateQuery create, ParsedStatement parsed) {
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
    if (database.catalog().snapshot().find(name) != null) {
      return new Replacing(create, parsed, planned, object);
    }
    OperatorGraph graph = database.engine().isDurable() ? attacher.compile(name, planned) : null;
    return () -> {
      String note = noteOfEnded(planned);
      RunningQuery query = attacher.attach(name, planned, graph, readers(create));
      database.catalog().add(object, false, create.name().position());
      addSideStreams(create, parsed, query);
      attacher.begin(name);
      return kind + " " + name + " created" + note;
    };
  }

  /** Who comes when all rows have gone by is told so. */
  private String noteOfEnded(PlannedQuery planned) {
    List<String> ended = database.sources().reads().endedBefore(planned);
    return ended.isEmpty()
        ? ""
        : "; it gets no rows of " + String.join(", ", ended) + ", which had been read to the end";
  }

  /** A query about to take the place of another one: what history says is computed before that waits. */
  private final class Replacing implements Definition {
    private final Statement.CreateQuery create;
    private final ParsedStatement parsed;
    private final PlannedQuery planned;
    private final CatalogObject object;
    private final PastQuery past; // null where history says nothing

    Replacing(
        Statement.CreateQuery create,
        ParsedStatement parsed,
        PlannedQuery planned,
        CatalogObject object) {
      this.create = create;
      this.parsed = parsed;
      this.planned = planned;
      this.object = object;
      this.past = past(create, parsed, planned, object);
      if (past != null) {
        past.catchUp();
      }
    }

    @Override
    public String make() {
      if (past != null) {
        past.catchUp();
      }
      RebuiltQuery rebuilt = past != null ? past.rebuilt() : database.engine().rebuiltThen();
      Replacements.Change change =
          replacements.change(object, planned, create.name(), rebuilt != null);
      replacements.check(change, create.name());
      addSideStreams(create, parsed, replacements.apply(change, readers(create), rebuilt));
      return create.kind().sql().toLowerCase(Locale.ROOT) + " " + create.name() + " replaced";
    }

    @Override
    public void close() {
      if (past != null) {
        past.close();
      }
    }
  }

  /** The query where history begins; null where it is not asked. */
  private PastQuery past(
      Statement.CreateQuery create,
      ParsedStatement parsed,
      PlannedQuery planned,
      CatalogObject object) {
    boolean asked =
        history.isThere()
            && history.missing(planned) == null
            && replacements.change(object, planned, create.name(), false).begins();
    return asked ? history.open(parsed, attacher.compile(create.name().name(), planned)) : null;
  }

  /** Who will read a query. */
  private static QueryOptions readers(Statement.CreateQuery create) {
    return create.kind() == ObjectKind.MATERIALIZED_VIEW
        ? QueryOptions.DEFAULT.withMaterialized()
        : QueryOptions.DEFAULT.withReadable();
  }

  private void addSideStreams(
      Statement.CreateQuery create, ParsedStatement parsed, RunningQuery query) {
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
  Replacements.Change replacement(Statement.CreateQuery create, ParsedStatement parsed) {
    PlannedQuery planned = plan(create);
    CatalogObject object = object(create, planned, "");
    Replacements.Change change = replacements.change(object, planned, create.name(), false);
    if (history.isThere() && change.begins()) {
      String missing = history.missing(planned);
      change =
          missing != null
              ? change.withHistory("no history: " + missing)
              : replacements
                  .change(object, planned, create.name(), true)
                  .withHistory(history.reach(parsed, attacher.compile(change.name(), planned)));
    }
    replacements.check(change, create.name());
    return change;
  }

  /**
   * Attaches the query of a statement under a name that no catalog knows.
   *
   * @param operators that it must have
   * @throws LaminarException what planning says; VALIDATION_FAILED where it has others
   */
  void attachAlone(Statement.CreateQuery create, String name, List<String> operators) {
    PlannedQuery planned = plan(create);
    OperatorGraph graph = attacher.compile(name, planned);
    if (!PastQuery.operators(graph).equals(operators)) {
      throw new LaminarException(
          ErrorCode.VALIDATION_FAILED, "\"" + create.name() + "\" was another query by then.");
    }
    attacher.attachAlone(name, planned, graph, readers(create));
    attacher.begin(name);
  }

  /** Takes back {@link #attachAlone}. */
  void detach(String name) {
    attacher.detach(name);
  }
}
