package io.laminardb.core.operator.over;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.List;

/**
 * What operators share that look at partitions of append-only rows in event-time order. Rows wait
 * until the watermark is behind them, then go into their partitions in the order of time, of their
 * other sort keys and of arrival; all rows of one time together, after which each partition that got
 * some may {@link #advance}.
 *
 * <p>A partition that has rows or results to come before a time is <em>held</em> there, and so is the
 * watermark that is passed on. Owns rows, waiting ones too, and the output batch. One thread.
 */
public abstract class TimeOrderOperator implements Operator {
  private static final int TOUCHED = PartitionedRows.WORDS; // whether it is in the list
  private static final int SEQUENCE = TOUCHED + 8; // which partition came first
  private static final int ENTRIES = SEQUENCE + 8; // entries of heaps that name it

  /** Where the words of the subclass begin, in a partition. */
  protected static final int WORDS = ENTRIES + 8;

  private static final int OWN_WORDS = (WORDS - TOUCHED) / 8;

  /** Sequence numbers from here on are partitions that are due at a time, not rows. */
  private static final long READY = 1L << 62;

  /** What this operator runs in. */
  protected final OperatorContext context;

  /** The rows that are in their partitions. */
  protected final PartitionedRows rows;

  /** What the output has not accepted yet. */
  protected final Batch out;

  /** Nanoseconds of a unit of the time column. */
  protected final long nanosPerUnit;

  /** Rows of this time and before are in their partitions. */
  protected long present = Long.MIN_VALUE;

  private final Schema input;
  private final int timeColumn;
  private final TimeHeap waiting; // rows, and partitions that are due at a time
  private long waitingRows;
  private final TimeHeap held; // partitions by the time they are held at, some of them outdated
  private final LongList touched = new LongList();
  private int advanced; // how many of the touched ones have
  private long limit = Long.MIN_VALUE; // rows before this time are late
  private long passedNs = Watermark.NONE;
  private long sequence;
  private boolean ended;
  private boolean endCollected;

