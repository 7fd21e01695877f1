package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import io.laminardb.sql.catalog.SourceColumn;
import io.laminardb.sql.catalog.TimeColumn;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A query that can run. Immutable.
 *
 * @param kind what it is for
 * @param root the operators
 * @param uniqueKey columns of the result of which no two rows are alike at a time, if that is known;
 *     no column at all where there is one row
 * @param upstreams names of what it reads, each once
 * @param timeColumns time attributes of the result
 * @param eventTimes source columns it windows over: their watermarks must follow them
 * @param onError what a failing expression does
 * @param lateDataTo stream that late rows go to, or null
 * @param warnings sentences for the user
 * @param logical Calcite's plan, for EXPLAIN LOGICAL
 */
public record PlannedQuery(
    QueryKind kind,
    PlanNode root,
    Optional<List<Integer>> uniqueKey,
    List<String> upstreams,
    List<TimeColumn> timeColumns,
    List<SourceColumn> eventTimes,
    OnError onError,
    String lateDataTo,
    List<String> warnings,
    String logical) {
  /** What an expression that fails on a row does. */
  public enum OnError {
    /** Stops the query. */
    FAIL,
    /** Skips the row, counts it, and keeps it in {@code <name>$errors}. */
    SKIP
  }

  public PlannedQuery {
    upstreams = List.copyOf(upstreams);
    timeColumns = List.copyOf(timeColumns);
    eventTimes = List.copyOf(eventTimes);
    warnings = List.copyOf(warnings);
  }

  /** The same with other operators that make the same columns. */
  PlannedQuery with(PlanNode newRoot) {
    return new PlannedQuery(
        kind,
        newRoot,
        uniqueKey,
        upstreams,
        timeColumns,
        eventTimes,
        onError,
        lateDataTo,
        warnings,
        logical);
  }

  /** The columns of the result, hidden ones included, last. */
  public Schema schema() {
    return root.schema();
  }

  /** Whether no row of the result is ever taken back. */
  public boolean isAppendOnly() {
    return !root.schema().isChangelog();
  }

  /** The operators as text, with what bounds the state of each, and whether it can leave memory: EXPLAIN PHYSICAL. */
  public String physical() {
    return physical(node -> null);
  }

  /**
   * As above.
   *
   * @param notes what is to be said of an operator besides, or null
   */
  public String physical(Function<PlanNode, String> notes) {
    return PlanText.print(this, notes);
  }
}
