package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.Attachment;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowCursor;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.Spill;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;
import io.laminardb.core.state.TableSnapshot;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows of one side of a join, off the heap. A table of keys holds for each the sum of its rows'
 * weights and a doubly linked list of its rows in arrival order. A row is its bytes, how often it is
 * there, and how many rows of the other side match it, where that is not the same for the whole key.
 *
 * <p>Of a changelog, rows are indexed by their bytes, so that a retraction finds its row at once and
 * equal rows are one with a count; it is negative while a retraction is ahead of its row.
 *
 * <p>Where keys spill, they leave memory and come back with all their rows, which hang on them. One thread.
 */
final class JoinRows implements AutoCloseable {
  private static final int VIEW = RowLayout.KEY_OFFSET;
  private static final int VIEW_WORDS = 2;
  private static final int[] VIEWS = {0};

  // A key: [hash][view][total][first][last], and of a join by time [time][sequence]
  private static final RowLayout KEYS = RowLayout.plain(VIEW_WORDS, VIEWS, 3);
  private static final RowLayout TIMED_KEYS = RowLayout.plain(VIEW_WORDS, VIEWS, 5);
  private static final int TOTAL = VIEW + 8 * VIEW_WORDS;
  private static final int FIRST = TOTAL + 8;
  private static final int LAST = FIRST + 8;
  private static final int TIME = LAST + 8;
  private static final int SEQUENCE = TIME + 8;

  // A row: [hash, 0 without index][view][count][matches][next][previous]
  private static final RowLayout ROWS = RowLayout.plain(VIEW_WORDS, VIEWS, 4);
  private static final int COUNT = VIEW + 8 * VIEW_WORDS;
  private static final int MATCHES = COUNT + 8;
  private static final int NEXT = MATCHES + 8;
  private static final int PREVIOUS = NEXT + 8;

  private static final LongPredicate NONE_KEPT = entry -> false;

  private final boolean keepsRows;
  private final boolean indexed;
  private final boolean timed;
  private final BufferAllocator allocator;
  private final StateHeap heap;
  private final KeyedTable keys;
  private final KeyedTable rows;
  private long rowCount;

  /**
   * @param keepsRows false to keep the keys' totals only
   * @param indexed whether rows are ever taken back
   * @param timed whether keys have a time, and stay until they are removed
   */
  JoinRows(boolean keepsRows, boolean indexed, boolean timed, BufferAllocator allocator) {
    this(keepsRows, indexed, timed, allocator, false, null);
  }

  /**
   * As above.
   *
   * @param tracked whether checkpoints are to copy only keys that have changed
   * @param spill where keys go when memory is short; null where all stay
   */
  JoinRows(
      boolean keepsRows,
      boolean indexed,
      boolean timed,
      BufferAllocator allocator,
      boolean tracked,
      Spill spill) {
    this.keepsRows = keepsRows;
    this.indexed = indexed;
    this.timed = timed;
    this.allocator = allocator;
    this.heap = new StateHeap(allocator);
    RowLayout layout = (timed ? TIMED_KEYS : KEYS).with(new RowsOfKey());
    this.keys = new KeyedTable(layout, heap, allocator, tracked, spill);
    this.rows = KeyedTable.attached(ROWS, heap, allocator, spill);
  }

  /** The entry of the key of a source, which may be an entry of the other side; or 0. */
  long find(long keySource) {
    return keys.find(keySource);
  }

  /** The sum of the weights of a key's rows; of no entry, 0. */
  static long total(long entry) {
    return entry == 0 ? 0 : Memory.getLong(entry + TOTAL);
  }

  /** The first row of a key, or 0. */
  static long first(long entry) {
    return entry == 0 ? 0 : Memory.getLong(entry + FIRST);
  }

  /** The row that came after another of its key, or 0. */
  static long next(long row) {
    return Memory.getLong(row + NEXT);
  }

  /** How often a row is there; never 0. */
  static long count(long row) {
    return Memory.getLong(row + COUNT);
  }

