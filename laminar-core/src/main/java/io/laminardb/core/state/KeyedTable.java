package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of state by key, off the heap: open addressing over slots of {@code [16 bits of hash | 48 bits
 * of row address]}, rows in chunks that never move.
 *
 * <p>A key is looked up by a <em>source</em>: memory that begins as a row does, {@code [hash][key
 * words]}. Rows of one table are sources for another of the same key, which is how panes merge. Rows
 * have an order that depends on the sequence of insertions and removals only. One thread.
 *
 * <p>Past 600 lines: slots, chunks and the list of free rows have to agree, and no half of it could be
 * read without the other.
 */
public final class KeyedTable implements AutoCloseable {
  /** The bits of a slot that are the address of a row. */
  public static final long ADDRESS_MASK = 0x0000_ffff_ffff_ffffL;

  private static final long TAG_MASK = ~ADDRESS_MASK;
  private static final long REMOVED = 1; // a slot whose row was; its tag, 0, is none of a hash
  private static final int FIRST_SLOTS = 64;
  private static final int SPARSE_SLOTS = 1 << 15;
  private static final int PREFETCHED_BYTES = 1 << 21; // of a table worth it
  private static final int PREFETCHED_ROWS = 128; // at a time: they stay in the first-level cache
  private static final int AHEAD = 256; // sources whose first slots are loaded before they are used
  private static final int FIRST_CHUNK_BYTES = 4096;
  private static final int LARGEST_CHUNK_BYTES = 4 << 20;

  /** Where a row goes that a table is not to hold. */
  public interface Overflow {
    /**
     * Whether a key that the table lacks goes here.
     *
     * @param moreBytes by which the table would grow if it took it; often 0
     */
    boolean takes(KeyedTable table, long moreBytes);

    /** A row of its own for a source: its key, and the state of a new group. */
    long add(long source);

    /** Whether a row was made here. */
    boolean holds(long row);
  }

  private final BufferAllocator allocator;
  private final RowLayout layout;
  private final int keyWords;
  private final int rowBytes;
  private final boolean hasTexts;
  private final StateHeap heap;

  private ArrowBuf slotBuffer;
  private long slots;
  private long slotMask;
  private long growAt; // slots in use at which there have to be more
  private long removedSlots; // in use with no row

  private ArrowBuf[] chunks = new ArrowBuf[4];
  private long[] chunkStart = new long[4]; // addresses
  private int[] chunkRows = new int[4]; // rows in use, holes included; of all but the last: all
  private int[] chunkCapacity = new int[4];
  private int chunkCount;
  private long freeRow; // head of a list linked through the second word; the first is 0
  private long rows;
  private long bytes;
  private int resolved;
  private Overflow overflow; // or null
  private long[] firstSlots; // of sources under way
  private long prefetched; // of no meaning, but that loads are not optimized away

  /** An empty table; long texts of keys go to {@code heap}, which stays the caller's. */
  public KeyedTable(RowLayout layout, StateHeap heap, BufferAllocator allocator) {
    this.layout = layout;
    this.heap = heap;
    this.allocator = allocator;
    this.keyWords = layout.keyWords();
    this.rowBytes = layout.rowBytes();
    this.hasTexts = layout.keyTexts().length > 0;
  }

  public RowLayout layout() {
    return layout;
  }

  /**
   * Says where rows go that are not to be held here: lookups that insert then answer rows of there,
   * which {@link #find} and {@link #scan} do not know. Restored rows always stay here.
   */
  public void overflow(Overflow newOverflow) {
    overflow = newOverflow;
  }

  /** Rows now. */
  public long rows() {
    return rows;
  }

  /** Memory held, in bytes, without the heap's. */
  public long bytes() {
    return bytes;
  }

  /**
   * Where the slots lie, for generated code that looks keys up itself: {@code [upper 16 bits of the
   * hash | row address]}, 0 where none is, tried from {@code hash & slotMask()} on; where one was, the
   * upper bits are those of no hash. Valid until the next insertion.
   */
  public long slots() {
    if (slots == 0) {
      allocateSlots(FIRST_SLOTS);
    }
    return slots;
  }

  /** The number of {@link #slots()}, a power of two, less one. */
  public long slotMask() {
    return slotMask;
  }

