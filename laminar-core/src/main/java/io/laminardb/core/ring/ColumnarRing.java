package io.laminardb.core.ring;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.PaddedLong;
import java.lang.invoke.VarHandle;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * A ring of rows for one producer and one consumer thread.
 *
 * <p>Rows have positions, counted from 0. The producer writes them into the columns of the batch at
 * the end and publishes them with one ordered store of the position behind the last one; the
 * consumer takes whatever is published, one row or four thousand. Marks (watermarks, the end) stand
 * between two positions and cost no batch. A batch is sealed when its rows or a text buffer are full:
 * a text buffer that may be read never moves. Whole batches can be handed over between them.
 *
 * <p>Batches are allocated when they are first needed, and recycled. Full: the producer's methods
 * answer false, and the same call comes again later; or, where that was asked for, the oldest batch
 * that waits is dropped with its rows. Whoever wants the oldest batch, the consumer to read it or the
 * producer to drop it, claims it first by moving one counter, so that none is read and dropped; the
 * one batch the consumer has claimed is never dropped, nor are rows that are not ended. Marks are
 * claimed likewise.
 *
 * <p>What either side writes for every row, or whenever it looks, is alone on its cache lines: fields of
 * the ring itself change once a batch or mark, as both sides read others beside them.
 *
 * <p>{@link #close} may be called when both threads have stopped.
 *
 * <p>Past 600 lines: two threads meet in few fields, and the order in which each side touches them is
 * best read in one place.
 */
public final class ColumnarRing implements AutoCloseable {
  /** {@link #poll}: nothing is published. */
  public static final int EMPTY = 0;

  /** {@link #poll}: rows are on loan in {@link #batch()}. */
  public static final int ROWS = 1;

  /** {@link #poll}: a mark is next, see {@link #mark()}. */
  public static final int MARK = 2;

  private static final int FEW_ROWS = 8;
  private static final int MARKS = 256;
  private static final int KEPT_FREE = 16;
  private static final int KEPT_SHELLS = 32;
  private static final long MAX_TEXT_BYTES = 64L << 20;

  private final Schema schema;
  private final BufferAllocator allocator;
  private final int segmentRows;
  private final int segmentLimit;
  private final int spareSegments;
  private final Segment[] slots;
  private final int slotMask;
  private final long[] markPositions = new long[MARKS];
  private final long[] marks = new long[MARKS];

  private final PaddedLong written = new PaddedLong(); // rows, by the producer
  private final PaddedLong published = new PaddedLong();
  private final PaddedLong consumed = new PaddedLong();
  private final PaddedLong opened = new PaddedLong(); // batches ever put in line
  private final PaddedLong claimed = new PaddedLong(); // of these, taken to be read or dropped
  private final PaddedLong returned = new PaddedLong(); // batches the consumer gave back
  private final PaddedLong markTail = new PaddedLong();
  private final PaddedLong markHead = new PaddedLong();
  private final PaddedLong dropped = new PaddedLong(); // rows, by the producer
  private final PaddedLong skipped = new PaddedLong(); // of these, those the consumer has come past
  private final Segment[] giveBacks;

  // The producer's.
  private final Segment[] free = new Segment[KEPT_FREE];
  private final long[] textBytes;
  private int freeCount;
  private final Segment[] freeShells = new Segment[KEPT_SHELLS];
  private int shellCount;
  private Segment shell; // whose batch is being filled by the producer
  private final boolean dropsOldest;
  private NewestRow newest; // null where rows are not expected one by one
  private long consumedSeen;
  private Segment writing;
  private long openedCount;
  private long claimedSeen;
  private long reclaimed;
  private long markCount;
  private int publishEvery = 1;
  private volatile boolean abandoned;
  private Runnable onClose = () -> {};

  // The consumer's.
  private Batch batch; // on loan
  private Segment reading;
  private long returnCount;
  private long markIndex;
  private long mark;

  /**
   * A ring of about {@code capacityRows} rows, with batches of at most {@link
   * Batch#DEFAULT_CAPACITY}.
   */
  public ColumnarRing(Schema schema, int capacityRows, BufferAllocator allocator) {
    this(schema, capacityRows, false, allocator);
  }

  /**
   * As the other one.
   *
   * @param dropsOldest whether it makes room by dropping the oldest rows that wait, a batch at a time,
   *     rather than to answer false
   */
  public ColumnarRing(
      Schema schema, int capacityRows, boolean dropsOldest, BufferAllocator allocator) {
    if (capacityRows < 1) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION, "a ring of " + capacityRows + " rows cannot hold any.")
          .mend("Give it at least 1.");
    }
    this.schema = requireNonNull(schema, "schema");
    this.allocator = requireNonNull(allocator, "allocator");
    this.dropsOldest = dropsOldest;
    segmentRows = Math.max(1, Math.min(Batch.DEFAULT_CAPACITY, capacityRows / 4));
    spareSegments = hasTexts(schema) ? 1 : 0;
    segmentLimit = (capacityRows + segmentRows - 1) / segmentRows + 1 + spareSegments;
    slots = new Segment[Math.max(4, Integer.highestOneBit(segmentLimit - 1) << 1)];
    slotMask = slots.length - 1;
    giveBacks = new Segment[slots.length];
    textBytes = new long[schema.size()];
  }

  private static boolean hasTexts(Schema schema) {
    return schema.fields().stream().anyMatch(field -> field.type().isVariableWidth());
  }

  public Schema schema() {
    return schema;
  }

  /** Gets a row that comes alone sooner to a consumer on another core; before rows come. */
  public void expectSingleRows() {
    try {
      newest = NewestRow.of(schema, allocator);
    } catch (OutOfMemoryException e) {
      throw noMemory(e);
    }
  }

  // ---- Producer ----

  /** Publishes single rows only when {@code rows} are written or {@link #flush} is called. */
  public void publishEvery(int rows) {
    publishEvery = Math.max(1, rows);
  }

  /**
   * Finds the place of one row, {@link #placeRow()} of {@link #placeBatch()}, for a writer that fills
   * columns itself; false where the ring is full. Finding it again without {@link #endPlace} gives a
   * place for the same row.
   */
  public boolean beginPlace() {
    Segment segment = writing;
    if (segment == null || segment.batch.isFull()) {
      if (!makeFree(1 + spareSegments)) {
        flush();
        return false;
      }
      roll();
    } else if (spareSegments > 0 && !makeFree(1)) {
      flush();
      return false;
    }
    return true;
  }

  /** The batch of the place; earlier rows of it may be read by the consumer already. */
  public Batch placeBatch() {
    return writing.batch;
  }

  /** The row of the place. */
  public int placeRow() {
    return writing.batch.rowCount();
  }

  /** Finds a place, in a fresh batch if need be, where a text of {@code bytes} bytes fits. */
  public void rollPlace(int column, long bytes) {
    Segment old = writing;
    int oldRow = old.batch.rowCount();
    if (oldRow > 0) {
      noteText(column, old.columns[column].textBytes(0, oldRow) + bytes, oldRow + 1);
      roll();
    }
    Column target = writing.columns[column];
    if (!target.hasRoom(0, bytes)) {
      target.makeRoom(0, bytes);
      writing.oversized = bytes > MAX_TEXT_BYTES / 64;
    }
  }

  /** Ends and publishes the row of the place, all of whose columns are written. */
  public void endPlace(int weight) {
    assert weight == 1 || schema.isChangelog() : "a retraction in an append-only ring";
    if (schema.isChangelog()) {
      writing.batch.endRow(weight);
    } else {
      writing.batch.endRow();
    }
    long rows = written.get() + 1;
    written.set(rows);
    if (rows - published.get() >= publishEvery) {
      if (newest != null && areFewWaiting(rows)) {
        newest.put(writing.columns, writing.batch.rowCount() - 1, rows - 1);
      }
      published.set(rows);
    }
  }

  /** Whether the consumer keeps up; looks where it is only after a few rows. */
  private boolean areFewWaiting(long rows) {
    if (rows - consumedSeen > FEW_ROWS) {
      consumedSeen = consumed.get();
    }
    return rows - consumedSeen <= FEW_ROWS;
  }

  /** Publishes all ended rows. */
  public void flush() {
    long rows = written.get();
    if (rows != published.get()) {
      published.set(rows);
    }
  }

  /**
   * Copies rows {@code [from, to)} of {@code source} and publishes them.
   *
   * @return how many of them fit, from the first on
   */
  public int append(Batch source, int from, int to) {
    int next = from;
    while (next < to) {
      if (writing == null || writing.batch.isFull()) {
        if (!makeFree(1)) {
          break;
        }
        roll();
      }
      int count = Math.min(to - next, segmentRows - writing.batch.rowCount());
      int fitting = fitting(source, next, count);
      if (fitting == 0) {
        if (writing.batch.rowCount() > 0) {
          noteTexts(source, next);
          seal();
          continue;
        }
        reserveTexts(source, next, next + count);
        fitting = count;
      }
      writing.batch.append(source, next, next + fitting);
      next += fitting;
      written.set(written.get() + fitting);
    }
    flush();
    return next - from;
  }

  /**
   * Hands a whole batch over without copying. On true it belongs to the consumer, which closes it; on
   * false (the ring is full) it stays the caller's.
   */
  public boolean offer(Batch batch) {
    if (batch.size() == 0) {
      batch.close();
      return true;
    }
    if (!makeFree(1)) {
      return false;
    }
    seal();
    reclaim();
    int rows = batch.size();
    putInLine(foreign(batch));
    written.set(written.get() + rows);
    flush();
    return true;
  }

  /**
   * A batch that was made over imported columns, handed over, and closed by the consumer, to adopt
   * other columns and be offered again; the same one until it is offered. Null where there is none.
   */
  public Batch shell() {
    if (shell == null) {
      if (shellCount == 0) {
        reclaim();
      }
      if (shellCount > 0) {
        shell = freeShells[--shellCount];
        freeShells[shellCount] = null;
      }
    }
    return shell == null ? null : shell.batch;
  }

  /** Lets {@link #close} also free what the producer makes its batches with. */
  public void onClose(Runnable action) {
    onClose = requireNonNull(action, "action");
  }

  private Segment foreign(Batch batch) {
    Segment segment = shell;
    if (segment == null || segment.batch != batch) {
      return Segment.foreign(batch, written.get());
    }
    shell = null;
    segment.cover(written.get());
    return segment;
  }

  /**
   * Puts a mark behind the rows so far, which says at least as much as those before it; false where
   * too many marks wait. A ring that drops lets the oldest mark be part of the new one instead.
   */
  public boolean offerMark(long value) {
    flush();
    long merged = value;
    while (markCount - markHead.get() >= MARKS) {
      if (!dropsOldest) {
        return false;
      }
      long oldest = markHead.get();
      long early = marks[(int) oldest & MARKS - 1];
      if (markHead.compareAndSet(oldest, oldest + 1)) {
        merged = Math.max(merged, early);
      }
      VarHandle.fullFence(); // the head moves before its place is written
    }
    int at = (int) markCount & MARKS - 1;
    markPositions[at] = written.get();
    marks[at] = merged;
    markTail.set(++markCount);
    return true;
  }

  /** Rows that were dropped to make room; any thread. */
  public long droppedRows() {
    return dropped.get();
  }

  /** The position behind the last published row; any thread. */
  public long publishedPosition() {
    return published.get();
  }

  /** The number of marks ever put; any thread. */
  public long publishedMarks() {
    return markTail.get();
  }

  /** Whether {@code count} batches may be opened, when others have been dropped if need be. */
  private boolean makeFree(int count) {
    while (!hasFree(count)) {
      if (!dropsOldest) {
        return false;
      }
      dropOldest();
    }
    return true;
  }

  /** Whether there is room for {@code count} more; one is always left to the consumer's batch. */
  private boolean hasFree(int count) {
    if (openedCount + count - claimedSeen < segmentLimit) {
      return true;
    }
    claimedSeen = claimed.get();
    return openedCount + count - claimedSeen < segmentLimit;
  }

  /** Drops the oldest batch that nobody has claimed, unless the consumer is faster. */
  private void dropOldest() {
    long oldest = claimed.get();
    if (oldest == openedCount) {
      return; // the consumer has just claimed the last one
    }
    Segment segment = slots[(int) oldest & slotMask];
    if (segment == writing) {
      flush();
      seal();
    }
    if (claimed.compareAndSet(oldest, oldest + 1)) {
      dropped.set(dropped.get() + segment.end - segment.start);
      if (segment.foreign) {
        segment.batch.close();
      }
      recycle(segment);
    }
  }

  private void seal() {
    if (writing != null) {
      writing.end = writing.start + writing.batch.rowCount();
      writing = null;
    }
  }

  /**
   * Begins a new batch. What came back is taken before the old batch is sealed: a row that moves to the
   * new one is still read from the old one, which the consumer may be through with at once.
   */
  private void roll() {
    reclaim();
    seal();
    open();
  }

  private void open() {
    Segment segment;
    if (freeCount > 0) {
      segment = free[--freeCount];
      segment.batch.clear();
      segment.end = Long.MAX_VALUE;
    } else {
      segment = new Segment(allocate());
    }
    reserveTexts(segment);
    segment.start = written.get();
    putInLine(segment);
    writing = segment;
  }

  private void reserveTexts(Segment segment) {
    try {
      for (int i = 0; i < textBytes.length; i++) {
        if (textBytes[i] != 0) {
          segment.columns[i].reserve(textBytes[i]);
        }
      }
    } catch (OutOfMemoryException e) {
      segment.batch.close();
      throw noMemory(e);
    }
  }

  private void putInLine(Segment segment) {
    slots[(int) openedCount & slotMask] = segment;
    opened.set(++openedCount);
  }

  private Batch allocate() {
    try {
      return new Batch(schema, segmentRows, allocator);
    } catch (OutOfMemoryException e) {
      throw noMemory(e);
    }
  }

  private static LaminarException noMemory(OutOfMemoryException cause) {
    return new LaminarException(
            ErrorCode.MEMORY_BUDGET_EXCEEDED, "no memory is left for rows on their way.", cause)
        .mend("Raise memoryBudget, or make buffers smaller.");
  }

  /** Takes back the batches the consumer is through with. */
  private void reclaim() {
    for (long end = returned.get(); reclaimed < end; reclaimed++) {
      int slot = (int) reclaimed & slotMask;
      recycle(giveBacks[slot]);
      giveBacks[slot] = null;
    }
  }

  private void recycle(Segment segment) {
    if (segment.foreign) { // its batch is closed
      if (shellCount < KEPT_SHELLS && segment.batch.isImported()) {
        freeShells[shellCount++] = segment;
      }
      return;
    }
    if (freeCount < KEPT_FREE && !segment.oversized) {
      free[freeCount++] = segment;
    } else {
      segment.batch.close();
    }
  }

  private int fitting(Batch source, int from, int count) {
    int row = writing.batch.rowCount();
    int fitting = count;
    for (int i = 0; i < textBytes.length && spareSegments > 0; i++) {
      Column target = writing.columns[i];
      if (target.offsetsAddress() != 0) {
        while (fitting > 0
            && !target.hasRoom(row, source.column(i).textBytes(from, from + fitting))) {
          fitting >>= 1;
        }
      }
    }
    return fitting;
  }

  private void noteTexts(Batch source, int row) {
    int rows = writing.batch.rowCount();
    for (int i = 0; i < textBytes.length; i++) {
      long bytes = source.column(i).textBytes(row, row + 1);
      if (!writing.columns[i].hasRoom(rows, bytes)) {
        noteText(i, writing.columns[i].textBytes(0, rows) + bytes, rows + 1);
      }
    }
  }

  /** Gives later batches so much text room that rows like these fill them. */
  private void noteText(int column, long bytes, int rows) {
    long wanted = bytes * segmentRows / rows;
    textBytes[column] =
        Math.max(textBytes[column], Math.min(wanted + (wanted >> 2), MAX_TEXT_BYTES));
  }

  private void reserveTexts(Batch source, int from, int to) {
    for (int i = 0; i < textBytes.length; i++) {
      long bytes = source.column(i).textBytes(from, to);
      if (!writing.columns[i].hasRoom(0, bytes)) {
        writing.columns[i].reserve(bytes);
        writing.oversized |= bytes > MAX_TEXT_BYTES / 64;
      }
    }
  }

  // ---- Consumer ----

  /**
   * Looks at what is next: {@link #EMPTY}, {@link #ROWS} (at most {@code maxRows}, on loan in {@link
   * #batch()} until {@link #consume}) or {@link #MARK}. Asking again without consuming gives the same
   * rows, and perhaps more.
   */
  public int poll(int maxRows) {
    long position = consumed.get();
    boolean isNewest = newest != null && newest.take(position);
    long limit = isNewest ? position + 1 : published.get();
    if (reading == null || position == reading.end) {
      next(limit);
      isNewest &= position == consumed.get();
      position = consumed.get();
    }
    long markPosition = peekMark();
    if (markPosition <= position) {
      return MARK;
    }
    limit = Math.min(limit, markPosition);
    if (limit <= position || reading == null) {
      return EMPTY;
    }
    if (isNewest) {
      batch = newest.batch();
      return ROWS;
    }
    Segment segment = reading;
    int from = segment.base + (int) (position - segment.start);
    long count = Math.min(Math.min(limit, segment.end) - position, maxRows);
    segment.view.range(from, from + (int) count);
    batch = segment.view;
    return ROWS;
  }

  /** Claims the next batch, where there is one: all rows before {@code limit} are in line or gone. */
  private void next(long limit) {
    if (reading != null) {
      release();
    }
    long index = claimed.get();
    while (index < opened.get()) {
      Segment segment = slots[(int) index & slotMask];
      if (claimed.compareAndSet(index, index + 1)) {
        reading = segment;
        skipTo(segment.start);
        return;
      }
      index = claimed.get();
    }
    skipTo(Math.max(consumed.get(), limit));
  }

  /** The rows before a position that were not read have been dropped. */
  private void skipTo(long newPosition) {
    long position = consumed.get();
    if (newPosition > position) {
      skipped.set(skipped.get() + newPosition - position);
      consumed.set(newPosition);
    }
  }

  /** Where the next mark is; MAX_VALUE where there is none. */
  private long peekMark() {
    while (true) {
      long index = markHead.get();
      if (index >= markTail.get()) {
        return Long.MAX_VALUE;
      }
      markIndex = index;
      mark = marks[(int) index & MARKS - 1];
      long markPosition = markPositions[(int) index & MARKS - 1];
      VarHandle.loadLoadFence();
      if (markHead.get() == index) {
        return markPosition;
      } // else it was dropped, and what was read may be of another one
    }
  }

  /** The rows {@link #poll} found, on loan. */
  public Batch batch() {
    return batch;
  }

  /** The mark {@link #poll} found. */
  public long mark() {
    return mark;
  }

  /** Gives the first {@code rows} rows of the loan back for good. */
  public void consume(int rows) {
    long position = consumed.get() + rows;
    if (position == reading.end) {
      release();
    }
    consumed.set(position);
  }

  /** Is through with the mark. It may be part of a later one by now, and then comes again. */
  public void consumeMark() {
    markHead.compareAndSet(markIndex, markIndex + 1);
  }

  /** The position behind the last consumed row; any thread. */
  public long consumedPosition() {
    return consumed.get();
  }

  /** The number of marks ever consumed; any thread. */
  public long consumedMarks() {
    return markHead.get();
  }

  /** Rows published, not consumed and not dropped; any thread, approximate while others move. */
  public long size() {
    long unskipped = dropped.get() - skipped.get();
    return Math.max(0, published.get() - consumed.get() - unskipped);
  }

  private void release() {
    Segment done = reading;
    reading = null;
    if (done.foreign) {
      done.batch.close();
    }
    giveBacks[(int) returnCount & slotMask] = done;
    returned.set(++returnCount);
  }

  /** Says that a producer may still write to the ring: {@link #close} frees nothing from now on. */
  public void abandon() {
    abandoned = true;
  }

  @Override
  public void close() {
    if (abandoned) {
      return;
    }
    reclaim();
    for (long index = claimed.get(); index < openedCount; index++) {
      slots[(int) index & slotMask].batch.close();
    }
    claimed.set(openedCount);
    if (reading != null) {
      reading.batch.close();
      reading = null;
    }
    while (freeCount > 0) {
      free[--freeCount].batch.close();
    }
    if (newest != null) {
      newest.close();
    }
    onClose.run();
  }
}
