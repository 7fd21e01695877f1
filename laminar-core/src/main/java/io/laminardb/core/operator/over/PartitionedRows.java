package io.laminardb.core.operator.over;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows by partition, in the order of their sort keys and of arrival among peers, off the heap.
 *
 * <p>A <em>partition</em> is the address of a row of a {@link KeyedTable}; behind its key it holds the
 * vector of its rows, a vector of rows that were taken back before they came, and words for the
 * operator. A <em>row</em> is the address of {@code [bytes of its sort key, of itself][tag][sort key]
 * [row]}. The tag is a plain word of the operator's, or a block of the heap with its length in
 * front. One thread.
 */
public final class PartitionedRows implements AutoCloseable {
  private static final int KEY_WORDS = 2;
  private static final int ROWS = 8 * (1 + KEY_WORDS);
  private static final int OWED = ROWS + 8 * WordVector.HEADER_WORDS;

  /** Where the operator's words of a partition begin. */
  static final int WORDS = OWED + 8 * WordVector.HEADER_WORDS;

  private static final int TAG = 8;
  private static final int KEY = 16;

  private final BufferAllocator allocator;
  private final RowProbe probe;
  private final OrderCodec order;
  private final RowCodec codec;
  private final boolean ownsTags;
  private final StateHeap heap;
  private final KeyedTable table;
  private ArrowBuf scratch; // the sort key of the row looked at
  private int keyLength;
  private long rows;

  /**
   * @param words of the operator, in each partition
   * @param ownsTags whether tags are blocks that belong to their rows; 0 is none
   */
  PartitionedRows(
      Schema schema,
      List<Integer> partition,
      List<SortOperator.Key> keys,
      int words,
      boolean ownsTags,
      BufferAllocator allocator) {
    this.allocator = allocator;
    this.order = new OrderCodec(schema, keys);
    this.codec = new RowCodec(schema);
    this.ownsTags = ownsTags;
    this.heap = new StateHeap(allocator);
    int[] columns = partition.stream().mapToInt(Integer::intValue).toArray();
    RowLayout layout =
        RowLayout.plain(KEY_WORDS, new int[] {0}, 2 * WordVector.HEADER_WORDS + words);
    this.table = new KeyedTable(layout, heap, allocator);
    this.probe = new RowProbe(schema, columns, allocator);
    try {
      this.scratch = StateMemory.allocate(allocator, 256);
    } catch (RuntimeException e) {
      probe.close();
      throw e;
    }
  }

  /** Where rows are kept, and whatever else lives as long. */
  public StateHeap heap() {
    return heap;
  }

  KeyedTable table() {
    return table;
  }

  OrderCodec order() {
    return order;
  }

  /** Reads the bytes of rows. */
  public RowCodec codec() {
    return codec;
  }

  /** Rows of all partitions. */
  long rows() {
    return rows;
  }

  long bytes() {
    return table.bytes() + heap.bytes() + probe.bytes() + scratch.capacity();
  }

  // ---- the row looked at

  /** Looks at a row of a batch; the calls that follow are about it. */
  void look(Batch batch, int row) {
    probe.look(batch, row);
    ensure(order.maxLength(batch, row));
    long start = scratch.memoryAddress();
    keyLength = (int) (order.write(batch, row, start) - start);
  }

  private void ensure(long bytes) {
    if (bytes > scratch.capacity()) {
      ArrowBuf larger = StateMemory.allocate(allocator, Math.max(bytes, 2 * scratch.capacity()));
      scratch.close();
      scratch = larger;
    }
  }

  /** Its partition, made if it is not there. */
  long partition() {
    return table.findOrInsert(probe.key());
  }

  /** Its partition, or 0. */
  long find() {
    return table.find(probe.key());
  }

  /** Its place among the rows of a partition: behind its peers. */
  int placeIn(long partition) {
    return upperBound(partition, scratch.memoryAddress(), keyLength);
  }

  /** How many rows of a partition come before it and its peers. */
  int peersIn(long partition) {
    return lowerBound(partition, scratch.memoryAddress(), keyLength);
  }

  /** Keeps it at a place of a partition, without a tag; returns the row. */
  long insertLooked(long partition, int place) {
    long stored = store();
    insert(partition, place, stored);
    return stored;
  }

  /** A copy of it that belongs to no partition yet. */
  long store() {
    int rowLength = probe.rowLength();
    long stored = heap.allocate(Math.addExact(KEY + keyLength, rowLength));
    Memory.putInt(stored, keyLength);
    Memory.putInt(stored + 4, rowLength);
    Memory.putLong(stored + TAG, 0);
    Memory.copy(scratch.memoryAddress(), stored + KEY, keyLength);
    Memory.copy(probe.rowAddress(), stored + KEY + keyLength, rowLength);
    return stored;
  }

