package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;

/**
 * Copies of the rows of one side, each a block of a heap that begins with the row's key as a source of
 * a {@link io.laminardb.core.state.KeyedTable}. One thread.
 */
final class AsofRows {
  private static final int TIME = 24; // behind hash and view of the key
  private static final int MARK = 32; // int
  private static final int ROW_LENGTH = 36;
  private static final int KEY_LENGTH = 40; // 0 for a key that its view holds
  private static final int ORDER_LENGTH = 44; // of what decides where the times are equal
  private static final int BYTES = 48; // the row, then a long key, then the rest of the order

  private final RowCodec codec;
  private final StateHeap heap;

  AsofRows(RowCodec codec, StateHeap heap) {
    this.codec = codec;
    this.heap = heap;
  }

  /** A copy of a row; the caller frees it. */
  long copy(long keySource, long time, Batch batch, int row) {
    return copy(keySource, time, 0, 0, batch, row);
  }

  /** A copy of a row whose order goes on behind {@code time} with bytes; the caller frees it. */
  long copy(long keySource, long time, long order, int orderLength, Batch batch, int row) {
    int length = Math.toIntExact(codec.length(batch, row));
    long head = Memory.getLong(keySource + 8);
    int keyLength = Keys.isLong(head) ? Keys.length(head) : 0;
    long block = allocate(length, keyLength, orderLength);
    codec.write(batch, row, block + BYTES);
    if (keyLength > 0) {
      Memory.copy(Memory.getLong(keySource + 16), key(block), keyLength);
    }
    if (orderLength > 0) {
      Memory.copy(order, order(block), orderLength);
    }
    fill(block, Memory.getLong(keySource), head, Memory.getLong(keySource + 16), time);
    return block;
  }

  private long allocate(int length, int keyLength, int orderLength) {
    long block = heap.allocate(Math.addExact(BYTES + length, keyLength + orderLength));
    Memory.putInt(block + ROW_LENGTH, length);
    Memory.putInt(block + KEY_LENGTH, keyLength);
    Memory.putInt(block + ORDER_LENGTH, orderLength);
    return block;
  }

  private static void fill(long block, long hash, long head, long tail, long time) {
    Memory.putLong(block, hash);
    Memory.putLong(block + 8, head);
    Memory.putLong(block + 16, Keys.isLong(head) ? key(block) : tail);
    Memory.putLong(block + TIME, time);
    Memory.putInt(block + MARK, 0);
  }

  private static long key(long block) {
    return block + BYTES + Memory.getInt(block + ROW_LENGTH);
  }

  private static long order(long block) {
    return key(block) + Memory.getInt(block + KEY_LENGTH);
  }

  private static int length(long block) {
    return Memory.getInt(block + ROW_LENGTH)
        + Memory.getInt(block + KEY_LENGTH)
        + Memory.getInt(block + ORDER_LENGTH);
  }

  void free(long block) {
    heap.free(block, BYTES + length(block));
  }

  static long time(long block) {
    return Memory.getLong(block + TIME);
  }

  /** Marks a row; who does says what that means. */
  static void mark(long block) {
    Memory.putInt(block + MARK, 1);
  }

  static boolean isMarked(long block) {
    return Memory.getInt(block + MARK) != 0;
  }

  static int keyGroup(long block) {
    return Keys.group(Memory.getLong(block));
  }

  /** Negative when the first of two rows comes before the other. */
  static int compare(long block, long other) {
    int compared = Long.compare(time(block), time(other));
    int length = Memory.getInt(block + ORDER_LENGTH);
    int otherLength = Memory.getInt(other + ORDER_LENGTH);
    return compared != 0 || (length | otherLength) == 0
        ? compared
        : Memory.compare(order(block), length, order(other), otherLength);
  }

  /** Whether two rows have the same values. */
  static boolean isSame(long block, long other) {
    int length = Memory.getInt(block + ROW_LENGTH);
    return length == Memory.getInt(other + ROW_LENGTH)
        && Memory.equal(block + BYTES, other + BYTES, length);
  }

  /** Whether two rows have the same key. */
  static boolean hasSameKey(long block, long other) {
    return Memory.getLong(block) == Memory.getLong(other)
        && Keys.sameText(
            Memory.getLong(block + 8),
            Memory.getLong(block + 16),
            Memory.getLong(other + 8),
            Memory.getLong(other + 16));
  }

  /** Puts the values of a row into the last, not yet ended row of a batch. */
  void read(long block, Batch target, int firstColumn) {
    codec.readColumns(block + BYTES, target, firstColumn);
  }

  /** Writes a row with its key and its place in the order. */
  static void write(long block, StateWriter writer) {
    writer.putInt(Memory.getInt(block + ROW_LENGTH));
    writer.putInt(Memory.getInt(block + KEY_LENGTH));
    writer.putInt(Memory.getInt(block + ORDER_LENGTH));
    writer.putLong(Memory.getLong(block));
    writer.putLong(Memory.getLong(block + 8));
    writer.putLong(Keys.isLong(Memory.getLong(block + 8)) ? 0 : Memory.getLong(block + 16));
    writer.putLong(time(block));
    writer.putBytes(block + BYTES, length(block));
  }

  /** Reads what {@link #write} wrote. */
  long read(StateReader reader) {
    long block = allocate(reader.getInt(), reader.getInt(), reader.getInt());
    fill(block, reader.getLong(), reader.getLong(), reader.getLong(), reader.getLong());
    reader.getBytes(block + BYTES, length(block));
    return block;
  }
}
