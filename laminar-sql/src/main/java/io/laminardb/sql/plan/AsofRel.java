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
import org.apache.calcite.util.mapping.Mappings;
import org.apache.calcite.util.mapping.MappingType;
import org.apache.calcite.util.mapping.Mapping;
import org.apache.calcite.util.ImmutableBitSet;
import org.apache.calcite.tools.RelBuilder;
import org.apache.calcite.sql2rel.RelFieldTrimmer;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexPermuteInputsShuttle;
import org.apache.calcite.rel.type.RelDataTypeField;
import java.util.Set;

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

  /** Cuts columns that nobody reads, below ASOF joins too. Calcite calls it by reflection. */
  public static final class Trimmer extends RelFieldTrimmer {
    Trimmer(RelBuilder builder) {
      super(null, builder);
    }

    /** The same join of what is read of its inputs, and where the columns are now. */
    public TrimResult trimFields(
        AsofRel asof, ImmutableBitSet fieldsUsed, Set<RelDataTypeField> extraFields) {
      int leftColumns = asof.getLeft().getRowType().getFieldCount();
      int columns = leftColumns + asof.getRight().getRowType().getFieldCount();
      ImmutableBitSet used =
          fieldsUsed
              .union(RelOptUtil.InputFinder.bits(asof.match))
              .union(RelOptUtil.InputFinder.bits(asof.condition));
      TrimResult left =
          trimChild(
              asof,
              asof.getLeft(),
              used.intersect(ImmutableBitSet.range(leftColumns)),
              Set.of());
      TrimResult right =
          trimChild(
              asof,
              asof.getRight(),
              used.intersect(ImmutableBitSet.range(leftColumns, columns)).shift(-leftColumns),
              Set.of());
      int leftKept = left.left.getRowType().getFieldCount();
      int kept = leftKept + right.left.getRowType().getFieldCount();
      Mapping mapping = Mappings.create(MappingType.INVERSE_SURJECTION, columns, kept);
      left.right.forEach(pair -> mapping.set(pair.source, pair.target));
      right.right.forEach(
          pair -> mapping.set(pair.source + leftColumns, pair.target + leftKept));
      RexShuttle permute = new RexPermuteInputsShuttle(mapping, left.left, right.left);
      AsofRel trimmed =
          new AsofRel(
              left.left,
              right.left,
              asof.match.accept(permute),
              asof.condition.accept(permute),
              RelOptUtil.permute(
                  asof.getCluster().getTypeFactory(), asof.getRowType(), mapping));
      return result(trimmed, mapping);
    }
  }
}