  /**
   * Finds the rows of sources {@code [from, to)}, making those that are not there yet.
   *
   * @param sources where the addresses of the sources lie
   * @param targets where the addresses of the rows go
   * @throws io.laminardb.core.error.LaminarException MEMORY_BUDGET_EXCEEDED; rows before {@link
   *     #resolved()} are there
   */
  public void findOrInsert(long sources, long targets, int from, int to) {
    int i = from;
    try {
      if (slots == 0) {
        allocateSlots(FIRST_SLOTS);
      }
      if (keyWords == 2) {
        for (; i < to; i++) {
          putLong(targets, i, findOrInsert2(Memory.getLong(sources + ((long) i << 3))));
        }
      } else {
        for (; i < to; i++) {
          putLong(targets, i, findOrInsertAny(Memory.getLong(sources + ((long) i << 3))));
        }
      }
    } finally {
      resolved = i;
    }
  }

  /**
   * Brings what {@link #findOrInsert(long, long, int, int)} is about to read into the cache. Loads that
   * do not wait for each other take a fraction of the time of those that do, so this pays for a table
   * that is larger than the cache; for a small one it does nothing.
   *
   * @return of no meaning; to be kept somewhere, or else the loads would be optimized away
   */
  public long prefetch(long sources, int from, int to) {
    if (bytes < PREFETCHED_BYTES) {
      return 0;
    }
    final int lastWord = rowBytes - 8;
    long sum = 0;
    for (int first = from; first < to; first += PREFETCHED_ROWS) {
      int end = Math.min(to, first + PREFETCHED_ROWS);
      for (int i = first; i < end; i++) {
        sum += Memory.getLong(slots + ((hashOf(sources, i) & slotMask) << 3));
      }
      for (int i = first; i < end; i++) {
        long hash = hashOf(sources, i);
        long index = hash & slotMask;
        long slot = Memory.getLong(slots + (index << 3));
        while (slot != 0 && ((slot ^ hash) & TAG_MASK) != 0) {
          index = (index + 1) & slotMask;
          slot = Memory.getLong(slots + (index << 3));
        }
        if (slot != 0) {
          long row = slot & ADDRESS_MASK;
          sum += Memory.getLong(row) + Memory.getLong(row + lastWord);
        }
      }
    }
    return sum;
  }

  /**
   * Replaces sources by their rows, making those that are not there yet; 0 stays 0. What stands in
   * their first slots is loaded for many before any is compared: these loads do not wait for each other.
   */
  public void findOrInsert(long[] sources, int count) {
    if (slots == 0) {
      allocateSlots(FIRST_SLOTS);
    }
    if (firstSlots == null) {
      firstSlots = new long[AHEAD];
    }
    for (int from = 0; from < count; from += AHEAD) {
      int to = Math.min(count, from + AHEAD);
      loadFirstSlots(sources, from, to);
      if (keyWords == 1) {
        findOrInsert1(sources, from, to);
      } else if (keyWords == 2) {
        findOrInsert2(sources, from, to);
      } else {
        for (int i = from; i < to; i++) {
          sources[i] = sources[i] == 0 ? 0 : findOrInsertAny(sources[i]);
        }
      }
    }
  }

  private void loadFirstSlots(long[] sources, int from, int to) {
    final long start = slots;
    final long mask = slotMask;
    for (int i = from; i < to; i++) {
      long hash = sources[i] == 0 ? 0 : Memory.getLong(sources[i]);
      long slot = Memory.getLong(start + ((hash & mask) << 3));
      firstSlots[i - from] = ((slot ^ hash) & TAG_MASK) == 0 ? slot & ADDRESS_MASK : 0;
    }
    if (bytes >= PREFETCHED_BYTES) {
      final int lastWord = rowBytes - 8;
      long sum = 0;
      for (int i = 0; i < to - from; i++) {
        long row = firstSlots[i];
        if (row != 0) {
          sum += Memory.getLong(row) + Memory.getLong(row + lastWord);
        }
      }
      prefetched += sum;
    }
  }

