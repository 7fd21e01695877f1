package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.join.JoinType;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.plan.PlanNode.JoinKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;

/** Plans joins: finds the keys in the condition, and puts the rest of it where it costs least. */
final class JoinPlanner {
  private final RexBuilder rex;
  private final Windows windows;
  private final Emissions emissions;
  private final long stateTtlNs;
  private final boolean snapshot;
  private final IntervalJoins intervals;

  /**
   * @param stateTtlNs how long keys are kept that nothing touches; 0 for ever
   * @param snapshot whether the query ends
   */
  JoinPlanner(
      RexBuilder rex, Windows windows, Emissions emissions, long stateTtlNs, boolean snapshot) {
    this.rex = rex;
    this.windows = windows;
    this.emissions = emissions;
    this.stateTtlNs = stateTtlNs;
    this.snapshot = snapshot;
    this.intervals = new IntervalJoins(windows, emissions);
  }

  /**
   * The join of {@code left} and {@code right}, with the columns that Calcite gives it.
   *
   * @param outermost whether no aggregate stands above it
   */
  Pipe plan(Join join, Pipe left, Pipe right, boolean outermost) {
    JoinType type = JoinType.valueOf(join.getJoinType().name());
    JoinCondition condition = JoinCondition.of(join, rex);
    List<RexNode> rest = new ArrayList<>(condition.rest());
    int leftColumns = join.getLeft().getRowType().getFieldCount();
    Pipe leftRows = left.resolveWindows(windows);
    Pipe rightRows = right.resolveWindows(windows);
    // A row that is kept without a match may not be filtered away.
    if (type.keepsUnmatched(JoinType.LEFT_PORT)) {
      rest.addAll(condition.left());
    } else {
      leftRows = filter(leftRows, condition.left(), rex);
    }
    if (type.keepsUnmatched(JoinType.RIGHT_PORT)) {
      condition.right().forEach(part -> rest.add(RexUtil.shift(part, leftColumns)));
    } else {
      rightRows = filter(rightRows, condition.right(), rex);
    }
    JoinSide leftSide = new JoinSide(rex, join.getLeft(), leftRows);
    JoinSide rightSide = new JoinSide(rex, join.getRight(), rightRows);
    List<JoinKey> keys = new ArrayList<>();
    for (JoinCondition.Equality key : condition.keys()) {
      boolean meetNulls = key.left().getType().isNullable() && key.right().getType().isNullable();
      keys.add(
          new JoinKey(
              leftSide.column(key.left()),
              rightSide.column(key.right()),
              key.nullSafe() && meetNulls));
    }
    return build(type, leftSide, rightSide, keys, rest, outermost);
  }

  static Pipe filter(Pipe rows, List<RexNode> conditions, RexBuilder rex) {
    return conditions.isEmpty() ? rows : rows.filter(RexUtil.composeConjunction(rex, conditions));
  }

  private Pipe build(
      JoinType type,
      JoinSide left,
      JoinSide right,
      List<JoinKey> keys,
      List<RexNode> rest,
      boolean outermost) {
    PlanNode leftNode = left.node();
    PlanNode rightNode = right.node();
    int leftSize = leftNode.schema().size();
    IntervalJoins.Interval interval =
        snapshot
            ? null
            : intervals.take(
                new IntervalJoins.Input(leftNode.schema(), left.times()),
                new IntervalJoins.Input(rightNode.schema(), right.times()),
                left.columns(),
                keys,
                rest);
    RexNode condition =
        rest.isEmpty()
            ? null
            : spread(RexUtil.composeConjunction(rex, rest), left.columns(), leftSize, rex);
    boolean appendOnly = !leftNode.schema().isChangelog() && !rightNode.schema().isChangelog();
    boolean keepsUnmatched =
        type.keepsUnmatched(JoinType.LEFT_PORT) || type.keepsUnmatched(JoinType.RIGHT_PORT);
    JoinKey time =
        snapshot || interval != null ? null : windowKey(keys, left.times(), right.times());
    boolean onClose = time != null && emissions.of(true, outermost) == Emission.ON_WINDOW_CLOSE;
    boolean waits = interval == null ? snapshot || onClose : intervals.waits(outermost);
    boolean unmatchedAtEnd = waits && appendOnly && keepsUnmatched;
    List<Field> fields = new ArrayList<>();
    List<TimeColumn> times = new ArrayList<>();
    boolean ordered = snapshot || interval != null;
    for (TimeColumn each : left.times()) {
      boolean isKey = time != null && time.left() == each.column();
      times.add(ordered || isKey ? each : each.unordered());
    }
    addFields(leftNode, type.keepsUnmatched(JoinType.RIGHT_PORT), fields);
    if (type.hasPairs()) {
      addFields(rightNode, type.keepsUnmatched(JoinType.LEFT_PORT), fields);
      for (TimeColumn each : right.times()) {
        boolean isKey = time != null && time.right() == each.column();
        TimeColumn kept = ordered || isKey ? each : each.unordered();
        times.add(kept.at(leftSize + each.column()));
      }
    }
    boolean changelog = !appendOnly || keepsUnmatched && !unmatchedAtEnd;
    PlanNode.Join join =
        new PlanNode.Join(
            leftNode,
            rightNode,
            type,
            keys,
            condition,
            time,
            unmatchedAtEnd,
            new Schema(fields, changelog));
    PlanNode node = interval == null ? expiring(join) : interval.of(join);
    List<RexNode> projects = new ArrayList<>();
    for (int i = 0; i < left.columns(); i++) {
      projects.add(Pipe.reference(rex, node.schema(), i));
    }
    for (int i = 0; type.hasPairs() && i < right.columns(); i++) {
      projects.add(Pipe.reference(rex, node.schema(), leftSize + i));
    }
    return new Pipe(rex, node, times, null, projects);
  }

  private PlanNode expiring(PlanNode.Join join) {
    return stateTtlNs > 0 && !snapshot && StateBound.isUnbounded(join)
        ? new PlanNode.ExpiringJoin(join, stateTtlNs)
        : join;
  }

  /** The key that is a bound of windows on both sides, rather their start; or null. */
  private static JoinKey windowKey(
      List<JoinKey> keys, List<TimeColumn> left, List<TimeColumn> right) {
    for (TimeColumn time : left) {
      for (JoinKey key : keys) {
        if (!key.nullSafe()
            && key.left() == time.column()
            && time.isBound()
            && isBound(key.right(), right)) {
          return key;
        }
      }
    }
    return null;
  }

  /** Windows' bounds come of no column of a source, and of nothing else that is a time. */
  private static boolean isBound(int column, List<TimeColumn> times) {
    return times.stream().anyMatch(t -> t.column() == column && t.isBound());
  }

  static void addFields(PlanNode side, boolean nullable, List<Field> fields) {
    for (Field field : side.schema().fields()) {
      fields.add(
          new Field(field.name(), field.type(), field.nullable() || nullable, field.hidden()));
    }
  }

  /** A condition over Calcite's columns of both sides, as one over those of the nodes. */
  static RexNode spread(RexNode condition, int leftColumns, int leftSize, RexBuilder rex) {
    return condition.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            int column = reference.getIndex() - leftColumns;
            return column < 0
                ? reference
                : rex.makeInputRef(reference.getType(), leftSize + column);
          }
        });
  }
}