  /**
   * @param keys time first, ascending
   * @param words of the subclass, in each partition
   */
  protected TimeOrderOperator(
      Schema input,
      List<Integer> partition,
      List<SortOperator.Key> keys,
      int words,
      Schema output,
      OperatorContext context) {
    this.input = input;
    this.context = context;
    timeColumn = keys.get(0).column();
    nanosPerUnit = input.field(timeColumn).type().nanosPerUnit();
    rows =
        new PartitionedRows(input, partition, keys, OWN_WORDS + words, false, context.allocator());
    try {
      out = new Batch(output, Math.max(1, context.batchCapacity()), context.allocator());
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
    waiting = new TimeHeap(context.allocator());
    held = new TimeHeap(context.allocator());
  }

  // ---- what a subclass adds

  /**
   * Emits what is known of a partition, and frees what nobody will look at again.
   *
   * @param atEnd whether no more rows come
   * @return false when the output refused; the same call comes again
   */
  protected abstract boolean advance(long partition, boolean atEnd, Output output);

  /** Whether the partition still has something to come from this time on. */
  protected abstract boolean isHeld(long time, long partition);

  /** Whether nothing has to be remembered of a partition without rows. */
  protected boolean isForgettable(long partition) {
    return false;
  }

  /** Writes what belongs to a partition beside its rows and words. */
  protected abstract void writePartition(long partition, StateWriter writer);

  /** Reads that, and holds the partition where it was held. */
  protected abstract void readPartition(long partition, StateReader reader);

  /** Writes what belongs to no partition. */
  protected void writeHeader(StateWriter writer) {}

  /** Reads that. */
  protected void readHeader(StateReader reader) {}

  // ---- rows in

  @Override
  public Progress process(int port, Batch batch, Output output) {
    Column times = batch.column(timeColumn);
    for (int row = batch.from(); row < batch.to(); row++) {
      if (times.isNull(row)) {
        context.nullTimeRow();
      } else if (times.getLong(row) < limit) {
        context.lateRow(batch, row);
      } else {
        rows.look(batch, row);
        keep(times.getLong(row), sequence++);
      }
    }
    return Progress.NEEDS_INPUT;
  }

  /** Has the row looked at wait for the watermark; its tag is its partition. */
  private void keep(long time, long number) {
    long partition = rows.find();
    if (partition == 0) {
      partition = rows.partition();
      Memory.putLong(partition + SEQUENCE, number);
    }
    long stored = rows.store();
    PartitionedRows.tag(stored, partition);
    enter(waiting, time, number, stored, partition);
    waitingRows++;
  }

  private static void enter(TimeHeap heap, long time, long number, long value, long partition) {
    heap.add(time, number, value);
    Memory.putLong(partition + ENTRIES, Memory.getLong(partition + ENTRIES) + 1);
  }

  private void leave(TimeHeap heap, long partition) {
    heap.remove();
    Memory.putLong(partition + ENTRIES, Memory.getLong(partition + ENTRIES) - 1);
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    if (watermarkNs == Watermark.IDLE || ended) {
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    boolean end = watermarkNs == Watermark.END;
    long newLimit = end ? Long.MAX_VALUE : TimeUnits.notBefore(watermarkNs, nanosPerUnit);
    limit = Math.max(limit, newLimit);
    while (true) {
      if (!advanceTouched(end && endCollected, output)) {
        return Progress.BLOCKED;
      }
      if (!waiting.isEmpty() && (end || waiting.time() < newLimit)) {
        release();
      } else if (end && !endCollected) {
        collectUnfinished();
        endCollected = true;
      } else {
        break;
      }
    }
    if (!pass(output)) {
      return Progress.BLOCKED;
    }
    long passing = end ? Watermark.END : heldBack(watermarkNs);
    if (passing != Watermark.NONE && passing >= passedNs) {
      if (!output.watermark(passing)) {
        return Progress.BLOCKED;
      }
      passedNs = passing;
    }
    ended = end;
    return Progress.NEEDS_INPUT;
  }

  /** Brings all rows of the earliest time into their partitions, or lists a partition that is due. */
  private void release() {
    present = waiting.time();
    if (waiting.sequence() >= READY) {
      touch(waiting.value());
      leave(waiting, waiting.value());
      return;
    }
    while (!waiting.isEmpty() && waiting.time() == present && waiting.sequence() < READY) {
      long row = waiting.value();
      long partition = PartitionedRows.tag(row);
      PartitionedRows.tag(row, 0);
      rows.insert(partition, PartitionedRows.placeOf(row, partition), row);
      touch(partition);
      leave(waiting, partition);
      waitingRows--;
    }
  }

  private void touch(long partition) {
    if (Memory.getLong(partition + TOUCHED) == 0) {
      Memory.putLong(partition + TOUCHED, 1);
      touched.add(partition);
    }
  }

  /** At the end rows that wait for others get none. */
  private void collectUnfinished() {
    while (!held.isEmpty()) {
      if (isHeld(held.time(), held.value())) {
        touch(held.value());
      }
      leave(held, held.value());
    }
  }

  private boolean advanceTouched(boolean atEnd, Output output) {
    for (; advanced < touched.size(); advanced++) {
      long partition = touched.get(advanced);
      if (!advance(partition, atEnd, output)) {
        return false;
      }
      Memory.putLong(partition + TOUCHED, 0);
      forgetIfUnused(partition);
    }
    touched.clear();
    advanced = 0;
    return true;
  }

  private void forgetIfUnused(long partition) {
    if (Memory.getLong(partition + ENTRIES) == 0
        && Memory.getLong(partition + TOUCHED) == 0
        && PartitionedRows.isEmpty(partition)
        && isForgettable(partition)) {
      rows.drop(partition);
    }
  }

  // ---- for subclasses

  /** The bytes of a row of a partition. */
  protected static long bytes(long partition, int place) {
    return PartitionedRows.bytesOf(PartitionedRows.row(partition, place));
  }

  /** The time of a row of a partition, in units of its column. */
  protected final long time(long partition, int place) {
    return time(bytes(partition, place));
  }

  /** The time in the bytes of a row, in units of its column. */
  protected final long time(long bytes) {
    return rows.codec().getLong(bytes, timeColumn);
  }

  /** Holds a partition, and with it the watermark, at a time. */
  protected final void hold(long partition, long time) {
    enter(held, time, Memory.getLong(partition + SEQUENCE), partition, partition);
  }

  /** Lets a partition advance when all rows up to a time are there. */
  protected final void dueAt(long partition, long time) {
    enter(waiting, time, READY + Memory.getLong(partition + SEQUENCE), partition, partition);
  }

  /**
   * An expression failed on a row of a partition. Returns when such rows are skipped, throws
   * otherwise.
   */
  protected final void rowFailed(long row, RuntimeException failure) {
    rows.failed(row, failure, context);
  }

  /** Offers the output batch; false when it was refused. */
  protected final boolean pass(Output output) {
    if (out.rowCount() > 0) {
      if (!output.offer(out)) {
        return false;
      }
      out.clear();
    }
    return true;
  }

  /** The watermark for who follows: not beyond a row that is still to come. */
  private long heldBack(long watermarkNs) {
    while (!held.isEmpty() && !isHeld(held.time(), held.value())) {
      long partition = held.value();
      leave(held, partition);
      forgetIfUnused(partition);
    }
    return held.isEmpty()
        ? watermarkNs
        : Math.min(watermarkNs, TimeUnits.toNanos(held.time(), nanosPerUnit));
  }

  // ---- snapshots

  @Override
  public final void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(sequence);
    writer.putLong(present);
    writer.putLong(limit);
    writer.putLong(passedNs);
    writer.putByte(ended ? 1 : 0);
    writer.putByte(endCollected ? 1 : 0);
    writeHeader(writer);
    rows.writeHeader(writer);
    rows.writeGroups(writer, partition -> writePartition(partition, writer));
    writer.section(StateWriter.NO_KEY_GROUP);
    for (int i = 0; i < waiting.size(); i++) {
      if (waiting.sequence(i) < READY) {
        writer.putLong(waiting.time(i));
        writer.putLong(waiting.sequence(i));
        rows.writeRow(waiting.value(i), writer);
      }
    }
  }

  @Override
  public final void restore(StateReader reader) {
    int[] free = {};
    boolean hasHeader = false;
    while (reader.hasSection()) {
      if (reader.section() != StateWriter.NO_KEY_GROUP) {
        rows.readGroup(reader, partition -> restorePartition(partition, reader));
      } else if (hasHeader) {
        readWaiting(reader);
        hasHeader = false;
      } else {
        free = restoreHeader(reader);
        hasHeader = true;
      }
    }
    rows.finishRestore(free);
  }

  private void restorePartition(long partition, StateReader reader) {
    Memory.putLong(partition + ENTRIES, 0);
    readPartition(partition, reader);
  }

  private int[] restoreHeader(StateReader reader) {
    sequence = Math.max(sequence, reader.getLong());
    present = Math.max(present, reader.getLong());
    limit = Math.max(limit, reader.getLong());
    passedNs = Math.max(passedNs, reader.getLong());
    ended = reader.getByte() != 0;
    endCollected = reader.getByte() != 0;
    readHeader(reader);
    return rows.readHeader(reader);
  }

  private void readWaiting(StateReader reader) {
    try (Batch row = new Batch(input, 1, context.allocator())) {
      while (reader.hasMore()) {
        long time = reader.getLong();
        long number = reader.getLong();
        long stored = rows.readRow(reader);
        row.clear();
        rows.codec().read(PartitionedRows.bytesOf(stored), row);
        rows.look(row, 0);
        long partition = rows.find();
        PartitionedRows.tag(stored, partition);
        enter(waiting, time, number, stored, partition);
        waitingRows++;
      }
    }
  }

  @Override
  public long stateRows() {
    return rows.rows() + waitingRows;
  }

  @Override
  public long stateBytes() {
    return rows.bytes() + waiting.bytes() + held.bytes();
  }

  @Override
  public Waiting waiting() {
    if (ended || waitingRows == 0 && held.isEmpty()) {
      return null;
    }
    long time = waitingRows == 0 ? held.time() : waiting.time();
    return new Waiting(
        "the watermark to pass " + stateRows() + " rows",
        TimeUnits.toNanos(time, nanosPerUnit) + 1);
  }

  @Override
  public void close() {
    rows.close();
    waiting.close();
    held.close();
    out.close();
  }
}
