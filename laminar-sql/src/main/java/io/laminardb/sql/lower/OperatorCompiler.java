package io.laminardb.sql.lower;

import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.sql.plan.PlanNode;

/** Makes the operators that need generated code. Any thread. */
public interface OperatorCompiler {
  /** Filters and projects; its input may be any node. */
  OperatorFactory calc(PlanNode.Calc calc);

  /** Groups and aggregates, with or without a window. */
  OperatorFactory aggregate(PlanNode.Aggregate aggregate);

  /** Joins two inputs. */
  OperatorFactory join(PlanNode.Join join);

  /** Joins two inputs, and forgets what nothing touches. */
  OperatorFactory expiringJoin(PlanNode.ExpiringJoin join);

  /** Joins two inputs by time. */
  OperatorFactory intervalJoin(PlanNode.IntervalJoin join);

  /** Joins rows with a table as of a moment; its inputs are the table, then the rows. */
  OperatorFactory temporalJoin(PlanNode.TemporalJoin join);

  /** Joins rows with a table outside; its input are the rows. */
  OperatorFactory lookupJoin(PlanNode.LookupJoin join);

  /** Copies rows into their windows. */
  OperatorFactory assignWindows(PlanNode.AssignWindows assign);

  /** Computes functions over partitions. */
  OperatorFactory over(PlanNode.Over over);

  /** Finds matches of a pattern. */
  OperatorFactory match(PlanNode.Match match);
}
