package io.laminardb.core.operator.over;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.Arrays;

/**
 * Functions over partitions in event-time order, of append-only rows: each row is emitted once. Rows
 * wait until the watermark is behind them, then go into their partitions in the order of time and of
 * arrival; all rows of one time together, so that peers see each other. A result that needs rows
 * ahead waits for them, or for the watermark to pass as far as its frame reaches.
 *
 * <p>Rows that no frame reaches back to are freed. What the operator holds back holds its watermark
 * back: nothing is emitted that is behind it.
 */
public final class TimeOrderOverOperator implements Operator {
  private static final int DONE = PartitionedRows.WORDS; // rows that were emitted, of those kept
  private static final int GONE = DONE + 8; // rows that were freed
  private static final int GROUPS = GONE + 8; // groups of peers before that of the next row
  private static final int TOUCHED = GROUPS + 8; // whether it is in the list
  private static final int SEQUENCE = TOUCHED + 8; // which partition came first
  private static final int HELD = SEQUENCE + 8; // the row, counted from 1, that was last held
  private static final int FRAMES = HELD + 8; // for each: group, first place, place behind the last
  private static final int FRAME_WORDS = 3;

  /** Sequence numbers from here on are partitions whose next row is ready, not rows. */
  private static final long READY = 1L << 62;

