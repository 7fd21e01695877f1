package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;

/**
 * What a join with a table as of a moment is. Immutable.
 *
 * <p>The table is input {@link #TABLE_PORT}, so that its content is there before the rows that are
 * joined with it where both are read anew.
 *
 * @param join an INNER or LEFT join, whose left side are the rows and whose right side is the table
 * @param rowTime column of the left side that says as of when a row is joined, or -1 for the moment in
 *     which it comes
 * @param versionTime column of the right side that says from when on a row holds, or -1
 * @param output the columns of the join; a changelog where the left side is one
 */
public record TemporalSpec(JoinSpec join, int rowTime, int versionTime, Schema output) {
  /** The input of the table. */
  public static final int TABLE_PORT = 0;

  /** The input of the rows that are joined with it. */
  public static final int ROW_PORT = 1;

  public TemporalSpec {
    requireNonNull(join, "join");
    requireNonNull(output, "output");
    if (join.type() != JoinType.INNER && join.type() != JoinType.LEFT) {
      throw new IllegalArgumentException("rows of the table are never answered alone");
    }
    if (rowTime < 0 != versionTime < 0
        || output.size() != join.output().size()
        || output.isChangelog() != join.left().isChangelog()) {
      throw new IllegalArgumentException("the parts of a join with a table do not fit each other");
    }
  }

  boolean keepsUnmatched() {
    return join.type() == JoinType.LEFT;
  }

  /** Names what is kept, and how. */
  String fingerprint() {
    return join.fingerprint() + " " + rowTime + "," + versionTime;
  }
}
