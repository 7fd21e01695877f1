package io.laminardb.sql.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * The order of inner joins. It is that of the statement, unless rows would be joined with all rows of
 * an input there that an equality connects with another: then an input waits until the ones it is
 * connected with are joined.
 */
final class JoinOrder {
  private final RexBuilder rex;
  private final List<RelNode> inputs = new ArrayList<>();
  private final List<Integer> starts = new ArrayList<>();
  private final List<RexNode> conditions = new ArrayList<>(); // over the columns of all inputs
  private int columns;

  private JoinOrder(RexBuilder rex) {
    this.rex = rex;
  }

  /**
   * The join of the same rows and columns in an order without cross products, or {@code join}.
   *
   * @param above what is asked of its rows
   */
  static RelNode connected(Join join, List<RexNode> above, RexBuilder rex) {
    if (join.getJoinType() != JoinRelType.INNER) {
      return join;
    }
    JoinOrder order = new JoinOrder(rex);
    order.collect(join);
    order.conditions.addAll(above);
    if (order.inputs.size() < 3) {
      return join;
    }
    List<Integer> given = new ArrayList<>();
    for (int i = 0; i < order.inputs.size(); i++) {
      given.add(i);
    }
    List<Integer> better = order.connectedOrder();
    // Conditions that may not move stay above; those that are in the join are part of it.
    return order.crossProducts(better) < order.crossProducts(given)
        ? order.build(better, order.conditions.subList(0, order.conditions.size() - above.size()))
        : join;
  }

  /** Takes the inner joins below {@code node} apart. */
  private void collect(RelNode node) {
    if (node instanceof Join join && join.getJoinType() == JoinRelType.INNER) {
      int start = columns;
      collect(join.getLeft());
      collect(join.getRight());
      for (RexNode part : RelOptUtil.conjunctions(join.getCondition())) {
        conditions.add(RexUtil.shift(part, start));
      }
      return;
    }
    inputs.add(node);
    starts.add(columns);
    columns += node.getRowType().getFieldCount();
  }

  private List<Integer> connectedOrder() {
    List<Integer> order = new ArrayList<>();
    List<Integer> left = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      left.add(i);
    }
    while (!left.isEmpty()) {
      Integer next =
          left.stream()
              .filter(input -> order.isEmpty() || isConnected(order, input))
              .findFirst()
              .orElse(left.get(0));
      order.add(next);
      left.remove(next);
    }
    return order;
  }

  private int crossProducts(List<Integer> order) {
    int products = 0;
    for (int i = 1; i < order.size(); i++) {
      products += isConnected(order.subList(0, i), order.get(i)) ? 0 : 1;
    }
    return products;
  }

  /** Whether an equality connects an input with those that are joined. */
  private boolean isConnected(List<Integer> joined, int input) {
    ImmutableBitSet before = columnsOf(joined);
    ImmutableBitSet own = columnsOf(List.of(input));
    for (RexNode condition : conditions) {
      if (condition.getKind() == SqlKind.EQUALS
          || condition.getKind() == SqlKind.IS_NOT_DISTINCT_FROM) {
        List<RexNode> sides = ((RexCall) condition).getOperands();
        ImmutableBitSet first = RelOptUtil.InputFinder.bits(sides.get(0));
        ImmutableBitSet second = RelOptUtil.InputFinder.bits(sides.get(1));
        if (isBetween(first, second, before, own) || isBetween(second, first, before, own)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isBetween(
      ImmutableBitSet one, ImmutableBitSet other, ImmutableBitSet before, ImmutableBitSet own) {
    return !one.isEmpty() && !other.isEmpty() && before.contains(one) && own.contains(other);
  }

  private ImmutableBitSet columnsOf(List<Integer> some) {
    ImmutableBitSet.Builder bits = ImmutableBitSet.builder();
    for (int input : some) {
      int start = starts.get(input);
      bits.set(start, start + inputs.get(input).getRowType().getFieldCount());
    }
    return bits.build();
  }

  /** Joins the inputs one after the other, and gives the columns in the order they had. */
  private RelNode build(List<Integer> order, List<RexNode> asked) {
    int[] places = new int[columns]; // of a column, where it is now
    RelNode joined = null;
    List<RexNode> open = new ArrayList<>(asked);
    for (int i = 0; i < order.size(); i++) {
      RelNode input = inputs.get(order.get(i));
      int start = joined == null ? 0 : joined.getRowType().getFieldCount();
      for (int column = 0; column < input.getRowType().getFieldCount(); column++) {
        places[starts.get(order.get(i)) + column] = start + column;
      }
      ImmutableBitSet known = columnsOf(order.subList(0, i + 1));
      List<RexNode> now = new ArrayList<>();
      for (RexNode condition : List.copyOf(open)) {
        if (known.contains(RelOptUtil.InputFinder.bits(condition))) {
          now.add(moved(condition, places));
          open.remove(condition);
        }
      }
      RexNode on = RexUtil.composeConjunction(rex, now);
      if (joined == null) {
        joined = now.isEmpty() ? input : LogicalFilter.create(input, on);
      } else {
        joined =
            LogicalJoin.create(
                joined, input, List.of(), on, Collections.emptySet(), JoinRelType.INNER);
      }
    }
    List<Integer> back = new ArrayList<>();
    for (int place : places) {
      back.add(place);
    }
    return RelOptUtil.createProject(joined, back);
  }

  private RexNode moved(RexNode condition, int[] places) {
    return condition.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            return rex.makeInputRef(reference.getType(), places[reference.getIndex()]);
          }
        });
  }
}
