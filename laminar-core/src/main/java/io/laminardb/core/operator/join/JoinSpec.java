package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What a join is. Immutable.
 *
 * @param type what it answers
 * @param left the rows of port 0
 * @param right the rows of port 1
 * @param leftKeys columns of the left side that equal those of the right; none for a nested loop
 * @param rightKeys as many columns of the right side, of the same types
 * @param nullSafe of each pair of keys, whether NULL equals NULL; else NULL matches nothing
 * @param condition what else has to hold of a pair, or null
 * @param conditionFails whether evaluating the condition may fail on a pair
 * @param time a key that is a time of which watermarks speak, so that rows can be forgotten; or null
 * @param unmatchedAtEnd whether rows without a match are answered once, when no match can come any
 *     more; of append-only sides only
 * @param columns which columns are answered, of the left side and, counted behind them, of the right
 *     one where the type has pairs
 * @param output these columns; nullable where a row without a match lacks them
 */
public record JoinSpec(
    JoinType type,
    Schema left,
    Schema right,
    List<Integer> leftKeys,
    List<Integer> rightKeys,
    List<Boolean> nullSafe,
    Supplier<? extends PairKernel> condition,
    boolean conditionFails,
    Time time,
    boolean unmatchedAtEnd,
    List<Integer> columns,
    Schema output) {
  /**
   * Columns of both sides that are among the keys, and times: once a watermark has passed one, no row
   * with it comes any more.
   *
   * @param nanosPerUnit the unit of the columns
   */
  public record Time(int left, int right, long nanosPerUnit) {
    int column(int port) {
      return port == JoinType.LEFT_PORT ? left : right;
    }
  }

  public JoinSpec {
    leftKeys = List.copyOf(leftKeys);
    rightKeys = List.copyOf(rightKeys);
    nullSafe = List.copyOf(nullSafe);
    columns = List.copyOf(columns);
    if (leftKeys.size() != rightKeys.size()
        || leftKeys.size() != nullSafe.size()
        || output.size() != columns.size()) {
      throw new IllegalArgumentException("the parts of a join do not fit each other");
    }
    boolean appendOnly = !left.isChangelog() && !right.isChangelog();
    if (unmatchedAtEnd && !appendOnly) {
      throw new IllegalArgumentException("of a changelog nothing is known at the end only");
    }
    boolean grows = type == JoinType.INNER || type == JoinType.SEMI || unmatchedAtEnd;
    if (!output.isChangelog() && !(appendOnly && grows)) {
      throw new IllegalArgumentException("the result of this join is a changelog");
    }
  }

  /** Names what is kept, and how. */
  String fingerprint() {
    return type
        + " "
        + leftKeys
        + left.types()
        + rightKeys
        + right.types()
        + nullSafe
        + (condition != null)
        + time
        + unmatchedAtEnd;
  }

  /** Whether no row is answered and not kept: one that matches nothing, as a key of it is NULL. */
  boolean keepsAllAnswered() {
    for (int port = 0; port < 2; port++) {
      for (int key : strictKeys(port)) {
        if (type.keepsUnmatched(port) && input(port).field(key).nullable()) {
          return false;
        }
      }
    }
    return true;
  }

  /** The rows of a port. */
  Schema input(int port) {
    return port == JoinType.LEFT_PORT ? left : right;
  }

  /** The key columns of a port. */
  int[] keys(int port) {
    List<Integer> keys = port == JoinType.LEFT_PORT ? leftKeys : rightKeys;
    return keys.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The key columns of a port in which NULL matches nothing. */
  int[] strictKeys(int port) {
    int[] keys = keys(port);
    List<Integer> strict = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      if (!nullSafe.get(i)) {
        strict.add(keys[i]);
      }
    }
    return strict.stream().mapToInt(Integer::intValue).toArray();
  }

  /** All columns of the left side, and of the right one where the type has pairs. */
  public static List<Integer> allColumns(JoinType type, Schema left, Schema right) {
    return IntStream.range(0, left.size() + (type.hasPairs() ? right.size() : 0)).boxed().toList();
  }

  /** The columns of a port that are answered, or read by the condition. */
  int[] readColumns(int port) {
    return readColumns(port, left.size(), condition == null ? columns : allPairs());
  }

  private List<Integer> allPairs() {
    return IntStream.range(0, left.size() + right.size()).boxed().toList();
  }

  /** Those of {@code columns} that are of a port, counted from its first one. */
  static int[] readColumns(int port, int leftColumns, List<Integer> columns) {
    return columns.stream()
        .filter(column -> column >= leftColumns == (port == JoinType.RIGHT_PORT))
        .mapToInt(column -> column - port * leftColumns)
        .distinct()
        .toArray();
  }

  /** Where the columns of a port begin among those of both. */
  int firstColumn(int port) {
    return port == JoinType.LEFT_PORT ? 0 : left.size();
  }

  /**
   * Whether the rows of a port have to be kept; where the other side asks only how many there are of
   * a key, a count is enough.
   */
  boolean keepsRows(int port) {
    return type.hasPairs() || port == JoinType.LEFT_PORT || condition != null;
  }

  /** Columns of both sides, as the condition sees them. */
  Schema pairs() {
    List<Field> fields = new ArrayList<>(left.fields());
    fields.addAll(right.fields());
    return new Schema(fields, false);
  }
}
