package io.laminardb.internal.statement;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.core.runtime.RebuiltQuery;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.sql.catalog.SourceColumn;
import io.laminardb.sql.plan.LateData;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.List;
import java.util.Map;

/** Brings planned queries onto the engine and takes them off again. */
final class QueryAttacher {
  /** Behind the name of a query: the stream of rows it failed on. */
  static final String ERRORS = "$errors";

  private static final String LATE = "$late";

  private final Database database;
  private final SharedParts parts;

  QueryAttacher(Database database) {
    this.database = database;
    this.parts = new SharedParts(database);
  }

  /** What queries compute together. */
  SharedParts parts() {
    return parts;
  }

  /** All is there that an attached query's rows go to: they may come. */
  void begin(String name) {
    database.sources().reads().attached(name);
  }

  /** The operators of a query, compiled; touches nothing that runs. */
  OperatorGraph compile(String name, PlannedQuery planned) {
    return database.planning().lower(name, planned);
  }

  /** Attaches a query that only its own subscription follows: it shares nothing. */
  RunningQuery attach(String name, PlannedQuery planned) {
    return attachAlone(name, planned, compile(name, planned), QueryOptions.DEFAULT);
  }

  /** Attaches a query that shares nothing; the streams that go with it are called after it. */
  RunningQuery attachAlone(
      String name, PlannedQuery planned, OperatorGraph graph, QueryOptions readers) {
    prepare(name, planned);
    String late = planned.lateDataTo() == null ? null : name + LATE;
    try {
      return attach(name, planned, graph, readers, Map.of(), late);
    } catch (RuntimeException | Error e) {
      database.sources().reads().end(name);
      throw e;
    }
  }

  /**
   * Attaches a query; what others compute as well is computed once.
   *
   * @param graph its operators, or null to compile what it does not share
   * @param readers says who will read it
   * @throws LaminarException what the compiler or the engine says; nothing has changed then
   */
  RunningQuery attach(
      String name, PlannedQuery planned, OperatorGraph graph, QueryOptions readers) {
    prepare(name, planned);
    Map<PlanNode, String> shared = acquire(name, planned);
    try {
      RunningQuery query = attach(name, planned, graph, readers, shared, planned.lateDataTo());
      parts.attached(name, query);
      return query;
    } catch (RuntimeException | Error e) {
      parts.release(name);
      database.sources().reads().end(name);
      throw e;
    }
  }

  private Map<PlanNode, String> acquire(String name, PlannedQuery planned) {
    try {
      return parts.acquire(name, planned);
    } catch (RuntimeException | Error e) {
      database.sources().reads().end(name);
      throw e;
    }
  }

  /** Connectors read what the query wants before it is there: it sees no row that lacks something. */
  private void prepare(String name, PlannedQuery planned) {
    database.sources().reads().begin(name, planned).forEach(database.engine()::demand);
  }

  private RunningQuery attach(
      String name,
      PlannedQuery planned,
      OperatorGraph graph,
      QueryOptions readers,
      Map<PlanNode, String> shared,
      String late) {
    OperatorGraph rest =
        graph != null && shared.isEmpty()
            ? graph
            : database.planning().lower(name, planned.root(), shared);
    planned.eventTimes().forEach(this::followTime);
    QueryOptions options = withSides(readers, name, planned, late);
    List<String> sideStreams = options.sideStreams();
    RunningQuery query = new RunningQuery(planned, rest, sideStreams, shared, readers.readable());
    if (!database.engine().attach(rest, options, parts.stateful(shared))) {
      // Rows have come meanwhile: this query begins without them.
      parts.release(name);
      OperatorGraph all = graph == null ? compile(name, planned) : graph;
      database.engine().attach(all, options);
      query = new RunningQuery(planned, all, sideStreams, Map.of(), readers.readable());
    }
    database.addQuery(name, query);
    return query;
  }

  private static QueryOptions withSides(
      QueryOptions readers, String name, PlannedQuery planned, String late) {
    QueryOptions options = readers;
    if (planned.onError() == PlannedQuery.OnError.SKIP) {
      options = options.withErrorStream(name + ERRORS);
    }
    if (late != null) {
      options = options.withLateStream(late, LateData.schema(planned.root()));
    }
    return options;
  }

  /**
   * Lets a query take the place of the one of its name that runs.
   *
   * @param graph its operators
   * @param shared what of its plan they read from parts that the former query reads, too
   * @param readers says who will read it
   * @param continued whether who reads the former query goes on with its rows
   * @param rebuilt what operators know that do not go on; null where they begin anew
   * @throws LaminarException what the engine says; nothing has changed then
   */
  RunningQuery replace(
      String name,
      PlannedQuery planned,
      OperatorGraph graph,
      Map<PlanNode, String> shared,
      QueryOptions readers,
      boolean continued,
      RebuiltQuery rebuilt) {
    QueryOptions options = withSides(readers, name, planned, planned.lateDataTo());
    prepare(name, planned);
    try {
      planned.eventTimes().forEach(this::followTime);
      database.engine().replace(graph, options, continued, rebuilt);
    } catch (RuntimeException | Error e) {
      database.sources().reads().only(name, database.query(name).planned());
      throw e;
    }
    database.sources().reads().only(name, planned);
    RunningQuery query =
        new RunningQuery(planned, graph, options.sideStreams(), shared, readers.readable());
    database.addQuery(name, query);
    parts.replaced(name, query);
    return query;
  }

  /** The watermark of a source that declares none follows the column that is windowed over. */
  private void followTime(SourceColumn time) {
    boolean undeclared = database.require(time.source()).eventTime() == null;
    database.catalog().useEventTime(time);
    if (undeclared) {
      Schema schema = database.require(time.source()).schema();
      database
          .engine()
          .setTime(database.require(time.source()).name(), schema.indexOf(time.column()), 0);
    }
  }

  /** Takes a query off the engine. */
  void detach(String name) {
    if (!database.isClosed()) {
      database.engine().detach(name);
      database.removeQuery(name);
      parts.release(name);
      database.sources().reads().end(name);
    }
  }
}
