package io.laminardb.sql.plan;

import io.laminardb.sql.validate.AsofMatch;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.BiRel;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;

/**
 * An ASOF join in relational algebra. It is no {@link Join}, so that no rule moves a condition across
 * it: which row is the nearest depends on which rows there are.
 */
final class AsofRel extends BiRel {
  private final RexNode match;
  private final RexNode condition;
  private final RelDataType joined;

  private AsofRel(
      RelNode left, RelNode right, RexNode match, RexNode condition, RelDataType joined) {
    super(left.getCluster(), left.getTraitSet(), left, right);
    this.match = match;
    this.condition = condition;
    this.joined = joined;
  }

  /** The same query with ASOF joins in the place of the joins that stood for them. */
  static RelNode introduce(RelNode rel) {
    List<RelNode> inputs = new ArrayList<>();
    boolean same = true;
    for (RelNode input : rel.getInputs()) {
      RelNode introduced = introduce(input);
      same &= introduced == input;
      inputs.add(introduced);
    }
    RelNode copy = same ? rel : rel.copy(rel.getTraitSet(), inputs);
    return copy instanceof Join join ? introduce(join) : copy;
  }

  private static RelNode introduce(Join join) {
    List<RexNode> rest = new ArrayList<>();
    RexNode match = null;
    for (RexNode part : RelOptUtil.conjunctions(join.getCondition())) {
      if (part instanceof RexCall call && call.getOperator() == AsofMatch.INSTANCE) {
        match = call.getOperands().get(0);
      } else {
        rest.add(part);
      }
    }
    return match == null
        ? join
        : new AsofRel(
            join.getLeft(),
            join.getRight(),
            match,
            RexUtil.composeConjunction(join.getCluster().getRexBuilder(), rest),
            join.getRowType());
  }

  /** What MATCH_CONDITION says, over the columns of both sides. */
  RexNode match() {
    return match;
  }

  /** What ON says, over the columns of both sides. */
  RexNode condition() {
    return condition;
  }

  @Override
  protected RelDataType deriveRowType() {
    return joined;
  }

  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new AsofRel(inputs.get(0), inputs.get(1), match, condition, joined);
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer).item("match", match).item("condition", condition);
  }
}