  /** Puts a stored row at a place of a partition. */
  void insert(long partition, int place, long stored) {
    WordVector.insert(partition + ROWS, place, stored, heap);
    rows++;
  }

  /** The place of a stored row among the rows of a partition: behind its peers. */
  static int placeOf(long stored, long partition) {
    return upperBound(partition, stored + KEY, Memory.getInt(stored));
  }

  /** The place of a row of a partition that equals it, or -1. */
  int placeOfEqual(long partition) {
    int count = count(partition);
    for (int i = peersIn(partition); i < count; i++) {
      long other = row(partition, i);
      if (!isSameKey(other, scratch.memoryAddress(), keyLength)) {
        return -1;
      }
      if (isLookedAt(other)) {
        return i;
      }
    }
    return -1;
  }

  private boolean isLookedAt(long row) {
    return Memory.getInt(row + 4) == probe.rowLength()
        && isSameKey(row, scratch.memoryAddress(), keyLength)
        && Memory.equal(bytesOf(row), probe.rowAddress(), probe.rowLength());
  }

  /** Notes that it was taken back before it came. */
  void owe(long partition) {
    long owed = partition + OWED;
    WordVector.insert(owed, WordVector.count(owed), store(), heap);
  }

  /** Whether it was taken back before; then the two are even. */
  boolean settles(long partition) {
    long owed = partition + OWED;
    if (WordVector.count(owed) == 0) {
      return false;
    }
    for (int i = 0; i < WordVector.count(owed); i++) {
      long other = WordVector.get(owed, i);
      if (isLookedAt(other)) {
        WordVector.remove(owed, i, i + 1, heap);
        free(other);
        return true;
      }
    }
    return false;
  }

  // ---- partitions

  /** Rows of a partition. */
  public static int count(long partition) {
    return WordVector.count(partition + ROWS);
  }

  /** The row at a place. */
  public static long row(long partition, int place) {
    return WordVector.get(partition + ROWS, place);
  }

  /** Whether nothing is left to remember of it. */
  static boolean isEmpty(long partition) {
    return count(partition) == 0 && WordVector.count(partition + OWED) == 0;
  }

