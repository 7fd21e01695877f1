package io.laminardb.internal.statement;

import static io.laminardb.internal.statement.InfoStatements.number;
import static io.laminardb.internal.statement.InfoStatements.text;
import static io.laminardb.internal.statement.InfoStatements.time;
import static io.laminardb.internal.statement.InfoStatements.timestamp;

import io.laminardb.Rows;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.Metrics;
import io.laminardb.core.runtime.OperatorFate;
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
import io.laminardb.sql.plan.IndexLookup;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.QueryKind;
import io.laminardb.sql.plan.SqlPlanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** EXPLAIN: how a query would run, or how one is running. */
final class ExplainStatements {
  private final Database database;
  private final SharedParts parts;
  private final QueryDefinitions definitions;
  private final SinkStatements sinks;

  ExplainStatements(
      Database database, SharedParts parts, QueryDefinitions definitions, SinkStatements sinks) {
    this.database = database;
    this.parts = parts;
    this.definitions = definitions;
    this.sinks = sinks;
  }

  /**
   * @param parsed the statement it was written as
   */
  Rows explain(Statement.Explain written, ParsedStatement parsed, Object... parameters) {
    Statement.Explain explain = ofView(written);
    boolean intake = explain.object() != null && isKeyed(explain.object());
    ResultTable table =
        switch (explain.mode()) {
          case DEFAULT, PHYSICAL ->
              plan(intake ? intake(explain.object()) : physical(explain, parameters));
          case LOGICAL ->
              plan(intake ? intake(explain.object()) : planned(explain, parameters).logical());
          case CODE -> intake ? code(codeTable(), "Upsert", null) : code(explain, parameters);
          case ANALYZE -> analyze(explain);
          case WAITING -> waiting(explain);
          case REPLACE -> replacement(explain, parsed);
        };
    return table.toRows(database.allocator());
  }

  /** A plain view is explained as the query that reads it. */
  private Statement.Explain ofView(Statement.Explain explain) {
    CatalogObject object =
        explain.object() == null
            ? null
            : database.catalog().snapshot().find(explain.object().name());
    return object == null || object.kind() != ObjectKind.VIEW
        ? explain
        : new Statement.Explain(
            explain.mode(),
            new Statement.Select(database.planning().everythingOf(object.name())),
            null);
  }

  /** Whether rows of a source or table go through an operator that replaces by key: a query of its own. */
  private boolean isKeyed(Identifier name) {
    CatalogObject object = database.catalog().snapshot().require(name.name(), name.position());
    boolean intake = object.kind() == ObjectKind.SOURCE || object.isTable();
    return intake && object.changelogMode() == ChangelogMode.UPSERT;
  }

  private String intake(Identifier name) {
    CatalogObject source = database.catalog().snapshot().require(name.name(), name.position());
    String keys =
        source.primaryKey().stream()
            .map(column -> source.schema().field(column).name())
            .collect(Collectors.joining(", "));
    return "Upsert BY "
        + keys
        + "  -- state: the last row of each key; stays in memory, as keys of a source do";
  }

  /** The operators of a query, and what of them is shared or would be. */
  private String physical(Statement.Explain explain, Object... parameters) {
    PlannedQuery planned = planned(explain, parameters);
    if (explain.object() != null) {
      RunningQuery query = running(explain.object());
      String name = database.require(explain.object().name()).name();
      return planned.physical(
          node -> both(parts.note(name, query.shared(), node), read(name, planned, node)));
    }
    if (planned.kind() == QueryKind.SNAPSHOT) {
      List<IndexLookup> lookups = Lookups.planned(planned, database);
      return planned.physical(node -> IndexLookup.note(lookups, node));
    }
    return explain.statement() instanceof Statement.CreateQuery
            || explain.statement() instanceof Statement.CreateSink
        ? planned.physical(node -> both(parts.note(planned, node), read(null, planned, node)))
        : planned.physical(node -> read(null, planned, node));
  }

  /** What is asked of the connector behind a scan. */
  private String read(String query, PlannedQuery planned, PlanNode node) {
    return database.sources().reads().note(query, planned, node);
  }

  private static String both(String note, String other) {
    return note == null ? other : other == null ? note : note + ", " + other;
  }

