package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.join.AsofSpec;
import io.laminardb.core.operator.join.AsofSpec.Comparison;
import io.laminardb.core.operator.join.JoinSpec;
import io.laminardb.core.operator.join.JoinType;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.plan.PlanNode.AsofJoin.Mode;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.plan.PlanNode.JoinKey;
import io.laminardb.sql.validate.Types;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * Plans ASOF joins: in the order of event time where both sides have it and nobody asked for changes,
 * else with corrections.
 */
final class AsofJoins {
  private final RexBuilder rex;
  private final Windows windows;
  private final Emissions emissions;
  private final boolean snapshot;

  /**
   * @param snapshot whether the query ends
   */
  AsofJoins(RexBuilder rex, Windows windows, Emissions emissions, boolean snapshot) {
    this.rex = rex;
    this.windows = windows;
    this.emissions = emissions;
    this.snapshot = snapshot;
  }

  /** What is compared: a value of each side, over its own columns. */
  private record Match(Comparison comparison, RexNode left, RexNode right) {}

  /**
   * The join of {@code left} and {@code right}, with the columns that Calcite gives it.
   *
   * @param outermost whether no aggregate stands above it
   */
  Pipe plan(MarkedJoin asof, Pipe left, Pipe right, boolean outermost) {
    int leftColumns = asof.getLeft().getRowType().getFieldCount();
    JoinCondition condition = JoinCondition.of(asof.condition(), leftColumns, rex);
    List<RexNode> matches = new ArrayList<>(RelOptUtil.conjunctions(asof.match()));
    RexNode main = main(matches, leftColumns);
    matches.remove(main);
    Match match = aligned(match(main, leftColumns));

    List<RexNode> onRight = new ArrayList<>(condition.right());
    for (RexNode part : condition.rest()) {
      if (RelOptUtil.InputFinder.bits(part).isEmpty()) {
        onRight.add(part); // nothing matches where it is not TRUE
      } else {
        matches.add(part);
      }
    }
    Pipe leftRows = left.resolveWindows(windows);
    Pipe rightRows = right.resolveWindows(windows);
    if (!onRight.isEmpty()) {
      rightRows = rightRows.filter(RexUtil.composeConjunction(rex, onRight));
    }
    JoinSide leftSide = new JoinSide(rex, asof.getLeft(), leftRows);
    JoinSide rightSide = new JoinSide(rex, asof.getRight(), rightRows);
    List<JoinKey> keys = keys(condition, leftSide, rightSide);
    int leftTime = leftSide.column(match.left());
    int rightTime = rightSide.column(match.right());
    long tolerance = tolerance(matches, match, leftTime, rightTime, leftColumns);
    return build(
        leftSide, rightSide, keys, match.comparison(), leftTime, rightTime, tolerance, outermost);
  }

  // ---- what the conditions say