  /** How many rows of the other side match a row. */
  static long matches(long row) {
    return Memory.getLong(row + MATCHES);
  }

  static void matches(long row, long matches) {
    Memory.putLong(row + MATCHES, matches);
  }

  /** Where the bytes of a row are. */
  static long bytes(long row) {
    return Keys.bytes(row + VIEW);
  }

  /** How many bytes a row has. */
  static int length(long row) {
    return Keys.length(Memory.getLong(row + VIEW));
  }

  /** When the time of a key is, in its unit. */
  static long time(long entry) {
    return Memory.getLong(entry + TIME);
  }

  /** How many keys of either side came before a key. */
  static long sequence(long entry) {
    return Memory.getLong(entry + SEQUENCE);
  }

  /** Says when the time of a new key is. */
  static void stamp(long entry, long time, long sequence) {
    Memory.putLong(entry + TIME, time);
    Memory.putLong(entry + SEQUENCE, sequence);
  }

  /** Whether a row is there. */
  boolean holds(RowProbe probe) {
    return keepsRows && indexed ? rows.find(probe.row()) != 0 : total(keys.find(probe.key())) > 0;
  }

  /** The entry of the key of a source; a new one has no rows. Of keys that stay until removed. */
  long findOrInsert(long keySource) {
    return keys.findOrInsert(keySource);
  }

  /** An entry that was found, of which rows are about to be answered. */
  void lookedAt(long entry) {
    keys.lookedAt(entry);
  }

  /** An entry that was found, of whose rows {@link #matches(long, long)} are about to change. */
  void touch(long entry) {
    keys.touch(entry);
  }

  /** Adds a row of a key, as bytes, that often. Where rows are never taken back. */
  void add(long entry, long address, int length, long count) {
    append(entry, detached(address, length), count, 0);
  }

  /** Adds a row or takes it back; answers the entry of its key, which may be gone now. */
  long change(RowProbe probe, int weight, long matches) {
    long entry = keys.findOrInsert(probe.key());
    if (indexed && keepsRows) {
      changeIndexed(entry, probe, weight, matches);
    } else if (keepsRows) {
      append(entry, detached(probe.rowAddress(), probe.rowLength()), weight, matches);
    }
    long total = total(entry) + weight;
    Memory.putLong(entry + TOTAL, total);
    if (total == 0 && first(entry) == 0 && !timed) {
      keys.remove(entry);
    }
    return entry;
  }

  /** Forgets a key with all its rows. */
  void remove(long entry) {
    keys.touch(entry); // before its rows go
    rowCount -= freeRows(entry);
    keys.remove(entry);
  }

  /** Frees the rows of a key, and answers how many they were. */
  private int freeRows(long entry) {
    int freed = 0;
    for (long row = first(entry); row != 0; freed++) {
      long next = next(row);
      if (indexed) {
        rows.remove(row);
      } else {
        int length = Memory.getInt(row + VIEW);
        if (length > Keys.INLINE_BYTES) {
          heap.free(Memory.getLong(row + VIEW + 8), length);
        }
        rows.freeDetached(row);
      }
      row = next;
    }
    return freed;
  }

  private void changeIndexed(long entry, RowProbe probe, int weight, long matches) {
    long row = rows.findOrInsert(probe.row());
    long count = count(row) + weight;
    if (count == weight) { // a new one: rows that are not there any more have none
      append(entry, row, weight, matches);
    } else if (count == 0) {
      unlink(entry, row);
      rows.remove(row);
    } else {
      Memory.putLong(row + COUNT, count);
    }
  }

  private long detached(long address, int length) {
    long row = rows.allocateDetached();
    Memory.putLong(row + VIEW, Keys.head(address, length));
    Memory.putLong(
        row + VIEW + 8,
        length > Keys.INLINE_BYTES ? heap.copy(address, length) : Keys.tail(address, length));
    return row;
  }

