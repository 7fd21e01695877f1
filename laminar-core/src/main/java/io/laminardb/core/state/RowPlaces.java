package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Where the rows of a table lie: places, numbered from 0 on, in chunks of memory that never move. The
 * first word of a row is not 0; a place where it is 0 is a <em>hole</em>. Those that are free form a
 * list, the one freed last first. Marked places have 8 bytes more before the row: its place, and a stamp
 * that is 0 at first. One thread.
 */
final class RowPlaces implements AutoCloseable {
  static final int MARK_BYTES = 8;
  private static final int STAMP = -4; // where it stands, from the row on
  private static final int FIRST_CHUNK_BYTES = 4096;
  static final int LARGEST_CHUNK_BYTES = 4 << 20;

  private final BufferAllocator allocator;
  private final int rowBytes;
  private final int markBytes;
  private final long largestChunkBytes;

  /** From a row to the one behind it, in bytes. */
  final int stride;

  private ArrowBuf[] chunks = new ArrowBuf[4];
  private long[] chunkStart = new long[4]; // addresses of their first rows
  private int[] chunkFirst = new int[4]; // places of their first rows
  private int[] chunkRows = new int[4]; // places in use, holes included; of all but the last: all
  private int[] chunkCapacity = new int[4];
  private int chunkCount; // in use
  private int heldCount; // chunks there is memory for, those in use first
  private long freeRow; // head of a list linked through the second word
  private int restoredFree = -1; // the place of that, while state is restored
  private long bytes;

  /**
   * No places yet.
   *
   * @param largestChunkBytes by how much it grows at most
   */
  RowPlaces(int rowBytes, boolean marked, long largestChunkBytes, BufferAllocator allocator) {
    this.allocator = allocator;
    this.largestChunkBytes = largestChunkBytes;
    this.rowBytes = rowBytes;
    this.markBytes = marked ? MARK_BYTES : 0;
    this.stride = rowBytes + markBytes;
  }

  /** Memory held, in bytes. */
  long bytes() {
    return bytes;
  }

  int chunkCount() {
    return chunkCount;
  }

  /** The address of the first row of a chunk; the others follow every {@link #stride} bytes. */
  long chunkStart(int chunk) {
    return chunkStart[chunk];
  }

  /** Places of a chunk that are in use, holes included. */
  int chunkRows(int chunk) {
    return chunkRows[chunk];
  }

  /** A place for a row; its first word is undefined, and 0 where it was free. */
  long allocate() {
    long row = freeRow;
    if (row != 0) {
      freeRow = Memory.getLong(row + 8);
      return row;
    }
    int last = chunkCount - 1;
    if (last < 0 || chunkRows[last] == chunkCapacity[last]) {
      addChunk();
      last++;
    }
    return useNext(last);
  }

  private long useNext(int chunk) {
    long row = chunkStart[chunk] + (long) chunkRows[chunk] * stride;
    if (markBytes > 0) {
      mark(row, chunkFirst[chunk] + chunkRows[chunk]);
    }
    chunkRows[chunk]++;
    return row;
  }

  /** Makes the place of a row a hole, and the next one to be used. */
  void free(long row) {
    Memory.putLong(row, 0);
    Memory.putLong(row + 8, freeRow);
    freeRow = row;
  }

  /** The place of a row that has a mark. */
  static int markedPlace(long row) {
    return Memory.getInt(row - MARK_BYTES);
  }

  /** Gives a row the mark of a place, without a stamp. */
  static void mark(long row, int place) {
    Memory.putInt(row - MARK_BYTES, place);
    Memory.putInt(row + STAMP, 0);
  }

  static int stamp(long row) {
    return Memory.getInt(row + STAMP);
  }

  static void stamp(long row, int stamp) {
    Memory.putInt(row + STAMP, stamp);
  }

  static boolean isStamped(long row, int stamp) {
    return Memory.getInt(row + STAMP) == stamp;
  }

  /** By how many bytes the next {@link #allocate} makes it grow; often 0. */
  long growth() {
    int last = chunkCount - 1;
    boolean isFull = freeRow == 0 && (last < 0 || chunkRows[last] == chunkCapacity[last]);
    return isFull && chunkCount == heldCount ? nextChunkBytes() : 0;
  }

  private long nextChunkBytes() {
    long wanted = FIRST_CHUNK_BYTES;
    for (int i = 0; i < chunkCount && wanted < largestChunkBytes; i++) {
      wanted <<= 1;
    }
    return Math.max(wanted, stride * 8L);
  }

  private void addChunk() {
    if (chunkCount == heldCount) {
      allocateChunk();
    }
    chunkRows[chunkCount++] = 0;
  }

  private void allocateChunk() {
    ArrowBuf chunk = StateMemory.allocate(allocator, nextChunkBytes());
    if (heldCount == chunks.length) {
      chunks = Arrays.copyOf(chunks, heldCount * 2);
      chunkStart = Arrays.copyOf(chunkStart, heldCount * 2);
      chunkFirst = Arrays.copyOf(chunkFirst, heldCount * 2);
      chunkRows = Arrays.copyOf(chunkRows, heldCount * 2);
      chunkCapacity = Arrays.copyOf(chunkCapacity, heldCount * 2);
    }
    chunks[heldCount] = chunk;
    chunkStart[heldCount] = chunk.memoryAddress() + markBytes;
    chunkFirst[heldCount] = capacity();
    chunkCapacity[heldCount] = (int) (chunk.capacity() / stride);
    heldCount++;
    bytes += chunk.capacity();
  }