  /** The comparison that says which row is the nearest; others bound how near it is. */
  private static RexNode main(List<RexNode> matches, int leftColumns) {
    RexNode main = null;
    for (RexNode part : matches) {
      if (match(part, leftColumns) == null) {
        continue;
      }
      TimeBound bound = TimeBound.of(part, leftColumns);
      if (bound == null || bound.nanos().signum() == 0) {
        return part;
      }
      main = main == null ? part : main;
    }
    if (main == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "MATCH_CONDITION does not compare a value of the left row with one of the right row.")
          .mend("Write MATCH_CONDITION(l.ts >= r.ts); the comparisons are >=, >, <= and <.");
    }
    return main;
  }

  private static Match match(RexNode part, int leftColumns) {
    if (!(part instanceof RexCall call) || !SqlKind.ORDER_COMPARISON.contains(call.getKind())) {
      return null;
    }
    RexNode first = call.getOperands().get(0);
    RexNode second = call.getOperands().get(1);
    boolean inOrder = isOfLeft(first, leftColumns);
    RexNode left = inOrder ? first : second;
    RexNode right = inOrder ? second : first;
    if (!isOfLeft(left, leftColumns)
        || RelOptUtil.InputFinder.bits(right).isEmpty()
        || RelOptUtil.InputFinder.bits(right).nextSetBit(0) < leftColumns) {
      return null;
    }
    Comparison comparison =
        switch (inOrder ? call.getKind() : call.getKind().reverse()) {
          case GREATER_THAN_OR_EQUAL -> Comparison.GREATER_OR_EQUAL;
          case GREATER_THAN -> Comparison.GREATER;
          case LESS_THAN_OR_EQUAL -> Comparison.LESS_OR_EQUAL;
          default -> Comparison.LESS;
        };
    return new Match(comparison, left, RexUtil.shift(right, -leftColumns));
  }

  private static boolean isOfLeft(RexNode value, int leftColumns) {
    ImmutableBitSet read = RelOptUtil.InputFinder.bits(value);
    return !read.isEmpty() && read.length() <= leftColumns;
  }

  /** Both values in one type; times may differ in precision. */
  private Match aligned(Match match) {
    RelDataType left = match.left().getType();
    RelDataType right = match.right().getType();
    if (Types.of(left).equals(Types.of(right))
        || Types.of(left).isTimestamp() && Types.of(left).kind() == Types.of(right).kind()) {
      return match;
    }
    RelDataType common = rex.getTypeFactory().leastRestrictive(List.of(left, right));
    if (common == null) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH, "MATCH_CONDITION compares " + left + " with " + right + ".")
          .mend("Cast one of them.");
    }
    return new Match(match.comparison(), cast(match.left(), common), cast(match.right(), common));
  }

  private RexNode cast(RexNode value, RelDataType type) {
    RelDataType target =
        rex.getTypeFactory().createTypeWithNullability(type, value.getType().isNullable());
    return value.getType().equals(target) ? value : rex.makeCast(target, value);
  }

  private List<JoinKey> keys(JoinCondition condition, JoinSide left, JoinSide right) {
    List<JoinKey> keys = new ArrayList<>();
    for (JoinCondition.Equality key : condition.keys()) {
      keys.add(new JoinKey(left.column(key.left()), right.column(key.right()), key.nullSafe()));
    }
    if (!condition.left().isEmpty()) {
      // A left row of which the condition does not hold is kept, and matches nothing.
      RexNode holds = RexUtil.composeConjunction(rex, condition.left());
      RexNode key =
          rex.makeCall(
              SqlStdOperatorTable.CASE,
              holds,
              rex.makeLiteral(true),
              rex.makeNullLiteral(rex.makeLiteral(true).getType()));
      keys.add(new JoinKey(left.column(key), right.column(rex.makeLiteral(true)), false));
    }
    return keys;
  }

  /** How far apart the times may be, as all of {@code bounds} say. */
  private static long tolerance(
      List<RexNode> bounds, Match match, int leftTime, int rightTime, int leftColumns) {
    BigInteger least = BigInteger.valueOf(AsofSpec.NO_TOLERANCE);
    for (RexNode part : bounds) {
      TimeBound bound = TimeBound.of(part, leftColumns);
      boolean isDistance =
          bound != null
              && bound.left() == leftTime
              && bound.right() == rightTime
              && bound.isLower() == match.comparison().isBackward();
      if (!isDistance) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED,
                "an ASOF JOIN takes equal keys, and a bound on how far apart the two times are,"
                    + " but no other condition on both rows.")
            .mend(
                "Filter one side in a subquery, or the result with WHERE; bound the distance as in"
                    + " l.ts - r.ts <= INTERVAL '5' SECOND.");
      }
      long unit =
          Math.min(
              Types.of(match.left().getType()).nanosPerUnit(),
              Types.of(match.right().getType()).nanosPerUnit());
      BigInteger units = bound.inUnits(unit);
      least = least.min(bound.isLower() ? units.negate() : units);
    }
    if (least.signum() < 0) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "the distance of the two times can never be that small.")
          .mend("Write a bound that is not negative.");
    }
    return least.longValueExact();
  }

  // ---- the plan

  private Pipe build(
      JoinSide left,
      JoinSide right,
      List<JoinKey> keys,
      Comparison comparison,
      int leftTime,
      int rightTime,
      long tolerance,
      boolean outermost) {
    PlanNode leftNode = left.node();
    PlanNode rightNode = right.node();
    Mode mode = mode(left, right, leftTime, rightTime, outermost);
    List<Field> fields = new ArrayList<>(leftNode.schema().fields());
    for (Field field : rightNode.schema().fields()) {
      fields.add(new Field(field.name(), field.type(), true, field.hidden()));
    }
    PlanNode node =
        new PlanNode.AsofJoin(
            leftNode,
            rightNode,
            keys,
            comparison,
            leftTime,
            rightTime,
            tolerance,
            mode,
            JoinSpec.allColumns(JoinType.LEFT, leftNode.schema(), rightNode.schema()),
            new Schema(fields, mode == Mode.CHANGES));
    List<RexNode> projects = new ArrayList<>();
    for (int i = 0; i < left.columns(); i++) {
      projects.add(Pipe.reference(rex, node.schema(), i));
    }
    for (int i = 0; i < right.columns(); i++) {
      projects.add(Pipe.reference(rex, node.schema(), leftNode.schema().size() + i));
    }
    return new Pipe(rex, node, left.times(), null, projects);
  }

  private Mode mode(JoinSide left, JoinSide right, int leftTime, int rightTime, boolean outermost) {
    if (snapshot) {
      return Mode.ON_END;
    }
    boolean appendOnly =
        !left.node().schema().isChangelog() && !right.node().schema().isChangelog();
    if (appendOnly && emissions.of(true, outermost) == Emission.ON_WINDOW_CLOSE) {
      TimeColumn leftColumn = time(left, leftTime);
      TimeColumn rightColumn = time(right, rightTime);
      if (windows.canFollow(leftColumn, rightColumn, false)) {
        windows.follow(leftColumn);
        windows.follow(rightColumn);
        return Mode.EVENT_TIME;
      }
    }
    return Mode.CHANGES;
  }

  private static TimeColumn time(JoinSide side, int column) {
    return side.times().stream().filter(t -> t.column() == column).findFirst().orElse(null);
  }
}
