package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import java.util.List;

/**
 * What an ASOF join is: each left row with the nearest right row of its key, on one side of it in
 * time. Immutable.
 *
 * @param comparison what holds between the left time and the right one
 * @param left the rows of port 0
 * @param right the rows of port 1
 * @param leftKeys columns of the left side that equal those of the right; none for one key of all rows
 * @param rightKeys as many columns of the right side, of the same types
 * @param nullSafe of each pair of keys, whether NULL equals NULL; else NULL matches nothing
 * @param leftTime the column of the left side that is compared
 * @param rightTime the column of the right side that is compared
 * @param tolerance how far apart the times may be at most, in the finer unit of both; {@link
 *     #NO_TOLERANCE} for any distance
 * @param keepsUnmatched whether left rows without a match are answered, with NULLs
 * @param columns which columns are answered, of the left side and, counted behind them, of the right
 * @param output these columns
 */
public record AsofSpec(
    Comparison comparison,
    Schema left,
    Schema right,
    List<Integer> leftKeys,
    List<Integer> rightKeys,
    List<Boolean> nullSafe,
    int leftTime,
    int rightTime,
    long tolerance,
    boolean keepsUnmatched,
    List<Integer> columns,
    Schema output) {
  /** Any distance. */
  public static final long NO_TOLERANCE = Long.MAX_VALUE;

  /** How a left time compares to the right time it matches. */
  public enum Comparison {
    /** The latest right row that is not after the left one; the last to arrive of one time. */
    GREATER_OR_EQUAL,

    /** The latest right row before the left one; the last to arrive of one time. */
    GREATER,

    /** The earliest right row that is not before the left one; the first to arrive of one time. */
    LESS_OR_EQUAL,

    /** The earliest right row after the left one; the first to arrive of one time. */
    LESS;

    /** Whether the match lies behind the left row in time. */
    public boolean isBackward() {
      return this == GREATER_OR_EQUAL || this == GREATER;
    }

    /** Whether equal times match. */
    public boolean includesEqual() {
      return this == GREATER_OR_EQUAL || this == LESS_OR_EQUAL;
    }

    /**
     * Whether left rows come before right ones of the same time, when rows are taken in the order of
     * time: then a right row of the same time is no match behind, and is one ahead.
     */
    boolean isLeftFirst() {
      return this == GREATER || this == LESS_OR_EQUAL;
    }
  }

  public AsofSpec {
    requireNonNull(comparison, "comparison");
    leftKeys = List.copyOf(leftKeys);
    rightKeys = List.copyOf(rightKeys);
    nullSafe = List.copyOf(nullSafe);
    columns = List.copyOf(columns);
    if (leftKeys.size() != rightKeys.size()
        || leftKeys.size() != nullSafe.size()
        || output.size() != columns.size()
        || tolerance < 0) {
      throw new IllegalArgumentException("the parts of an ASOF join do not fit each other");
    }
  }

  /** The rows of a port. */
  Schema input(int port) {
    return port == JoinType.LEFT_PORT ? left : right;
  }

  /** The key columns of a port. */
  List<Integer> keys(int port) {
    return port == JoinType.LEFT_PORT ? leftKeys : rightKeys;
  }

  /** The column of a port that is compared. */
  int timeColumn(int port) {
    return port == JoinType.LEFT_PORT ? leftTime : rightTime;
  }

  /** Names everything that the layout of state depends on. */
  String fingerprint() {
    return comparison
        + " "
        + leftKeys
        + left.types()
        + rightKeys
        + right.types()
        + columns
        + leftTime
        + ","
        + rightTime;
  }
}
