package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;

/**
 * Writes the rows of a table page by page, as they lie in memory, and puts them back, each in its old
 * place: rows that stand together are copied together, so this takes a fraction of the time of {@link
 * TableSnapshot}, whose header goes with it. What rows refer to follows behind the page. Rows that hang
 * on others are holes, and their owner's affair.
 *
 * <pre>
 * int number of the first row, int places, int rows; the places, 0 where no row is; references
 * </pre>
 */
public final class TablePages {
  private static final int PAGE_BYTES = 64 << 10;
  private static final int LEAST_ROWS = 64;

  private TablePages() {}

  /** Pages of a table. */
  public static int count(KeyedTable table) {
    int pageRows = pageRows(table);
    return (int) (((long) table.usedRows() + pageRows - 1) / pageRows);
  }

  private static int pageRows(KeyedTable table) {
    return Math.max(LEAST_ROWS, PAGE_BYTES / table.layout().rowBytes());
  }

  /** Rows of a page. */
  public static int rows(KeyedTable table, int page) {
    int first = page * pageRows(table);
    return rows(table, first, places(table, first));
  }

  /** Writes a section for each page that has rows. */
  public static void writeAll(KeyedTable table, StateWriter writer) {
    for (int page = 0; page < count(table); page++) {
      int rows = rows(table, page);
      if (rows > 0) {
        writer.section(StateWriter.ANY_KEY_GROUP);
        write(table, page, rows, writer);
      }
    }
  }

  private static int places(KeyedTable table, int first) {
    return Math.min(pageRows(table), table.usedRows() - first);
  }

  private static int rows(KeyedTable table, int first, int places) {
    int rowBytes = table.layout().rowBytes();
    int rows = 0;
    for (int done = 0; done < places; ) {
      int run = Math.min(places - done, table.placesFrom(first + done));
      long row = table.rowAt(first + done);
      for (int i = 0; i < run; i++, row += rowBytes) {
        rows += Memory.getLong(row) == 0 ? 0 : 1;
      }
      done += run;
    }
    return rows;
  }

  /** Writes a page of so many {@link #rows} into the present section. */
  public static void write(KeyedTable table, int page, int rows, StateWriter writer) {
    int first = page * pageRows(table);
    int places = places(table, first);
    writer.putInt(first);
    writer.putInt(places);
    writer.putInt(rows);
    int rowBytes = table.layout().rowBytes();
    for (int done = 0; done < places; ) {
      int run = Math.min(places - done, table.placesFrom(first + done));
      long row = table.rowAt(first + done);
      writer.putBytes(row, run * rowBytes);
      if (rows < places) {
        clearHoles(row, run, rowBytes, writer);
      }
      done += run;
    }
    if (table.layout().hasReferences()) {
      for (int i = 0; i < places; i++) {
        long row = table.rowAt(first + i);
        if (Memory.getLong(row) != 0) {
          table.layout().writeReferences(row, table.heap(), writer);
        }
      }
    }
  }

  /** What stands in places without a row is of no meaning, and changes. */
  private static void clearHoles(long first, int count, int rowBytes, StateWriter writer) {
    long row = first;
    for (int left = count - 1; left >= 0; left--, row += rowBytes) {
      if (Memory.getLong(row) == 0) {
        writer.clear(left * rowBytes, rowBytes);
      }
    }
  }

  /**
   * Reads a page. Its places are made where they are not there yet; a row whose place is taken, as state
   * of two tasks comes together, goes to another one.
   */
  public static void read(KeyedTable table, StateReader reader) {
    int first = reader.getInt();
    int places = reader.getInt();
    int rows = reader.getInt();
    if (first < 0 || places < 0 || places > pageRows(table) || rows < 0 || rows > places) {
      throw reader.corrupt();
    }
    table.ensureRows(first + places);
    table.reserve(table.rows() + rows); // or linking would enter rows that it has still to come to
    long[] read = new long[rows];
    int count =
        rows(table, first, places) == 0
            ? readTogether(table, first, places, read, reader)
            : readApart(table, first, places, read, reader);
    if (count != rows) {
      throw reader.corrupt();
    }
    boolean hasReferences = table.layout().hasReferences();
    for (long row : read) {
      if (hasReferences) {
        table.layout().readReferences(row, table.heap(), reader);
      }
      table.link(row);
    }
  }

  private static int readTogether(
      KeyedTable table, int first, int places, long[] read, StateReader reader) {
    int rowBytes = table.layout().rowBytes();
    int count = 0;
    for (int done = 0; done < places; ) {
      int run = Math.min(places - done, table.placesFrom(first + done));
      long row = table.rowAt(first + done);
      reader.getBytes(row, run * rowBytes);
      for (int i = 0; i < run; i++, row += rowBytes) {
        if (Memory.getLong(row) != 0 && count++ < read.length) {
          read[count - 1] = row;
        }
      }
      done += run;
    }
    return count;
  }

  private static int readApart(
      KeyedTable table, int first, int places, long[] read, StateReader reader) {
    int rowBytes = table.layout().rowBytes();
    long spare = table.allocateDetached();
    int count = 0;
    for (int i = 0; i < places; i++) {
      reader.getBytes(spare, rowBytes);
      long hash = Memory.getLong(spare);
      if (hash != 0 && count++ < read.length) {
        long row = table.rowAt(first + i);
        row = Memory.getLong(row) == 0 && row != spare ? row : table.allocateDetached();
        Memory.copy(spare, row, rowBytes);
        read[count - 1] = row;
      }
      Memory.putLong(spare, 0);
    }
    table.freeDetached(spare);
    return count;
  }
}
