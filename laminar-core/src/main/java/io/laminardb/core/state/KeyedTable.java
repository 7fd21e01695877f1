package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of state by key, off the heap: open addressing over slots of {@code [16 bits of hash | 48 bits
 * of row address]}, rows in {@link RowPlaces}.
 *
 * <p>A key is looked up by a <em>source</em>: memory that begins as a row does, {@code [hash][key
 * words]}. Rows of one table are sources for another of the same key, which is how panes merge. Rows
 * have an order that depends on the sequence of insertions and removals only. One thread.
 *
 * <p>Rows of a table that spills leave memory when {@link #leave} says so, and come back when they are looked
 * up; see {@link ColdRows}.
 *
 * <p>A table that tracks changes knows which rows have changed since its last {@linkplain TableCopies
 * copy}: those that {@link #findOrInsert} has found, and those that {@link #touch} is told of before.
 *
 * <p>A little past 600 lines: the ways to find a row and to make one have to agree.
 */
public final class KeyedTable implements AutoCloseable {
  /** The bits of a slot that are the address of a row. */
  public static final long ADDRESS_MASK = 0x0000_ffff_ffff_ffffL;

  private static final long TAG_MASK = ~ADDRESS_MASK;
  private static final int PREFETCHED_BYTES = 1 << 21; // of a table worth it
  private static final int AHEAD = 256; // sources whose first slots are loaded before they are used

  private final BufferAllocator allocator;
  private final RowLayout layout;
  private final int keyWords;
  private final int rowBytes;
  private final boolean hasTexts;
  private final StateHeap heap;
  private final RowPlaces places;
  private final KeySlots slots;
  private final RowChanges changes; // null where they are not tracked
  private final ColdRows cold; // null where all rows stay in memory

  private long rows; // in memory
  private int resolved;
  private Overflow overflow; // or null
  private long[] firstSlots; // of sources under way
  private long prefetched; // of no meaning, but that loads are not optimized away

  /** An empty table; long texts of keys go to {@code heap}, which stays the caller's. */
  public KeyedTable(RowLayout layout, StateHeap heap, BufferAllocator allocator) {
    this(layout, heap, allocator, false);
  }

  /** As above; {@code tracked} where checkpoints are to copy only what has changed. */
  public KeyedTable(RowLayout layout, StateHeap heap, BufferAllocator allocator, boolean tracked) {
    this(layout, heap, allocator, tracked, null);
  }

  /** As above; its rows leave for {@code spill}, if that is not null. None of them is detached. */
  public KeyedTable(
      RowLayout layout, StateHeap heap, BufferAllocator allocator, boolean tracked, Spill spill) {
    this(layout, heap, allocator, tracked, spill, chunkBytes(spill));
  }

  /**
   * A table of rows that {@linkplain Attachment hang} on those of one that spills, if {@code spill} is not null:
   * they are never found to have left, and it grows by little.
   */
  public static KeyedTable attached(
      RowLayout layout, StateHeap heap, BufferAllocator allocator, Spill spill) {
    return new KeyedTable(layout, heap, allocator, false, null, chunkBytes(spill));
  }

  private static long chunkBytes(Spill spill) {
    return spill == null ? RowPlaces.LARGEST_CHUNK_BYTES : spill.chunkBytes();
  }

  private KeyedTable(
      RowLayout layout,
      StateHeap heap,
      BufferAllocator allocator,
      boolean tracked,
      Spill spill,
      long chunkBytes) {
    this.layout = layout;
    this.heap = heap;
    this.allocator = allocator;
    this.keyWords = layout.keyWords();
    this.rowBytes = layout.rowBytes();
    this.hasTexts = layout.keyTexts().length > 0;
    boolean isMarked = tracked || spill != null;
    LeftRecords left = tracked && spill != null ? new LeftRecords(spill) : null;
    this.places = new RowPlaces(rowBytes, isMarked, chunkBytes, allocator);
    this.slots = new KeySlots(places, allocator);
    this.changes = isMarked ? new RowChanges(this, left, allocator) : null;
    this.cold = spill == null ? null : new ColdRows(this, spill, allocator);
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

  /** Rows now, in memory or not. */
  public long rows() {
    return cold == null ? rows : rows + cold.rows();
  }

  /** Memory held, in bytes, without the heap's. */
  public long bytes() {
    long bytes = places.bytes() + slots.bytes();
    bytes += changes == null ? 0 : changes.bytes();
    return cold == null ? bytes : bytes + cold.heldBytes();
  }

  /**
   * Where the slots lie, for generated code that looks keys up itself: {@code [upper 16 bits of the
   * hash | row address]}, 0 where none is, tried from {@code hash & slotMask()} on; where one was, the
   * upper bits are those of no hash. Valid until the next insertion.
   */
  public long slots() {
    slots.ensure();
    return slots.start;
  }

  /** The number of {@link #slots()}, a power of two, less one. */
  public long slotMask() {
    return slots.mask;
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
      slots.ensure();
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
      for (int found = from; changes != null && found < i; found++) {
        changes.touch(Memory.getLong(targets + ((long) found << 3)));
      }
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
    if (places.bytes() < PREFETCHED_BYTES) {
      return 0;
    }
    return slots.prefetch(sources, from, to, rowBytes - 8);
  }

  /**
   * Replaces sources by their rows, making those that are not there yet; 0 stays 0. What stands in
   * their first slots is loaded for many before any is compared: these loads do not wait for each other.
   */
  public void findOrInsert(long[] sources, int count) {
    slots.ensure();
    if (firstSlots == null) {
      firstSlots = new long[AHEAD];
    }
    for (int from = 0; from < count; from += AHEAD) {
      int to = Math.min(count, from + AHEAD);
      slots.loadFirst(sources, from, to, firstSlots);
      if (places.bytes() >= PREFETCHED_BYTES) {
        prefetched += KeySlots.loadRows(firstSlots, to - from, rowBytes - 8);
      }
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
    for (int i = 0; changes != null && i < count; i++) {
      if (sources[i] != 0) {
        changes.touch(sources[i]);
      }
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

  private static void putLong(long array, int index, long value) {
    Memory.putLong(array + ((long) index << 3), value);
  }

  /** Where the last {@link #findOrInsert(long, long, int, int)} stopped. */
  public int resolved() {
    return resolved;
  }

  /** As above for one source. */
  public long findOrInsert(long source) {
    slots.ensure();
    long row = keyWords == 2 ? findOrInsert2(source) : findOrInsertAny(source);
    touch(row);
    return row;
  }

  /** The row of a source, or 0; one that is not in memory comes back. */
  public long find(long source) {
    if (rows() == 0) {
      return 0;
    }
    slots.ensure();
    final long hash = Memory.getLong(source);
    final long start = slots.start;
    final long mask = slots.mask;
    for (long index = hash & mask; ; index = (index + 1) & mask) {
      long slot = Memory.getLong(start + (index << 3));
      if (slot == 0) {
        return cold != null && cold.fetch(source) ? enter(source, hash, index) : 0;
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
    final long start = slots.start;
    final long mask = slots.mask;
    for (long index = hash & mask; ; index = (index + 1) & mask) {
      long slot = Memory.getLong(start + (index << 3));
      if (((slot ^ hash) & TAG_MASK) == 0 && slot != 0) {
        long row = slot & ADDRESS_MASK;
        if (Memory.getLong(row + 8) == first
            && (Memory.getLong(row + 16) == second || (hasTexts && layout.sameKey(row, source)))) {
          return row;
        }
      } else if (slot == 0) {
        return insert(source, hash, index);
      }
    }
  }

  private long findOrInsertAny(long source) {
    final long hash = Memory.getLong(source);
    final long start = slots.start;
    final long mask = slots.mask;
    for (long index = hash & mask; ; index = (index + 1) & mask) {
      long slot = Memory.getLong(start + (index << 3));
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
        return hasTexts && layout.sameKey(row, source);
      }
    }
    return true;
  }

  private long insert(long source, long hash, long index) {
    if (overflow != null && overflow.takes(this, growthOfInsert())) {
      return overflow.add(source);
    }
    if (cold != null) {
      cold.fetch(source);
    }
    return enter(source, hash, index);
  }

  /** Makes the row of a source, which may have been fetched. */
  private long enter(long source, long hash, long index) {
    if (slots.isFull(rows) && makeRoom()) {
      index = slots.empty(hash);
    }
    long row = places.allocate();
    boolean isBack = hasCold() && cold.enter(row);
    if (changes != null) {
      changes.used(row);
    }
    if (!isBack) {
      begin(row, source);
    }
    slots.put(index, hash, row);
    rows++;
    return row;
  }

  /** Makes a row that of a new group. */
  private void begin(long row, long source) {
    for (int word = 0; word <= keyWords; word++) {
      Memory.putLong(row + ((long) word << 3), Memory.getLong(source + ((long) word << 3)));
    }
    if (hasTexts) {
      try {
        layout.ownKeyTexts(row, heap);
      } catch (RuntimeException e) {
        free(row);
        throw e;
      }
    }
    layout.zero(row);
  }

  /** Bytes that the next insertion takes from the allocator, about. */
  private long growthOfInsert() {
    return places.growth() + (slots.isFull(rows) ? slots.growth() : 0);
  }

  /**
   * Makes room for another row's slot. A table that spills goes on with few empty ones while memory is short: its
   * rows are about to leave.
   *
   * @return whether all rows have slots anew
   */
  private boolean makeRoom() {
    boolean isShort = cold != null && !cold.spill().mayGrow(bytes(), slots.growth());
    if (isShort && slots.squeeze(rows)) {
      return false;
    }
    slots.grow(rows);
    return true;
  }

  /** Makes room for {@code expected} rows, if there is none. */
  public void reserve(long expected) {
    slots.reserve(expected);
  }

  private long allocateRow() {
    long row = places.allocate();
    if (changes != null) {
      changes.used(row);
    }
    return row;
  }

  /** Removes a row, with the long texts of its key; its state must own nothing any more. */
  public void remove(long row) {
    if (holdsElsewhere(row)) {
      return; // without a count it is none
    }
    touch(row);
    slots.remove(row);
    layout.freeKeyTexts(row, heap);
    free(row);
    rows--;
  }

  private void free(long row) {
    if (hasCold()) {
      cold.removed(row);
    }
    places.free(row);
  }

  /**
   * Brings what {@link #remove} reads of rows into the cache, all loads at once.
   *
   * @param first where the address of the first row lies; the next is {@code step} bytes behind it
   */
  public void prefetchRows(long first, int step, int count) {
    if (places.bytes() < PREFETCHED_BYTES) {
      return;
    }
    prefetched += slots.prefetchRows(first, step, count, rowBytes - 8);
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
    touch(row);
    places.free(row);
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
    places.forEach(action);
  }

  /**
   * Lists rows in their order, beginning with position {@code from}.
   *
   * @param targets where up to {@code max} addresses go
   * @param found receives the number of addresses in its first element
   * @return the position to go on from, or -1 at the end
   */
  public long scan(long from, long targets, int max, int[] found) {
    return places.scan(from, targets, max, found);
  }

  /** Forgets all rows; keeps the memory for the next ones when that is at most {@code keepBytes}. */
  public void clear(long keepBytes) {
    if (bytes() > keepBytes) {
      close();
      return;
    }
    if (changes != null) {
      changes.clear();
    }
    if (cold != null) {
      cold.clear();
    }
    slots.clear();
    places.clear();
    rows = 0;
  }

  @Override
  public void close() {
    if (changes != null) {
      changes.close();
    }
    if (cold != null) {
      cold.close();
    }
    freeMemory();
  }

  private void freeMemory() {
    places.close();
    slots.close();
    rows = 0;
  }

  // ---- Changes

  /**
   * What the four bytes before a row are where it is known to have changed since the last copy, for
   * generated code that looks keys up itself; 0 where changes are not tracked. Valid for a batch.
   */
  public int epoch() {
    return changes == null ? 0 : changes.epoch();
  }

  /** A row that was not looked up since the last batch is about to change. */
  public void touch(long row) {
    if (changes != null) {
      changes.touch(row);
    }
  }

  /** A row that was found was looked at and will not change: it stays in memory a little longer. */
  public void lookedAt(long row) {
    if (changes != null) {
      changes.lookedAt(row);
    }
  }

  /** Whether rows are still to be copied as they were: until then {@link #clear} takes its time. */
  public boolean isBeingCopied() {
    return changes != null && changes.isBeingCopied();
  }

  /** Whether a row is none of this table, though it was found here. */
  boolean holdsElsewhere(long row) {
    return overflow != null && overflow.holds(row);
  }

  /** What has changed, or null where that is not tracked. */
  RowChanges changes() {
    return changes;
  }

  RowPlaces places() {
    return places;
  }

  /** Enters a row that a restore has put in its place. */
  void link(long row) {
    if (slots.isFull(rows++) && makeRoom()) {
      return; // with all others
    }
    long hash = Memory.getLong(row);
    slots.put(slots.empty(hash), hash, row);
  }

  // ---- Rows that are not in memory

  /**
   * Lets rows leave that were not used for long, where memory is short and there is no room for many more;
   * addresses of rows end.
   *
   * @param isKept of a row's address: whether it has to stay
   */
  public void keepRoom(LongPredicate isKept) {
    keepRoom(isKept, 0, false);
  }

  /**
   * As above.
   *
   * @param attachedBytes memory of what hangs on rows
   * @param isCrowded whether that has no room for much more
   */
  public void keepRoom(LongPredicate isKept, long attachedBytes, boolean isCrowded) {
    if (cold == null
        || rows == 0
        || cold.spill().isSmall(bytes() + attachedBytes)
        || !slots.isCrowded() && !cold.spill().isTight()) {
      return;
    }
    if (slots.isCrowded() || isCrowded || hasFewPlaces()) {
      leave(Math.max(1, rows >> 2), isKept);
    }
  }

  private boolean hasFewPlaces() {
    return places.capacity() - rows < places.capacity() >> 3;
  }

  /** Whether there is little room left for more rows, without more memory. */
  public boolean isCrowded() {
    return slots.isNearlyFull(rows) || hasFewPlaces();
  }

  /** Lets all rows leave, if they may; addresses of rows end. */
  public void leaveAll(LongPredicate isKept) {
    if (cold != null && rows > 0 && !cold.isHeld()) {
      leave(rows, isKept);
    }
  }

  private void leave(long count, LongPredicate isKept) {
    cold.leave(count, isKept);
    if (rows == 0) {
      freeMemory();
    } else {
      slots.enterAll();
    }
  }

  /** A row has left; it is no more, but for its slot. */
  void left(long row) {
    layout.free(row, heap);
    places.free(row);
    rows--;
  }

  /** Whether rows have ever left: places are not those of memory. */
  boolean hasCold() {
    return cold != null && cold.isUsed();
  }

  /** The rows that are not in memory; null where all stay there. */
  ColdRows cold() {
    return cold;
  }

  /** Bytes of the rows that are not in memory. */
  public long spilledBytes() {
    return cold == null ? 0 : cold.bytes();
  }

  /** Rows that lookups find without the store. */
  public long rowsInMemory() {
    return rows;
  }

  /** Where a row in memory stands in the order of all rows. */
  public int placeOf(long row) {
    return places.placeOf(row);
  }

  /** Places in use, holes included. */
  int usedPlaces() {
    return hasCold() ? cold.places() : places.used();
  }

  /** Places there is memory for, or that are in use. */
  int placesInUse() {
    return hasCold() ? cold.places() : places.capacity();
  }

  /** The place to be used next, a hole; -1 where that is a new one. */
  int nextFreePlace() {
    if (hasCold()) {
      return cold.nextFree();
    }
    return places.freeRow() == 0 ? -1 : places.placeOf(places.freeRow());
  }

  StateHeap heap() {
    return heap;
  }
}
