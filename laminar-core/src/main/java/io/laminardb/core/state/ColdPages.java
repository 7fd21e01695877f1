package io.laminardb.core.state;

import io.laminardb.core.durable.SpillMap;
import org.agrona.collections.Int2IntHashMap;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Restores the pages of a table for whose rows there is no room in memory: they leave meanwhile. Which places
 * are free is known in the end; until then those that were said to be are on the heap. One thread.
 */
final class ColdPages implements AutoCloseable {
  private static final int NONE = -1;

  private final KeyedTable table;
  private final ColdRows cold;
  private final int nextFree;
  private final Int2IntHashMap behind = new Int2IntHashMap(Integer.MIN_VALUE); // by hole
  private final PlaceBits rows; // places that have one

  /**
   * Of a table whose places are counted by {@code cold}.
   *
   * @param nextFree the place to be used next, or -1 where none is free
   */
  ColdPages(KeyedTable table, ColdRows cold, int nextFree, BufferAllocator allocator) {
    this.table = table;
    this.cold = cold;
    this.nextFree = nextFree;
    rows = new PlaceBits(allocator);
    rows.reserve(cold.places());
  }

  /** A place is free. */
  void hole(int place, int placeBehind) {
    behind.put(place, placeBehind);
  }

  /** Memory for the row of a place; where that has one, as state of two tasks comes together, of a new one. */
  long row(int place) {
    int own = rows.has(place) ? cold.addPlace() : place;
    rows.reserve(cold.places());
    rows.add(own);
    long row = table.places().allocate();
    RowPlaces.mark(row, own);
    return row;
  }

  /** All pages were read: the places are free in their old order, then those that nothing was said of. */
  void finish() {
    int[] order = new int[behind.size()];
    int listed = 0;
    for (int place = nextFree; isListed(place); listed++) {
      order[listed] = place;
      rows.add(place);
      place = behind.get(place);
    }
    for (int place = cold.places() - 1; place >= 0; place--) {
      if (!rows.has(place)) {
        cold.addFree(place);
      }
    }
    while (listed > 0) {
      cold.addFree(order[--listed]);
    }
    close();
  }

  private boolean isListed(int place) {
    return place != NONE && behind.containsKey(place) && !rows.has(place);
  }

  @Override
  public void close() {
    rows.close();
  }

  // ---- Writing

  /** Writes the records of all places, in any order. */
  static void write(KeyedTable table, ColdRows cold, TablePages.Sections sections) {
    table.forEach(
        row -> TablePages.writeRecord(table, row, RowPlaces.markedPlace(row), sections.next()));
    try (SpillMap.Values values = cold.values()) {
      for (byte[] value = values.next(); value != null; value = values.next()) {
        TablePages.writeRecord(value, sections.next());
      }
    }
    cold.forEachFree((place, next) -> TablePages.writeHole(place, next, sections.next()));
  }
}