  /** Places of the chunks in use. */
  int capacity() {
    int last = chunkCount - 1;
    return last < 0 ? 0 : chunkFirst[last] + chunkCapacity[last];
  }

  /** Gives the address of every row to {@code action}, in their order; it changes none. */
  void forEach(LongConsumer action) {
    for (int chunk = 0; chunk < chunkCount; chunk++) {
      long row = chunkStart[chunk];
      for (int left = chunkRows[chunk]; left > 0; left--, row += stride) {
        if (Memory.getLong(row) != 0) {
          action.accept(row);
        }
      }
    }
  }

  /** See {@link KeyedTable#scan}. */
  long scan(long from, long targets, int max, int[] found) {
    int chunk = (int) (from >>> 32);
    int position = (int) from;
    int count = 0;
    while (chunk < chunkCount) {
      long row = chunkStart[chunk] + (long) position * stride;
      for (int end = chunkRows[chunk]; position < end; position++, row += stride) {
        if (count == max) {
          found[0] = count;
          return (long) chunk << 32 | position;
        }
        if (Memory.getLong(row) != 0) {
          Memory.putLong(targets + ((long) count++ << 3), row);
        }
      }
      chunk++;
      position = 0;
    }
    found[0] = count;
    return -1;
  }

  /** The place of a row. */
  int placeOf(long row) {
    if (markBytes > 0) {
      return markedPlace(row);
    }
    for (int chunk = 0; ; chunk++) {
      long offset = row - chunkStart[chunk];
      if (offset >= 0 && offset < (long) chunkCapacity[chunk] * stride) {
        return chunkFirst[chunk] + (int) (offset / stride);
      }
    }
  }

  /** The row of a place. */
  long rowAt(int place) {
    int at = Arrays.binarySearch(chunkFirst, 0, chunkCount, place);
    int chunk = at >= 0 ? at : -at - 2;
    return chunkStart[chunk] + (long) (place - chunkFirst[chunk]) * stride;
  }

  /** Places in use, holes included. */
  int used() {
    int last = chunkCount - 1;
    return last < 0 ? 0 : chunkFirst[last] + chunkRows[last];
  }

  /** Makes holes of no list until so many places are in use. */
  void ensureUsed(int count) {
    while (used() < count) {
      int last = chunkCount - 1;
      if (last < 0 || chunkRows[last] == chunkCapacity[last]) {
        addChunk();
        last++;
      }
      for (int wanted = Math.min(chunkCapacity[last], count - chunkFirst[last]);
          chunkRows[last] < wanted; ) {
        unlink(useNext(last));
      }
    }
  }

  private static void unlink(long hole) {
    Memory.putLong(hole, 0);
    Memory.putLong(hole + 8, 0);
  }

  /** The row to be used next, a hole; 0 where that is a new one. */
  long freeRow() {
    return freeRow;
  }

  /** Gives each free place, that to be used next first. */
  void forEachFree(LongConsumer action) {
    for (long row = freeRow; row != 0; row = Memory.getLong(row + 8)) {
      action.accept(row);
    }
  }

  /** The place to be used behind that of a free one; -1 where that is a new one. */
  int freeBehind(long hole) {
    long next = Memory.getLong(hole + 8);
    return next == 0 ? -1 : placeOf(next);
  }

  /** While state is restored: says which place was to be used first, or -1. */
  void restoredFree(int place) {
    restoredFree = place;
  }

  /** While state is restored: says what {@link #freeBehind} said of a hole. */
  void restoreHole(int place, int behind) {
    long hole = rowAt(place);
    if (Memory.getLong(hole) == 0) {
      Memory.putLong(hole + 8, behind + 2L); // 0 is a hole of no list
    }
  }

  /** While state is restored: the row of a place; another one where that is taken. */
  long restoredRow(int place) {
    long row = rowAt(place);
    return Memory.getLong(row) == 0 ? row : allocate();
  }

  /** Ends a restore: makes all holes free, in the order they were as far as that was said. */
  void listFree() {
    int used = used();
    int[] first = new int[16];
    int count = 0;
    int place = restoredFree;
    while (place >= 0 && place < used && count < used && Memory.getLong(rowAt(place)) == 0) {
      first = count == first.length ? Arrays.copyOf(first, 2 * count) : first;
      first[count++] = place;
      place = (int) Memory.getLong(rowAt(place) + 8) - 2;
    }
    restoredFree = -1;
    listFree(Arrays.copyOf(first, count));
  }

  /** Makes all holes free, first those of {@code first}, then the others. */
  void listFree(int[] first) {
    int used = used();
    boolean[] listed = new boolean[used];
    int[] free = new int[used];
    int count = 0;
    for (int place : first) {
      if (place >= 0 && place < used && !listed[place] && Memory.getLong(rowAt(place)) == 0) {
        listed[place] = true;
        free[count++] = place;
      }
    }
    for (int chunk = 0; chunk < chunkCount; chunk++) {
      long row = chunkStart[chunk];
      for (int i = 0; i < chunkRows[chunk]; i++, row += stride) {
        if (Memory.getLong(row) == 0 && !listed[chunkFirst[chunk] + i]) {
          free[count++] = chunkFirst[chunk] + i;
        }
      }
    }
    freeRow = 0;
    while (count > 0) {
      free(rowAt(free[--count]));
    }
  }

  /** Forgets all rows; keeps the memory for the next ones. */
  void clear() {
    chunkCount = 0;
    freeRow = 0;
  }

  @Override
  public void close() {
    clear();
    while (heldCount > 0) {
      chunks[--heldCount].close();
      chunks[heldCount] = null;
    }
    bytes = 0;
  }
}