  /** As {@link #findOrInsertAny}, of keys of one word, most of which are in their first slot. */
  private void findOrInsert1(long[] sources, int from, int to) {
    for (int i = from; i < to; i++) {
      final long source = sources[i];
      if (source != 0) {
        final long row = firstSlots[i - from];
        final boolean found = row != 0 && Memory.getLong(row + 8) == Memory.getLong(source + 8);
        sources[i] = found ? row : findOrInsertAny(source);
      }
    }
  }

  private void findOrInsert2(long[] sources, int from, int to) {
    for (int i = from; i < to; i++) {
      final long source = sources[i];
      if (source != 0) {
        final long row = firstSlots[i - from];
        final boolean found =
            row != 0
                && Memory.getLong(row + 8) == Memory.getLong(source + 8)
                && Memory.getLong(row + 16) == Memory.getLong(source + 16);
        sources[i] = found ? row : findOrInsert2(source);
      }
    }
  }

  private static long hashOf(long sources, int index) {
    return Memory.getLong(Memory.getLong(sources + ((long) index << 3)));
  }

  private static void putLong(long array, int index, long value) {
    Memory.putLong(array + ((long) index << 3), value);
  }

  /** Where the last {@link #findOrInsert(long, long, int, int)} stopped. */
  public int resolved() {
    return resolved;
  }

  /** As above for one source. */
  public long findOrInsert(long source) {
    if (slots == 0) {
      allocateSlots(FIRST_SLOTS);
    }
    return keyWords == 2 ? findOrInsert2(source) : findOrInsertAny(source);
  }

  /** The row of a source, or 0. */
  public long find(long source) {
    if (slots == 0) {
      return 0;
    }
    long hash = Memory.getLong(source);
    for (long index = hash & slotMask; ; index = (index + 1) & slotMask) {
      long slot = Memory.getLong(slots + (index << 3));
      if (slot == 0) {
        return 0;
      }
      if (((slot ^ hash) & TAG_MASK) == 0 && sameKey(slot & ADDRESS_MASK, source)) {
        return slot & ADDRESS_MASK;
      }
    }
  }

  private long findOrInsert2(long source) {
    final long hash = Memory.getLong(source);
    final long first = Memory.getLong(source + 8);
    final long second = Memory.getLong(source + 16);
    final long mask = slotMask;
    for (long index = hash & mask; ; index = (index + 1) & mask) {
      long slot = Memory.getLong(slots + (index << 3));
      if (((slot ^ hash) & TAG_MASK) == 0 && slot != 0) {
        long row = slot & ADDRESS_MASK;
        if (Memory.getLong(row + 8) == first
            && (Memory.getLong(row + 16) == second || (hasTexts && sameTexts(row, source)))) {
          return row;
        }
      } else if (slot == 0) {
        return insert(source, hash, index);
      }
    }
  }

  private long findOrInsertAny(long source) {
    final long hash = Memory.getLong(source);
    final long mask = slotMask;
    for (long index = hash & mask; ; index = (index + 1) & mask) {
      long slot = Memory.getLong(slots + (index << 3));
      if (slot == 0) {
        return insert(source, hash, index);
      }
      if (((slot ^ hash) & TAG_MASK) == 0 && sameKey(slot & ADDRESS_MASK, source)) {
        return slot & ADDRESS_MASK;
      }
    }
  }

  private boolean sameKey(long row, long source) {
    for (int word = 1; word <= keyWords; word++) {
      if (Memory.getLong(row + ((long) word << 3)) != Memory.getLong(source + ((long) word << 3))) {
        return hasTexts && sameTexts(row, source);
      }
    }
    return true;
  }

  /** The long way: long texts lie at different places and are compared byte by byte. */
  private boolean sameTexts(long row, long source) {
    int text = 0;
    int[] texts = layout.keyTexts();
    for (int word = 0; word < keyWords; word++) {
      long at = RowLayout.KEY_OFFSET + ((long) word << 3);
      if (text < texts.length && texts[text] == word) {
        text++;
        word++;
        if (!Keys.sameText(
            Memory.getLong(row + at),
            Memory.getLong(row + at + 8),
            Memory.getLong(source + at),
            Memory.getLong(source + at + 8))) {
          return false;
        }
      } else if (Memory.getLong(row + at) != Memory.getLong(source + at)) {
        return false;
      }
    }
    return true;
  }

