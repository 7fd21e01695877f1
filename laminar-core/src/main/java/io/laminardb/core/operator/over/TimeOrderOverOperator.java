package io.laminardb.core.operator.over;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
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
public final class TimeOrderOverOperator extends TimeOrderOperator {
  private static final int DONE = WORDS; // rows that were emitted, of those kept
  private static final int GONE = DONE + 8; // rows that were freed
  private static final int GROUPS = GONE + 8; // groups of peers before that of the next row
  private static final int HELD = GROUPS + 8; // the row, counted from 1, that was last held
  private static final int ENDS =
      HELD + 8; // when it is looked at whether rows may still come, or 0
  private static final int FRAMES = ENDS + 8; // for each: group, first place, place behind the last
  private static final int FRAME_WORDS = 3;

  /**
   * Makes them.
   *
   * @param spec ordered by time first, ascending
   * @param keyTime where keys, which are part of the partition, have watermarks of their own, else null
   * @param generatedSource of the kernels, or null
   */
  public record Factory(OverSpec spec, KeyTime keyTime, String generatedSource)
      implements OperatorFactory {
    public Factory {
      requireNonNull(spec, "spec");
      if (spec.keys().isEmpty() || spec.keys().get(0).descending() || spec.input().isChangelog()) {
        throw new IllegalArgumentException("append-only rows in the order of time");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new TimeOrderOverOperator(spec, keyTime, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    @Override
    public String fingerprint() {
      return "in time order " + (keyTime == null ? "" : keyTime) + spec.fingerprint();
    }
  }

  private final OverSpec spec;
  private final long rowsAhead;
  private final long timeAhead; // in units of the time column
  private final long groupsAhead;
  private final int firstRows;
  private final long timeBehind; // -1 where rows are looked at for ever
  private final OverEvaluator evaluator;
  private boolean isOpen; // the evaluator is about the partition that is advancing

  private TimeOrderOverOperator(OverSpec spec, KeyTime keyTime, OperatorContext context) {
    super(
        spec.input(),
        spec.partition(),
        spec.keys(),
        keyTime,
        (FRAMES - DONE) / 8 + FRAME_WORDS * spec.frames().size(),
        spec.output(),
        context);
    this.spec = spec;
    rowsAhead = spec.rowsAhead();
    timeAhead = spec.ahead(Frame.Unit.RANGE);
    groupsAhead = spec.ahead(Frame.Unit.GROUPS);
    firstRows = spec.firstRows();
    timeBehind = spec.timeBehind();
    try {
      evaluator = new OverEvaluator(spec, rows, context.allocator());
    } catch (RuntimeException e) {
      super.close();
      throw e;
    }
  }

  /** Emits the rows of a partition whose results are known. */
  @Override
  protected boolean advance(long partition, boolean atEnd, Output output) {
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
      RuntimeException failure = evaluator.write(gone, out, out.rowCount());
      if (failure != null) {
        rowFailed(PartitionedRows.row(partition, place), failure);
      } else {
        rows.codec().readColumns(bytes(partition, place), out, 0);
        out.endRow();
      }
      place++;
      Memory.putLong(partition + DONE, place);
      save(partition, place, count);
    }
    isOpen = false;
    if (place < count) {
      holdFrom(partition, place);
    }
    evict(partition, place, count);
    if (timeBehind >= 0) {
      endIfOver(partition);
    }
    return true;
  }

  /** Frees all of a partition when no frame of a row that may come reaches back to its last one. */
  private void endIfOver(long partition) {
    int count = PartitionedRows.count(partition);
    if (count == 0 || Memory.getLong(partition + DONE) < count) {
      return; // rows wait, after which it comes here again
    }
    long over = after(time(partition, count - 1), timeBehind);
    if (present > over) {
      for (int i = 0; i < evaluator.aggregates.length; i++) {
        if (evaluator.aggregates[i] != null && Memory.getLong(frame(partition, i)) != 0) {
          evaluator.aggregates[i].drop(Memory.getLong(frame(partition, i)));
        }
        Memory.putLong(frame(partition, i), 0);
        Memory.putLong(frame(partition, i) + 8, 0);
        Memory.putLong(frame(partition, i) + 16, 0);
      }
      rows.remove(partition, 0, count);
      Memory.putLong(partition + GONE, Memory.getLong(partition + GONE) + count);
      Memory.putLong(partition + DONE, 0);
      Memory.putLong(partition + ENDS, 0);
    } else if (Memory.getLong(partition + ENDS) <= present) {
      Memory.putLong(partition + ENDS, after(over, 1));
      dueAt(partition, after(over, 1));
    }
  }

  private static long after(long time, long units) {
    return time > Long.MAX_VALUE - units ? Long.MAX_VALUE : time + units;
  }

  @Override
  protected boolean isForgettable(long partition) {
    return timeBehind >= 0;
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
  private void holdFrom(long partition, int place) {
    long number = Memory.getLong(partition + GONE) + place + 1;
    if (Memory.getLong(partition + HELD) == number) {
      return;
    }
    Memory.putLong(partition + HELD, number);
    addHeld(partition, place);
  }

  private void addHeld(long partition, int place) {
    long time = time(partition, place);
    hold(partition, time);
    if (timeAhead > 0) {
      dueAt(partition, after(time, timeAhead));
    }
  }

  @Override
  protected boolean isHeld(long time, long partition) {
    int place = (int) Memory.getLong(partition + DONE);
    return place < PartitionedRows.count(partition) && time(partition, place) == time;
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
        boolean excludes = spec.frames().get(call.frame()).frame().excludes();
        int before = excludes ? needed : evaluator.ends[call.frame()]; // the row before a gap
        needed = Math.min(needed, Math.max(0, before - 1));
      }
    }
    for (int i = 0; i < evaluator.starts.length; i++) {
      FrameAggregate aggregate = evaluator.aggregates[i];
      if (!spec.frames().get(i).frame().isFromStart()) {
        needed = Math.min(needed, evaluator.startEver(i));
      }
      if (aggregate != null) {
        boolean isFromStart = aggregate.frame().isFromStart();
        if (isFromStart && aggregate.beginsAnew()) {
          return; // every row is looked at again
        }
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

  @Override
  protected void writeHeader(StateWriter writer) {
    for (FrameAggregate aggregate : evaluator.aggregates) {
      writer.putLong(aggregate == null ? 0 : aggregate.sequence());
    }
  }

  @Override
  protected void readHeader(StateReader reader) {
    for (FrameAggregate aggregate : evaluator.aggregates) {
      long restored = reader.getLong();
      if (aggregate != null) {
        aggregate.sequence(Math.max(restored, aggregate.sequence()));
      }
    }
  }

  @Override
  protected void writePartition(long partition, StateWriter writer) {
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
  protected void readPartition(long partition, StateReader reader) {
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
    if (Memory.getLong(partition + ENDS) != 0) {
      dueAt(partition, Memory.getLong(partition + ENDS));
    }
  }

  @Override
  public long stateBytes() {
    return super.stateBytes() + evaluator.bytes();
  }

  @Override
  public void close() {
    super.close();
    evaluator.close();
  }
}
