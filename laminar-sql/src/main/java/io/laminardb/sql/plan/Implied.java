package io.laminardb.sql.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * What a join's equalities say of its other side: with {@code a.k = b.k}, rows of {@code b} have to be
 * of {@code a.k = 5} too. Immutable.
 *
 * @param left conditions that rows of the left input have to meet as well, over its columns
 * @param right the same of the right input
 */
record Implied(List<RexNode> left, List<RexNode> right) {
  /**
   * The implied conditions of a join of {@code type}.
   *
   * @param on the join's condition
   * @param left what left rows are asked for
   * @param right what right rows are asked for
   */
  static Implied of(
      Join join,
      JoinRelType type,
      List<RexNode> on,
      List<RexNode> left,
      List<RexNode> right,
      RexBuilder rex) {
    int leftColumns = join.getLeft().getRowType().getFieldCount();
    Map<Integer, RexNode> toRight = new HashMap<>();
    Map<Integer, RexNode> toLeft = new HashMap<>();
    for (RexNode part : on) {
      RexInputRef[] sides = columns(part, leftColumns);
      if (sides != null) {
        int rightColumn = sides[1].getIndex() - leftColumns;
        toRight.putIfAbsent(sides[0].getIndex(), rex.makeInputRef(sides[1].getType(), rightColumn));
        toLeft.putIfAbsent(rightColumn, sides[0]);
      }
    }
    return new Implied(
        type.canPushLeftFromWithin() ? over(toLeft, right, left) : List.of(),
        type.canPushRightFromWithin() ? over(toRight, left, right) : List.of());
  }

  /** The columns of both sides that are equal, left one first; null where it says something else. */
  private static RexInputRef[] columns(RexNode part, int leftColumns) {
    if (part.getKind() != SqlKind.EQUALS
        || !(((RexCall) part).getOperands().get(0) instanceof RexInputRef first)
        || !(((RexCall) part).getOperands().get(1) instanceof RexInputRef second)
        || first.getType().getSqlTypeName() != second.getType().getSqlTypeName()) {
      return null;
    }
    boolean inOrder = first.getIndex() < leftColumns;
    return inOrder == second.getIndex() < leftColumns
        ? null
        : inOrder ? new RexInputRef[] {first, second} : new RexInputRef[] {second, first};
  }

  private static List<RexNode> over(
      Map<Integer, RexNode> columns, List<RexNode> conditions, List<RexNode> known) {
    List<RexNode> implied = new ArrayList<>();
    for (RexNode condition : conditions) {
      ImmutableBitSet read = RelOptUtil.InputFinder.bits(condition);
      if (isComparison(condition) && read.cardinality() == 1 && columns.containsKey(read.nth(0))) {
        RexNode other = condition.accept(replacing(columns.get(read.nth(0))));
        if (!known.contains(other)) {
          implied.add(other);
        }
      }
    }
    return implied;
  }

  /** Only what can fail on no row is asked of more rows than was written. */
  private static boolean isComparison(RexNode condition) {
    return condition instanceof RexCall call
        && (call.isA(SqlKind.COMPARISON) || call.isA(SqlKind.SEARCH))
        && call.getOperands().stream()
            .allMatch(
                operand ->
                    operand instanceof RexInputRef
                        || operand instanceof RexLiteral && !RexUtil.isNull(operand));
  }

  private static RexShuttle replacing(RexNode by) {
    return new RexShuttle() {
      @Override
      public RexNode visitInputRef(RexInputRef reference) {
        return by;
      }
    };
  }
}
