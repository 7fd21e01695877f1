package io.laminardb.sql.plan;

import com.google.common.collect.ImmutableList;
import io.laminardb.sql.validate.WindowFunction;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.SetOp;
import org.apache.calcite.rel.core.Sort;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexOver;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.rex.RexVisitorImpl;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * Brings conditions as near to the sources as they give the same rows there, so that joins, OVER and
 * groups keep no row that is thrown away later. A condition goes
 *
 * <ul>
 *   <li>into and below joins, as far as the kind of the join lets it, and by an equality of the join
 *       to its other side too;
 *   <li>below an aggregate, when it speaks of grouped columns;
 *   <li>below OVER, when it speaks of columns that all its functions partition by;
 *   <li>below UNNEST and table functions, when it speaks of the rows they are called for;
 *   <li>into inner joins with what a table holds in the moment a row comes;
 *   <li>into each input of UNION, INTERSECT and EXCEPT, and to the left of joins with the nearest row
 *       or with a table as of a moment.
 * </ul>
 *
 * <p>Conditions over windows stay above them: sessions are made of all rows, and planning takes bounds
 * apart by itself. So do those that need not give the same answer twice.
 */
final class PushDown {
  private final RexBuilder rex;
  private final boolean throughWindows;

  /**
   * @param throughWindows whether conditions may go below windowed aggregates; not where somebody
   *     reads the late rows of all groups
   */
  PushDown(RexBuilder rex, boolean throughWindows) {
    this.rex = rex;
    this.throughWindows = throughWindows;
  }

  /** The same rows. */
  RelNode apply(RelNode node) {
    return push(node, List.of());
  }

  /** The rows of {@code node} for which {@code conditions}, over its columns, hold. */
  RelNode push(RelNode node, List<RexNode> conditions) {
    if (node instanceof Filter filter) {
      List<RexNode> all = new ArrayList<>(RelOptUtil.conjunctions(filter.getCondition()));
      all.addAll(conditions);
      return push(filter.getInput(), all);
    }
    if (node instanceof Project project) {
      return project(project, conditions);
    }
    if (node instanceof Aggregate aggregate) {
      return aggregate(aggregate, conditions);
    }
    if (node instanceof Join join) {
      return join(JoinOrder.connected(join, conditions, rex), conditions);
    }
    if (node instanceof MarkedJoin marked) {
      return marked(marked, conditions);
    }
    if (node instanceof UnnestRel unnest) {
      return unnest(unnest, conditions);
    }
    if (node instanceof SetOp set) {
      return setOperation(set, conditions);
    }
    if (node instanceof Sort sort && sort.offset == null && sort.fetch == null) {
      return sort.copy(sort.getTraitSet(), List.of(push(sort.getInput(), conditions)));
    }
    List<RelNode> inputs = node.getInputs().stream().map(this::apply).toList();
    return filtered(
        inputs.equals(node.getInputs()) ? node : node.copy(node.getTraitSet(), inputs), conditions);
  }

  private RelNode filtered(RelNode node, List<RexNode> conditions) {
    return conditions.isEmpty()
        ? node
        : LogicalFilter.create(node, RexUtil.composeConjunction(rex, conditions));
  }

  /** What may move at all. */
  private static boolean isMovable(RexNode condition) {
    return RexUtil.isDeterministic(condition)
        && !RexOver.containsOver(condition)
        && !readsWindow(condition);
  }

  /** Whether a window or a bound of one stands in it. */
  private static boolean readsWindow(RexNode expression) {
    boolean[] found = {false};
    expression.accept(
        new RexVisitorImpl<Void>(true) {
          @Override
          public Void visitCall(RexCall call) {
            found[0] |=
                call.getOperator() instanceof WindowFunction
                    || call.getOperator() == WindowFunction.START
                    || call.getOperator() == WindowFunction.END
                    || call.getOperator() == WindowFunction.TIME;
            return super.visitCall(call);
          }
        });
    return found[0];
  }

  /** What of {@code conditions} goes below, and what stays. */
  private record Split(List<RexNode> below, List<RexNode> above) {
    Split() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  // ---- projections and OVER

