package io.laminardb.core.operator.join;

import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/** All rows of both sides of an ASOF join, by key, each side in its order. One thread. */
final class AsofChangesState implements AutoCloseable {
  private static final RowLayout LAYOUT =
      RowLayout.plain(JoinKey.WORDS, new int[] {0}, 2 * Run.WORDS);
  private static final int RUNS = RowLayout.KEY_OFFSET + 8 * JoinKey.WORDS;

  private final BufferAllocator allocator;
  private final StateHeap heap;
  private final KeyedTable table;
  private final AsofRows[] rows;
  private final ArrowBuf keyAddress; // where a scan leaves the key it has come to
  private final int[] found = new int[1];
  private long rowCount;

  AsofChangesState(AsofSpec spec, BufferAllocator allocator) {
    this.allocator = allocator;
    this.heap = new StateHeap(allocator);
    this.table = new KeyedTable(LAYOUT, heap, allocator);
    this.rows =
        new AsofRows[] {
          new AsofRows(new RowCodec(spec.left()), heap),
          new AsofRows(new RowCodec(spec.right()), heap)
        };
    this.keyAddress = StateMemory.allocate(allocator, 8);
  }

  AsofRows rows(int port) {
    return rows[port];
  }

  /** The entry of a key, or 0. */
  long find(long keySource) {
    return table.find(keySource);
  }

  long findOrInsert(long keySource) {
    return table.findOrInsert(keySource);
  }

  /** The rows of a side of an entry, in their order, ties by arrival. */
  static long run(long entry, int port) {
    return entry + RUNS + 8L * Run.WORDS * port;
  }

  /** The first row that does not come before {@code block}. */
  static int firstFrom(long run, long block) {
    return first(run, block, 0);
  }

  /** The first row that comes after {@code block}, those of its own place excluded. */
  static int firstAfter(long run, long block) {
    return first(run, block, 1);
  }

  private static int first(long run, long block, int least) {
    int low = 0;
    int high = Run.count(run);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (AsofRows.compare(Run.row(run, middle), block) < least) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Where a row with the same values stands, the last of several; or -1. */
  static int indexOf(long run, long block) {
    int from = firstFrom(run, block);
    for (int index = firstAfter(run, block) - 1; index >= from; index--) {
      if (AsofRows.isSame(Run.row(run, index), block)) {
        return index;
      }
    }
    return -1;
  }

  /** Takes a row in, behind those of its place; answers where it stands. */
  int add(long run, long block) {
    int index = firstAfter(run, block);
    Run.insert(run, index, AsofRows.time(block), block, heap);
    rowCount++;
    return index;
  }

  /** Removes a row and frees it; an entry without rows goes too. */
  void remove(long entry, int port, int index) {
    long run = run(entry, port);
    rows[port].free(Run.row(run, index));
    Run.remove(run, index);
    rowCount--;
    removeEmpty(entry);
  }

  /** Removes an entry if it has no rows. */
  void removeEmpty(long entry) {
    if (Run.count(run(entry, 0)) == 0 && Run.count(run(entry, 1)) == 0) {
      Run.free(run(entry, 0), heap);
      Run.free(run(entry, 1), heap);
      table.remove(entry);
    }
  }

  /** Where a scan has come to. */
  long scanned() {
    return Memory.getLong(keyAddress.memoryAddress());
  }

  /** Moves a scan to the next entry; answers where to go on, or -1 when there was none. */
  long scan(long from) {
    if (from < 0) {
      return -1;
    }
    long next = table.scan(from, keyAddress.memoryAddress(), 1, found);
    return found[0] == 0 ? -1 : next < 0 ? Long.MAX_VALUE : next;
  }

  long rowCount() {
    return rowCount;
  }

  long bytes() {
    return table.bytes() + heap.bytes() + keyAddress.capacity();
  }

  void snapshot(StateWriter writer) {
    TableSnapshot snapshot = TableSnapshot.of(table, allocator);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (snapshot.count(group) > 0) {
        writer.section(group);
        writer.putInt(snapshot.count(group));
        for (int i = 0; i < snapshot.count(group); i++) {
          write(run(snapshot.row(group, i), 0), writer);
          write(run(snapshot.row(group, i), 1), writer);
        }
      }
    }
  }

  private static void write(long run, StateWriter writer) {
    int count = Run.count(run);
    writer.putInt(count);
    for (int i = 0; i < count; i++) {
      AsofRows.write(Run.row(run, i), writer);
    }
  }

  /** Reads the section of a key group. */
  void restore(StateReader reader) {
    for (int entries = reader.getInt(); entries > 0; entries--) {
      for (int port = 0; port < 2; port++) {
        for (int count = reader.getInt(); count > 0; count--) {
          long block = rows[port].read(reader);
          long run = run(table.findOrInsert(block), port);
          Run.insert(run, Run.count(run), AsofRows.time(block), block, heap);
          rowCount++;
        }
      }
    }
  }

  @Override
  public void close() {
    table.close();
    heap.close();
    keyAddress.close();
  }
}
