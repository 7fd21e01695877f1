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
  private static final RowLayout LAYOUT = RowLayout.plain(JoinKey.WORDS, new int[] {0}, Run.WORDS);
  private static final int RUN = RowLayout.KEY_OFFSET + 8 * JoinKey.WORDS;

  private static final int LENGTH = 8;
  private static final int FLAG = 12;
  private static final int BYTES = 16;

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

  /** The rows of an entry, by time. */
  static long run(long entry) {
    return entry + RUN;
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
    Run.add(run(entry), time, block, heap);
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
    long run = run(entry);
    assert Run.row(run, 0) == row : "the head of the queue is not the first of its key";
    heap.free(row, BYTES + Memory.getInt(row + LENGTH));
    Run.removeFirst(run);
    if (Run.count(run) == 0) {
      Run.free(run, heap);
      table.remove(entry);
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
