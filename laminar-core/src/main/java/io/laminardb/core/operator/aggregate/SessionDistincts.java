package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;

/**
 * The values of a DISTINCT over sessions: rows of one table for all sessions, {@code [hash][address
 * of the session's row][value][count][next][previous]}, and a list of those of each session.
 */
public final class SessionDistincts {
  /** Words behind the key: count, next, previous. */
  public static final int STATE_WORDS = 3;

  private static final int NEXT = 8;
  private static final int PREVIOUS = 16;

  private SessionDistincts() {}

  /** Completes the key of a value: whose it is, and the hash. */
  static void own(long source, long owner, RowLayout layout) {
    Memory.putLong(source + RowLayout.KEY_OFFSET, owner);
    Memory.putLong(source, Keys.finish(layout.hashKey(source, 0, Keys.SEED)));
  }

  static void link(long row, long list, RowLayout layout) {
    long at = row + layout.countOffset();
    long next = Memory.getLong(list);
    Memory.putLong(at + NEXT, next);
    Memory.putLong(at + PREVIOUS, 0);
    if (next != 0) {
      Memory.putLong(next + layout.countOffset() + PREVIOUS, row);
    }
    Memory.putLong(list, row);
  }

  static void unlink(long row, long list, RowLayout layout) {
    long at = row + layout.countOffset();
    long next = Memory.getLong(at + NEXT);
    long previous = Memory.getLong(at + PREVIOUS);
    if (next != 0) {
      Memory.putLong(next + layout.countOffset() + PREVIOUS, previous);
    }
    Memory.putLong(previous == 0 ? list : previous + layout.countOffset() + NEXT, next);
  }

  static long next(long row, RowLayout layout) {
    return Memory.getLong(row + layout.countOffset() + NEXT);
  }

  /** Removes all values of a list. */
  public static void clear(KeyedTable table, long first) {
    for (long row = first; row != 0; ) {
      long next = next(row, table.layout());
      table.remove(row);
      row = next;
    }
  }

  /** Writes the values of a list. */
  public static void write(KeyedTable table, long first, StateWriter writer) {
    int count = 0;
    long last = 0;
    for (long row = first; row != 0; row = next(row, table.layout())) {
      count++;
      last = row;
    }
    writer.putInt(count);
    // Last first: linking them one by one restores the order.
    for (long row = last; row != 0; ) {
      TableSnapshot.writeRow(table, row, writer);
      row = Memory.getLong(row + table.layout().countOffset() + PREVIOUS);
    }
  }

  /** Reads values as those of the session at {@code owner}, whose row holds the list at {@code list}. */
  public static void read(KeyedTable table, long owner, int list, StateReader reader) {
    Memory.putLong(owner + list, 0);
    for (int count = reader.getInt(); count > 0; count--) {
      long row = TableSnapshot.readUnlinked(table, reader);
      own(row, owner, table.layout());
      TableSnapshot.link(table, row);
      link(row, owner + list, table.layout());
    }
  }
}
