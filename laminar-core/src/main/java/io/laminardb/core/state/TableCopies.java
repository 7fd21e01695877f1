package io.laminardb.core.state;

import io.laminardb.core.durable.PartChanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What had changed in the tables of an engine by one moment, the barrier, while the engine goes on: it
 * copies rows a {@linkplain #copySome slice} at a time, and who is about to change one before it was
 * copied copies it first. So nobody waits longer than for a slice, and what is copied is what was there
 * at the barrier. One thread; {@link #changes} any thread, once all is copied.
 */
public final class TableCopies {
  private static final int ROWS_AT_ONCE = 256; // between two looks at the clock

  /** Numbers in names have as many digits as these, but for the first one. */
  private static final long TABLES = 1_000_000_000_000L;

  private static final int PAGES = 100_000_000;

  private final List<Copy> copies = new ArrayList<>();
  private final Set<String> kept = new HashSet<>();
  private long lastNumber;
  private int at; // copies before it are done
  private String folder = "";

  /** Records of a table's places, in any order. */
  private record Copy(
      RowChanges changes,
      String folder,
      long number,
      int pagePlaces,
      StateWriter records,
      LeftRecords.Given left) {
    /** By the number of their page; where a place has several records, the last one counts. */
    Map<Integer, byte[]> pieces() {
      List<byte[]> sections = left.take();
      boolean mayRepeat = !sections.isEmpty();
      sections.addAll(records.sections());
      Map<Integer, byte[]> pieces = TablePages.pieces(number, pagePlaces, sections);
      if (mayRepeat) {
        pieces.replaceAll((page, piece) -> TablePages.merged(List.of(piece)));
      }
      return pieces;
    }
  }

  /**
   * Nothing is copied yet.
   *
   * @param lastNumber the highest by which an earlier checkpoint knows a table
   */
  public TableCopies(long lastNumber) {
    this.lastNumber = lastNumber;
  }

  /** The highest number by which a table is known. */
  public long lastNumber() {
    return lastNumber;
  }

  /** Where the parts of tables that follow belong to, such as {@code query/vwap/0/}. */
  public void folder(String newFolder) {
    folder = newFolder;
  }

  /** The number of a table, a new one where no checkpoint knows it. */
  long numberOf(KeyedTable table) {
    RowChanges changes = table.changes();
    if (changes.id() == 0) {
      changes.id(++lastNumber);
    }
    return changes.id();
  }

  /** A table that has a number is to be copied as it is now. */
  void begin(KeyedTable table) {
    long number = numberOf(table);
    String pages = folder + 't' + Long.toString(TABLES + number).substring(1) + '/';
    kept.add(pages);
    RowChanges changes = table.changes();
    if (changes.hasAny()) {
      StateWriter records = new StateWriter();
      changes.begin(records);
      int pagePlaces = TablePages.pagePlaces(table);
      copies.add(new Copy(changes, pages, number, pagePlaces, records, changes.giveLeft()));
    }
  }

  /**
   * Copies rows until a moment, or all.
   *
   * @param untilNs System.nanoTime()
   * @return whether all is copied
   */
  public boolean copySome(long untilNs) {
    while (at < copies.size()) {
      if (!copies.get(at).changes.copy(ROWS_AT_ONCE)) {
        at++;
      }
      if (System.nanoTime() - untilNs >= 0) {
        break;
      }
    }
    return at == copies.size();
  }

  /** What a checkpoint is to write of the tables, once all is copied. */
  public PartChanges changes() {
    Map<String, byte[]> pieces = new HashMap<>();
    for (Copy copy : copies) {
      copy.pieces()
          .forEach(
              (page, piece) ->
                  pieces.put(copy.folder + Integer.toString(PAGES + page).substring(1), piece));
    }
    return new PartChanges(kept, pieces, TablePages::merged);
  }
}