  private static ResultTable plan(String text) {
    return new ResultTable(text("plan")).lines(text);
  }

  private PlannedQuery planned(Statement.Explain explain, Object... parameters) {
    if (explain.object() != null) {
      return running(explain.object()).planned();
    }
    CatalogSnapshot catalog = database.catalog().snapshot();
    SqlPlanner planner = database.planner();
    Statement statement = explain.statement();
    if (statement instanceof Statement.Select select) {
      return planned(select.query(), parameters);
    }
    if (statement instanceof Statement.CreateQuery create) {
      QueryKind kind =
          create.kind() == ObjectKind.MATERIALIZED_VIEW
              ? QueryKind.MATERIALIZED_VIEW
              : QueryKind.STREAM;
      return planner.plan(create.query(), kind, catalog, parameters);
    }
    if (statement instanceof Statement.CreateSink sink && sink.query() != null) {
      return planner.plan(sink.query(), QueryKind.STREAM, catalog, parameters);
    }
    if (statement instanceof Statement.Subscribe subscribe && subscribe.query() != null) {
      return planner.plan(subscribe.query(), QueryKind.STREAM, catalog, parameters);
    }
    if (statement instanceof Statement.Insert insert) {
      return planner.planInsert(insert, catalog, parameters);
    }
    if (statement instanceof Statement.Update update) {
      return planner.planUpdate(update, catalog, parameters);
    }
    if (statement instanceof Statement.Delete delete) {
      return planner.planDelete(delete, catalog, parameters);
    }
    throw new LaminarException(ErrorCode.NOT_SUPPORTED, "this statement has no plan.")
        .mend("EXPLAIN a query, a CREATE .. AS query, or the name of a stream or view.");
  }

  /** The plan of a SELECT: a snapshot where that is what it would give. */
  PlannedQuery planned(QuerySpec query, Object... parameters) {
    CatalogSnapshot catalog = database.catalog().snapshot();
    SqlPlanner planner = database.planner();
    return planner.isSnapshot(query, catalog)
        ? planner.planSnapshot(query, catalog, parameters)
        : planner.plan(query, QueryKind.STREAM, catalog, parameters);
  }

  private RunningQuery running(Identifier name) {
    CatalogObject object = database.catalog().snapshot().require(name.name(), name.position());
    RunningQuery query = database.query(object.name());
    if (query == null) {
      throw new LaminarException(ErrorCode.NOT_SUPPORTED, object.describe() + " runs no query.")
          .mend("EXPLAIN a stream, a view or a sink.")
          .at(name.position());
    }
    return query;
  }

  private void checkRuns(Identifier name) {
    if (!isKeyed(name)) {
      running(name);
    }
  }

  private ResultTable code(Statement.Explain explain, Object... parameters) {
    List<OperatorGraph.Node> operators =
        explain.object() != null
            ? parts.operators(
                database.require(explain.object().name()).name(), running(explain.object()))
            : database.planning().lower("explained", planned(explain, parameters)).nodes();
    ResultTable table = codeTable();
    for (OperatorGraph.Node node : operators) {
      code(table, node.label(), node.factory().generatedSource());
    }
    return table;
  }

  private static ResultTable codeTable() {
    return new ResultTable(text("code"));
  }

  private static ResultTable code(ResultTable table, String label, String source) {
    table.lines("// " + label + ": " + (source == null ? "no generated code" : ""));
    return source == null ? table : table.lines(source);
  }

