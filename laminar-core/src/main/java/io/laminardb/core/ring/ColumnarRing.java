package io.laminardb.core.ring;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
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
 * answer false, and the same call comes again later. {@link #close} may be called when both threads
 * have stopped.
 */
public final class ColumnarRing implements AutoCloseable {
  /** {@link #poll}: nothing is published. */
  public static final int EMPTY = 0;

  /** {@link #poll}: rows are on loan in {@link #batch()}. */
  public static final int ROWS = 1;

  /** {@link #poll}: a mark is next, see {@link #mark()}. */
  public static final int MARK = 2;

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

  private final Sequence published = new Sequence();
  private final Sequence consumed = new Sequence();
  private final Sequence released = new Sequence();
  private final Sequence markTail = new Sequence();
  private final Sequence markHead = new Sequence();

  // The producer's.
  private final Segment[] free = new Segment[KEPT_FREE];
  private final long[] textBytes;
  private int freeCount;
  private final Segment[] freeShells = new Segment[KEPT_SHELLS];
  private int shellCount;
  private Segment shell; // whose batch is being filled by the producer
  private Segment writing;
  private long opened;
  private long reclaimed;
  private long releasedSeen;
  private long written;
  private long markCount;
  private int publishEvery = 1;
  private long unpublished;
  private volatile boolean abandoned;
  private Runnable onClose = () -> {};

  // The consumer's.
  private Segment reading;
  private long position;
  private long segmentIndex;
  private long markIndex;

  /**
   * A ring of about {@code capacityRows} rows, with batches of at most {@link
   * Batch#DEFAULT_CAPACITY}.
   */
  public ColumnarRing(Schema schema, int capacityRows, BufferAllocator allocator) {
    if (capacityRows < 1) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION, "a ring of " + capacityRows + " rows cannot hold any.")
          .mend("Give it at least 1.");
    }
    this.schema = requireNonNull(schema, "schema");
    this.allocator = requireNonNull(allocator, "allocator");
    segmentRows = Math.max(1, Math.min(Batch.DEFAULT_CAPACITY, capacityRows / 4));
    spareSegments = hasTexts(schema) ? 1 : 0;
    segmentLimit = (capacityRows + segmentRows - 1) / segmentRows + 1 + spareSegments;
    slots = new Segment[Math.max(4, Integer.highestOneBit(segmentLimit - 1) << 1)];
    slotMask = slots.length - 1;
    textBytes = new long[schema.size()];
  }

  private static boolean hasTexts(Schema schema) {
    return schema.fields().stream().anyMatch(field -> field.type().isVariableWidth());
  }

  public Schema schema() {
    return schema;
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
      if (!hasFree(1 + spareSegments)) {
        flush();
        return false;
      }
      seal();
      open();
    } else if (spareSegments > 0 && !hasFree(1)) {
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
      seal();
      open();
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
    written++;
    if (++unpublished >= publishEvery) {
      flush();
    }
  }

  /** Publishes all ended rows. */
  public void flush() {
    if (unpublished != 0) {
      unpublished = 0;
      published.set(written);
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
        if (!hasFree(1)) {
          break;
        }
        seal();
        open();
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
      written += fitting;
      unpublished += fitting;
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
    if (!hasFree(1)) {
      return false;
    }
    seal();
    reclaim();
    slots[(int) opened & slotMask] = foreign(batch);
    opened++;
    written += batch.size();
    unpublished = batch.size();
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
      return Segment.foreign(batch, written);
    }
    shell = null;
    segment.cover(written);
    return segment;
  }

  /** Puts a mark behind the rows so far; false where too many marks wait. */
  public boolean offerMark(long value) {
    flush();
    if (markCount - markHead.get() >= MARKS) {
      return false;
    }
    int at = (int) markCount & MARKS - 1;
    markPositions[at] = written;
    marks[at] = value;
    markTail.set(++markCount);
    return true;
  }

  /** The position behind the last published row; any thread. */
  public long publishedPosition() {
    return published.get();
  }

  /** The number of marks ever put; any thread. */
  public long publishedMarks() {
    return markTail.get();
  }

  private boolean hasFree(int count) {
    if (opened + count - releasedSeen <= segmentLimit) {
      return true;
    }
    releasedSeen = released.get();
    return opened + count - releasedSeen <= segmentLimit;
  }

  private void seal() {
    if (writing != null) {
      writing.end = writing.start + writing.batch.rowCount();
      writing = null;
    }
  }

  private Segment open() {
    reclaim();
    Segment segment;
    if (freeCount > 0) {
      segment = free[--freeCount];
      segment.batch.clear();
      segment.end = Long.MAX_VALUE;
    } else {
      segment = new Segment(allocate());
    }
    for (int i = 0; i < textBytes.length; i++) {
      if (textBytes[i] != 0) {
        segment.columns[i].reserve(textBytes[i]);
      }
    }
    segment.start = written;
    slots[(int) opened & slotMask] = segment;
    opened++;
    writing = segment;
    return segment;
  }

  private Batch allocate() {
    try {
      return new Batch(schema, segmentRows, allocator);
    } catch (OutOfMemoryException e) {
      throw new LaminarException(
              ErrorCode.MEMORY_BUDGET_EXCEEDED, "no memory is left for rows on their way.", e)
          .mend("Raise memoryBudget, or make buffers smaller.");
    }
  }

  /** Takes back the batches the consumer is through with. */
  private void reclaim() {
    releasedSeen = released.get();
    for (; reclaimed < releasedSeen; reclaimed++) {
      int slot = (int) reclaimed & slotMask;
      Segment segment = slots[slot];
      slots[slot] = null;
      if (segment.foreign) {
        if (shellCount < KEPT_SHELLS && segment.batch.isImported()) {
          freeShells[shellCount++] = segment;
        }
        continue;
      }
      if (freeCount < KEPT_FREE && !segment.oversized) {
        free[freeCount++] = segment;
      } else {
        segment.batch.close();
      }
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
    long limit = published.get();
    if (markIndex < markTail.get()) {
      long markPosition = markPositions[(int) markIndex & MARKS - 1];
      if (markPosition == position) {
        return MARK;
      }
      limit = Math.min(limit, markPosition);
    }
    if (limit <= position) {
      return EMPTY;
    }
    Segment segment = segment();
    int from = segment.base + (int) (position - segment.start);
    long count = Math.min(Math.min(limit, segment.end) - position, maxRows);
    segment.view.range(from, from + (int) count);
    return ROWS;
  }

  /** The rows {@link #poll} found, on loan. */
  public Batch batch() {
    return reading.view;
  }

  /** The mark {@link #poll} found. */
  public long mark() {
    return marks[(int) markIndex & MARKS - 1];
  }

  /** Gives the first {@code rows} rows of the loan back for good. */
  public void consume(int rows) {
    position += rows;
    if (position == reading.end) {
      release();
    }
    consumed.set(position);
  }

  /** Is through with the mark. */
  public void consumeMark() {
    markHead.set(++markIndex);
  }

  /** The position behind the last consumed row; any thread. */
  public long consumedPosition() {
    return consumed.get();
  }

  /** The number of marks ever consumed; any thread. */
  public long consumedMarks() {
    return markHead.get();
  }

  /** Rows published and not consumed; any thread, approximate while others move. */
  public long size() {
    return Math.max(0, published.get() - consumed.get());
  }

  /** Whether rows or marks wait; the consumer's thread. */
  public boolean hasMore() {
    return published.get() > position || markTail.get() > markIndex;
  }

  /** The segment of the next row, which is published. */
  private Segment segment() {
    while (true) {
      if (reading == null) {
        reading = slots[(int) segmentIndex & slotMask];
      }
      if (position != reading.end) {
        return reading;
      }
      release();
    }
  }

  private void release() {
    if (reading.foreign) {
      reading.batch.close();
    }
    reading = null;
    released.set(++segmentIndex);
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
    seal();
    reclaim();
    for (; reclaimed < opened; reclaimed++) {
      int slot = (int) reclaimed & slotMask;
      slots[slot].batch.close();
      slots[slot] = null;
    }
    while (freeCount > 0) {
      free[--freeCount].batch.close();
    }
    reading = null;
    onClose.run();
  }
}