  /** The first place whose key is not less than the one at an address. */
  static int lowerBound(long partition, long key, int length) {
    int low = 0;
    int high = count(partition);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(row(partition, middle), key, length) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The first place whose key is greater than the one at an address. */
  static int upperBound(long partition, long key, int length) {
    int low = 0;
    int high = count(partition);
    if (high == 0 || compare(row(partition, high - 1), key, length) <= 0) {
      return high; // rows come in order more often than not
    }
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(row(partition, middle), key, length) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int compare(long row, long key, int length) {
    return Memory.compare(row + KEY, Memory.getInt(row), key, length);
  }

  private static boolean isSameKey(long row, long key, int length) {
    return Memory.getInt(row) == length && Memory.equal(row + KEY, key, length);
  }

  /** The first place of the peers of the row at a place. */
  static int peersStart(long partition, int place) {
    long row = row(partition, place);
    return lowerBound(partition, row + KEY, Memory.getInt(row));
  }

  /** The place behind the peers of the row at a place. */
  static int peersEnd(long partition, int place) {
    long row = row(partition, place);
    return upperBound(partition, row + KEY, Memory.getInt(row));
  }

  /** Whether two rows of a partition are peers. */
  static boolean arePeers(long row, long other) {
    return isSameKey(row, other + KEY, Memory.getInt(other));
  }

  /** Takes rows {@code [from, to)} out of a partition and frees them. */
  public void remove(long partition, int from, int to) {
    for (int i = from; i < to; i++) {
      free(row(partition, i));
    }
    WordVector.remove(partition + ROWS, from, to, heap);
    rows -= to - from;
  }

  /** Frees a partition with all its rows. */
  void drop(long partition) {
    if (count(partition) > 0) {
      remove(partition, 0, count(partition));
    }
    long owed = partition + OWED;
    for (int i = 0; i < WordVector.count(owed); i++) {
      free(WordVector.get(owed, i));
    }
    WordVector.free(owed, heap);
    table.remove(partition);
  }

  // ---- rows

  /** Where the bytes of a row are. */
  public static long bytesOf(long row) {
    return row + KEY + Memory.getInt(row);
  }

  /** The plain word of a row, 0 at first. */
  public static long tag(long row) {
    return Memory.getLong(row + TAG);
  }

  /** Sets that word. */
  public static void tag(long row, long tag) {
    Memory.putLong(row + TAG, tag);
  }

  /**
   * The results of a row failed. Returns when such rows are skipped, throws otherwise.
   *
   * @param row it belongs to no partition, or to one
   */
  void failed(long row, RuntimeException failure, OperatorContext context) {
    RowCodec plain = new RowCodec(codec.schema().withChangelog(false));
    try (Batch batch = new Batch(plain.schema(), 1, allocator)) {
      plain.read(bytesOf(row), batch);
      context.rowFailed(batch, 0, failure);
    }
  }

  /** Frees a row that belongs to no partition any more. */
  void free(long row) {
    if (ownsTags) {
      freeTag(row);
    }
    heap.free(row, KEY + Memory.getInt(row) + Memory.getInt(row + 4));
  }

  /** Gives a row a block of bytes as its tag, in the place of the one it has. */
  void setBytes(long row, long address, int length) {
    long block = tag(row);
    if (block == 0 || Memory.getInt(block) != length) {
      freeTag(row);
      tag(row, 0);
      block = heap.allocate(4 + length);
      Memory.putInt(block, length);
      tag(row, block);
    }
    Memory.copy(address, block + 4, length);
  }

  private void freeTag(long row) {
    long block = tag(row);
    if (block != 0) {
      heap.free(block, 4 + Memory.getInt(block));
    }
  }

  /** Where the bytes of a tag are. */
  static long tagBytes(long row) {
    return tag(row) + 4;
  }

  static int tagLength(long row) {
    return Memory.getInt(tag(row));
  }

  // ---- snapshots

  /** Writes what belongs to no key group, into the present section. */
  void writeHeader(StateWriter writer) {
    TableSnapshot.of(table, allocator).writeHeader(writer);
  }

  /**
   * Writes a section for each key group that has partitions: these, then their rows.
   *
   * @param more writes what else belongs to a partition
   */
  void writeGroups(StateWriter writer, LongConsumer more) {
    TableSnapshot all = TableSnapshot.of(table, allocator);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (all.count(group) > 0) {
        writer.section(group);
        all.writeGroup(group, writer);
        for (int i = 0; i < all.count(group); i++) {
          writeRows(all.row(group, i) + ROWS, writer);
          writeRows(all.row(group, i) + OWED, writer);
          more.accept(all.row(group, i));
        }
      }
    }
  }

  private void writeRows(long vector, StateWriter writer) {
    int count = WordVector.count(vector);
    writer.putInt(count);
    for (int i = 0; i < count; i++) {
      writeRow(WordVector.get(vector, i), writer);
    }
  }

  /** Writes a row that belongs to no partition, or to one. */
  void writeRow(long row, StateWriter writer) {
    int bytes = KEY + Memory.getInt(row) + Memory.getInt(row + 4);
    writer.putBytes(row, bytes);
    if (ownsTags && tag(row) != 0) {
      writer.putInt(tagLength(row));
      writer.putBytes(tagBytes(row), tagLength(row));
    }
  }

  /** Reads a row that {@link #writeRow} wrote. */
  long readRow(StateReader reader) {
    int key = reader.getInt();
    int length = reader.getInt();
    long row = heap.allocate(KEY + key + length);
    Memory.putInt(row, key);
    Memory.putInt(row + 4, length);
    reader.getBytes(row + TAG, 8 + key + length);
    if (ownsTags && tag(row) != 0) {
      int tagLength = reader.getInt();
      byte[] bytes = reader.getBytes(tagLength);
      long block = heap.allocate(4 + tagLength);
      Memory.putInt(block, tagLength);
      Memory.copyFromHeap(bytes, 0, block + 4, tagLength);
      tag(row, block);
    }
    return row;
  }

  /** Reads what {@link #writeHeader} wrote, for {@link #finishRestore}. */
  int[] readHeader(StateReader reader) {
    return TableSnapshot.readHeader(table, reader);
  }

  /** Reads a section of {@link #writeGroups}; {@code more} reads what else was written. */
  void readGroup(StateReader reader, LongConsumer more) {
    LongList restored = new LongList();
    TableSnapshot.readGroup(table, reader, restored::add);
    for (int i = 0; i < restored.size(); i++) {
      long partition = restored.get(i);
      rows += readRows(partition + ROWS, reader);
      readRows(partition + OWED, reader);
      more.accept(partition);
    }
  }

  private int readRows(long vector, StateReader reader) {
    WordVector.clear(vector);
    int count = reader.getInt();
    for (int i = 0; i < count; i++) {
      WordVector.insert(vector, i, readRow(reader), heap);
    }
    return count;
  }

  /** Ends a restore. */
  void finishRestore(int[] free) {
    TableSnapshot.finish(table, free);
  }

  @Override
  public void close() {
    table.close();
    heap.close();
    probe.close();
    scratch.close();
  }
}