  private long insert(long source, long hash, long index) {
    if (overflow != null && overflow.takes(this, growthOfInsert())) {
      return overflow.add(source);
    }
    if (rows + removedSlots >= growAt) {
      makeRoom();
      index = emptySlot(hash);
    }
    long row = allocateRow();
    for (int word = 0; word <= keyWords; word++) {
      Memory.putLong(row + ((long) word << 3), Memory.getLong(source + ((long) word << 3)));
    }
    if (hasTexts) {
      try {
        layout.ownKeyTexts(row, heap);
      } catch (RuntimeException e) {
        pushFree(row);
        throw e;
      }
    }
    layout.zero(row);
    Memory.putLong(slots + (index << 3), (hash & TAG_MASK) | row);
    rows++;
    return row;
  }

  /** Bytes that the next insertion takes from the allocator, about. */
  private long growthOfInsert() {
    long slotBytes = rows + removedSlots >= growAt ? (slotMask + 1) << 4 : 0;
    int last = chunkCount - 1;
    boolean isFull = freeRow == 0 && (last < 0 || chunkRows[last] == chunkCapacity[last]);
    return isFull ? slotBytes + nextChunkBytes() : slotBytes;
  }

  /** Gives rows more slots, or takes back those of removed ones where there are many. */
  private void makeRoom() {
    boolean isFull = rows >= growAt - (growAt >> 2);
    allocateSlots(isFull ? (slotMask + 1) << 1 : slotMask + 1);
  }

  private long emptySlot(long hash) {
    long index = hash & slotMask;
    while (Memory.getLong(slots + (index << 3)) != 0) {
      index = (index + 1) & slotMask;
    }
    return index;
  }

  /** Makes room for {@code expected} rows, if there is none. */
  public void reserve(long expected) {
    long wanted = FIRST_SLOTS;
    while (rowsIn(wanted) < expected) {
      wanted <<= 1;
    }
    if (slots == 0 || wanted > slotMask + 1) {
      allocateSlots(wanted);
    }
  }

  /**
   * How many rows that many slots are for. A lookup that does not end at its first slot costs a
   * mispredicted branch, as much as all the rest of it: while slots fit into the second-level cache
   * there are many; beyond it a cache miss costs more.
   */
  private static long rowsIn(long slotCount) {
    return slotCount >> (slotCount <= SPARSE_SLOTS ? 3 : slotCount <= 4 * SPARSE_SLOTS ? 2 : 1);
  }

  private void allocateSlots(long count) {
    ArrowBuf buffer = StateMemory.allocate(allocator, count << 3);
    if (slotBuffer != null) {
      bytes -= slotBuffer.capacity();
      slotBuffer.close();
    }
    slotBuffer = buffer;
    bytes += buffer.capacity();
    slots = buffer.memoryAddress();
    slotMask = count - 1;
    growAt = rowsIn(count);
    removedSlots = 0;
    Memory.fill(slots, count << 3, (byte) 0);
    for (int chunk = 0; chunk < chunkCount; chunk++) {
      long row = chunkStart[chunk];
      long end = row + (long) chunkRows[chunk] * rowBytes;
      for (; row < end; row += rowBytes) {
        long hash = Memory.getLong(row);
        if (hash != 0) {
          Memory.putLong(slots + (emptySlot(hash) << 3), (hash & TAG_MASK) | row);
        }
      }
    }
  }

  private long allocateRow() {
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
    return chunkStart[last] + (long) chunkRows[last]++ * rowBytes;
  }

  private void pushFree(long row) {
    Memory.putLong(row, 0);
    Memory.putLong(row + 8, freeRow);
    freeRow = row;
  }

  private long nextChunkBytes() {
    long wanted = FIRST_CHUNK_BYTES;
    for (int i = 0; i < chunkCount && wanted < LARGEST_CHUNK_BYTES; i++) {
      wanted <<= 1;
    }
    return Math.max(wanted, rowBytes * 8L);
  }

