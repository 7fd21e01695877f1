package io.laminardb.sql.lower;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.scalar.CalcKernel;
import io.laminardb.sql.codegen.CalcGenerator;
import io.laminardb.sql.codegen.JoinGenerator;
import io.laminardb.sql.codegen.KernelCompiler;
import io.laminardb.sql.codegen.MatchGenerator;
import io.laminardb.sql.codegen.aggregate.AggregateCompiler;
import io.laminardb.sql.codegen.aggregate.OverCompiler;
import io.laminardb.sql.plan.PlanNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.calcite.rex.RexNode;

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

  /**
   * Kernels that write of each row a BOOLEAN for each condition.
   *
   * @param scan whose columns the conditions are over
   */
  public Supplier<CalcKernel> conditions(PlanNode.Scan scan, List<RexNode> conditions) {
    return CalcGenerator.kernel(
        new PlanNode.Calc(scan, null, conditions, verdicts(conditions.size())), query);
  }

  /** What {@link #conditions} write. */
  public static Schema verdicts(int conditions) {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < conditions; i++) {
      fields.add(Field.of("condition" + i, DataType.BOOLEAN));
    }
    return new Schema(fields, false);
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
  public OperatorFactory tableJoin(PlanNode.TableJoin join) {
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
