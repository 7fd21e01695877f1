package io.laminardb.core.operator.over;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.operator.aggregate.GroupExpiries;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;

/**
 * What operators share that keep the rows of each partition in order: the rows of a batch are brought
 * in first, then each partition that changed <em>settles</em>, which emits what is different now. So
 * a partition is worked on once a batch, however many rows it got. Partitions with a time attribute
 * in their key are freed when the watermark has passed it, and a row for one that is gone is late.
 */
abstract class PartitionOperator implements Operator {
  private static final int SEQUENCE = PartitionedRows.WORDS;
  private static final int DIRTY = SEQUENCE + 8;
  private static final int EXPIRY = DIRTY + 8; // two words

  /** Words of a partition that belong to this class. */
  private static final int OWN_WORDS = 4;

  /** Where the words of subclasses begin. */
  static final int WORDS = PartitionedRows.WORDS + 8 * OWN_WORDS;

  /** Changes that one row of input, or one row that settles, may need room for. */
  private static final int ROOM = 2;

  final OperatorContext context;
  final PartitionedRows rows;
  final Batch out; // what the output has not accepted yet

  private final OverMode mode;
  private final TimeHeap times; // of partitions with a time, by that time
  private final ArrowBuf scanned; // one partition
  private final int[] found = new int[1];
  private final LongList dirty = new LongList();
  private int settled; // how many of the dirty ones have
  private int next = -1; // row of the batch in flight, or -1
  private long sequence;
  private long watermarkNs = Watermark.NONE;
  private long scanAt;
  private boolean ended;
  private final GroupExpiries expiries; // null where partitions are kept
  private long expiring; // a partition that is being taken back, or 0
  private boolean timed; // a timer has been asked for

  PartitionOperator(
      Schema input,
      Schema output,
      List<Integer> partition,
      List<SortOperator.Key> keys,
      OverMode mode,
      int words,
      boolean ownsTags,
      OperatorContext context) {
    this.context = context;
    this.mode = mode;
    this.expiries = mode.stateTtlNs() == 0 ? null : new GroupExpiries(mode.stateTtlNs(), EXPIRY);
    this.times = new TimeHeap(context.allocator());
    this.scanned = StateMemory.allocate(context.allocator(), 8);
    PartitionedRows opened = null;
    try {
      opened =
          new PartitionedRows(
              input, partition, keys, OWN_WORDS + words, ownsTags, context.allocator());
      out = new Batch(output, Math.max(ROOM, context.batchCapacity()), context.allocator());
    } catch (RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      scanned.close();
      throw e;
    }
    this.rows = opened;
  }

  /** Brings the row looked at into its partition. */
  abstract void add(long partition);

  /** Takes the row looked at out of its partition; there is room for one change in {@link #out}. */
  abstract void take(long partition);

  /**
   * Emits what is different now in a partition; called again after false until it is done.
   *
   * @return false when the output refuses
   */
  abstract boolean settle(long partition, Output output);

  /** As {@link #settle}, of a partition of which nothing was emitted and which will not change. */
  abstract boolean complete(long partition, Output output);

  /** Whether a row was emitted and not taken back. */
  abstract boolean isEmitted(long row);

  /** Writes a row with what it was emitted with to {@link #out}. */
  abstract void emit(long row, int weight);

  final boolean isFinal() {
    return mode.isFinal();
  }

  @Override
  public final Progress process(int port, Batch batch, Output output) {
    int row = next < 0 ? batch.from() : next;
    for (; row < batch.to(); row++) {
      if (!hasRoom(output)) {
        next = row;
        return Progress.BLOCKED;
      }
      apply(batch, row);
    }
    next = row;
    for (; settled < dirty.size(); settled++) {
      long partition = dirty.get(settled);
      if (!settle(partition, output)) {
        return Progress.BLOCKED;
      }
      Memory.putLong(partition + DIRTY, 0);
      if (mode.timeColumn() < 0 && PartitionedRows.isEmpty(partition)) {
        rows.drop(partition);
      }
    }
    if (!output.flush(out)) {
      return Progress.BLOCKED;
    }
    dirty.clear();
    settled = 0;
    next = -1;
    askForTimer();
    return Progress.NEEDS_INPUT;
  }

  private void apply(Batch batch, int row) {
    rows.look(batch, row);
    long timeNs = timeOf(batch, row);
    if (timeNs != Watermark.NONE && timeNs < watermarkNs) {
      context.lateRow(batch, row);
      return;
    }
    long partition = rows.find();
    boolean takes = batch.weight(row) < 0;
    if (expiries != null && takes && (partition == 0 || rows.placeOfEqual(partition) < 0)) {
      context.expiredRows(1); // what it takes back has been forgotten
      return;
    }
    if (partition == 0) {
      partition = rows.partition();
      Memory.putLong(partition + SEQUENCE, sequence);
      if (timeNs != Watermark.NONE) {
        times.add(timeNs, sequence, partition);
      }
      sequence++;
    }
    if (expiries != null) {
      expiries.touch(partition, context.nowEpochNs());
    }
    if (takes) {
      take(partition);
    } else if (!rows.settles(partition)) {
      add(partition);
    } else {
      markDirty(partition); // it may be empty now
    }
  }

