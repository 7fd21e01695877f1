package io.laminardb.internal.database;

import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.List;

/**
 * A query that is attached to the engine.
 *
 * @param planned its plan
 * @param graph its operators
 * @param sideStreams names of the streams its late and failed rows go to, which go with it
 */
public record RunningQuery(PlannedQuery planned, OperatorGraph graph, List<String> sideStreams) {
  public RunningQuery {
    sideStreams = List.copyOf(sideStreams);
  }
}