  private void addChunk() {
    ArrowBuf chunk = StateMemory.allocate(allocator, nextChunkBytes());
    if (chunkCount == chunks.length) {
      chunks = Arrays.copyOf(chunks, chunkCount * 2);
      chunkStart = Arrays.copyOf(chunkStart, chunkCount * 2);
      chunkRows = Arrays.copyOf(chunkRows, chunkCount * 2);
      chunkCapacity = Arrays.copyOf(chunkCapacity, chunkCount * 2);
    }
    chunks[chunkCount] = chunk;
    chunkStart[chunkCount] = chunk.memoryAddress();
    chunkRows[chunkCount] = 0;
    chunkCapacity[chunkCount] = (int) (chunk.capacity() / rowBytes);
    chunkCount++;
    bytes += chunk.capacity();
  }

  /** Removes a row, with the long texts of its key; its state must own nothing any more. */
  public void remove(long row) {
    if (overflow != null && overflow.holds(row)) {
      return; // without a count it is none
    }
    long hash = Memory.getLong(row);
    long index = hash & slotMask;
    while ((Memory.getLong(slots + (index << 3)) & ADDRESS_MASK) != row) {
      index = (index + 1) & slotMask;
    }
    emptySlotAt(index);
    layout.freeKeyTexts(row, heap);
    pushFree(row);
    rows--;
  }

  /**
   * Makes the slot of a row one of none: an empty one where no lookup goes on behind it, with those
   * before it that were kept for that only. No other row is looked at, as each would be a cache miss.
   */
  private void emptySlotAt(long index) {
    if (Memory.getLong(slots + (((index + 1) & slotMask) << 3)) != 0) {
      Memory.putLong(slots + (index << 3), REMOVED);
      removedSlots++;
      return;
    }
    Memory.putLong(slots + (index << 3), 0);
    long before = (index - 1) & slotMask;
    while (Memory.getLong(slots + (before << 3)) == REMOVED) {
      Memory.putLong(slots + (before << 3), 0);
      removedSlots--;
      before = (before - 1) & slotMask;
    }
  }

  /**
   * Brings what {@link #remove} reads of rows into the cache, all loads at once.
   *
   * @param first where the address of the first row lies; the next is {@code step} bytes behind it
   */
  public void prefetchRows(long first, int step, int count) {
    if (bytes < PREFETCHED_BYTES) {
      return;
    }
    final int lastWord = rowBytes - 8;
    long sum = 0;
    for (int i = 0; i < count; i++) {
      long row = Memory.getLong(first + (long) i * step);
      sum += Memory.getLong(row) + Memory.getLong(row + lastWord);
    }
    for (int i = 0; i < count; i++) {
      long hash = Memory.getLong(Memory.getLong(first + (long) i * step));
      sum += Memory.getLong(slots + ((hash & slotMask) << 3));
    }
    prefetched += sum;
  }

  /**
   * A row outside of the index, for what hangs on a key's own row: neither lookups nor {@link #scan}
   * find it. Its first word is and stays 0; the others are undefined.
   */
  public long allocateDetached() {
    long row = allocateRow();
    Memory.putLong(row, 0);
    return row;
  }

  /** Gives back a row of {@link #allocateDetached}; who owns its texts is the caller's affair. */
  public void freeDetached(long row) {
    pushFree(row);
  }

  /** Writes a row with its texts; {@link #findOrInsert(StateReader)} reads it. */
  public void write(long row, StateWriter writer) {
    layout.write(row, heap, writer);
  }

  /** The row of the key of a row that {@link #write} wrote; a new one's state is zeros. */
  public long findOrInsert(StateReader reader) {
    try (ArrowBuf buffer = StateMemory.allocate(allocator, rowBytes)) {
      long source = buffer.memoryAddress();
      layout.read(source, heap, reader);
      long row = findOrInsert(source);
      layout.freeKeyTexts(source, heap);
      return row;
    }
  }

  /** Gives the address of every row to {@code action}, in their order; it changes none. */
  public void forEach(LongConsumer action) {
    for (int chunk = 0; chunk < chunkCount; chunk++) {
      long row = chunkStart[chunk];
      for (int left = chunkRows[chunk]; left > 0; left--, row += rowBytes) {
        if (Memory.getLong(row) != 0) {
          action.accept(row);
        }
      }
    }
  }

