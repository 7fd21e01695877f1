package io.laminardb.internal.statement;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.sql.catalog.SourceColumn;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.ArrayList;
import java.util.List;

/** Brings planned queries onto the engine and takes them off again. */
final class QueryAttacher {
  /** Behind the name of a query: the stream of rows it failed on. */
  static final String ERRORS = "$errors";

  private final Database database;

  QueryAttacher(Database database) {
    this.database = database;
  }

  /** The operators of a query, compiled; touches nothing that runs. */
  OperatorGraph compile(String name, PlannedQuery planned) {
    return database.planning().lower(name, planned);
  }

  /** Attaches a query that only its own subscription follows. */
  RunningQuery attach(String name, PlannedQuery planned) {
    return attach(name, planned, compile(name, planned), QueryOptions.DEFAULT);
  }

  /**
   * Attaches a compiled query.
   *
   * @param readers says who will read it
   * @throws LaminarException what the engine says; nothing has changed then
   */
  RunningQuery attach(
      String name, PlannedQuery planned, OperatorGraph graph, QueryOptions readers) {
    for (SourceColumn time : planned.eventTimes()) {
      followTime(time);
    }
    QueryOptions options = readers;
    List<String> sideStreams = new ArrayList<>();
    if (planned.onError() == PlannedQuery.OnError.SKIP) {
      sideStreams.add(name + ERRORS);
      options = options.withErrorStream(name + ERRORS);
    }
    if (planned.lateDataTo() != null) {
      sideStreams.add(planned.lateDataTo());
      options = options.withLateStream(planned.lateDataTo(), lateSchema(planned.root()));
    }
    database.engine().attach(graph, options);
    RunningQuery query = new RunningQuery(planned, graph, sideStreams);
    database.addQuery(name, query);
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
    }
  }

  /** Late rows look like the rows the windows are made of. */
  private static Schema lateSchema(PlanNode node) {
    if (node instanceof PlanNode.Aggregate aggregate && aggregate.window() != null) {
      return aggregate.input().schema();
    }
    if (node instanceof PlanNode.AssignWindows windows) {
      return windows.input().schema();
    }
    if (node instanceof PlanNode.Over over && over.mode() == null) {
      return over.input().schema();
    }
    for (PlanNode input : node.inputs()) {
      Schema schema = lateSchema(input);
      if (schema != null) {
        return schema;
      }
    }
    return null;
  }
}