  private void append(long entry, long row, long count, long matches) {
    Memory.putLong(row + COUNT, count);
    Memory.putLong(row + MATCHES, matches);
    link(entry, row);
    rowCount++;
  }

  /** Makes a row the last one of a key. */
  private static void link(long entry, long row) {
    long last = Memory.getLong(entry + LAST);
    Memory.putLong(row + NEXT, 0);
    Memory.putLong(row + PREVIOUS, last);
    Memory.putLong(last == 0 ? entry + FIRST : last + NEXT, row);
    Memory.putLong(entry + LAST, row);
  }

  private void unlink(long entry, long row) {
    long next = Memory.getLong(row + NEXT);
    long previous = Memory.getLong(row + PREVIOUS);
    Memory.putLong(previous == 0 ? entry + FIRST : previous + NEXT, next);
    Memory.putLong(next == 0 ? entry + LAST : next + PREVIOUS, previous);
    rowCount--;
  }

  /** As {@link KeyedTable#scan}, of keys. */
  long scan(long from, long targets, int max, int[] found) {
    return keys.scan(from, targets, max, found);
  }

  /** Goes through all keys in their order, those too that are not in memory; none may come or go meanwhile. */
  RowCursor cursor() {
    return new RowCursor(keys, allocator);
  }

  /** Keys there are. */
  long keys() {
    return keys.rows();
  }

  /** Rows kept; keys, where only they are. */
  long rows() {
    return keepsRows ? rowCount : keys.rows();
  }

  /** Memory held, in bytes. */
  long bytes() {
    return keys.bytes() + rows.bytes() + heap.bytes();
  }

  /** Lets keys leave that were not looked up for long, where memory is short; addresses of theirs end. */
  void keepRoom() {
    boolean isCrowded = heap.isCrowded() || keepsRows && rows.isCrowded();
    keys.keepRoom(NONE_KEPT, rows.bytes() + heap.bytes(), isCrowded);
  }

  /** Lets all keys leave, and frees their memory; addresses end. */
  void leaveAll() {
    keys.leaveAll(NONE_KEPT);
    if (keys.rowsInMemory() == 0) {
      rows.close();
      heap.clear();
    }
  }

  /** Forgets all rows and their memory. */
  void clear() {
    keys.close();
    rows.close();
    heap.clear();
    rowCount = 0;
  }

  // ---- to bytes and back

  /** Writes what is no key into the present section; {@link #writePages} has to follow. */
  void writeHeader(StateWriter writer) {
    writer.putLong(rowCount);
    writer.putLong(rows.bytes() + heap.bytes() + keys.spilledBytes());
    TablePages.writeHeader(keys, writer);
  }

  /** Writes a section for each page of keys, with their rows. */
  void writePages(StateWriter writer) {
    TablePages.writeAll(keys, writer);
  }

  /** Reads what {@link #writeHeader} wrote; {@link TablePages#read} reads the pages that follow. */
  void readHeader(StateReader reader) {
    rowCount += reader.getLong();
    long rowBytes = reader.getLong();
    TablePages.readHeader(keys, rowBytes, reader);
  }

  /** Ends a restore. */
  void finishRestore() {
    TablePages.finish(keys);
  }

  @Override
  public void close() {
    clear();
  }

  /** The rows of a key: a 1 and the row each, and a 0. */
  private final class RowsOfKey implements Attachment {
    @Override
    public void write(long entry, StateWriter writer) {
      for (long row = first(entry); row != 0; row = next(row)) {
        writer.putByte(1);
        rows.write(row, writer);
      }
      writer.putByte(0);
    }

    @Override
    public void read(long entry, StateReader reader) {
      Memory.putLong(entry + FIRST, 0);
      Memory.putLong(entry + LAST, 0);
      while (reader.getByte() != 0) {
        long row = TableSnapshot.readUnlinked(rows, reader);
        if (indexed) {
          TableSnapshot.link(rows, row);
        }
        link(entry, row);
      }
    }

    @Override
    public void free(long entry) {
      freeRows(entry);
    }
  }
}
