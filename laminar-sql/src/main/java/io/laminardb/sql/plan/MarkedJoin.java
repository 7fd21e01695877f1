package io.laminardb.sql.plan;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.validate.AsofMatch;
import io.laminardb.sql.validate.TemporalMatch;
import io.laminardb.sql.validate.TemporalPlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.BiRel;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.TableScan;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexPermuteInputsShuttle;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql2rel.RelFieldTrimmer;
import org.apache.calcite.tools.RelBuilder;
import org.apache.calcite.util.ImmutableBitSet;
import org.apache.calcite.util.mapping.Mapping;
import org.apache.calcite.util.mapping.MappingType;
import org.apache.calcite.util.mapping.Mappings;

/**
 * An ASOF join or one with a table as of a moment, in relational algebra. It is no {@link Join}, so that
 * no rule moves a condition across it: which row is the nearest, or holds, depends on which rows there
 * are.
 */
final class MarkedJoin extends BiRel {
  private static final RexShuttle IN_SUBQUERIES =
      new RexShuttle() {
        @Override
        public RexNode visitSubQuery(RexSubQuery subquery) {
          RexSubQuery visited = (RexSubQuery) super.visitSubQuery(subquery);
          RelNode introduced = introduce(visited.rel);
          return introduced == visited.rel ? visited : visited.clone(introduced);
        }
      };

  private final JoinRelType type;
  private final RexCall marker;
  private final RexNode condition;
  private final RelDataType joined;

  private MarkedJoin(
      RelNode left,
      RelNode right,
      JoinRelType type,
      RexCall marker,
      RexNode condition,
      RelDataType joined) {
    super(left.getCluster(), left.getTraitSet(), left, right);
    this.type = type;
    this.marker = marker;
    this.condition = condition;
    this.joined = joined;
  }

  /** The same query with such joins in the place of those that stood for them. */
  static RelNode introduce(RelNode rel) {
    List<RelNode> inputs = new ArrayList<>();
    boolean same = true;
    for (RelNode input : rel.getInputs()) {
      RelNode introduced = introduce(input);
      same &= introduced == input;
      inputs.add(introduced);
    }
    RelNode copy = (same ? rel : rel.copy(rel.getTraitSet(), inputs)).accept(IN_SUBQUERIES);
    if (copy instanceof Filter filter) {
      return introduce(filter);
    }
    return copy instanceof Join join ? introduce(join) : copy;
  }

  /** Joins with USING have their markers in WHERE. */
  private static RelNode introduce(Filter filter) {
    RelNode input = filter.getInput();
    List<RexNode> rest = new ArrayList<>();
    for (RexNode part : RelOptUtil.conjunctions(filter.getCondition())) {
      if (part instanceof RexCall call && call.getOperator() == TemporalPlace.INSTANCE) {
        int[] columns =
            call.getOperands().stream().mapToInt(o -> ((RexInputRef) o).getIndex()).toArray();
        input = mark(input, columns[0], columns.length > 1 ? columns[1] : -1);
      } else {
        rest.add(part);
      }
    }
    if (input == filter.getInput()) {
      return filter;
    }
    RexBuilder rex = filter.getCluster().getRexBuilder();
    return rest.isEmpty()
        ? input
        : filter.copy(filter.getTraitSet(), input, RexUtil.composeConjunction(rex, rest));
  }

  /**
   * The same joins with one of them marked: that whose right side is a table.
   *
   * @param column one of the table's, among those of {@code rel}
   * @param time as of when it is read, likewise, or -1
   */
  private static RelNode mark(RelNode rel, int column, int time) {
    if (rel instanceof Project project) {
      int inner = ((RexInputRef) project.getProjects().get(column)).getIndex();
      int innerTime = time < 0 ? -1 : ((RexInputRef) project.getProjects().get(time)).getIndex();
      RelNode marked = mark(project.getInput(), inner, innerTime);
      return project.copy(project.getTraitSet(), List.of(marked));
    }
    RelNode left = rel.getInput(0);
    RelNode right = rel.getInput(1);
    int leftColumns = left.getRowType().getFieldCount();
    if (column < leftColumns) {
      return rel.copy(rel.getTraitSet(), List.of(mark(left, column, time), right));
    }
    if (!isTable(right)) {
      RelNode marked = mark(right, column - leftColumns, time < 0 ? -1 : time - leftColumns);
      return rel.copy(rel.getTraitSet(), List.of(left, marked));
    }
    Join join = (Join) rel;
    RexBuilder rex = join.getCluster().getRexBuilder();
    RexCall marker =
        (RexCall)
            (time < 0
                ? rex.makeCall(TemporalMatch.INSTANCE)
                : rex.makeCall(TemporalMatch.INSTANCE, rex.makeInputRef(rel, time)));
    return new MarkedJoin(
        left, right, join.getJoinType(), marker, join.getCondition(), join.getRowType());
  }

  private static boolean isTable(RelNode rel) {
    return rel instanceof Project project ? isTable(project.getInput()) : rel instanceof TableScan;
  }

  private static RelNode introduce(Join join) {
    List<RexNode> rest = new ArrayList<>();
    RexCall marker = null;
    for (RexNode part : RelOptUtil.conjunctions(join.getCondition())) {
      if (part instanceof RexCall call && isMarker(call)) {
        marker = call;
      } else {
        rest.add(part);
      }
    }
    return marker == null
        ? join
        : new MarkedJoin(
            join.getLeft(),
            join.getRight(),
            join.getJoinType(),
            marker,
            RexUtil.composeConjunction(join.getCluster().getRexBuilder(), rest),
            join.getRowType());
  }

  private static boolean isMarker(RexCall call) {
    return call.getOperator() == AsofMatch.INSTANCE || call.getOperator() == TemporalMatch.INSTANCE;
  }

