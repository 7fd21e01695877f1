package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.IntFunction;

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
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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

  /** Writes the record of a place into the present section. */
  static void writeRecord(KeyedTable table, long row, int place, StateWriter writer) {
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
   * Begins a page.
   *
   * @param number of the table
   * @param bytes of the records that are to follow
   */
  static ByteBuffer newPage(long number, int bytes, IntFunction<ByteBuffer> memory) {
    ByteBuffer page = memory.apply(Math.addExact(PAGE_HEADER, bytes));
    INT.set(page, 0, StateWriter.ANY_KEY_GROUP);
    INT.set(page, 4, PAGE_HEADER - SECTION_HEADER + bytes);
    LONG.set(page, SECTION_HEADER, number);
    return page.position(PAGE_HEADER);
  }

  /** Appends a record to a page that was begun with room for it. */
  static void append(ByteBuffer records, int at, ByteBuffer page) {
    int length = behind(records, at) - at;
    page.put(page.position(), records, at, length).position(page.position() + length);
  }

  /** The place of a record. */
  static int placeAt(ByteBuffer records, int at) {
    return (int) INT.get(records, at);
  }

  /** Where the record behind one begins. */
  static int behind(ByteBuffer records, int at) {
    return at + RECORD_HEADER + (int) INT.get(records, at + 4);
  }

  // ---- Reading

  /**
   * Reads what {@link #writeHeader} wrote: the places of a table are made, and the reader knows whose
   * pages follow.
   */
  public static void readHeader(KeyedTable table, StateReader reader) {
    readHeader(table, 0, reader);
  }

  /**
   * As above.
   *
   * @param attachedBytes memory that what hangs on its rows will take, about
   */
  public static void readHeader(KeyedTable table, long attachedBytes, StateReader reader) {
    boolean isCopied = reader.getByte() != 0;
    long number = reader.getLong();
    int used = reader.getInt();
    long rows = reader.getLong();
    int free = reader.getInt();
    if (used < 0 || rows < 0 || rows > used) {
      throw reader.corrupt();
    }
    reader.table(number, table);
    if (table.cold() == null || !table.cold().restore(used, rows, attachedBytes, free)) {
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
   * @param memory gives as many bytes as it is asked for
   * @return from position 0 up to its limit; of {@code memory}
   */
  public static ByteBuffer merged(List<ByteBuffer> pieces, IntFunction<ByteBuffer> memory) {
    int first = Integer.MAX_VALUE;
    int last = -1;
    for (ByteBuffer piece : pieces) {
      for (int at = PAGE_HEADER; at < piece.limit(); at = behind(piece, at)) {
        first = Math.min(first, placeAt(piece, at));
        last = Math.max(last, placeAt(piece, at));
      }
    }
    ByteBuffer records = zeros(8 * Math.max(0, last - first + 1), memory); // see length()
    int bytes = 0;
    for (int i = 0; i < pieces.size(); i++) {
      ByteBuffer piece = pieces.get(i);
      for (int at = PAGE_HEADER; at < piece.limit(); at = behind(piece, at)) {
        int index = 8 * (placeAt(piece, at) - first);
        int replaced = length(pieces, (long) LONG.get(records, index));
        bytes = Math.addExact(bytes, behind(piece, at) - at - replaced);
        LONG.set(records, index, (long) i << 32 | at);
      }
    }
    long number = (long) LONG.get(pieces.get(0), SECTION_HEADER);
    ByteBuffer merged = newPage(number, bytes, memory);
    for (int index = 0; index < records.limit(); index += 8) {
      long record = (long) LONG.get(records, index);
      if (record != 0) {
        append(pieces.get((int) (record >>> 32)), (int) record, merged);
      }
    }
    return merged.flip();
  }

  private static ByteBuffer zeros(int bytes, IntFunction<ByteBuffer> memory) {
    ByteBuffer words = memory.apply(bytes);
    for (int at = 0; at < bytes; at += 8) {
      LONG.set(words, at, 0L);
    }
    return words;
  }

  /** Bytes of a record: the number of its piece and, in the lower half, where in that; 0 is none. */
  private static int length(List<ByteBuffer> pieces, long record) {
    int at = (int) record;
    return record == 0 ? 0 : behind(pieces.get((int) (record >>> 32)), at) - at;
  }
}
