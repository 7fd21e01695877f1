package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows of all open sessions, for sessions that may lose rows or hand them out: an ordered set for
 * each key, by time, then arrival. The row of a key holds the root of its set. An <em>entry</em> is a
 * node of that set; it refers to a block of the heap that holds the row. One thread.
 */
final class KeptRows implements AutoCloseable {
  private static final OrderedMultiset.Type TYPE = OrderedMultiset.Type.TIMED;
  private static final int BLOCK = OrderedMultiset.PAYLOAD;
  private static final int LENGTH = OrderedMultiset.PAYLOAD + 8;
  private static final int PROBE = 40; // [time][sequence][block][length][0]

  private final KeptForm form;
  private final StateHeap heap;
  private final BufferAllocator allocator;
  private final int rootOffset;
  private ArrowBuf scratch; // a probe, then a row to be found
  private long nextSequence;
  private long rows;

  KeptRows(KeptForm form, StateHeap heap, int rootOffset, BufferAllocator allocator) {
    this.form = form;
    this.heap = heap;
    this.allocator = allocator;
    this.rootOffset = rootOffset;
    this.scratch = StateMemory.allocate(allocator, 256);
  }

  /** Rows kept. */
  long size() {
    return rows;
  }

  /** Keeps a row of the key at {@code head} and returns where it lies. */
  long add(Batch batch, int row, long prepared, long head, long time) {
    int length = form.length(batch, row, prepared);
    long block = heap.allocate(length);
    try {
      form.write(batch, row, prepared, block);
      insert(head, time, nextSequence++, block, length);
    } catch (RuntimeException e) {
      heap.free(block, length);
      throw e;
    }
    return block;
  }

  private void insert(long head, long time, long sequence, long block, int length) {
    long probe = scratch.memoryAddress();
    Memory.putLong(probe, time);
    Memory.putLong(probe + 8, sequence);
    Memory.putLong(probe + 16, block);
    Memory.putLong(probe + 24, length);
    Memory.putLong(probe + 32, 0);
    Memory.putLong(head + rootOffset, TYPE.add(heap, root(head), probe, probe + 16, 1));
    rows++;
  }

  private long root(long head) {
    return Memory.getLong(head + rootOffset);
  }

  /** The earliest entry that is the same as a row, or 0. */
  long find(Batch batch, int row, long prepared, long head, long time) {
    if (root(head) == 0) {
      return 0;
    }
    int length = form.length(batch, row, prepared);
    ensure(PROBE + length);
    long wanted = scratch.memoryAddress() + PROBE;
    form.write(batch, row, prepared, wanted);
    for (long entry = from(head, time, Long.MIN_VALUE);
        entry != 0 && time(entry) == time;
        entry = next(head, entry)) {
      if (Memory.getLong(entry + LENGTH) == length && form.isSame(block(entry), wanted, length)) {
        return entry;
      }
    }
    return 0;
  }

  private void ensure(long bytes) {
    if (bytes > scratch.capacity()) {
      ArrowBuf larger = StateMemory.allocate(allocator, Math.max(bytes, 2 * scratch.capacity()));
      scratch.close();
      scratch = larger;
    }
  }

  /** Where the row of an entry lies. */
  static long block(long entry) {
    return Memory.getLong(entry + BLOCK);
  }

  static long time(long entry) {
    return Memory.getLong(entry + OrderedMultiset.KEY);
  }

  static long sequence(long entry) {
    return Memory.getLong(entry + OrderedMultiset.KEY + 8);
  }

  /** The first entry at or behind a time and sequence number, or 0. */
  long from(long head, long time, long sequence) {
    return TYPE.ceilingTimed(root(head), time, sequence);
  }

  /** The entry behind another one, or 0. */
  long next(long head, long entry) {
    return from(head, time(entry), sequence(entry) + 1);
  }

  /** The last entry at or before a time, or 0. */
  long upTo(long head, long time) {
    return TYPE.floorTimed(root(head), time);
  }

  /** Forgets a row. */
  void remove(long head, long entry) {
    heap.free(block(entry), (int) Memory.getLong(entry + LENGTH));
    Memory.putLong(head + rootOffset, TYPE.remove(heap, root(head), entry));
    rows--;
  }

  /** Forgets the rows of a session. */
  void remove(long head, long first, long last) {
    for (long entry = from(head, first, Long.MIN_VALUE);
        entry != 0 && time(entry) <= last;
        entry = from(head, first, Long.MIN_VALUE)) {
      remove(head, entry);
    }
  }

  void snapshot(long head, StateWriter writer) {
    int count = 0;
    for (long entry = from(head, Long.MIN_VALUE, Long.MIN_VALUE);
        entry != 0;
        entry = next(head, entry)) {
      count++;
    }
    writer.putInt(count);
    for (long entry = from(head, Long.MIN_VALUE, Long.MIN_VALUE);
        entry != 0;
        entry = next(head, entry)) {
      int length = (int) Memory.getLong(entry + LENGTH);
      writer.putLong(time(entry));
      writer.putLong(sequence(entry));
      writer.putInt(length);
      writer.putBytes(block(entry), length);
    }
  }

  void restore(long head, StateReader reader) {
    Memory.putLong(head + rootOffset, 0);
    for (int count = reader.getInt(); count > 0; count--) {
      long time = reader.getLong();
      long sequence = reader.getLong();
      int length = reader.getInt();
      long block = heap.allocate(length);
      reader.getBytes(block, length);
      form.moved(block);
      insert(head, time, sequence, block, length);
      nextSequence = Math.max(nextSequence, sequence + 1);
    }
  }

  @Override
  public void close() {
    scratch.close();
  }
}