  /**
   * Makes them.
   *
   * @param spec ordered by time first, ascending
   * @param generatedSource of the kernels, or null
   */
  public record Factory(OverSpec spec, String generatedSource) implements OperatorFactory {
    public Factory {
      requireNonNull(spec, "spec");
      if (spec.keys().isEmpty() || spec.keys().get(0).descending() || spec.input().isChangelog()) {
        throw new IllegalArgumentException("append-only rows in the order of time");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new TimeOrderOverOperator(spec, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    @Override
    public String fingerprint() {
      return "in time order " + spec.fingerprint();
    }
  }

  private final OverSpec spec;
  private final OperatorContext context;
  private final int timeColumn;
  private final long nanosPerUnit;
  private final long rowsAhead;
  private final long timeAhead; // in units of the time column
  private final long groupsAhead;
  private final int firstRows;
  private final PartitionedRows rows;
  private final OverEvaluator evaluator;
  private final TimeHeap waiting; // rows, and partitions that are ready at a time
  private final TimeHeap held; // partitions by the time of their next row, some of them outdated
  private final Batch out; // what the output has not accepted yet
  private final LongList touched = new LongList();
  private int advanced; // how many of the touched ones have
  private boolean isOpen; // the evaluator is about the partition that is advancing
  private long present = Long.MIN_VALUE; // rows of this time and before are in their partitions
  private long limit = Long.MIN_VALUE; // rows before this time are late
  private long passedNs = Watermark.NONE;
  private long sequence;
  private boolean ended;
  private boolean endCollected;

  private TimeOrderOverOperator(OverSpec spec, OperatorContext context) {
    this.spec = spec;
    this.context = context;
    timeColumn = spec.keys().get(0).column();
    nanosPerUnit = spec.input().field(timeColumn).type().nanosPerUnit();
    rowsAhead = spec.rowsAhead();
    timeAhead = spec.ahead(Frame.Unit.RANGE);
    groupsAhead = spec.ahead(Frame.Unit.GROUPS);
    firstRows = spec.firstRows();
    int words = (FRAMES - DONE) / 8 + FRAME_WORDS * spec.frames().size();
    rows =
        new PartitionedRows(
            spec.input(), spec.partition(), spec.keys(), words, false, context.allocator());
    OverEvaluator opened = null;
    try {
      opened = new OverEvaluator(spec, rows, context.allocator());
      out = new Batch(spec.output(), Math.max(1, context.batchCapacity()), context.allocator());
    } catch (RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      rows.close();
      throw e;
    }
    evaluator = opened;
    waiting = new TimeHeap(context.allocator());
    held = new TimeHeap(context.allocator());
  }

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
    waiting.add(time, number, stored);
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    if (watermarkNs == Watermark.IDLE || ended) {
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    boolean end = watermarkNs == Watermark.END;
    long newLimit = end ? Long.MAX_VALUE : unitsUpTo(watermarkNs);
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

  /** The first time, in units of the column, that is not before a watermark. */
  private long unitsUpTo(long watermarkNs) {
    return watermarkNs == Watermark.NONE
        ? Long.MIN_VALUE
        : -Math.floorDiv(-watermarkNs, nanosPerUnit);
  }

  /** Brings all rows of the earliest time into their partitions, or lists a partition that is ready. */
  private void release() {
    present = waiting.time();
    if (waiting.sequence() >= READY) {
      touch(waiting.value());
      waiting.remove();
      return;
    }
    while (!waiting.isEmpty() && waiting.time() == present && waiting.sequence() < READY) {
      long row = waiting.value();
      long partition = PartitionedRows.tag(row);
      PartitionedRows.tag(row, 0);
      rows.insert(partition, PartitionedRows.placeOf(row, partition), row);
      touch(partition);
      waiting.remove();
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
      held.remove();
    }
  }

  private boolean advanceTouched(boolean atEnd, Output output) {
    for (; advanced < touched.size(); advanced++) {
      long partition = touched.get(advanced);
      if (!advance(partition, atEnd, output)) {
        return false;
      }
      Memory.putLong(partition + TOUCHED, 0);
    }
    touched.clear();
    advanced = 0;
    return true;
  }

  /** Emits the rows of a partition whose results are known. */
  private boolean advance(long partition, boolean atEnd, Output output) {
    int count = PartitionedRows.count(partition);
    int first = (int) Memory.getLong(partition + DONE);
    int place = first;
    if (!isOpen) {
      open(partition);
    }
    long gone = Memory.getLong(partition + GONE);
    while (place < count && (atEnd || isKnown(partition, place, count))) {
      if (out.isFull() && !pass(output)) {
        return false;
      }
      evaluator.move(place);
      int at = out.rowCount();
      rows.codec().readColumns(bytes(partition, place), out, 0);
      evaluator.write(gone, out, at);
      out.endRow();
      place++;
      Memory.putLong(partition + DONE, place);
      save(partition, place, count);
    }
    isOpen = false;
    if (place < count) {
      hold(partition, place);
    }
    evict(partition, place, count);
    return true;
  }

  private static long bytes(long partition, int place) {
    return PartitionedRows.bytesOf(PartitionedRows.row(partition, place));
  }

  private long time(long partition, int place) {
    return rows.codec().getLong(bytes(partition, place), timeColumn);
  }

  private boolean isKnown(long partition, int place, int count) {
    if (count - place <= rowsAhead) {
      return false;
    }
    if (timeAhead > 0 && present - time(partition, place) < timeAhead) {
      return false;
    }
    int behind = groupsAhead == 0 ? 0 : PartitionedRows.peersEnd(partition, place);
    for (long i = 0; i < groupsAhead; i++) {
      if (behind >= count) {
        return false;
      }
      behind = PartitionedRows.peersEnd(partition, behind);
    }
    return true;
  }

  /** Has the evaluator go on where it left the partition. */
  private void open(long partition) {
    evaluator.open(partition);
    evaluator.groupsBefore = Memory.getLong(partition + GROUPS) - 1;
    Arrays.fill(evaluator.starts, 0);
    Arrays.fill(evaluator.ends, 0);
    for (int i = 0; i < evaluator.aggregates.length; i++) {
      FrameAggregate aggregate = evaluator.aggregates[i];
      if (aggregate != null) {
        long words = frame(partition, i);
        if (Memory.getLong(words) == 0) {
          Memory.putLong(words, aggregate.create());
        }
        aggregate.target = Memory.getLong(words);
        aggregate.from = (int) Memory.getLong(words + 8);
        aggregate.to = (int) Memory.getLong(words + 16);
        aggregate.moved();
      }
    }
    isOpen = true;
  }

  private static long frame(long partition, int index) {
    return partition + FRAMES + 8L * FRAME_WORDS * index;
  }

  /** Notes how far the evaluator is, so that it may be about another partition next. */
  private void save(long partition, int place, int count) {
    boolean inGroup = place < count && place < evaluator.bounds.peersEnd;
    Memory.putLong(partition + GROUPS, evaluator.groupsBefore + (inGroup ? 0 : 1));
    for (int i = 0; i < evaluator.aggregates.length; i++) {
      if (evaluator.aggregates[i] != null) {
        long words = frame(partition, i);
        Memory.putLong(words + 8, evaluator.aggregates[i].from);
        Memory.putLong(words + 16, evaluator.aggregates[i].to);
      }
    }
  }

  /** A row has to wait for those behind it. */
  private void hold(long partition, int place) {
    long number = Memory.getLong(partition + GONE) + place + 1;
    if (Memory.getLong(partition + HELD) == number) {
      return;
    }
    Memory.putLong(partition + HELD, number);
    addHeld(partition, place);
  }

  private void addHeld(long partition, int place) {
    long time = time(partition, place);
    long number = Memory.getLong(partition + SEQUENCE);
    held.add(time, number, partition);
    if (timeAhead > 0) {
      long readyAt = time > Long.MAX_VALUE - timeAhead ? Long.MAX_VALUE : time + timeAhead;
      waiting.add(readyAt, READY + number, partition);
    }
  }

  private boolean isHeld(long time, long partition) {
    int place = (int) Memory.getLong(partition + DONE);
    return place < PartitionedRows.count(partition) && time(partition, place) == time;
  }

  /** The watermark for who follows: not beyond a row that is still to come. */
  private long heldBack(long watermarkNs) {
    while (!held.isEmpty() && !isHeld(held.time(), held.value())) {
      held.remove();
    }
    return held.isEmpty()
        ? watermarkNs
        : Math.min(watermarkNs, TimeUnits.toNanos(held.time(), nanosPerUnit));
  }

  /** Frees rows that nobody will look at again. */
  private void evict(long partition, int place, int count) {
    int needed = place;
    if (place < count) {
      needed = Math.min(needed, PartitionedRows.peersStart(partition, place));
    }
    for (OverSpec.Call call : spec.calls()) {
      if (call.function() == OverFunction.LAG) {
        needed = (int) Math.min(needed, Math.max(0, place - call.count()));
      } else if (call.function() == OverFunction.LAST_VALUE) {
        needed = Math.min(needed, Math.max(0, evaluator.ends[call.frame()] - 1));
      }
    }
    for (int i = 0; i < evaluator.starts.length; i++) {
      FrameAggregate aggregate = evaluator.aggregates[i];
      if (!spec.frames().get(i).frame().isFromStart()) {
        needed = Math.min(needed, evaluator.starts[i]);
      }
      if (aggregate != null) {
        boolean isFromStart = aggregate.frame().isFromStart();
        boolean holds = aggregate.from < aggregate.to;
        needed = Math.min(needed, isFromStart ? aggregate.to : holds ? aggregate.from : needed);
      }
    }
    int from = Math.min(firstRows, count);
    if (needed - from > 0 && (needed - from) * 2 >= count - from) {
      rows.remove(partition, from, needed);
      int freed = needed - from;
      Memory.putLong(partition + GONE, Memory.getLong(partition + GONE) + freed);
      shift(partition + DONE, from, freed);
      for (int i = 0; i < evaluator.aggregates.length; i++) {
        shift(frame(partition, i) + 8, from, freed);
        shift(frame(partition, i) + 16, from, freed);
      }
    }
  }

  private static void shift(long word, int from, int freed) {
    long place = Memory.getLong(word);
    Memory.putLong(word, place <= from ? place : Math.max(from, place - freed));
  }

  private boolean pass(Output output) {
    if (out.rowCount() > 0) {
      if (!output.offer(out)) {
        return false;
      }
      out.clear();
    }
    return true;
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(sequence);
    writer.putLong(present);
    writer.putLong(limit);
    writer.putLong(passedNs);
    writer.putByte(ended ? 1 : 0);
    writer.putByte(endCollected ? 1 : 0);
    for (FrameAggregate aggregate : evaluator.aggregates) {
      writer.putLong(aggregate == null ? 0 : aggregate.sequence());
    }
    rows.writeHeader(writer);
    rows.writeGroups(writer, partition -> writeFrames(partition, writer));
    writer.section(StateWriter.NO_KEY_GROUP);
    for (int i = 0; i < waiting.size(); i++) {
      if (waiting.sequence(i) < READY) {
        writer.putLong(waiting.time(i));
        writer.putLong(waiting.sequence(i));
        rows.writeRow(waiting.value(i), writer);
      }
    }
  }

  private void writeFrames(long partition, StateWriter writer) {
    for (int i = 0; i < evaluator.aggregates.length; i++) {
      long group = Memory.getLong(frame(partition, i));
      if (evaluator.aggregates[i] != null) {
        writer.putByte(group == 0 ? 0 : 1);
        if (group != 0) {
          evaluator.aggregates[i].writeGroup(group, writer);
        }
      }
    }
  }

  @Override
  public void restore(StateReader reader) {
    int[] free = {};
    boolean hasHeader = false;
    while (reader.hasSection()) {
      if (reader.section() != StateWriter.NO_KEY_GROUP) {
        rows.readGroup(reader, partition -> readFrames(partition, reader));
      } else if (hasHeader) {
        readWaiting(reader);
        hasHeader = false;
      } else {
        free = readHeader(reader);
        hasHeader = true;
      }
    }
    rows.finishRestore(free);
  }

  private int[] readHeader(StateReader reader) {
    sequence = Math.max(sequence, reader.getLong());
    present = Math.max(present, reader.getLong());
    limit = Math.max(limit, reader.getLong());
    passedNs = Math.max(passedNs, reader.getLong());
    ended = reader.getByte() != 0;
    endCollected = reader.getByte() != 0;
    for (FrameAggregate aggregate : evaluator.aggregates) {
      long restored = reader.getLong();
      if (aggregate != null) {
        aggregate.sequence(Math.max(restored, aggregate.sequence()));
      }
    }
    return rows.readHeader(reader);
  }

  private void readFrames(long partition, StateReader reader) {
    for (int i = 0; i < evaluator.aggregates.length; i++) {
      FrameAggregate aggregate = evaluator.aggregates[i];
      if (aggregate != null) {
        boolean hasGroup = reader.getByte() != 0;
        Memory.putLong(frame(partition, i), hasGroup ? aggregate.readGroup(reader) : 0);
      }
    }
    int place = (int) Memory.getLong(partition + DONE);
    if (place < PartitionedRows.count(partition)) {
      addHeld(partition, place);
    }
  }

  private void readWaiting(StateReader reader) {
    try (Batch row = new Batch(spec.input(), 1, context.allocator())) {
      while (reader.hasMore()) {
        long time = reader.getLong();
        long number = reader.getLong();
        long stored = rows.readRow(reader);
        row.clear();
        rows.codec().read(PartitionedRows.bytesOf(stored), row);
        rows.look(row, 0);
        PartitionedRows.tag(stored, rows.find());
        waiting.add(time, number, stored);
      }
    }
  }

  @Override
  public long stateRows() {
    return rows.rows() + waiting.size();
  }

  @Override
  public long stateBytes() {
    return rows.bytes() + waiting.bytes() + held.bytes() + evaluator.bytes();
  }

  @Override
  public Waiting waiting() {
    if (ended || waiting.isEmpty() && held.isEmpty()) {
      return null;
    }
    long time = waiting.isEmpty() ? held.time() : waiting.time();
    return new Waiting(
        "the watermark to pass " + stateRows() + " rows",
        TimeUnits.toNanos(time, nanosPerUnit) + 1);
  }

  @Override
  public void close() {
    rows.close();
    evaluator.close();
    waiting.close();
    held.close();
    out.close();
  }
}