  /** The time of a row's partition, or NONE. */
  private long timeOf(Batch batch, int row) {
    if (mode.timeColumn() < 0) {
      return Watermark.NONE;
    }
    Column time = batch.column(mode.timeColumn());
    return time.isNull(row)
        ? Watermark.NONE
        : TimeUnits.toNanos(time.getLong(row), mode.nanosPerUnit());
  }

  /** Has a partition settle at the end of the batch; nothing in a mode that emits once. */
  final void markDirty(long partition) {
    if (!mode.isFinal() && Memory.getLong(partition + DIRTY) == 0) {
      Memory.putLong(partition + DIRTY, 1);
      dirty.add(partition);
    }
  }

  /** Makes room for an update in {@link #out}. */
  final boolean hasRoom(Output output) {
    return out.capacity() - out.rowCount() >= ROOM || output.flush(out);
  }

  private void askForTimer() {
    if (expiries != null && !timed && expiries.firstNs() != Watermark.NONE) {
      context.timerAt(expiries.firstNs());
      timed = true;
    }
  }

  /** Takes partitions back that no row has come to for so long, and forgets them. */
  @Override
  public final Progress timer(long nowEpochNs, Output output) {
    while (expiries != null
        && (expiring != 0 || (expiring = expiries.next(rows.table(), nowEpochNs)) != 0)) {
      for (int count = PartitionedRows.count(expiring); count > 0; count--) {
        if (!hasRoom(output)) {
          return Progress.BLOCKED;
        }
        long row = PartitionedRows.row(expiring, count - 1);
        if (isEmitted(row)) {
          emit(row, -1);
        }
        rows.remove(expiring, count - 1, count);
        context.expiredRows(1);
      }
      rows.drop(expiring);
      expiring = 0;
    }
    if (!output.flush(out)) {
      return Progress.BLOCKED;
    }
    timed = false;
    askForTimer();
    return Progress.NEEDS_INPUT;
  }

  @Override
  public final Progress watermark(int port, long newWatermarkNs, Output output) {
    if (newWatermarkNs == Watermark.IDLE || ended) {
      return output.watermark(newWatermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    boolean end = newWatermarkNs == Watermark.END;
    while (!times.isEmpty() && (end || times.time() < newWatermarkNs)) {
      long partition = times.value();
      if (mode.isFinal() && !complete(partition, output)) {
        return Progress.BLOCKED;
      }
      rows.drop(partition);
      times.remove();
    }
    if (!(end && mode.isFinal() ? completeRest(output) : output.flush(out))) {
      return Progress.BLOCKED;
    }
    if (!end && mode.isFinal() && mode.timeColumn() < 0) {
      return Progress.NEEDS_INPUT; // all rows are still to come
    }
    if (!output.watermark(newWatermarkNs)) {
      return Progress.BLOCKED;
    }
    watermarkNs = Math.max(watermarkNs, newWatermarkNs);
    ended = end;
    return Progress.NEEDS_INPUT;
  }

  /** Emits the partitions that have no time. */
  private boolean completeRest(Output output) {
    while (scanAt >= 0) {
      long at = scanAt;
      long after = rows.table().scan(at, scanned.memoryAddress(), 1, found);
      if (found[0] == 1 && !complete(Memory.getLong(scanned.memoryAddress()), output)) {
        return false;
      }
      scanAt = after;
    }
    return output.flush(out);
  }

  @Override
  public final void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(sequence);
    writer.putLong(watermarkNs);
    writer.putLong(scanAt);
    writer.putByte(ended ? 1 : 0);
    rows.writeHeader(writer);
    rows.writeGroups(writer, partition -> {});
  }

  @Override
  public final void restore(StateReader reader) {
    int[] free = {};
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        sequence = Math.max(sequence, reader.getLong());
        watermarkNs = Math.max(watermarkNs, reader.getLong());
        scanAt = reader.getLong();
        ended = reader.getByte() != 0;
        free = rows.readHeader(reader);
      } else {
        rows.readGroup(reader, this::restored);
      }
    }
    rows.finishRestore(free);
    if (expiries != null) {
      expiries.restored(rows.table(), scanned.memoryAddress(), found);
      askForTimer();
    }
  }

  private void restored(long partition) {
    if (mode.timeColumn() < 0 || PartitionedRows.count(partition) == 0) {
      return; // its rows were taken back, and it is as good as new
    }
    long bytes = PartitionedRows.bytesOf(PartitionedRows.row(partition, 0));
    if (!RowCodec.isNull(bytes, mode.timeColumn())) {
      long time = rows.codec().getLong(bytes, mode.timeColumn());
      times.add(
          TimeUnits.toNanos(time, mode.nanosPerUnit()),
          Memory.getLong(partition + SEQUENCE),
          partition);
    }
  }

  @Override
  public final long stateRows() {
    return rows.rows();
  }

  @Override
  public long stateBytes() {
    return rows.bytes() + times.bytes();
  }

  @Override
  public final Waiting waiting() {
    if (!mode.isFinal() || ended || rows.rows() == 0) {
      return null;
    }
    String what = "complete partitions, with " + rows.rows() + " rows";
    return new Waiting(what, times.isEmpty() ? Watermark.END : times.time() + 1);
  }

  @Override
  public void close() {
    rows.close();
    times.close();
    out.close();
    scanned.close();
  }
}
