package io.laminardb.core.state;

import io.laminardb.core.durable.PartChanges;
import io.laminardb.core.memory.NativeArena;
import java.nio.ByteBuffer;
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
  private final NativeArena memory;
  private final StateWriter scratch = new StateWriter();
  private long lastNumber;
  private int at; // copies before it are done
  private String folder = "";

  /** What is copied of a table. */
  private record Copy(
      RowChanges changes,
      String folder,
      long number,
      int pagePlaces,
      PlaceRecords records,
      LeftRecords.Given left) {}

  /**
   * Nothing is copied yet.
   *
   * @param lastNumber the highest by which an earlier checkpoint knows a table
   * @param memory holds what is copied; the caller's to reset when these are not used any more
   */
  public TableCopies(long lastNumber, NativeArena memory) {
    this.memory = memory;
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
      PlaceRecords records = new PlaceRecords(memory, scratch);
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

  /**
   * What a checkpoint is to write of the tables, once all is copied.
   *
   * @param target holds the pieces; what was copied is not used any more
   */
  public PartChanges changes(NativeArena target) {
    Map<String, ByteBuffer> pieces = new HashMap<>();
    for (Copy copy : copies) {
      List<byte[]> left = copy.left.take();
      copy.records.addFirst(left);
      copy.records.pieces(
          copy.number,
          copy.pagePlaces,
          target,
          (piece, page) ->
              pieces.put(
                  copy.folder + Integer.toString(PAGES + page).substring(1),
                  left.isEmpty() ? piece : TablePages.merged(List.of(piece), target::allocate)));
    }
    return new PartChanges(kept, pieces, TablePages::merged);
  }
}
