package io.laminardb.sql.plan;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;

/**
 * What a condition says of a rank.
 *
 * @param first the least that passes, at least 1
 * @param last the greatest, {@link Long#MAX_VALUE} without a bound
 * @param rest the other parts of the condition
 */
record RankBounds(long first, long last, List<RexNode> rest) {
  static RankBounds of(RexNode condition, int rank, RexBuilder rex) {
    long first = 1;
    long last = Long.MAX_VALUE;
    List<RexNode> rest = new ArrayList<>();
    RexNode expanded = RexUtil.expandSearch(rex, null, condition);
    for (RexNode part : RelOptUtil.conjunctions(expanded)) {
      Bound bound = bound(part, rank);
      if (bound == null) {
        rest.add(part);
        continue;
      }
      BigDecimal value = bound.value();
      switch (bound.kind()) {
        case LESS_THAN -> last = Math.min(last, whole(value, RoundingMode.CEILING) - 1);
        case LESS_THAN_OR_EQUAL -> last = Math.min(last, whole(value, RoundingMode.FLOOR));
        case GREATER_THAN -> first = Math.max(first, whole(value, RoundingMode.FLOOR) + 1);
        case GREATER_THAN_OR_EQUAL -> first = Math.max(first, whole(value, RoundingMode.CEILING));
        default -> {
          first = Math.max(first, whole(value, RoundingMode.CEILING));
          last = Math.min(last, whole(value, RoundingMode.FLOOR));
        }
      }
    }
    return new RankBounds(first, last, rest);
  }

  private static long whole(BigDecimal value, RoundingMode mode) {
    return value.setScale(0, mode).min(BigDecimal.valueOf(Long.MAX_VALUE - 1)).longValue();
  }

  /** The rank compared with a number. */
  private record Bound(SqlKind kind, BigDecimal value) {}

  private static Bound bound(RexNode part, int rank) {
    switch (part.getKind()) {
      case EQUALS, LESS_THAN, LESS_THAN_OR_EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL -> {
        RexNode left = ((RexCall) part).getOperands().get(0);
        RexNode right = ((RexCall) part).getOperands().get(1);
        if (isRank(left, rank) && literal(right) != null) {
          return new Bound(part.getKind(), literal(right));
        }
        return isRank(right, rank) && literal(left) != null
            ? new Bound(part.getKind().reverse(), literal(left))
            : null;
      }
      default -> {
        return null;
      }
    }
  }

  private static boolean isRank(RexNode node, int rank) {
    return RexUtil.removeCast(node) instanceof RexInputRef reference
        && reference.getIndex() == rank;
  }

  private static BigDecimal literal(RexNode node) {
    return RexUtil.removeCast(node) instanceof RexLiteral literal
            && !literal.isNull()
            && literal.getValue() instanceof BigDecimal
        ? literal.getValueAs(BigDecimal.class)
        : null;
  }
}
