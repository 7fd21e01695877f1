package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.plan.PlanNode.JoinKey;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rex.RexNode;

/**
 * Finds joins whose condition keeps the times of both rows near each other, in whatever way that is
 * written: then rows can be forgotten as time goes on.
 *
 * <p>Columns of sources that declare no event time are taken for one only where an INTERVAL is added
 * to them: other numbers that happen to be compared have no order to rely on.
 */
final class IntervalJoins {
  private final Windows windows;
  private final Emissions emissions;

  IntervalJoins(Windows windows, Emissions emissions) {
    this.windows = windows;
    this.emissions = emissions;
  }

  /**
   * One side.
   *
   * @param times its time attributes
   */
  record Input(Schema schema, List<TimeColumn> times) {
    TimeColumn time(int column) {
      return times.stream().filter(time -> time.column() == column).findFirst().orElse(null);
    }

    DataType type(int column) {
      return schema.field(column).type();
    }
  }

  /** A right time of at least the left one and {@code lower}, at most the left one and {@code upper}. */
  record Interval(int leftTime, int rightTime, long lower, long upper) {
    PlanNode of(PlanNode.Join join) {
      return new PlanNode.IntervalJoin(join, leftTime, rightTime, lower, upper);
    }
  }

  /**
   * Whether rows without a match are emitted once, when that is known.
   *
   * @param outermost whether no aggregate stands above the join
   */
  boolean waits(boolean outermost) {
    return emissions.of(true, outermost) != Emission.CHANGES;
  }

  /**
   * The interval that a join's condition puts the times in, or null. What says so is taken out of the
   * condition, and sources follow the times.
   *
   * @param leftColumns columns of the left side in {@code rest}
   * @param keys equal columns
   * @param rest what else has to hold, over the columns of both sides
   */
  Interval take(Input left, Input right, int leftColumns, List<JoinKey> keys, List<RexNode> rest) {
    if (left.schema().isChangelog() || right.schema().isChangelog()) {
      return null;
    }
    List<TimeBound> bounds = new ArrayList<>();
    for (RexNode part : rest) {
      TimeBound bound = TimeBound.of(part, leftColumns);
      if (bound != null) {
        bounds.add(bound);
      }
    }
    Set<List<Integer>> tried = new HashSet<>();
    for (TimeBound bound : bounds) {
      if (tried.add(List.of(bound.left(), bound.right()))) {
        Interval interval = interval(left, right, bound, bounds);
        if (interval != null) {
          bounds.stream().filter(bound::isOfSame).forEach(used -> rest.remove(used.condition()));
          return interval;
        }
      }
    }
    return equalTimes(left, right, keys);
  }

  /** What all bounds on the columns of {@code one} together say; null when they leave a side open. */
  private Interval interval(Input left, Input right, TimeBound one, List<TimeBound> bounds) {
    TimeColumn leftTime = left.time(one.left());
    TimeColumn rightTime = right.time(one.right());
    List<TimeBound> same = bounds.stream().filter(one::isOfSame).toList();
    boolean declared = same.stream().noneMatch(TimeBound::namesInterval);
    if (!windows.canFollow(leftTime, rightTime, declared)) {
      return null;
    }
    long unit =
        Math.min(left.type(one.left()).nanosPerUnit(), right.type(one.right()).nanosPerUnit());
    BigInteger lower = null;
    BigInteger upper = null;
    for (TimeBound bound : same) {
      BigInteger at = bound.inUnits(unit);
      if (bound.isLower()) {
        lower = lower == null ? at : lower.max(at);
      } else {
        upper = upper == null ? at : upper.min(at);
      }
    }
    if (lower == null || upper == null || lower.bitLength() > 62 || upper.bitLength() > 62) {
      return null;
    }
    return follow(
        leftTime,
        rightTime,
        new Interval(one.left(), one.right(), lower.longValue(), upper.longValue()));
  }

  /**
   * Times that are equal, where both are known to be event times: an interval without length. Joins of
   * windows are a matter of their own.
   */
  private Interval equalTimes(Input left, Input right, List<JoinKey> keys) {
    for (JoinKey key : keys) {
      TimeColumn leftTime = left.time(key.left());
      TimeColumn rightTime = right.time(key.right());
      if (!key.nullSafe()
          && windows.canFollow(leftTime, rightTime, true)
          && !(leftTime.origins().isEmpty() && rightTime.origins().isEmpty())) {
        keys.remove(key);
        return follow(leftTime, rightTime, new Interval(key.left(), key.right(), 0, 0));
      }
    }
    return null;
  }

  private Interval follow(TimeColumn left, TimeColumn right, Interval interval) {
    windows.follow(left);
    windows.follow(right);
    return interval;
  }
}