  private RelNode project(Project project, List<RexNode> conditions) {
    boolean sessions = project.getProjects().stream().anyMatch(PushDown::isSession);
    ImmutableBitSet partition = partition(project);
    Split split = new Split();
    for (RexNode condition : conditions) {
      RexNode below =
          isMovable(condition) && !sessions && reads(condition, partition)
              ? RelOptUtil.pushPastProject(condition, project)
              : null;
      if (below != null && isMovable(below)) {
        split.below.add(below);
      } else {
        split.above.add(condition);
      }
    }
    RelNode input = push(project.getInput(), split.below);
    return filtered(project.copy(project.getTraitSet(), List.of(input)), split.above);
  }

  private static boolean isSession(RexNode expression) {
    boolean[] found = {false};
    expression.accept(
        new RexVisitorImpl<Void>(true) {
          @Override
          public Void visitCall(RexCall call) {
            found[0] |= call.getOperator() == WindowFunction.SESSION;
            return super.visitCall(call);
          }
        });
    return found[0];
  }

  /** Columns of which a condition leaves partitions whole: without OVER all of them. */
  private static ImmutableBitSet partition(Project project) {
    List<RexNode> projects = project.getProjects();
    ImmutableBitSet.Builder columns = ImmutableBitSet.builder();
    List<RexOver> overs = List.copyOf(OverColumns.overs(projects));
    for (int i = 0; i < projects.size(); i++) {
      RexNode value = projects.get(i);
      if (overs.stream().allMatch(over -> over.getWindow().partitionKeys.contains(value))) {
        columns.set(i);
      }
    }
    return columns.build();
  }

  /** Whether it reads something, and nothing but {@code columns}. */
  private static boolean reads(RexNode condition, ImmutableBitSet columns) {
    ImmutableBitSet read = RelOptUtil.InputFinder.bits(condition);
    return !read.isEmpty() && columns.contains(read);
  }

  // ---- aggregates and sets

  private RelNode aggregate(Aggregate aggregate, List<RexNode> conditions) {
    RelNode input = aggregate.getInput();
    Split split = new Split();
    ImmutableBitSet keys = pushableKeys(aggregate);
    List<RexNode> values = new ArrayList<>();
    List<RelDataTypeField> fields = input.getRowType().getFieldList();
    for (int key : aggregate.getGroupSet()) {
      values.add(rex.makeInputRef(fields.get(key).getType(), key));
    }
    for (RexNode condition : conditions) {
      if (isMovable(condition) && reads(condition, keys)) {
        split.below.add(replaceColumns(condition, values));
      } else {
        split.above.add(condition);
      }
    }
    RelNode pushed = push(input, split.below);
    return filtered(aggregate.copy(aggregate.getTraitSet(), List.of(pushed)), split.above);
  }

  /** Positions of keys that are no windows and are in every grouping set. */
  private ImmutableBitSet pushableKeys(Aggregate aggregate) {
    ImmutableBitSet.Builder keys = ImmutableBitSet.builder();
    boolean windowed = false;
    for (int i = 0; i < aggregate.getGroupCount(); i++) {
      int key = aggregate.getGroupSet().nth(i);
      boolean isWindow = isWindow(aggregate.getInput(), key, false);
      if (isWindow && (!throughWindows || isWindow(aggregate.getInput(), key, true))) {
        return ImmutableBitSet.of();
      }
      windowed |= isWindow;
      if (!isWindow && aggregate.getGroupSets().stream().allMatch(set -> set.get(key))) {
        keys.set(i);
      }
    }
    return keys.build();
  }

  /** Whether a column is a window that an aggregate above takes in, or of sessions only. */
  private static boolean isWindow(RelNode node, int column, boolean session) {
    if (node instanceof Project project) {
      RexNode value = project.getProjects().get(column);
      return value instanceof RexInputRef reference
          ? isWindow(project.getInput(), reference.getIndex(), session)
          : session ? isSession(value) : readsWindow(value);
    }
    return (node instanceof Filter || node instanceof Sort)
        && isWindow(node.getInput(0), column, session);
  }

