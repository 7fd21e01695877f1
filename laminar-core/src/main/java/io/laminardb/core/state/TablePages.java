package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the rows of a table page by page, each with its place, and puts them back there, so that a
 * restored table goes on in the same order. A page is a section:
 *
 * <pre>
 * long number of the table; records of places: int place, int length, then
 *   a row and what it refers to, or
 *   int place of the hole to be used behind this one, -1 where that is none
 * </pre>
 *
 * <p>Pieces of a page that were written at different times are {@linkplain #merged merged} without
 * knowing the table: the last record of a place counts. A place without a record is a hole of no list.
 */
public final class TablePages {
  private static final int PAGE_BYTES = 64 << 10;
  private static final int LEAST_PLACES = 64;
  private static final int SECTION_HEADER = 8;
  private static final int PAGE_HEADER = SECTION_HEADER + 8;
  private static final int RECORD_HEADER = 8;
  private static final int HOLE_BYTES = 4;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private TablePages() {}

  /** Places of a page. */
  static int pagePlaces(KeyedTable table) {
    return Math.max(LEAST_PLACES, PAGE_BYTES / table.layout().rowBytes());
  }

  // ---- Writing

  /** Writes what is no row: by which number pages know the table, and which places are free. */
  public static void writeHeader(KeyedTable table, StateWriter writer) {
    boolean isCopied = isCopied(table, writer);
    writer.putByte(isCopied ? 1 : 0);
    writer.putLong(isCopied ? writer.copies().numberOf(table) : writer.numberOf(table));
    writer.putInt(table.usedPlaces());
    writer.putLong(table.rows());
    writer.putInt(table.nextFreePlace());
  }

  private static boolean isCopied(KeyedTable table, StateWriter writer) {
    return table.changes() != null && writer.copies() != null;
  }

  /**
   * Writes a section for each page of a table whose header was written, or leaves that to the writer's
   * {@link TableCopies}.
   */
  public static void writeAll(KeyedTable table, StateWriter writer) {
    if (isCopied(table, writer)) {
      writer.copies().begin(table);
      return;
    }
    Sections sections = new Sections(table, writer);
    if (table.hasCold()) {
      ColdPages.write(table, table.cold(), sections);
      return;
    }
    RowPlaces places = table.places();
    int used = places.used();
    for (int place = 0; place < used; place++) {
      writeRecord(table, places.rowAt(place), place, sections.next());
    }
  }

  /** Sections of as many records as a page has. */
  static final class Sections {
    private final StateWriter writer;
    private final long number;
    private final int pagePlaces;
    private int records;

    private Sections(KeyedTable table, StateWriter writer) {
      this.writer = writer;
      number = writer.numberOf(table);
      pagePlaces = pagePlaces(table);
    }

    /** Where the next record goes. */
    StateWriter next() {
      if (records++ % pagePlaces == 0) {
        writer.section(StateWriter.ANY_KEY_GROUP);
        writer.putLong(number);
      }
      return writer;
    }
  }

  /** Writes the record of a place into the present section; nothing of it where that fails. */
  static void writeRecord(KeyedTable table, long row, int place, StateWriter writer) {
    int start = writer.sectionBytes();
    boolean written = false;
    try {
      putRecord(table, row, place, writer);
      written = true;
    } finally {
      if (!written) {
        writer.cutTo(start);
      }
    }
  }

  private static void putRecord(KeyedTable table, long row, int place, StateWriter writer) {
    if (Memory.getLong(row) == 0) {
      writeHole(place, table.places().freeBehind(row), writer);
      return;
    }
    writer.putInt(place);
    RowLayout layout = table.layout();
    int length = writer.sectionBytes();
    writer.putInt(layout.rowBytes());
    writer.putWords(row, layout.rowBytes());
    if (layout.hasReferences()) {
      layout.writeReferences(row, table.heap(), writer);
      writer.endLength(length);
    }
  }

  /** Writes the record of a row as {@link ColdRows} keeps it. */
  static void writeRecord(byte[] value, StateWriter writer) {
    writer.putInt(ColdRows.placeOf(value));
    writer.putInt(value.length - Integer.BYTES);
    writer.putBytes(value, Integer.BYTES);
  }

  /** Writes the record of a free place. */
  static void writeHole(int place, int behind, StateWriter writer) {
    writer.putInt(place);
    writer.putInt(HOLE_BYTES);
    writer.putInt(behind);
  }

  /**
   * Pages of records that were written in any order, by their number.
   *
   * @param number of the table
   * @param sections of records only
   */
  static Map<Integer, byte[]> pieces(long number, int pagePlaces, List<byte[]> sections) {
    Map<Integer, ByteArrayOutputStream> pages = new TreeMap<>();
    for (byte[] section : sections) {
      for (int at = SECTION_HEADER; at < section.length; at = behind(section, at)) {
        int page = (int) INT.get(section, at) / pagePlaces;
        pages.computeIfAbsent(page, any -> newPage()).write(section, at, behind(section, at) - at);
      }
    }
    Map<Integer, byte[]> pieces = new TreeMap<>();
    pages.forEach((page, bytes) -> pieces.put(page, withHeader(bytes.toByteArray(), number)));
    return pieces;
  }

  private static ByteArrayOutputStream newPage() {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    page.write(new byte[PAGE_HEADER], 0, PAGE_HEADER);
    return page;
  }

  private static byte[] withHeader(byte[] page, long number) {
    INT.set(page, 0, StateWriter.ANY_KEY_GROUP);
    INT.set(page, 4, page.length - SECTION_HEADER);
    LONG.set(page, SECTION_HEADER, number);
    return page;
  }

  // ---- Reading

  /**
   * Reads what {@link #writeHeader} wrote: the places of a table are made, and the reader knows whose
   * pages follow.
   */
  public static void readHeader(KeyedTable table, StateReader reader) {
    boolean isCopied = reader.getByte() != 0;
    long number = reader.getLong();
    int used = reader.getInt();
    long rows = reader.getLong();
    int free = reader.getInt();
    if (used < 0 || rows < 0 || rows > used) {
      throw reader.corrupt();
    }
    reader.table(number, table);
    if (table.cold() == null || !table.cold().restore(used, rows, free)) {
      table.places().ensureUsed(used);
      table.places().restoredFree(free);
      table.reserve(table.rows() + rows);
    }
    if (table.changes() != null) {
      table.changes().restored(isCopied ? number : 0);
    }
  }

  /**
   * Reads a page of a table whose header was read. A row whose place is taken, as state of two tasks
   * comes together, goes to another one.
   */
  public static void read(StateReader reader) {
    KeyedTable table = reader.table(reader.getLong());
    RowLayout layout = table.layout();
    RowPlaces places = table.places();
    ColdPages cold = restoring(table);
    boolean hasReferences = layout.hasReferences();
    int used = table.usedPlaces();
    while (reader.hasMore()) {
      int place = reader.getInt();
      int length = reader.getInt();
      if (place < 0 || place >= used || length != HOLE_BYTES && length < layout.rowBytes()) {
        throw reader.corrupt();
      }
      int rest = reader.remaining() - length;
      if (length == HOLE_BYTES) {
        if (cold == null) {
          places.restoreHole(place, reader.getInt());
        } else {
          cold.hole(place, reader.getInt());
        }
        continue;
      }
      long row = cold == null ? places.restoredRow(place) : cold.row(place);
      reader.getWords(row, layout.rowBytes());
      if (hasReferences) {
        layout.readReferences(row, table.heap(), reader);
      }
      if (reader.remaining() != rest || Memory.getLong(row) == 0) {
        throw reader.corrupt();
      }
      table.link(row);
      if (cold != null && table.changes().id() == 0) {
        table.changes().used(row);
      }
    }
  }

  /** What restores a table for which there is no room in memory; else null. */
  private static ColdPages restoring(KeyedTable table) {
    return table.cold() == null ? null : table.cold().restoring();
  }

  /** Ends a restore: places that stayed empty become the next ones to use. */
  public static void finish(KeyedTable table) {
    if (table.cold() != null && table.cold().finishRestore()) {
      return;
    }
    table.places().listFree();
    if (table.changes() != null && table.changes().id() == 0) {
      table.changes().touchAll();
    }
  }

  // ---- Merging

  /**
   * A page of which pieces were written one after the other.
   *
   * @param pieces whole sections, the oldest first; all of one page
   */
  public static byte[] merged(List<byte[]> pieces) {
    int first = Integer.MAX_VALUE;
    int last = -1;
    for (byte[] piece : pieces) {
      for (int at = PAGE_HEADER; at < piece.length; at = behind(piece, at)) {
        first = Math.min(first, (int) INT.get(piece, at));
        last = Math.max(last, (int) INT.get(piece, at));
      }
    }
    long[] records = new long[Math.max(0, last - first + 1)]; // piece, and where in it; or 0
    for (int i = 0; i < pieces.size(); i++) {
      byte[] piece = pieces.get(i);
      for (int at = PAGE_HEADER; at < piece.length; at = behind(piece, at)) {
        records[(int) INT.get(piece, at) - first] = (long) i << 32 | at;
      }
    }
    ByteArrayOutputStream merged = newPage();
    for (long record : records) {
      if (record != 0) {
        byte[] piece = pieces.get((int) (record >>> 32));
        int at = (int) record;
        merged.write(piece, at, behind(piece, at) - at);
      }
    }
    return withHeader(merged.toByteArray(), (long) LONG.get(pieces.get(0), SECTION_HEADER));
  }

  /** Where the record behind one begins. */
  private static int behind(byte[] records, int at) {
    return at + RECORD_HEADER + (int) INT.get(records, at + 4);
  }
}