  /** Counters of a running query by operator. Time is measured from the first ANALYZE on. */
  private ResultTable analyze(Statement.Explain explain) {
    if (explain.object() == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "EXPLAIN ANALYZE looks at a query that runs.")
          .mend("Create it as a STREAM or MATERIALIZED VIEW and EXPLAIN ANALYZE its name.");
    }
    CatalogObject object =
        database.catalog().snapshot().require(explain.object().name(), explain.object().position());
    checkRuns(explain.object());
    database.engine().measureTime(true);
    ResultTable table =
        new ResultTable(
            text("operator"),
            text("detail"),
            number("rows_in"),
            number("batches_in"),
            number("rows_out"),
            number("late_rows"),
            number("failed_rows"),
            number("state_rows"),
            number("state_bytes"),
            number("busy_us"));
    Metrics metrics = database.engine().metrics();
    List<Metrics.OperatorMetrics> operators = new ArrayList<>();
    parts.streams(object.name()).forEach(name -> operators.addAll(metrics.query(name).operators()));
    for (Metrics.OperatorMetrics operator : operators) {
      table.row(
          operator.label(),
          operator.detail(),
          operator.rowsIn(),
          operator.batchesIn(),
          operator.rowsOut(),
          operator.lateRows(),
          operator.failedRows(),
          operator.stateRows(),
          operator.stateBytes(),
          operator.busyNs() / 1000);
    }
    return table;
  }

  /** What would become of the state of a query that another one takes the place of. */
  private ResultTable replacement(Statement.Explain explain, ParsedStatement parsed) {
    Replacements.Change change = replacement(explain.statement(), parsed);
    RunningQuery former = database.query(change.name());
    ResultTable table = new ResultTable(text("operator"), text("state"), text("why"));
    for (String part : Set.copyOf(former.shared().values())) {
      boolean kept = change.shared().containsValue(part);
      for (OperatorGraph.Node operator : parts.operators(part)) {
        table.row(
            operator.action(),
            kept ? "kept" : "lost",
            kept ? parts.sharers(part, change.name()) : "the new query does not read it");
      }
    }
    for (OperatorFate fate : change.plan().fates()) {
      table.row(fate.operator().action(), state(fate.outcome()), why(fate, change));
    }
    if (change.existing().isView()) {
      OperatorFate.Outcome content = change.plan().content();
      boolean old = content == OperatorFate.Outcome.FROM_HISTORY;
      table.row("Content", state(content), old ? change.history() : "");
    }
    return table;
  }

  private static String state(OperatorFate.Outcome outcome) {
    return outcome == OperatorFate.Outcome.FROM_HISTORY
        ? "rebuilt"
        : outcome.name().toLowerCase(Locale.ROOT);
  }

  private static String why(OperatorFate fate, Replacements.Change change) {
    return switch (fate.outcome()) {
      case FROM_HISTORY -> change.history();
      case NEW -> change.history() == null ? "" : change.history();
      case LOST -> both(fate.why(), change.plan().begins() ? change.history() : null);
      case KEPT, REBUILT, STATELESS -> fate.why();
    };
  }

  private Replacements.Change replacement(Statement statement, ParsedStatement parsed) {
    if (statement instanceof Statement.CreateQuery create
        && create.orReplace()
        && create.kind() != ObjectKind.VIEW) {
      return definitions.replacement(create, parsed);
    }
    if (statement instanceof Statement.CreateSink create && create.orReplace()) {
      return sinks.replacement(create);
    }
    throw new LaminarException(
            ErrorCode.NOT_SUPPORTED, "this statement replaces no query that runs.")
        .mend("EXPLAIN REPLACE CREATE OR REPLACE STREAM, MATERIALIZED VIEW or SINK ..");
  }

  /** Which operator waits for which input's watermark, and since when. */
  private ResultTable waiting(Statement.Explain explain) {
    List<String> only = null;
    if (explain.object() != null) {
      checkRuns(explain.object());
      only = parts.streams(database.require(explain.object().name()).name());
    }
    ResultTable table =
        new ResultTable(
            text("query"),
            text("operator"),
            text("waits_with"),
            time("until_watermark"),
            text("held_back_by"),
            time("watermark_now"),
            time("since"));
    for (Metrics.QueryMetrics query : database.engine().metrics().queries()) {
      if (only != null && !only.contains(query.name())) {
        continue;
      }
      for (Metrics.OperatorMetrics operator : query.operators()) {
        if (operator.waiting() != null) {
          table.row(
              query.name(),
              operator.label(),
              operator.waiting().what(),
              timestamp(operator.waiting().untilWatermarkNs()),
              operator.heldBackBy(),
              timestamp(operator.heldBackAtNs()),
              operator.sinceEpochNs() == 0 ? null : timestamp(operator.sinceEpochNs()));
        }
      }
    }
    return table;
  }
}
