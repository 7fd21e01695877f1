package io.laminardb.core.state;

import io.laminardb.core.durable.SpillMap;
import io.laminardb.core.memory.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows of a table that memory has no room for, in a map of the store by their keys. A row is in memory or
 * in the map, never in both: a lookup that does not find it in memory takes it back. Those that are used stay:
 * a hand goes round all rows in memory, and lets those leave that were not used since it passed last (the
 * CLOCK of operating systems; Corbato 1968).
 *
 * <p>A row keeps its place wherever it is, so that rows keep their order, and pages of checkpoints are those of
 * a table that never spilled. Until the first row leaves, places are those of {@link RowPlaces}; from then on
 * they are counted here, rows lie anywhere in memory, and their marks tell their places. One thread.
 */
final class ColdRows implements AutoCloseable {
  private static final long ROOM_TO_RESTORE =
      4; // times the rows: there are slots, texts, other tables
  private static final int NO_PLACE = -1; // the mark of a hole
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final KeyedTable table;
  private final Spill spill;
  private final BufferAllocator allocator;
  private final AddressStack free; // places, the next one to be used last
  private SpillMap map; // null until the first row leaves
  private long rows; // in the map
  private long bytes;
  private int places; // that were ever used
  private ColdPages restoring; // or null
  private boolean isHeld;
  private int hand; // which row in memory it points to
  private byte[] key = new byte[64];
  private final StateWriter value = new StateWriter();
  private byte[] fetched; // what the next row is made from, or null

  ColdRows(KeyedTable table, Spill spill, BufferAllocator allocator) {
    this.table = table;
    this.spill = spill;
    this.allocator = allocator;
    this.free = new AddressStack(allocator);
  }

  /** Whether a row has ever left: places are counted here. */
  boolean isUsed() {
    return map != null;
  }

  /** Rows that are not in memory. */
  long rows() {
    return rows;
  }

  /** Their bytes. */
  long bytes() {
    return bytes;
  }

  Spill spill() {
    return spill;
  }

  // ---- Places

  /** Places in use, holes included. */
  int places() {
    return places;
  }

  /** The place to be used next, a hole; -1 where that is a new one. */
  int nextFree() {
    return free.isEmpty() ? -1 : (int) free.peek();
  }

  /** Gives each free place, from the one freed first on, with the one behind it or -1. */
  void forEachFree(HoleReader each) {
    int behind = -1;
    for (long i = 0; i < free.size(); i++) {
      int place = (int) free.get(i);
      each.accept(place, behind);
      behind = place;
    }
  }

  /** Takes a free place and the one to be used behind it, or -1. */
  interface HoleReader {
    void accept(int place, int behind);
  }

  private int takePlace() {
    return free.isEmpty() ? places++ : (int) free.pop();
  }

  /** Makes a new place that is in use. */
  int addPlace() {
    return places++;
  }

  /** Says of a place that it is the next one to be used. */
  void addFree(int place) {
    free.push(place);
  }

  /** A row in memory is gone for good; its place is the next one to be used. */
  void removed(long row) {
    int place = RowPlaces.markedPlace(row);
    table.changes().becameHole(place, nextFree());
    free.push(place);
    RowPlaces.mark(row, NO_PLACE);
  }

  /** From now on places are counted here. */
  private void begin() {
    map = spill.map();
    places = table.places().used();
    table.places().forEachFree(this::leaveHole);
    free.reverse();
  }

  private void leaveHole(long hole) {
    int place = RowPlaces.markedPlace(hole);
    table.changes().left(hole, place);
    free.push(place);
    RowPlaces.mark(hole, NO_PLACE);
  }

  /**
   * Begins to restore an empty table.
   *
   * @param usedPlaces holes included
   * @param expected rows
   * @param attachedBytes of what hangs on them, about
   * @param firstFree the place to be used next, or -1 where none is free
   * @return false where there is room for it in memory: nothing has been done
   */
  boolean restore(int usedPlaces, long expected, long attachedBytes, int firstFree) {
    long rowBytes = ROOM_TO_RESTORE * expected * table.layout().rowBytes();
    isHeld = spill.mayGrow(0, rowBytes + attachedBytes);
    if (isHeld) {
      return false;
    }
    map = spill.map();
    places = usedPlaces;
    restoring = new ColdPages(table, this, firstFree, allocator);
    return true;
  }

  /** What gets the pages, or null. */
  ColdPages restoring() {
    return restoring;
  }

