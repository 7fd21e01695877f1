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
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.core.state.KeyWatermarks;
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
  private static final int KEY = ENTRIES + 8; // whose watermark it goes by, where keys have some

  /** Where the words of the subclass begin, in a partition. */
  protected static final int WORDS = KEY + 8;

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
  private final DueByKey byKey; // those where keys have watermarks of their own, else null
  private int nextRow = -1; // where keys have, of the batch; -1 between two of them
  private boolean releasing; // whether that row has moved its key's watermark
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
   * @param keyTime of rows whose keys, which are part of the partition, have watermarks of their own;
   *     null where there is one for all
   * @param words of the subclass, in each partition
   */
  protected TimeOrderOperator(
      Schema input,
      List<Integer> partition,
      List<SortOperator.Key> keys,
      KeyTime keyTime,
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
    byKey = keyTime == null ? null : new DueByKey(keyTime, rows.heap(), context.allocator());
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
    if (byKey != null) {
      return processByKey(batch, output);
    }
    Column times = batch.column(timeColumn);
    for (int row = batch.from(); row < batch.to(); row++) {
      if (times.isNull(row)) {
        context.nullTimeRow();
      } else if (times.getLong(row) < limit) {
        context.lateRow(batch, row);
      } else {
        rows.look(batch, row);
        keep(times.getLong(row), sequence++, 0);
      }
    }
    return Progress.NEEDS_INPUT;
  }

  /** Has the row looked at wait for the watermark, its key's if that is not 0; its tag is its partition. */
  private void keep(long time, long number, long key) {
    long partition = rows.find();
    if (partition == 0) {
      partition = rows.partition();
      Memory.putLong(partition + SEQUENCE, number);
    }
    Memory.putLong(partition + KEY, key);
    wait(rows.store(), partition, time, number);
  }

  private void wait(long row, long partition, long time, long number) {
    PartitionedRows.tag(row, partition);
    enterWaiting(time, number, row, partition);
    waitingRows++;
  }

  private void enterWaiting(long time, long number, long value, long partition) {
    if (byKey == null) {
      waiting.add(time, number, value);
    } else {
      byKey.add(Memory.getLong(partition + KEY), time, number, value);
    }
    entered(partition);
  }

  private static void entered(long partition) {
    Memory.putLong(partition + ENTRIES, Memory.getLong(partition + ENTRIES) + 1);
  }

  private static void leave(DueRows due, long partition) {
    due.remove();
    Memory.putLong(partition + ENTRIES, Memory.getLong(partition + ENTRIES) - 1);
  }

  /** Row by row, as each may move the watermark of its key and so release what waited for that. */
  private Progress processByKey(Batch batch, Output output) {
    nextRow = nextRow < 0 ? batch.from() : nextRow;
    for (; nextRow < batch.to(); nextRow++) {
      if (!releasing) {
        releasing = takeByKey(batch, nextRow, batch.column(timeColumn));
      }
      if (releasing && !release(byKey, byKey.limit(byKey.key()), false, output)) {
        return Progress.BLOCKED;
      }
      releasing = false;
    }
    if (!pass(output)) {
      return Progress.BLOCKED;
    }
    nextRow = -1;
    return Progress.NEEDS_INPUT;
  }

  /** Whether the row has moved the watermark of its key, to which {@link #byKey} then is. */
  private boolean takeByKey(Batch batch, int row, Column times) {
    if (times.isNull(row)) {
      context.nullTimeRow();
      return false;
    }
    long key = byKey.marks().key(batch, row);
    if (times.getLong(row) < byKey.limit(key)) {
      context.lateRow(batch, row);
    } else {
      rows.look(batch, row);
      keep(times.getLong(row), sequence++, key);
    }
    byKey.to(key);
    return byKey.marks().raise(key, times.getLong(row));
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    if (watermarkNs == Watermark.IDLE || ended) {
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    boolean end = watermarkNs == Watermark.END;
    long newLimit = end ? Long.MAX_VALUE : TimeUnits.notBefore(watermarkNs, nanosPerUnit);
    limit = Math.max(limit, newLimit);
    boolean released =
        byKey == null
            ? release(waiting, newLimit, end, output)
            : end ? releaseKeys(output) : releaseOvertaken(watermarkNs, newLimit, output);
    if (!released) {
      return Progress.BLOCKED;
    }
    if (end && !endCollected) {
      collectUnfinished();
      endCollected = true;
      if (!release(waiting, newLimit, true, output)) {
        return Progress.BLOCKED;
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

  /** Lets partitions advance with what is due before a time; false for back-pressure. */
  private boolean release(DueRows due, long before, boolean end, Output output) {
    while (advanceTouched(end && endCollected, output)) {
      if (due.isEmpty() || !end && due.time() >= before) {
        return true;
      }
      releaseFirst(due);
    }
    return false;
  }

  /** Releases all there is; false for back-pressure. */
  private boolean releaseKeys(Output output) {
    byKey.floor(Long.MAX_VALUE);
    for (int i = 0; i < byKey.marks().size(); i++) {
      byKey.to(byKey.marks().get(i));
      if (!release(byKey, Long.MAX_VALUE, true, output)) {
        return false;
      }
    }
    return advanceTouched(endCollected, output);
  }

  /**
   * Releases rows of keys that are behind the watermark of all: they have fallen silent, or the source
   * has promised. Such a key is forgotten with its last row; should it speak again, it is late before
   * that watermark, as a new one is. False for back-pressure.
   */
  private boolean releaseOvertaken(long watermarkNs, long newLimit, Output output) {
    if (!byKey.isNew(watermarkNs)) {
      return true; // a key that came later is not behind it for that
    }
    KeyWatermarks marks = byKey.marks();
    boolean overtaken = marks.isEmpty();
    while (!marks.isEmpty() && marks.least() < watermarkNs) {
      overtaken = true;
      long key = marks.slowest();
      byKey.to(key);
      if (!release(byKey, newLimit, false, output)) {
        return false;
      }
      if (byKey.isEmpty()) {
        marks.removeSlowest();
      } else {
        marks.overtake(key, watermarkNs);
      }
    }
    if (overtaken) {
      byKey.floor(newLimit);
    }
    byKey.overtaken(watermarkNs);
    return true;
  }

  /** Brings all rows of the earliest time into their partitions, or lists a partition that is due. */
  private void releaseFirst(DueRows due) {
    present = due.time();
    if (due.sequence() >= READY) {
      touch(due.value());
      leave(due, due.value());
      return;
    }
    while (!due.isEmpty() && due.time() == present && due.sequence() < READY) {
      long row = due.value();
      long partition = PartitionedRows.tag(row);
      PartitionedRows.tag(row, 0);
      rows.insert(partition, PartitionedRows.placeOf(row, partition), row);
      touch(partition);
      leave(due, partition);
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
    held.add(time, Memory.getLong(partition + SEQUENCE), partition);
    entered(partition);
  }

  /** Lets a partition advance when all rows up to a time are there. */
  protected final void dueAt(long partition, long time) {
    if (byKey == null || !endCollected) { // keys are forgotten, and at the end nothing is due
      enterWaiting(time, READY + Memory.getLong(partition + SEQUENCE), partition, partition);
    }
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
    if (byKey != null) {
      byKey.snapshot(writer);
    }
    writeHeader(writer);
    rows.writeHeader(writer);
    rows.writeGroups(writer, partition -> writePartition(partition, writer));
    writer.section(StateWriter.NO_KEY_GROUP);
    for (int i = 0; i < waiting.size(); i++) {
      writeWaiting(waiting.time(i), waiting.sequence(i), waiting.value(i), writer);
    }
    if (byKey != null) {
      LongList nodes = new LongList();
      byKey.list(nodes);
      for (int i = 0; i < nodes.size(); i++) {
        long node = nodes.get(i);
        writeWaiting(DueByKey.time(node), DueByKey.sequence(node), DueByKey.value(node), writer);
      }
    }
  }

  private void writeWaiting(long time, long number, long value, StateWriter writer) {
    if (number < READY) {
      writer.putLong(time);
      writer.putLong(number);
      rows.writeRow(value, writer);
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
    if (byKey != null && !PartitionedRows.isEmpty(partition)) {
      Memory.putLong(partition + KEY, keyOf(bytes(partition, 0)));
    }
    readPartition(partition, reader);
  }

  /** The key of a row that is given as bytes. */
  private long keyOf(long bytes) {
    try (Batch row = new Batch(input, 1, context.allocator())) {
      rows.codec().read(bytes, row);
      return byKey.marks().key(row, 0);
    }
  }

  private int[] restoreHeader(StateReader reader) {
    sequence = Math.max(sequence, reader.getLong());
    present = Math.max(present, reader.getLong());
    limit = Math.max(limit, reader.getLong());
    passedNs = Math.max(passedNs, reader.getLong());
    ended = reader.getByte() != 0;
    endCollected = reader.getByte() != 0;
    if (byKey != null) {
      byKey.restore(reader);
    }
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
        if (byKey != null) {
          Memory.putLong(partition + KEY, byKey.marks().key(row, 0));
        }
        wait(stored, partition, time, number);
      }
    }
  }

  @Override
  public long stateRows() {
    return rows.rows() + waitingRows;
  }

  @Override
  public long stateBytes() {
    long keys = byKey == null ? 0 : byKey.marks().bytes();
    return rows.bytes() + waiting.bytes() + held.bytes() + keys;
  }

  @Override
  public Waiting waiting() {
    if (ended || waitingRows == 0 && held.isEmpty()) {
      return null;
    }
    long time = waitingRows == 0 ? held.time() : byKey == null ? waiting.time() : byKey.earliest();
    return new Waiting(
        "the watermark to pass " + stateRows() + " rows",
        TimeUnits.toNanos(time, nanosPerUnit) + 1);
  }

  @Override
  public void close() {
    rows.close();
    waiting.close();
    held.close();
    if (byKey != null) {
      byKey.close();
    }
    out.close();
  }
}
