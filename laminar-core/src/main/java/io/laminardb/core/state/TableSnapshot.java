package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Writes the rows of a table key group by key group and puts them back, each in its old place, so
 * that a restored table goes on in the same order. Allocates; snapshots are not the hot path.
 */
public final class TableSnapshot {
  private static final int SCAN_ROWS = 512;

  private final KeyedTable table;
  private final long[] rows; // by key group, in the table's order within a group
  private final int[] groupStart = new int[StateWriter.KEY_GROUPS + 1];

  private TableSnapshot(KeyedTable table, long[] rows) {
    this.table = table;
    this.rows = rows;
  }

  /** Sorts the rows of a table by key group; valid until the table changes. */
  public static TableSnapshot of(KeyedTable table, BufferAllocator allocator) {
    long[] all = new long[(int) table.rows()];
    int[] found = new int[1];
    int count = 0;
    try (ArrowBuf buffer = StateMemory.allocate(allocator, SCAN_ROWS * 8L)) {
      for (long at = 0; at >= 0; ) {
        at = table.scan(at, buffer.memoryAddress(), SCAN_ROWS, found);
        for (int i = 0; i < found[0]; i++) {
          all[count++] = Memory.getLong(buffer.memoryAddress() + 8L * i);
        }
      }
    }
    TableSnapshot snapshot = new TableSnapshot(table, new long[count]);
    int[] starts = snapshot.groupStart;
    for (long row : all) {
      starts[Keys.group(Memory.getLong(row)) + 1]++;
    }
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      starts[group + 1] += starts[group];
    }
    int[] next = Arrays.copyOf(starts, StateWriter.KEY_GROUPS);
    for (long row : all) {
      snapshot.rows[next[Keys.group(Memory.getLong(row))]++] = row;
    }
    return snapshot;
  }

  /** Rows of a key group. */
  public int count(int group) {
    return groupStart[group + 1] - groupStart[group];
  }

  /** The address of a row of a key group. */
  public long row(int group, int index) {
    return rows[groupStart[group] + index];
  }

  /** Writes what belongs to no key: which places are free, and in which order they will be used. */
  public void writeHeader(StateWriter writer) {
    RowPlaces places = table.places();
    int free = 0;
    for (long row = places.freeRow(); row != 0; row = Memory.getLong(row + 8)) {
      free++;
    }
    writer.putInt(places.used());
    writer.putInt(free);
    for (long row = places.freeRow(); row != 0; row = Memory.getLong(row + 8)) {
      writer.putInt(places.placeOf(row));
    }
  }

  /** Writes the rows of one key group. */
  public void writeGroup(int group, StateWriter writer) {
    writer.putInt(count(group));
    for (int i = groupStart[group]; i < groupStart[group + 1]; i++) {
      writer.putInt(table.places().placeOf(rows[i]));
      table.layout().write(rows[i], table.heap(), writer);
    }
  }

  /** Writes one row with all it refers to; for rows that hang on others. */
  public static void writeRow(KeyedTable table, long row, StateWriter writer) {
    table.layout().write(row, table.heap(), writer);
  }

  /** Reads a row and enters it by its key. */
  public static long readRow(KeyedTable table, StateReader reader) {
    long row = readUnlinked(table, reader);
    table.link(row);
    return row;
  }

  /** Reads a row whose key is still to be completed before {@link #link}. */
  public static long readUnlinked(KeyedTable table, StateReader reader) {
    long row = table.allocateDetached();
    table.layout().read(row, table.heap(), reader);
    return row;
  }

  /** Enters a row of {@link #readUnlinked} by its key. */
  public static void link(KeyedTable table, long row) {
    table.link(row);
  }

  /** Reads a row that hangs on {@code head} and shares the texts of its key. */
  public static long readDetached(KeyedTable table, long head, StateReader reader) {
    long row = table.allocateDetached();
    table.layout().read(row, table.heap(), reader);
    table.layout().freeKeyTexts(row, table.heap());
    Memory.putLong(row, 0);
    Memory.copy(
        head + RowLayout.KEY_OFFSET, row + RowLayout.KEY_OFFSET, 8L * table.layout().keyWords());
    return row;
  }

  /**
   * Reads a header into an empty table. Places are made for all rows; those that stay empty are used
   * later, once {@link #finish} was called.
   *
   * @return the free places, for {@link #finish}
   */
  public static int[] readHeader(KeyedTable table, StateReader reader) {
    int used = reader.getInt();
    int[] free = new int[reader.getInt()];
    for (int i = 0; i < free.length; i++) {
      free[i] = reader.getInt();
    }
    table.places().ensureUsed(used);
    return free;
  }

  /** Reads the rows of one key group back to their places. */
  public static void readGroup(KeyedTable table, StateReader reader) {
    readGroup(table, reader, row -> {});
  }

  /** As above; {@code each} gets their addresses in the order they were written. */
  public static void readGroup(KeyedTable table, StateReader reader, LongConsumer each) {
    for (int count = reader.getInt(); count > 0; count--) {
      int index = reader.getInt();
      table.places().ensureUsed(index + 1);
      long row = table.places().rowAt(index);
      if (Memory.getLong(row) != 0) {
        row = table.allocateDetached(); // the place is taken: state of two tasks comes together
      }
      table.layout().read(row, table.heap(), reader);
      table.link(row);
      each.accept(row);
    }
  }

  /** Ends a restore: places that stayed empty become the next ones to use. */
  public static void finish(KeyedTable table, int[] free) {
    table.places().listFree(free);
  }
}
