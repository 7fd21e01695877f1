package io.laminardb.sql.lower;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.sql.plan.PlanNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;

/**
 * Has joins answer no more than what the projection above them reads: columns that nobody reads are
 * neither kept nor copied. A projection that only picks columns is done by the join.
 */
final class NarrowJoins {
  private NarrowJoins() {}

  /** What does the same as {@code calc}, or {@code calc} where it is not above a join. */
  static PlanNode narrow(PlanNode.Calc calc) {
    Schema wide = calc.input().schema();
    List<Integer> picked = picked(calc);
    boolean picksOnly = picked != null && wide.isChangelog() == calc.schema().isChangelog();
    if (!picksOnly) {
      picked = read(calc);
    }
    if (picked.isEmpty() || !picksOnly && picked.size() == wide.size()) {
      return calc;
    }
    Schema schema = picksOnly ? calc.schema() : pick(wide, picked);
    PlanNode join = narrowed(calc.input(), picked, schema);
    return join == null ? calc : picksOnly ? join : over(calc, join, picked);
  }

  private static PlanNode narrowed(PlanNode node, List<Integer> columns, Schema schema) {
    if (node instanceof PlanNode.IntervalJoin join) {
      return join.narrowed(columns, schema);
    }
    return node instanceof PlanNode.AsofJoin join
            && join.mode() == PlanNode.AsofJoin.Mode.EVENT_TIME
        ? join.narrowed(columns, schema)
        : null;
  }

  /** The columns of a projection that does nothing but pick them, or null. */
  private static List<Integer> picked(PlanNode.Calc calc) {
    List<Integer> columns = new ArrayList<>();
    for (RexNode project : calc.projects()) {
      if (calc.condition() != null || !(project instanceof RexInputRef reference)) {
        return null;
      }
      columns.add(reference.getIndex());
    }
    return columns;
  }

  private static List<Integer> read(PlanNode.Calc calc) {
    List<RexNode> expressions = new ArrayList<>(calc.projects());
    if (calc.condition() != null) {
      expressions.add(calc.condition());
    }
    return RelOptUtil.InputFinder.bits(expressions, null).asList();
  }

  private static Schema pick(Schema wide, List<Integer> columns) {
    List<Field> fields = columns.stream().map(wide::field).toList();
    return new Schema(fields, wide.isChangelog());
  }

  private static PlanNode over(PlanNode.Calc calc, PlanNode join, List<Integer> columns) {
    RexShuttle moved =
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            return new RexInputRef(columns.indexOf(reference.getIndex()), reference.getType());
          }
        };
    RexNode condition = calc.condition() == null ? null : calc.condition().accept(moved);
    return new PlanNode.Calc(join, condition, moved.visitList(calc.projects()), calc.schema());
  }
}
