package io.laminardb.sql.plan;

import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.plan.PlannedQuery.OnError;

/**
 * Whether the state of each operator can leave memory, or why it stays, in words. What operators do is their own
 * affair: a test of many queries holds these words against it.
 */
final class StateRoom {
  private static final String CAN_SPILL = "can spill";
  private static final String STAYS = "stays in memory, ";
  private static final String STATE_TTL = STAYS + "as it has a state_ttl";

  private StateRoom() {}

  /** What is to be said of an operator that keeps state in a query that runs. */
  static String of(PlanNode node, OnError onError) {
    if (node instanceof PlanNode.Aggregate aggregate) {
      return aggregate.window() == null ? running(aggregate) : windowed(aggregate, onError);
    }
    if (node instanceof PlanNode.Join join) {
      return join.time() == null ? CAN_SPILL : STAYS + "as a window is among its keys";
    }
    if (node instanceof PlanNode.ExpiringJoin) {
      return STATE_TTL;
    }
    return STAYS + "as " + kind(node);
  }

  /** What is to be said of the content of a view. */
  static String ofView() {
    return STAYS + "as results of views do";
  }

  private static String running(PlanNode.Aggregate aggregate) {
    if (aggregate.keys().isEmpty()) {
      return STAYS + "as it has no keys";
    }
    return aggregate.expires() ? STATE_TTL : CAN_SPILL;
  }

  private static String windowed(PlanNode.Aggregate aggregate, OnError onError) {
    if (aggregate.window().kind() == WindowSpec.Kind.SESSION) {
      return STAYS + "as sessions do";
    }
    if (aggregate.window().keyTime() != null) {
      return STAYS + "as its keys have watermarks of their own";
    }
    if (aggregate.keys().isEmpty()) {
      return STAYS + "as it has no keys";
    }
    if (aggregate.emission() == Emission.CHANGES || aggregate.emission() == Emission.EVERY) {
      return STAYS + "as windows do that are emitted before they close";
    }
    if (aggregate.input().schema().isChangelog()) {
      return STAYS + "as its rows can be taken back";
    }
    if (onError == OnError.SKIP) {
      return STAYS + "as on_error is 'skip'";
    }
    for (AggregateCall call : aggregate.calls()) {
      if (!isMergeable(call)) {
        return STAYS
            + "as groups with "
            + PlanText.call(call, aggregate.input().schema())
            + " cannot be merged";
      }
    }
    return CAN_SPILL;
  }

  private static boolean isMergeable(AggregateCall call) {
    return !call.tellsValuesApart()
        && (call.kind() != AggregateKind.USER || call.detail().user().merge() != null);
  }

  private static String kind(PlanNode node) {
    if (node instanceof PlanNode.IntervalJoin) {
      return "interval joins do";
    }
    if (node instanceof PlanNode.AsofJoin) {
      return "ASOF joins do";
    }
    if (node instanceof PlanNode.TemporalJoin || node instanceof PlanNode.TableJoin) {
      return "temporal joins do";
    }
    if (node instanceof PlanNode.LookupJoin) {
      return "lookup joins do";
    }
    if (node instanceof PlanNode.Over || node instanceof PlanNode.TopN) {
      return "OVER does";
    }
    if (node instanceof PlanNode.Match) {
      return "MATCH_RECOGNIZE does";
    }
    if (node instanceof PlanNode.SetOp) {
      return "set operations do";
    }
    if (node instanceof PlanNode.AssignWindows) {
      return "sessions do";
    }
    return node instanceof PlanNode.Sort ? "ORDER BY does" : "changes of a period do";
  }
}
