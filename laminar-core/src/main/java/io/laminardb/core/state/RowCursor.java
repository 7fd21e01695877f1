package io.laminardb.core.state;

import io.laminardb.core.durable.SpillMap;
import io.laminardb.core.memory.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Goes through all rows of a table in their order, those that are not in memory too: the store sorts these by
 * their places first, and they come to memory some at a time. The table must not change meanwhile. One thread.
 */
public final class RowCursor implements AutoCloseable {
  private final KeyedTable table;
  private final BufferAllocator allocator;
  private final int[] found = new int[1];
  private final long[]
      inMemory; // [place | which row in memory], sorted; null where all rows are there
  private final SpillMap sorted; // the others by place
  private final SpillMap.Values others;
  private long at; // where to go on: of the scan, or of those in memory
  private byte[] other; // the next one, or null
  private ArrowBuf memory; // others that were given last
  private int given;

  /** Begins before the first row. */
  public RowCursor(KeyedTable table, BufferAllocator allocator) {
    this.table = table;
    this.allocator = allocator;
    boolean hasOthers = table.hasCold();
    inMemory = hasOthers ? sortedInMemory(table) : null;
    sorted = hasOthers ? sortedOthers(table.cold()) : null;
    others = hasOthers ? sorted.values() : null;
    other = hasOthers ? others.next() : null;
  }

  private static long[] sortedInMemory(KeyedTable table) {
    long[] rows = new long[(int) table.rowsInMemory()];
    int count = 0;
    RowPlaces places = table.places();
    for (int i = 0; i < places.used(); i++) {
      long row = places.rowAt(i);
      if (Memory.getLong(row) != 0) {
        rows[count++] = (long) RowPlaces.markedPlace(row) << 32 | i;
      }
    }
    Arrays.sort(rows);
    return rows;
  }

  private static SpillMap sortedOthers(ColdRows cold) {
    SpillMap sorted = cold.newMap();
    byte[] place = new byte[Integer.BYTES];
    try (SpillMap.Values values = cold.values()) {
      for (byte[] value = values.next(); value != null; value = values.next()) {
        ByteBuffer.wrap(place).putInt(ColdRows.placeOf(value));
        sorted.put(place, place.length, value, value.length);
      }
    } catch (RuntimeException e) {
      sorted.close();
      throw e;
    }
    return sorted;
  }

  /**
   * Gives the next rows.
   *
   * @param targets where up to {@code max} addresses go; valid until the next call
   * @return how many there are; 0 at the end
   */
  public int next(long targets, int max) {
    if (inMemory == null) {
      at = at < 0 ? at : table.scan(at, targets, max, found);
      int count = found[0];
      found[0] = 0;
      return count;
    }
    freeGiven();
    int count = 0;
    for (; count < max && (other != null || at < inMemory.length); count++) {
      boolean isOther =
          at == inMemory.length
              || other != null && ColdRows.placeOf(other) < (int) (inMemory[(int) at] >>> 32);
      long row = isOther ? read(max) : table.places().rowAt((int) inMemory[(int) at++]);
      Memory.putLong(targets + 8L * count, row);
    }
    return count;
  }

  private long read(int max) {
    final int rowBytes = table.layout().rowBytes();
    if (memory == null) {
      memory = StateMemory.allocate(allocator, (long) max * rowBytes);
    }
    long row = memory.memoryAddress() + (long) given * rowBytes;
    ColdRows.read(other, row, table);
    given++;
    other = others.next();
    return row;
  }

  private void freeGiven() {
    while (given > 0) {
      given--;
      long row = memory.memoryAddress() + (long) given * table.layout().rowBytes();
      table.layout().free(row, table.heap());
    }
  }

  @Override
  public void close() {
    if (inMemory != null) {
      freeGiven();
      others.close();
      sorted.close();
    }
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
