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
  private static final int NEXT = 32;
  private static final int ROW_LENGTH = 40;
  private static final int KEY_LENGTH = 44; // 0 for a key that its view holds
  private static final int BYTES = 48; // the row, then a long key

  private final RowCodec codec;
  private final StateHeap heap;

  AsofRows(RowCodec codec, StateHeap heap) {
    this.codec = codec;
    this.heap = heap;
  }

  /** A copy of a row; the caller frees it. */
  long copy(long keySource, long time, Batch batch, int row) {
    int length = Math.toIntExact(codec.length(batch, row));
    long head = Memory.getLong(keySource + 8);
    int keyLength = Keys.isLong(head) ? Keys.length(head) : 0;
    long block = heap.allocate(Math.addExact(BYTES + length, keyLength));
    codec.write(batch, row, block + BYTES);
    long tail = Memory.getLong(keySource + 16);
    if (keyLength > 0) {
      Memory.copy(tail, block + BYTES + length, keyLength);
      tail = block + BYTES + length;
    }
    fill(block, Memory.getLong(keySource), head, tail, time, length, keyLength);
    return block;
  }

  private static void fill(
      long block, long hash, long head, long tail, long time, int length, int keyLength) {
    Memory.putLong(block, hash);
    Memory.putLong(block + 8, head);
    Memory.putLong(block + 16, tail);
    Memory.putLong(block + TIME, time);
    Memory.putLong(block + NEXT, 0);
    Memory.putInt(block + ROW_LENGTH, length);
    Memory.putInt(block + KEY_LENGTH, keyLength);
  }

  void free(long block) {
    heap.free(block, BYTES + Memory.getInt(block + ROW_LENGTH) + Memory.getInt(block + KEY_LENGTH));
  }

  static long time(long block) {
    return Memory.getLong(block + TIME);
  }

  /** What follows a row in a list. */
  static long next(long block) {
    return Memory.getLong(block + NEXT);
  }

  static void next(long block, long next) {
    Memory.putLong(block + NEXT, next);
  }

  static int keyGroup(long block) {
    return Keys.group(Memory.getLong(block));
  }

  /** Puts the values of a row into the last, not yet ended row of a batch. */
  void read(long block, Batch target, int firstColumn) {
    codec.readColumns(block + BYTES, target, firstColumn);
  }

  /** Writes a row with its key. */
  static void write(long block, StateWriter writer) {
    int length = Memory.getInt(block + ROW_LENGTH);
    int keyLength = Memory.getInt(block + KEY_LENGTH);
    writer.putInt(length);
    writer.putInt(keyLength);
    writer.putLong(Memory.getLong(block));
    writer.putLong(Memory.getLong(block + 8));
    writer.putLong(keyLength > 0 ? 0 : Memory.getLong(block + 16));
    writer.putLong(time(block));
    writer.putBytes(block + BYTES, length + keyLength);
  }

  /** Reads what {@link #write} wrote. */
  long read(StateReader reader) {
    int length = reader.getInt();
    int keyLength = reader.getInt();
    long block = heap.allocate(Math.addExact(BYTES + length, keyLength));
    long hash = reader.getLong();
    long head = reader.getLong();
    long tail = reader.getLong();
    long time = reader.getLong();
    reader.getBytes(block + BYTES, length + keyLength);
    fill(block, hash, head, keyLength > 0 ? block + BYTES + length : tail, time, length, keyLength);
    return block;
  }
}
