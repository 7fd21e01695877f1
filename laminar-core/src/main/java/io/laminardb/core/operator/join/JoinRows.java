package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows of one side of a join, off the heap. A table of keys holds for each the sum of its rows'
 * weights and a doubly linked list of its rows in arrival order. A row is its bytes, how often it is
 * there, and how many rows of the other side match it, where that is not the same for the whole key.
 *
 * <p>Of a changelog, rows are indexed by their bytes, so that a retraction finds its row at once and
 * equal rows are one with a count; it is negative while a retraction is ahead of its row. One thread.
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
    this.keepsRows = keepsRows;
    this.indexed = indexed;
    this.timed = timed;
    this.allocator = allocator;
    this.heap = new StateHeap(allocator);
    this.keys = new KeyedTable(timed ? TIMED_KEYS : KEYS, heap, allocator);
    this.rows = new KeyedTable(ROWS, heap, allocator);
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
    for (long row = first(entry); row != 0; ) {
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
      rowCount--;
      row = next;
    }
    keys.remove(entry);
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
    long last = Memory.getLong(entry + LAST);
    Memory.putLong(row + COUNT, count);
    Memory.putLong(row + MATCHES, matches);
    Memory.putLong(row + NEXT, 0);
    Memory.putLong(row + PREVIOUS, last);
    Memory.putLong(last == 0 ? entry + FIRST : last + NEXT, row);
    Memory.putLong(entry + LAST, row);
    rowCount++;
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

  /** Forgets all rows and their memory. */
  void clear() {
    keys.close();
    rows.close();
    heap.clear();
    rowCount = 0;
  }

  // ---- to bytes and back

  /** Writes all rows, each section beginning with {@code tag}. */
  void snapshot(StateWriter writer, long tag) {
    TableSnapshot snapshot = TableSnapshot.of(keys, allocator);
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(tag);
    snapshot.writeHeader(writer);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (snapshot.count(group) > 0) {
        writer.section(group);
        writer.putLong(tag);
        snapshot.writeGroup(group, writer);
        for (int i = 0; i < snapshot.count(group); i++) {
          writeRows(snapshot.row(group, i), writer);
        }
      }
    }
  }

  private static void writeRows(long entry, StateWriter writer) {
    int count = 0;
    for (long row = first(entry); row != 0; row = next(row)) {
      count++;
    }
    writer.putInt(count);
    for (long row = first(entry); row != 0; row = next(row)) {
      int length = Memory.getInt(row + VIEW);
      writer.putLong(Memory.getLong(row)); // its hash
      writer.putInt(length);
      writer.putBytes(bytes(row), length);
      writer.putLong(count(row));
      writer.putLong(matches(row));
    }
  }

  /** Reads the section that belongs to no key group; what it returns is for {@link #finish}. */
  int[] readHeader(StateReader reader) {
    return TableSnapshot.readHeader(keys, reader);
  }

  /** Reads the section of a key group. */
  void readGroup(StateReader reader) {
    List<Long> entries = new ArrayList<>();
    TableSnapshot.readGroup(keys, reader, entries::add);
    for (long entry : entries) {
      Memory.putLong(entry + FIRST, 0);
      Memory.putLong(entry + LAST, 0);
      for (int count = reader.getInt(); count > 0; count--) {
        readRow(entry, reader);
      }
    }
  }

  private void readRow(long entry, StateReader reader) {
    long hash = reader.getLong();
    int length = reader.getInt();
    try (ArrowBuf buffer = allocator.buffer(3 * 8L + Math.max(8, length))) {
      long source = buffer.memoryAddress();
      long address = source + 3 * 8L;
      reader.getBytes(address, length);
      Memory.putLong(source, hash);
      Memory.putLong(source + 8, Keys.head(address, length));
      Memory.putLong(source + 16, Keys.tail(address, length));
      long row = indexed ? rows.findOrInsert(source) : detached(address, length);
      append(entry, row, reader.getLong(), reader.getLong());
    }
  }

  /** Ends a restore. */
  void finish(int[] free) {
    TableSnapshot.finish(keys, free);
  }

  @Override
  public void close() {
    clear();
  }
}
