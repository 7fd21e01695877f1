package io.laminardb.core.operator.aggregate;

import java.util.List;

/**
 * What sessions add to an {@link AggregateShape}: words behind the count of a group's row, and how a
 * prepared row can be kept. Immutable.
 *
 * @param keepsRows whether the rows of sessions are kept
 * @param argumentsOffset where the flags and arguments begin in a prepared row; what lies before is
 *     the same for all rows of a key and a time
 * @param texts offsets in a prepared row of views among the arguments
 * @param sequences offsets in a prepared row of the words that only say when it came
 * @param distinctLists for each DISTINCT, where a group's row holds the first of its values
 */
public record SessionShape(
    boolean keepsRows,
    int argumentsOffset,
    List<Integer> texts,
    List<Integer> sequences,
    List<Integer> distinctLists) {
  /** The time of the first row, behind the count as all that follow. */
  public static final int FIRST = 0;

  /** The time of the last row. */
  public static final int LAST = 8;

  /** Which session it is, by the order in which they began; 0 for none. */
  public static final int ID = 16;

  /** The row of the key's next session, or 0. */
  public static final int NEXT = 24;

  /** The row of the key. */
  public static final int HEAD = 32;

  /** Where rows are kept: in the row of the key, the kept rows of all its sessions. */
  public static final int ROWS = 40;

  public SessionShape {
    texts = List.copyOf(texts);
    sequences = List.copyOf(sequences);
    distinctLists = List.copyOf(distinctLists);
  }

  /** Words of a group's row that sessions need. */
  public static int words(boolean keepsRows) {
    return keepsRows ? 6 : 5;
  }
}
