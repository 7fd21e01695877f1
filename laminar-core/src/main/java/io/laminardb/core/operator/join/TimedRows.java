package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of one side of a join, off the heap: of each key a run in the order of time, ties by arrival,
 * and all of them in one {@link TimeQueue}, from whose head they are dropped. The head of the queue is
 * the first of its key's run, so that dropping costs a constant. A row that comes in order costs a
 * constant too; one that does not moves the later ones of its key. One thread.
 *
 * <p>A row is a block of the heap: the entry of its key, its length, a flag, its bytes.
 */
final class TimedRows implements AutoCloseable {
  private static final RowLayout LAYOUT = RowLayout.plain(JoinKey.WORDS, new int[] {0}, 3);
  private static final int COUNT = RowLayout.KEY_OFFSET + 8 * JoinKey.WORDS;
  private static final int RUN = COUNT + 8;
  private static final int START = RUN + 8; // int: where in the run its first row stands
  private static final int CAPACITY = START + 4; // int: rows the run has room for

  private static final int LENGTH = 8;
  private static final int FLAG = 12;
  private static final int BYTES = 16;

  private static final int RUN_ENTRY_BYTES = 16; // time, block
  private static final int FIRST_RUN_ROWS = 4;

  private final BufferAllocator allocator;
  private final RowCodec codec;
  private final StateHeap heap;
  private final KeyedTable table;
  private final TimeQueue queue;

  TimedRows(RowCodec codec, BufferAllocator allocator) {
    this.codec = codec;
    this.allocator = allocator;
    this.heap = new StateHeap(allocator);
    this.table = new KeyedTable(LAYOUT, heap, allocator);
    this.queue = new TimeQueue(allocator);
  }

  long rows() {
    return queue.size();
  }

  long bytes() {
    return heap.bytes() + table.bytes() + queue.bytes();
  }

  /** The entry of a key, or 0 when there is no row of it. */
  long find(long keySource) {
    return table.find(keySource);
  }

  /** Rows of an entry. */
  static int count(long entry) {
    return (int) Memory.getLong(entry + COUNT);
  }

  /** The first of an entry's rows that is not before {@code time}; {@link #count} when none is. */
  static int firstFrom(long entry, long time) {
    long run = run(entry);
    int low = 0;
    int high = count(entry);
    // What is looked for stands near the end, as streams that are joined go along together.
    for (int step = 1; low < high; step <<= 1) {
      int at = Math.max(low, high - step);
      if (Memory.getLong(run + (long) at * RUN_ENTRY_BYTES) < time) {
        low = at + 1;
        break;
      }
      high = at;
    }
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Memory.getLong(run + (long) middle * RUN_ENTRY_BYTES) < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  static long time(long entry, int index) {
    return Memory.getLong(run(entry) + (long) index * RUN_ENTRY_BYTES);
  }

  static long row(long entry, int index) {
    return Memory.getLong(run(entry) + (long) index * RUN_ENTRY_BYTES + 8);
  }

  private static long run(long entry) {
    return Memory.getLong(entry + RUN) + (long) Memory.getInt(entry + START) * RUN_ENTRY_BYTES;
  }

  static boolean isFlagged(long row) {
    return Memory.getInt(row + FLAG) != 0;
  }

  static void flag(long row) {
    Memory.putInt(row + FLAG, 1);
  }

  /** Puts the values of a row into the last, not yet ended row of a batch. */
  void read(long row, Batch target, int firstColumn) {
    codec.readColumns(row + BYTES, target, firstColumn);
  }

  /** Keeps a copy of a row. */
  void add(long keySource, long time, Batch batch, int row, boolean flagged) {
    int length = Math.toIntExact(codec.length(batch, row));
    long block = heap.allocate(BYTES + length);
    Memory.putInt(block + LENGTH, length);
    Memory.putInt(block + FLAG, flagged ? 1 : 0);
    codec.write(batch, row, block + BYTES);
    enter(keySource, time, block);
    queue.push(time, block);
  }

  private void enter(long keySource, long time, long block) {
    long entry = table.findOrInsert(keySource);
    Memory.putLong(block, entry);
    int count = count(entry);
    makeRoom(entry, count);
    long run = run(entry);
    long at = run + (long) count * RUN_ENTRY_BYTES;
    for (; at > run && Memory.getLong(at - RUN_ENTRY_BYTES) > time; at -= RUN_ENTRY_BYTES) {
      Memory.putLong(at, Memory.getLong(at - RUN_ENTRY_BYTES));
      Memory.putLong(at + 8, Memory.getLong(at - RUN_ENTRY_BYTES + 8));
    }
    Memory.putLong(at, time);
    Memory.putLong(at + 8, block);
    Memory.putLong(entry + COUNT, count + 1);
  }

  /** Makes room for one more row behind {@code count}: by moving to the front, or to a larger run. */
  private void makeRoom(long entry, int count) {
    int start = Memory.getInt(entry + START);
    int capacity = Memory.getInt(entry + CAPACITY);
    if (start + count < capacity) {
      return;
    }
    long old = Memory.getLong(entry + RUN);
    long from = old + (long) start * RUN_ENTRY_BYTES;
    if (count > 0 && start >= count) {
      Memory.copy(from, old, (long) count * RUN_ENTRY_BYTES);
    } else {
      int larger = Math.max(FIRST_RUN_ROWS, 2 * count);
      long moved = heap.allocate(Math.multiplyExact(larger, RUN_ENTRY_BYTES));
      Memory.copy(from, moved, (long) count * RUN_ENTRY_BYTES);
      freeRun(entry);
      Memory.putLong(entry + RUN, moved);
      Memory.putInt(entry + CAPACITY, larger);
    }
    Memory.putInt(entry + START, 0);
  }

  private void freeRun(long entry) {
    int capacity = Memory.getInt(entry + CAPACITY);
    if (capacity > 0) {
      heap.free(Memory.getLong(entry + RUN), capacity * RUN_ENTRY_BYTES);
    }
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** The least time of all rows; there is one. */
  long headTime() {
    return queue.headTime();
  }

  /** The row of the least time; there is one. */
  long head() {
    return queue.headValue();
  }

  /** Drops the row of the least time. */
  void dropHead() {
    long row = queue.headValue();
    queue.pop();
    long entry = Memory.getLong(row);
    int count = count(entry) - 1;
    assert row(entry, 0) == row : "the head of the queue is not the first of its key";
    heap.free(row, BYTES + Memory.getInt(row + LENGTH));
    if (count == 0) {
      freeRun(entry);
      table.remove(entry);
    } else {
      Memory.putLong(entry + COUNT, count);
      Memory.putInt(entry + START, Memory.getInt(entry + START) + 1);
    }
  }

  // ---- to bytes and back

  private record Kept(long time, long arrival, long row) {}

  /** Writes all rows, each section beginning with {@code tag}. */
  void snapshot(StateWriter writer, int tag) {
    List<List<Kept>> groups = new ArrayList<>();
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      groups.add(new ArrayList<>());
    }
    queue.forEach(
        (time, arrival, row) -> {
          long hash = Memory.getLong(Memory.getLong(row));
          groups.get(Keys.group(hash)).add(new Kept(time, arrival, row));
        });
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (!groups.get(group).isEmpty()) {
        writer.section(group);
        writer.putByte(tag);
        writer.putLong(queue.arrivals());
        writer.putInt(groups.get(group).size());
        groups.get(group).forEach(kept -> write(kept, writer));
      }
    }
  }

