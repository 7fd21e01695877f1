package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.parser.Identifier;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/** Which rows of a plan may come too late, for LATE DATA TO. */
public final class LateData {
  private LateData() {}

  /** The columns of late rows, those of the rows that windows are made of; null where none is late. */
  public static Schema schema(PlanNode root) {
    Set<Schema> schemas = new LinkedHashSet<>();
    collect(root, schemas);
    return schemas.isEmpty() ? null : schemas.iterator().next();
  }

  /**
   * Checks that late rows have one place to come from.
   *
   * @param target of LATE DATA TO, or null without the clause
   * @throws LaminarException VALIDATION_FAILED, NOT_SUPPORTED
   */
  static void check(PlanNode root, Identifier target) {
    if (target == null) {
      return;
    }
    Set<Schema> schemas = new LinkedHashSet<>();
    collect(root, schemas);
    if (schemas.isEmpty() || !contains(root, LateData::isOfTime)) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "LATE DATA TO on a query that has no window.")
          .mend("Without a window no row is late: leave the clause out.")
          .at(target.position());
    }
    if (contains(root, node -> node instanceof PlanNode.Expand)
        && !contains(root, node -> node instanceof PlanNode.LateRows)) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "LATE DATA TO with sessions of GROUPING SETS: a row may be late for one set only.")
          .mend("Take the late rows from a query that groups in one way.")
          .at(target.position());
    }
    if (schemas.size() > 1) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "LATE DATA TO on a query whose rows can be late at "
                  + schemas.size()
                  + " places, with other columns each.")
          .mend("Make the inner query a stream of its own, and take its late rows there.")
          .at(target.position());
    }
  }

  static boolean contains(PlanNode node, Predicate<PlanNode> what) {
    return what.test(node) || node.inputs().stream().anyMatch(input -> contains(input, what));
  }

  private static boolean isOfTime(PlanNode node) {
    return node instanceof PlanNode.Aggregate aggregate
            && aggregate.window() != null
            && aggregate.window().kind() != WindowSpec.Kind.INSTANT
        || node instanceof PlanNode.AssignWindows
        || node instanceof PlanNode.Match
        || node instanceof PlanNode.Over over && over.mode() == null;
  }

  private static void collect(PlanNode node, Set<Schema> schemas) {
    if (node instanceof PlanNode.LateRows) {
      schemas.add(node.schema());
    } else if (node instanceof PlanNode.IntervalJoin || isEventTime(node)) {
      node.inputs().forEach(input -> schemas.add(input.schema()));
    } else if (isOfTime(node) && !isSetAsideBelow(node)) {
      schemas.add(node.inputs().get(0).schema());
    }
    node.inputs().forEach(input -> collect(input, schemas));
  }

  private static boolean isEventTime(PlanNode node) {
    return node instanceof PlanNode.AsofJoin join
        && join.mode() == PlanNode.AsofJoin.Mode.EVENT_TIME;
  }

  /** Whether late rows of grouping sets are set aside before they are copied. */
  private static boolean isSetAsideBelow(PlanNode aggregate) {
    PlanNode node = aggregate.inputs().get(0);
    while (node instanceof PlanNode.Expand || node instanceof PlanNode.Calc) {
      node = node.inputs().get(0);
    }
    return node instanceof PlanNode.LateRows;
  }
}
