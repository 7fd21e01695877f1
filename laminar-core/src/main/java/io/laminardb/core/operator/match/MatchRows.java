package io.laminardb.core.operator.match;

import io.laminardb.core.operator.over.PartitionedRows;

/**
 * The rows of the partition under way, by their numbers: 0 is the first it ever had, and the first
 * ones are gone when nobody can ask for them any more. One thread.
 */
final class MatchRows {
  private long partition;
  private long gone;

  void open(long newPartition, long newGone) {
    partition = newPartition;
    gone = newGone;
  }

  /** One more than the number of the last row. */
  long end() {
    return gone + PartitionedRows.count(partition);
  }

  /** The place of a row in its partition. */
  int place(long number) {
    return (int) (number - gone);
  }

  /** A row, or 0 where there is none. */
  long row(long number) {
    return number < gone || number >= end() ? 0 : PartitionedRows.row(partition, place(number));
  }

  /** The bytes of a row that is there. */
  long bytes(long number) {
    return PartitionedRows.bytesOf(PartitionedRows.row(partition, place(number)));
  }
}
