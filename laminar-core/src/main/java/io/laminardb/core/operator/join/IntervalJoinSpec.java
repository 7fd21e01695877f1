package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;

/**
 * A join of append-only rows whose times are near each other. Immutable.
 *
 * @param join what it joins and answers; its {@code unmatchedAtEnd} says that rows without a match
 *     are answered once, when no match can come any more, and not at once and corrected
 * @param leftTime the column of the left side that is its event time
 * @param rightTime the column of the right side that is its event time
 * @param lower a pair has a right time of at least the left time and this, in {@link #nanosPerUnit}
 * @param upper a pair has a right time of at most the left time and this; where it is less than
 *     {@code lower} there are no pairs
 */
public record IntervalJoinSpec(JoinSpec join, int leftTime, int rightTime, long lower, long upper) {
  public IntervalJoinSpec {
    requireNonNull(join, "join");
    if (join.left().isChangelog() || join.right().isChangelog()) {
      throw new IllegalArgumentException("an interval join is one of append-only rows");
    }
  }

  /** The unit times are compared in: the finer one of both columns. */
  public long nanosPerUnit() {
    return Math.min(nanosPerUnit(0), nanosPerUnit(1));
  }

  private long nanosPerUnit(int port) {
    return type(port).nanosPerUnit();
  }

  private DataType type(int port) {
    Schema schema = join.input(port);
    return schema.field(timeColumn(port)).type();
  }

  /** The event time of a port. */
  int timeColumn(int port) {
    return port == JoinType.LEFT_PORT ? leftTime : rightTime;
  }

  /** Units in one of a port's own. */
  long scale(int port) {
    return nanosPerUnit(port) / nanosPerUnit();
  }

  /** From the time of a row of {@code port} to the earliest time that may match it. */
  long earliest(int port) {
    return port == JoinType.LEFT_PORT ? lower : -upper;
  }

  /** From the time of a row of {@code port} to the latest time that may match it. */
  long latest(int port) {
    return port == JoinType.LEFT_PORT ? upper : -lower;
  }

  boolean isEmpty() {
    return lower > upper;
  }
}
