package io.laminardb.internal.database;

import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.List;
import java.util.Map;

/**
 * A query that is attached to the engine.
 *
 * @param planned its plan
 * @param graph its operators
 * @param sideStreams names of the streams its late and failed rows go to, which go with it
 * @param shared nodes of the plan that are not among its operators, and the streams that give their
 *     rows; by identity, not to be changed
 * @param readable whether others may read its stream, also late
 */
public record RunningQuery(
    PlannedQuery planned,
    OperatorGraph graph,
    List<String> sideStreams,
    Map<PlanNode, String> shared,
    boolean readable) {
  public RunningQuery {
    sideStreams = List.copyOf(sideStreams);
  }
}
