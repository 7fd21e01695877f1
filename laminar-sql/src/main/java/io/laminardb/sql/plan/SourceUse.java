package io.laminardb.sql.plan;

import io.laminardb.sql.function.UserOperator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexDynamicParam;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.rex.RexVisitorImpl;

/**
 * What a query wants of the rows of a source that it scans, so that a connector need not read the rest.
 * Immutable.
 *
 * @param scan where it reads them
 * @param columns those it reads; not to be changed
 * @param filter a condition over the source's columns; rows for which it is FALSE or NULL do nothing in
 *     the query. Null where every row may do something, or where only the query's own thread can tell
 */
public record SourceUse(PlanNode.Scan scan, BitSet columns, RexNode filter) {
  /** What a query wants of each of its scans. */
  public static List<SourceUse> of(PlannedQuery query) {
    List<SourceUse> uses = new ArrayList<>();
    // Rows that were late or failed are told as they came.
    boolean whole = query.onError() == PlannedQuery.OnError.SKIP || query.lateDataTo() != null;
    collect(query.root(), null, whole, uses);
    return uses;
  }

  private static void collect(PlanNode node, PlanNode reader, boolean whole, List<SourceUse> uses) {
    if (node instanceof PlanNode.Scan scan) {
      uses.add(whole ? everything(scan) : of(scan, reader));
    }
    node.inputs().forEach(input -> collect(input, node, whole, uses));
  }

  private static SourceUse everything(PlanNode.Scan scan) {
    BitSet columns = new BitSet();
    columns.set(0, scan.schema().size());
    return new SourceUse(scan, columns, null);
  }

  private static SourceUse of(PlanNode.Scan scan, PlanNode reader) {
    if (reader instanceof PlanNode.Calc calc) {
      return of(scan, calc.condition(), calc.projects());
    }
    if (reader instanceof PlanNode.Aggregate aggregate
        && (aggregate.window() == null || aggregate.window().keyTime() == null)) {
      List<RexNode> read = new ArrayList<>(aggregate.keys());
      if (aggregate.window() != null) {
        read.add(aggregate.window().time());
      }
      for (PlanNode.AggregateCall call : aggregate.calls()) {
        read.addAll(call.arguments());
        read.add(call.filter());
        read.add(call.orderTime());
      }
      return of(scan, aggregate.condition(), read);
    }
    return everything(scan);
  }

  private static SourceUse of(PlanNode.Scan scan, RexNode condition, List<RexNode> read) {
    BitSet columns = new BitSet();
    for (RexNode expression : read) {
      add(expression, columns);
    }
    add(condition, columns);
    return new SourceUse(
        scan, columns, condition != null && isMovable(condition) ? condition : null);
  }

  private static void add(RexNode expression, BitSet columns) {
    if (expression != null) {
      RelOptUtil.InputFinder.bits(expression).forEachInt(columns::set);
    }
  }

  /** Whether another thread comes to the same answer, without running a user's code. */
  private static boolean isMovable(RexNode condition) {
    boolean[] movable = {RexUtil.isDeterministic(condition)};
    condition.accept(
        new RexVisitorImpl<Void>(true) {
          @Override
          public Void visitCall(RexCall call) {
            movable[0] &=
                !(call.getOperator() instanceof UserOperator)
                    && !call.getOperator().isDynamicFunction();
            return super.visitCall(call);
          }

          @Override
          public Void visitDynamicParam(RexDynamicParam parameter) {
            movable[0] = false;
            return null;
          }
        });
    return movable[0];
  }

  /** The columns that the filter reads. */
  public BitSet filterColumns() {
    BitSet read = new BitSet();
    add(filter, read);
    return read;
  }

  /** The filter with the names of the columns it reads. */
  public String filterText() {
    return PlanText.expression(filter, scan.schema());
  }
}