  /**
   * Lists rows in their order, beginning with position {@code from}.
   *
   * @param targets where up to {@code max} addresses go
   * @param found receives the number of addresses in its first element
   * @return the position to go on from, or -1 at the end
   */
  public long scan(long from, long targets, int max, int[] found) {
    int chunk = (int) (from >>> 32);
    int position = (int) from;
    int count = 0;
    while (chunk < chunkCount) {
      long row = chunkStart[chunk] + (long) position * rowBytes;
      for (int end = chunkRows[chunk]; position < end; position++, row += rowBytes) {
        if (count == max) {
          found[0] = count;
          return (long) chunk << 32 | position;
        }
        if (Memory.getLong(row) != 0) {
          putLong(targets, count++, row);
        }
      }
      chunk++;
      position = 0;
    }
    found[0] = count;
    return -1;
  }

  /** Forgets all rows; keeps the memory for the next ones when that is at most {@code keepBytes}. */
  public void clear(long keepBytes) {
    if (bytes > keepBytes) {
      close();
      return;
    }
    if (slots != 0) {
      Memory.fill(slots, (slotMask + 1) << 3, (byte) 0);
    }
    removedSlots = 0;
    while (chunkCount > 1) {
      dropLastChunk();
    }
    if (chunkCount == 1) {
      chunkRows[0] = 0;
    }
    freeRow = 0;
    rows = 0;
  }

  private void dropLastChunk() {
    chunkCount--;
    bytes -= chunks[chunkCount].capacity();
    chunks[chunkCount].close();
    chunks[chunkCount] = null;
  }

  @Override
  public void close() {
    while (chunkCount > 0) {
      dropLastChunk();
    }
    if (slotBuffer != null) {
      slotBuffer.close();
      slotBuffer = null;
    }
    slots = 0;
    slotMask = 0;
    growAt = 0;
    removedSlots = 0;
    freeRow = 0;
    rows = 0;
    bytes = 0;
  }

  /** The number of a row in the table's order, counted with holes. */
  int indexOf(long row) {
    int index = 0;
    for (int chunk = 0; ; chunk++) {
      long offset = row - chunkStart[chunk];
      if (offset >= 0 && offset < (long) chunkCapacity[chunk] * rowBytes) {
        return index + (int) (offset / rowBytes);
      }
      index += chunkCapacity[chunk];
    }
  }

  /** Rows in use with holes, after making sure that there are at least {@code count}. */
  void ensureRows(int count) {
    int have = 0;
    for (int chunk = 0; have < count; chunk++) {
      if (chunk == chunkCount) {
        addChunk();
      }
      int wanted = Math.min(chunkCapacity[chunk], count - have);
      for (; chunkRows[chunk] < wanted; chunkRows[chunk]++) {
        Memory.putLong(chunkStart[chunk] + (long) chunkRows[chunk] * rowBytes, 0);
      }
      have += wanted;
    }
  }

  /** The row of a number. */
  long rowAt(int index) {
    int rest = index;
    for (int chunk = 0; ; chunk++) {
      if (rest < chunkCapacity[chunk]) {
        return chunkStart[chunk] + (long) rest * rowBytes;
      }
      rest -= chunkCapacity[chunk];
    }
  }

  /** How many places lie one behind the other from that of a number on. */
  int placesFrom(int index) {
    int rest = index;
    for (int chunk = 0; ; chunk++) {
      if (rest < chunkCapacity[chunk]) {
        return chunkCapacity[chunk] - rest;
      }
      rest -= chunkCapacity[chunk];
    }
  }

  /** Rows in use, with holes. */
  int usedRows() {
    int used = 0;
    for (int chunk = 0; chunk < chunkCount; chunk++) {
      used += chunkRows[chunk];
    }
    return used;
  }

  long freeRow() {
    return freeRow;
  }

  /** Enters a row that a restore has put in its place. */
  void link(long row) {
    rows++;
    if (rows + removedSlots > growAt) {
      allocateSlots(slots == 0 ? FIRST_SLOTS : (slotMask + 1) << 1); // enters this row too
    } else {
      long hash = Memory.getLong(row);
      Memory.putLong(slots + (emptySlot(hash) << 3), (hash & TAG_MASK) | row);
    }
  }

  /** Makes holes the rows to use next, the first of them first. */
  void freeRows(int[] indexes) {
    freeRow = 0;
    for (int i = indexes.length - 1; i >= 0; i--) {
      pushFree(rowAt(indexes[i]));
    }
  }

  StateHeap heap() {
    return heap;
  }
}
