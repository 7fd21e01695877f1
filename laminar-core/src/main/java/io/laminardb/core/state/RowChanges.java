package io.laminardb.core.state;

import org.apache.arrow.memory.BufferAllocator;

/**
 * Which rows of a table have changed since the last {@linkplain #begin barrier}, and the copy of those
 * that had by then. Each row's mark is stamped with the epoch, which a barrier ends, when it is changed
 * first; that is also when it is copied as it was, where that has still to be. One thread.
 */
final class RowChanges implements AutoCloseable {
  private static final int FIRST_EPOCH = 2; // so that a row without a stamp is not recent

  private final KeyedTable table;
  private PlaceBits changed;
  private PlaceBits pending; // had changed by the barrier, and are not copied; else empty
  private int epoch = FIRST_EPOCH;
  private long id; // 0 where no checkpoint knows the table
  private PlaceRecords copied; // null where nothing is being copied
  private int next; // places below are copied; of a table whose rows leave memory, rows there
  private final LeftRecords left; // null where rows stay in memory, or nothing copies them

  RowChanges(KeyedTable table, LeftRecords left, BufferAllocator allocator) {
    this.table = table;
    this.left = left;
    changed = new PlaceBits(allocator);
    pending = new PlaceBits(allocator);
  }

  /** The stamp of rows that are known to have changed; never 0. */
  int epoch() {
    return epoch;
  }

  /** The number by which checkpoints know the table, of which they hold what has not changed; or 0. */
  long id() {
    return id;
  }

  void id(long newId) {
    id = newId;
  }

  /** Memory held, in bytes. */
  long bytes() {
    return changed.bytes() + pending.bytes();
  }

  /** A row is about to change. */
  void touch(long row) {
    if (!RowPlaces.isStamped(row, epoch)) {
      touchFirst(row);
    }
  }

  /** A place is about to be used: it was a hole, or is new. */
  void used(long row) {
    changed.reserve(table.placesInUse());
    touch(row);
  }

  /** A row in memory was looked at, which will not change it. */
  void lookedAt(long row) {
    if (!isRecent(row)) {
      RowPlaces.stamp(row, epoch - 1);
    }
  }

  /** Whether a row was changed, or looked up for that, in this epoch or the one before. */
  boolean isRecent(long row) {
    return RowPlaces.stamp(row) >= epoch - 1;
  }

  /** A row leaves memory, or a hole does: what is to be copied of it is copied. */
  void left(long row, int place) {
    if (pending.has(place)) {
      copy(row, place);
    }
    if (changed.has(place)) {
      changed.remove(place);
      if (left != null) {
        TablePages.writeRecord(table, row, place, left.next());
      }
    }
  }

  /** A row that was touched has gone, and places are not those of memory. */
  void becameHole(int place, int behind) {
    changed.remove(place);
    if (left != null) {
      TablePages.writeHole(place, behind, left.next());
    }
  }

  private void touchFirst(long row) {
    if (table.holdsElsewhere(row)) {
      return; // it is copied at the barrier
    }
    int place = RowPlaces.markedPlace(row);
    if (pending.has(place)) {
      copy(row, place);
    }
    changed.add(place);
    RowPlaces.stamp(row, epoch);
  }

  /** The table was restored: from a checkpoint that knows it by a number, or from elsewhere, for 0. */
  void restored(long newId) {
    id = newId;
    changed.reserve(table.placesInUse());
  }

  /** Every row is to be copied the next time. */
  void touchAll() {
    int used = table.places().used();
    changed.reserve(used);
    for (int place = 0; place < used; place++) {
      changed.add(place);
    }
  }

  // ---- A copy

  /** Whether any row has changed since the last barrier. */
  boolean hasAny() {
    return changed.count() > 0 || left != null && !left.isEmpty();
  }

  /** Gives away the records of rows that have left memory since the last barrier. */
  LeftRecords.Given giveLeft() {
    return left == null ? LeftRecords.NONE : left.give();
  }

  /**
   * A barrier: the rows that have changed are to be copied as they are now. Takes no time.
   *
   * @param target gets their records, in any order
   */
  void begin(PlaceRecords target) {
    assert pending.count() == 0 && copied == null;
    PlaceBits toCopy = changed;
    changed = pending;
    pending = toCopy;
    changed.reserve(table.placesInUse());
    epoch++;
    next = 0;
    copied = pending.count() > 0 ? target : null;
  }

  boolean isBeingCopied() {
    return copied != null;
  }

  /** Copies up to {@code count} rows; false once there are no more. */
  boolean copy(int count) {
    RowPlaces places = table.places();
    for (int some = count; some > 0 && pending.count() > 0; some--) {
      if (table.hasCold()) {
        long row = places.rowAt(next++);
        if (pending.has(RowPlaces.markedPlace(row))) {
          copy(row, RowPlaces.markedPlace(row));
        }
      } else {
        int place = pending.next(next);
        copy(places.rowAt(place), place);
        next = place + 1;
      }
    }
    return copied != null;
  }

  private void copy(long row, int place) {
    copied.add(table, row, place);
    pending.remove(place);
    if (pending.count() == 0) {
      copied = null;
    }
  }

  /** All rows go: what is being copied is copied now, and checkpoints do not know the table any more. */
  void clear() {
    copy(Integer.MAX_VALUE);
    changed.clear();
    if (left != null) {
      left.close();
    }
    id = 0;
  }

  @Override
  public void close() {
    clear();
    changed.close();
    pending.close();
  }
}