  /** Whether it is an ASOF join; else its right side is a table as of a moment. */
  boolean isAsof() {
    return marker.getOperator() == AsofMatch.INSTANCE;
  }

  /** The join with what the table holds at present, where that does not change. */
  Join withPresent() {
    if (match() != null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "a SELECT that ends reads what is there: FOR SYSTEM_TIME AS OF event time would need"
                  + " what was there.")
          .mend("Make it a STREAM or a MATERIALIZED VIEW, or write AS OF PROCTIME().");
    }
    return LogicalJoin.create(getLeft(), getRight(), List.of(), condition, Set.of(), type);
  }

  JoinRelType type() {
    return type;
  }

  /**
   * Over the columns of both sides, what MATCH_CONDITION says, or as of when the table is read; null
   * for the moment in which a row comes.
   */
  RexNode match() {
    return marker.getOperands().isEmpty() ? null : marker.getOperands().get(0);
  }

  /** What ON says, over the columns of both sides. */
  RexNode condition() {
    return condition;
  }

  /** The same join of which more is to hold. */
  MarkedJoin and(List<RexNode> conditions) {
    List<RexNode> all = new ArrayList<>(List.of(condition));
    all.addAll(conditions);
    RexNode both = RexUtil.composeConjunction(getCluster().getRexBuilder(), all);
    return new MarkedJoin(getLeft(), getRight(), type, marker, both, joined);
  }

  @Override
  protected RelDataType deriveRowType() {
    return joined;
  }

  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new MarkedJoin(inputs.get(0), inputs.get(1), type, marker, condition, joined);
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer)
        .item("type", type)
        .item("match", marker)
        .item("condition", condition);
  }

  /** Cuts columns that nobody reads, below such joins too. Calcite calls it by reflection. */
  public static final class Trimmer extends RelFieldTrimmer {
    Trimmer(RelBuilder builder) {
      super(null, builder);
    }

    /** The same join of what is read of its inputs, and where the columns are now. */
    public TrimResult trimFields(
        MarkedJoin join, ImmutableBitSet fieldsUsed, Set<RelDataTypeField> extraFields) {
      int leftColumns = join.getLeft().getRowType().getFieldCount();
      int columns = leftColumns + join.getRight().getRowType().getFieldCount();
      ImmutableBitSet used =
          fieldsUsed
              .union(RelOptUtil.InputFinder.bits(join.marker))
              .union(RelOptUtil.InputFinder.bits(join.condition));
      TrimResult left =
          trimChild(
              join, join.getLeft(), used.intersect(ImmutableBitSet.range(leftColumns)), Set.of());
      ImmutableBitSet ofRight = ImmutableBitSet.range(leftColumns, columns);
      // A table is read by its key, whether that is in the condition or not; one outside by that
      // alone.
      ImmutableBitSet read = used.intersect(ofRight);
      boolean cut = join.isAsof() || isOutside(join.getRight()) && !read.isEmpty();
      ImmutableBitSet usedOfRight = cut ? read : ofRight;
      TrimResult right =
          trimChild(join, join.getRight(), usedOfRight.shift(-leftColumns), Set.of());
      int leftKept = left.left.getRowType().getFieldCount();
      int kept = leftKept + right.left.getRowType().getFieldCount();
      Mapping mapping = Mappings.create(MappingType.INVERSE_SURJECTION, columns, kept);
      left.right.forEach(pair -> mapping.set(pair.source, pair.target));
      right.right.forEach(pair -> mapping.set(pair.source + leftColumns, pair.target + leftKept));
      RexShuttle permute = new RexPermuteInputsShuttle(mapping, left.left, right.left);
      MarkedJoin trimmed =
          new MarkedJoin(
              left.left,
              right.left,
              join.type,
              (RexCall) join.marker.accept(permute),
              join.condition.accept(permute),
              RelOptUtil.permute(join.getCluster().getTypeFactory(), join.getRowType(), mapping));
      return result(trimmed, mapping);
    }

    private static boolean isOutside(RelNode table) {
      CatalogObject object =
          table instanceof TableScan scan ? scan.getTable().unwrap(CatalogObject.class) : null;
      return object != null && object.isExternal();
    }

    /** The same elements beside what is read of the rows: a collection itself seldom is. */
    public TrimResult trimFields(
        UnnestRel unnest, ImmutableBitSet fieldsUsed, Set<RelDataTypeField> extraFields) {
      int passed = unnest.passed().size();
      int columns = unnest.getRowType().getFieldCount();
      ImmutableBitSet.Builder used = ImmutableBitSet.builder();
      for (RexNode collection : unnest.collections()) {
        used.addAll(RelOptUtil.InputFinder.bits(collection));
      }
      ImmutableBitSet read = fieldsUsed.intersect(ImmutableBitSet.range(passed));
      read.forEachInt(column -> used.set(unnest.passed().get(column)));
      TrimResult rows = trimChild(unnest, unnest.getInput(), used.build(), Set.of());
      int kept = read.cardinality();
      Mapping mapping =
          Mappings.create(MappingType.INVERSE_SURJECTION, columns, kept + columns - passed);
      List<Integer> newPassed = new ArrayList<>();
      for (int column : read) {
        mapping.set(column, newPassed.size());
        newPassed.add(rows.right.getTarget(unnest.passed().get(column)));
      }
      for (int element = passed; element < columns; element++) {
        mapping.set(element, kept + element - passed);
      }
      RexShuttle permute = new RexPermuteInputsShuttle(rows.right, rows.left);
      List<RexNode> collections =
          unnest.collections().stream().map(each -> each.accept(permute)).toList();
      return result(unnest.of(rows.left, newPassed, collections), mapping);
    }
  }
}
