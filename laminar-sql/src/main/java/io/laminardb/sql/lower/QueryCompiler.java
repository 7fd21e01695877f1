package io.laminardb.sql.lower;

import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.sql.codegen.CalcGenerator;
import io.laminardb.sql.codegen.JoinGenerator;
import io.laminardb.sql.codegen.KernelCompiler;
import io.laminardb.sql.codegen.MatchGenerator;
import io.laminardb.sql.codegen.aggregate.AggregateCompiler;
import io.laminardb.sql.codegen.aggregate.OverCompiler;
import io.laminardb.sql.plan.PlanNode;

/** Makes operators around generated kernels. Any thread. */
public final class QueryCompiler implements OperatorCompiler {
  private final String query;

  /**
   * @param query its name, for stack traces and profiles
   */
  public QueryCompiler(String query) {
    this.query = query.replaceAll("[^A-Za-z0-9_]", "_");
  }

  /** Loads what compiling needs, so that the first query does not wait for it. */
  public static void warmUp() {
    KernelCompiler.warmUp();
  }

  @Override
  public OperatorFactory calc(PlanNode.Calc calc) {
    return CalcGenerator.generate(calc, query);
  }

  @Override
  public OperatorFactory aggregate(PlanNode.Aggregate aggregate) {
    return AggregateCompiler.aggregate(aggregate, query);
  }

  @Override
  public OperatorFactory join(PlanNode.Join join) {
    return JoinGenerator.generate(join, query);
  }

  @Override
  public OperatorFactory expiringJoin(PlanNode.ExpiringJoin join) {
    return JoinGenerator.generate(join, query);
  }

  @Override
  public OperatorFactory intervalJoin(PlanNode.IntervalJoin join) {
    return JoinGenerator.generate(join, query);
  }

  @Override
  public OperatorFactory temporalJoin(PlanNode.TemporalJoin join) {
    return JoinGenerator.generate(join, query);
  }

  @Override
  public OperatorFactory lookupJoin(PlanNode.LookupJoin join) {
    return JoinGenerator.generate(join, query);
  }

  @Override
  public OperatorFactory assignWindows(PlanNode.AssignWindows assign) {
    return AggregateCompiler.assignWindows(assign, query);
  }

  @Override
  public OperatorFactory over(PlanNode.Over over) {
    return OverCompiler.over(over, query);
  }

  @Override
  public OperatorFactory match(PlanNode.Match match) {
    return MatchGenerator.generate(match, query);
  }
}