  private static void write(Kept kept, StateWriter writer) {
    long row = kept.row();
    writer.putLong(kept.time());
    writer.putLong(kept.arrival());
    writer.putByte(Memory.getInt(row + FLAG));
    int length = Memory.getInt(row + LENGTH);
    writer.putInt(length);
    writer.putBytes(row + BYTES, length);
    long entry = Memory.getLong(row);
    long view = entry + RowLayout.KEY_OFFSET;
    int keyLength = Memory.getInt(view);
    writer.putLong(Memory.getLong(entry));
    writer.putInt(keyLength);
    writer.putBytes(Keys.bytes(view), keyLength);
  }

  private record Read(long time, long arrival, long block, long hash, byte[] key) {}

  private final List<Read> restored = new ArrayList<>();

  /** Reads the rest of a section whose tag has been read. */
  void restore(StateReader reader) {
    queue.arrivals(Math.max(queue.arrivals(), reader.getLong()));
    for (int count = reader.getInt(); count > 0; count--) {
      long time = reader.getLong();
      long arrival = reader.getLong();
      int flag = reader.getByte();
      int length = reader.getInt();
      long block = heap.allocate(BYTES + length);
      Memory.putInt(block + LENGTH, length);
      Memory.putInt(block + FLAG, flag);
      reader.getBytes(block + BYTES, length);
      long hash = reader.getLong();
      restored.add(new Read(time, arrival, block, hash, reader.getBytes(reader.getInt())));
    }
  }

  /** Ends a restore: rows get their places in the order they came in. */
  void finishRestore() {
    restored.sort(Comparator.comparingLong(Read::time).thenComparingLong(Read::arrival));
    for (Read row : restored) {
      try (ArrowBuf buffer = StateMemory.allocate(allocator, 24 + Math.max(8, row.key.length))) {
        long source = buffer.memoryAddress();
        Memory.copyFromHeap(row.key, 0, source + 24, row.key.length);
        Memory.putLong(source, row.hash);
        Memory.putLong(source + 8, Keys.head(source + 24, row.key.length));
        Memory.putLong(source + 16, Keys.tail(source + 24, row.key.length));
        enter(source, row.time, row.block);
      }
      queue.restore(row.time, row.arrival, row.block);
    }
    restored.clear();
  }

  @Override
  public void close() {
    queue.close();
    table.close();
    heap.close();
  }
}
