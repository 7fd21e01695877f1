package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * The parts of a join's condition. Immutable.
 *
 * @param keys equalities of a value of the left row and one of the right
 * @param left what is asked of left rows alone, over their columns
 * @param right what is asked of right rows alone, over their columns
 * @param rest everything else, over the columns of both
 */
record JoinCondition(
    List<Equality> keys, List<RexNode> left, List<RexNode> right, List<RexNode> rest) {
  /**
   * Two values that are to be equal, each over the columns of its side, and of the same type.
   *
   * @param nullSafe whether NULL equals NULL
   */
  record Equality(RexNode left, RexNode right, boolean nullSafe) {}

  static JoinCondition of(Join join, RexBuilder rex) {
    return of(join.getCondition(), join.getLeft().getRowType().getFieldCount(), rex);
  }

  static JoinCondition of(RexNode condition, int leftColumns, RexBuilder rex) {
    JoinCondition parts =
        new JoinCondition(
            new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (RexNode part : RelOptUtil.conjunctions(condition)) {
      parts.add(part, leftColumns, rex);
    }
    return parts;
  }

  private void add(RexNode part, int leftColumns, RexBuilder rex) {
    ImmutableBitSet read = RelOptUtil.InputFinder.bits(part);
    if (part.isAlwaysTrue()) {
      return;
    }
    if (read.isEmpty()) {
      rest.add(part);
    } else if (read.length() <= leftColumns) {
      left.add(part);
    } else if (read.nextSetBit(0) >= leftColumns) {
      right.add(RexUtil.shift(part, -leftColumns));
    } else {
      Equality key = equality(part, leftColumns, rex);
      if (key != null) {
        keys.add(key);
      } else {
        rest.add(part);
      }
    }
  }

  private static Equality equality(RexNode part, int leftColumns, RexBuilder rex) {
    RexNode plain =
        part instanceof RexCall call
            ? RelOptUtil.collapseExpandedIsNotDistinctFromExpr(call, rex)
            : part;
    boolean nullSafe = plain.getKind() == SqlKind.IS_NOT_DISTINCT_FROM;
    if (!nullSafe && plain.getKind() != SqlKind.EQUALS) {
      return null;
    }
    RexNode first = ((RexCall) plain).getOperands().get(0);
    RexNode second = ((RexCall) plain).getOperands().get(1);
    ImmutableBitSet firstReads = RelOptUtil.InputFinder.bits(first);
    ImmutableBitSet secondReads = RelOptUtil.InputFinder.bits(second);
    if (firstReads.isEmpty() || secondReads.isEmpty()) {
      return null;
    }
    boolean inOrder = firstReads.length() <= leftColumns;
    RexNode leftValue = inOrder ? first : second;
    RexNode rightValue = inOrder ? second : first;
    if (RelOptUtil.InputFinder.bits(leftValue).length() > leftColumns
        || RelOptUtil.InputFinder.bits(rightValue).nextSetBit(0) < leftColumns) {
      return null;
    }
    rightValue = RexUtil.shift(rightValue, -leftColumns);
    DataType common = common(Types.of(leftValue.getType()), Types.of(rightValue.getType()));
    return common == null
        ? null
        : new Equality(cast(leftValue, common, rex), cast(rightValue, common, rex), nullSafe);
  }

  private static RexNode cast(RexNode value, DataType type, RexBuilder rex) {
    return Types.of(value.getType()).equals(type)
        ? value
        : rex.makeCast(
            Types.toRel(rex.getTypeFactory(), type, value.getType().isNullable()), value);
  }

  /** A type of which equal values have equal bytes and into which both types go without a loss. */
  private static DataType common(DataType left, DataType right) {
    if (left.equals(right)) {
      return left;
    }
    if (isInteger(left) && isInteger(right)) {
      return DataType.BIGINT;
    }
    if (left.isTimestamp() && right.isTimestamp() && left.kind() == right.kind()) {
      return left.precision() >= right.precision() ? left : right;
    }
    return left.kind() == right.kind() && left.isVariableWidth() && !left.isNested() ? left : null;
  }

  private static boolean isInteger(DataType type) {
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT -> true;
      default -> false;
    };
  }
}