  private RexNode replaceColumns(RexNode expression, List<RexNode> values) {
    return expression.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            return values.get(reference.getIndex());
          }
        });
  }

  private RelNode setOperation(SetOp set, List<RexNode> conditions) {
    Split split = new Split();
    for (RexNode condition : conditions) {
      (isMovable(condition) ? split.below : split.above).add(condition);
    }
    List<RelNode> inputs = new ArrayList<>();
    for (RelNode input : set.getInputs()) {
      List<RexNode> columns = columns(set, input);
      inputs.add(
          push(input, split.below.stream().map(part -> replaceColumns(part, columns)).toList()));
    }
    return filtered(set.copy(set.getTraitSet(), inputs), split.above);
  }

  /** The columns of an input, which may be of other types, in those of the set. */
  private List<RexNode> columns(SetOp set, RelNode input) {
    List<RexNode> columns = new ArrayList<>();
    for (RelDataTypeField field : input.getRowType().getFieldList()) {
      RelDataType target =
          rex.getTypeFactory()
              .createTypeWithNullability(
                  set.getRowType().getFieldList().get(field.getIndex()).getType(),
                  field.getType().isNullable());
      RexNode column = rex.makeInputRef(field.getType(), field.getIndex());
      columns.add(target.equals(field.getType()) ? column : rex.makeCast(target, column));
    }
    return columns;
  }

  // ---- joins

  private RelNode marked(MarkedJoin marked, List<RexNode> conditions) {
    int leftColumns = marked.getLeft().getRowType().getFieldCount();
    boolean intoOn = marked.type() == JoinRelType.INNER && marked.match() == null;
    Split split = new Split();
    List<RexNode> on = new ArrayList<>();
    for (RexNode condition : conditions) {
      boolean left =
          marked.type().canPushLeftFromAbove()
              && reads(condition, ImmutableBitSet.range(leftColumns));
      boolean movable = isMovable(condition);
      (movable && left ? split.below : movable && intoOn ? on : split.above).add(condition);
    }
    MarkedJoin joined = on.isEmpty() ? marked : marked.and(on);
    List<RelNode> inputs = List.of(push(marked.getLeft(), split.below), apply(marked.getRight()));
    return filtered(joined.copy(marked.getTraitSet(), inputs), split.above);
  }

  /** Below UNNEST and table functions, which then are not called for rows that go anyway. */
  private RelNode unnest(UnnestRel unnest, List<RexNode> conditions) {
    RelNode input = unnest.getInput();
    ImmutableBitSet passed = ImmutableBitSet.range(input.getRowType().getFieldCount());
    Split split = new Split();
    for (RexNode condition : conditions) {
      boolean below = isMovable(condition) && reads(condition, passed);
      (below ? split.below : split.above).add(condition);
    }
    RelNode pushed = push(input, split.below);
    return filtered(unnest.copy(unnest.getTraitSet(), List.of(pushed)), split.above);
  }

  private RelNode join(RelNode reordered, List<RexNode> conditions) {
    if (!(reordered instanceof Join join)) {
      return push(reordered, conditions);
    }
    List<RexNode> stay = new ArrayList<>(conditions);
    JoinRelType type =
        RelOptUtil.simplifyJoin(join, ImmutableList.copyOf(conditions), join.getJoinType());
    List<RexNode> into = new ArrayList<>();
    List<RexNode> left = new ArrayList<>();
    List<RexNode> right = new ArrayList<>();
    List<RexNode> movable = new ArrayList<>(stay.stream().filter(PushDown::isMovable).toList());
    stay.removeAll(movable);
    RelOptUtil.classifyFilters(
        join,
        movable,
        type.canPushIntoFromAbove(),
        type.canPushLeftFromAbove(),
        type.canPushRightFromAbove(),
        into,
        left,
        right);
    stay.addAll(movable);
    List<RexNode> on = new ArrayList<>(RelOptUtil.conjunctions(join.getCondition()));
    on.addAll(into);
    List<RexNode> within = new ArrayList<>(on.stream().filter(PushDown::isMovable).toList());
    on.removeAll(within);
    RelOptUtil.classifyFilters(
        join,
        within,
        false,
        type.canPushLeftFromWithin(),
        type.canPushRightFromWithin(),
        new ArrayList<>(),
        left,
        right);
    on.addAll(within);
    Implied implied = Implied.of(join, type, on, left, right, rex);
    left.addAll(implied.left());
    right.addAll(implied.right());
    RelNode joined =
        join.copy(
            join.getTraitSet(),
            RexUtil.composeConjunction(rex, on),
            push(join.getLeft(), left),
            push(join.getRight(), right),
            type,
            join.isSemiJoinDone());
    return filtered(RelOptUtil.createCastRel(joined, join.getRowType(), true), stay);
  }
}
