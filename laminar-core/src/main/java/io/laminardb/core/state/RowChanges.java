package io.laminardb.core.state;

import org.apache.arrow.memory.BufferAllocator;

/**
 * Which rows of a table have changed since the last {@linkplain #begin barrier}, and the copy of those
 * that had by then. Each row's mark is stamped with the epoch, which a barrier ends, when it is changed
 * first; that is also when it is copied as it was, where that has still to be. One thread.
 */
final class RowChanges implements AutoCloseable {
  private final KeyedTable table;
  private PlaceBits changed;
  private PlaceBits pending; // had changed by the barrier, and are not copied; else empty
  private int epoch = 1;
  private long id; // 0 where no checkpoint knows the table
  private PlaceRecords copied; // null where nothing is being copied
  private int next; // places below are copied

  RowChanges(KeyedTable table, BufferAllocator allocator) {
    this.table = table;
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
    changed.reserve(table.places().capacity());
    touch(row);
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
    changed.reserve(table.places().capacity());
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
    return changed.count() > 0;
  }

  /**
   * A barrier: the rows that have changed are to be copied as they are now. Takes no time.
   *
   * @param target gets their records, in any order
   */
  void begin(PlaceRecords target) {
    assert changed.count() > 0 && pending.count() == 0 && copied == null;
    PlaceBits toCopy = changed;
    changed = pending;
    pending = toCopy;
    changed.reserve(table.places().capacity());
    epoch++;
    next = 0;
    copied = target;
  }

  boolean isBeingCopied() {
    return copied != null;
  }

  /** Copies up to {@code count} rows; false once there are no more. */
  boolean copy(int count) {
    for (int left = count; left > 0 && pending.count() > 0; left--) {
      int place = pending.next(next);
      copy(table.places().rowAt(place), place);
      next = place + 1;
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
    id = 0;
  }

  @Override
  public void close() {
    clear();
    changed.close();
    pending.close();
  }
}