  /** Whether rows are not to leave: a restore that has places for all of them in memory is under way. */
  boolean isHeld() {
    return isHeld;
  }

  /** All pages were read; whether there was no room in memory for them. */
  boolean finishRestore() {
    isHeld = false;
    if (restoring == null) {
      return false;
    }
    restoring.finish();
    restoring = null;
    return true;
  }

  // ---- Rows that come

  /** Takes the row of a source from the map, if it is there; {@link #enter} has to follow at once. */
  boolean fetch(long source) {
    fetched = null;
    if (rows > 0) {
      int length = keyOf(source);
      fetched = map.take(key, length);
    }
    return fetched != null;
  }

  /**
   * Makes a row of memory the one that was fetched; where none was, it gets a place only.
   *
   * @return whether there is one
   */
  boolean enter(long row) {
    if (fetched == null) {
      RowPlaces.mark(row, takePlace());
      return false;
    }
    byte[] bytesOfRow = fetched;
    fetched = null;
    rows--;
    bytes -= bytesOfRow.length;
    spill.came(bytesOfRow.length);
    RowPlaces.mark(row, placeOf(bytesOfRow));
    read(bytesOfRow, row, table);
    return true;
  }

  /** The place of the row that a value holds. */
  static int placeOf(byte[] value) {
    return (int) INT.get(value, 0);
  }

  /** Reads a value into a row of memory, outside of the table's index. */
  static void read(byte[] value, long row, KeyedTable table) {
    StateReader reader = StateReader.ofValue(value);
    reader.getInt(); // its place
    table.layout().read(row, table.heap(), reader);
  }

  /** All values of the map; to be closed before anything else is done. */
  SpillMap.Values values() {
    return map.values();
  }

  /** An empty map, which is the caller's. */
  SpillMap newMap() {
    return spill.map();
  }

  // ---- Rows that leave

  /**
   * Lets rows leave; the table's index is stale then.
   *
   * @param count how many
   * @param isKept of a row's address: whether it has to stay
   */
  void leave(long count, LongPredicate isKept) {
    if (map == null) {
      begin();
    }
    RowPlaces inMemory = table.places();
    final int used = inMemory.used();
    long left = Math.min(count, table.rowsInMemory());
    final boolean all = left == table.rowsInMemory();
    for (long looks = 0; looks < 2L * used && left > 0; looks++) {
      hand = hand < used ? hand : 0;
      long row = inMemory.rowAt(hand++);
      if (Memory.getLong(row) == 0 || isKept.test(row)) {
        continue;
      }
      if (!all && table.changes().isRecent(row)) {
        RowPlaces.stamp(row, 0);
      } else {
        leave(row);
        left--;
      }
    }
  }

  private void leave(long row) {
    int place = RowPlaces.markedPlace(row);
    table.changes().left(row, place);
    value.cutTo(0);
    value.putInt(place);
    table.layout().write(row, table.heap(), value);
    int length = keyOf(row);
    map.put(key, length, value.value(), value.sectionBytes());
    rows++;
    bytes += value.sectionBytes();
    spill.left(value.sectionBytes());
    RowPlaces.mark(row, NO_PLACE);
    table.left(row);
  }

  /** The key of a row or source as bytes that are the same for equal keys only; returns how many. */
  private int keyOf(long source) {
    RowLayout layout = table.layout();
    int length = 8 * layout.keyWords();
    key = length <= key.length ? key : new byte[2 * length];
    Memory.copyToHeap(source + RowLayout.KEY_OFFSET, key, 0, length);
    for (int word : layout.keyTexts()) {
      long view = source + RowLayout.KEY_OFFSET + 8L * word;
      int textLength = Keys.length(Memory.getLong(view));
      if (textLength > Keys.INLINE_BYTES) {
        if (key.length - length < textLength) {
          key = Arrays.copyOf(key, Math.addExact(2 * length, textLength));
        }
        LONG.set(key, 8 * word + 8, 0L); // its address
        Memory.copyToHeap(Keys.bytes(view), key, length, textLength);
        length += textLength;
      }
    }
    return length;
  }

  /** Memory held, in bytes. */
  long heldBytes() {
    return free.bytes();
  }

  /** Forgets all rows and places. */
  void clear() {
    if (restoring != null) {
      restoring.close();
      restoring = null;
    }
    if (map != null) {
      map.close();
      map = null;
    }
    spill.forgot(rows, bytes);
    rows = 0;
    bytes = 0;
    places = 0;
    hand = 0;
    free.close();
  }

  @Override
  public void close() {
    clear();
  }
}
