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
import io.laminardb.core.state.RowFormat;
import io.laminardb.core.state.RowStore;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TimeQueue;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.List;

/**
 * What {@link TimeOrderOverOperator} does, for functions that look back a few rows and no further: LAG,
 * ROW_NUMBER and FIRST_VALUE of all rows so far, over rows ordered by event time alone. And the first
 * rows of each partition, where nobody asks for more: once they are there nothing is kept but the key.
 *
 * <p>Rows are words, written and read a column at a time. They wait in a queue by time, which costs a
 * constant for rows that come in order. A partition is the entry of its key: how many rows were
 * emitted, how many wait and up to when, its first row, and its last ones in a ring. Owns all of it and
 * the output batch. One thread.
 */
public final class LookBackOperator implements Operator {
  /** More rows back, and a ring in each entry would be a waste. */
  private static final int MOST_ROWS_BACK = 16;

  private static final int EMITTED = 0; // rows of the partition
  private static final int PENDING = 8; // rows that wait
  private static final int LAST_PENDING = 16; // no row of those that wait is of a later time
  private static final int FIRST = 24; // the first row, where it is asked for
  private static final int RING = 32; // the last rows, each at its number's low bits

  /**
   * Makes them.
   *
   * @param spec ordered by time, ascending, with calls that {@link #isAbleTo}
   * @param most how many rows of each partition are emitted
   */
  public record Factory(OverSpec spec, long most) implements OperatorFactory {
    public Factory {
      requireNonNull(spec, "spec");
      if (!isAbleTo(spec) || most < 1) {
        throw new IllegalArgumentException("functions that look back in the order of time");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new LookBackOperator(spec, most, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    @Override
    public String fingerprint() {
      return "looking back for " + most + " " + spec.fingerprint();
    }
  }

  private final OverSpec spec;
  private final long most;
  private final OperatorContext context;
  private final int timeColumn;
  private final long nanosPerUnit;
  private final int ringRows; // how many rows back it looks
  private final int ringMask;
  private final boolean keepsFirst;
  private final KeyedRows keyed;
  private final int entryState; // where an entry's words behind the key begin
  private final RowStore store;
  private final RowFormat format;
  private final TimeQueue waiting; // rows, with their entries
  private final Batch out;

  // The rows of the batch under way
  private int[] selected = new int[0];
  private long[] times = new long[0];
  private long[] entries = new long[0];
  private long[] rows = new long[0];

  // Results on their way into the output batch
  private final long[] emitted; // rows
  private final long[] numbers; // of these in their partitions, from 1
  private final long[][] sources; // for each call the row whose value it is, or that of no row
  private final long[] run; // some of those, one behind the other
  private int count;

  private long keptRows; // those of partitions
  private long limit = Long.MIN_VALUE; // rows before this time are late
  private long passedNs = Watermark.NONE;
  private boolean ended;

  private LookBackOperator(OverSpec spec, long most, OperatorContext context) {
    this.spec = spec;
    this.most = most;
    this.context = context;
    Schema input = spec.input();
    timeColumn = spec.keys().get(0).column();
    nanosPerUnit = input.field(timeColumn).type().nanosPerUnit();
    ringRows = Math.toIntExact(rowsBack(spec));
    ringMask = ringRows == 0 ? 0 : Integer.highestOneBit(2 * ringRows - 1) - 1;
    keepsFirst = spec.has(OverFunction.FIRST_VALUE);
    int capacity = Math.max(1, context.batchCapacity());
    emitted = new long[capacity];
    numbers = new long[capacity];
    sources = new long[spec.calls().size()][capacity];
    run = new long[capacity];
    int entryWords = RING / 8 + (ringRows == 0 ? 0 : ringMask + 1);
    keyed = new KeyedRows(input, spec.partition(), entryWords, 1, context.allocator());
    entryState = keyed.state;
    store = keyed.store;
    waiting = new TimeQueue(context.allocator());
    try {
      out = new Batch(spec.output(), capacity, context.allocator());
    } catch (RuntimeException e) {
      keyed.close();
      throw e;
    }
    format = store.format();
  }

  /** Whether functions look back a few rows and no further, in the order of time alone. */
  public static boolean isAbleTo(OverSpec spec) {
    return spec.keys().size() == 1
        && !spec.keys().get(0).descending()
        && !spec.input().isChangelog()
        && spec.calls().stream().allMatch(call -> isAbleTo(spec, call))
        && rowsBack(spec) <= MOST_ROWS_BACK;
  }

  private static boolean isAbleTo(OverSpec spec, OverSpec.Call call) {
    if (call.ignoreNulls()) {
      return false;
    }
    return switch (call.function()) {
      case ROW_NUMBER -> true;
      case LAG ->
          call.otherwise() < 0
              || spec.input().field(call.otherwise()).type().kind()
                  == spec.input().field(call.argument()).type().kind();
      case FIRST_VALUE -> {
        Frame frame = spec.frames().get(call.frame()).frame();
        yield frame.isFromStart()
            && frame.end().kind() == Frame.Kind.CURRENT_ROW
            && !frame.excludes();
      }
      default -> false;
    };
  }

  private static long rowsBack(OverSpec spec) {
    long back = 0;
    for (OverSpec.Call call : spec.calls()) {
      back = Math.max(back, call.function() == OverFunction.LAG ? call.count() : 0);
    }
    return back;
  }

  // ---- rows in

  @Override
  public Progress process(int port, Batch batch, Output output) {
    int taken = select(batch);
    keyed.keys.read(batch, selected, taken, entries);
    keyed.table.findOrInsert(entries, taken);
    if (most < Long.MAX_VALUE) {
      taken = dropBeyond(taken);
    }
    store.add(batch, selected, taken, rows);
    waiting.push(times, rows, entries, 0, taken);
    return Progress.NEEDS_INPUT;
  }

  /** Lists rows that are not late, with their times; answers how many. */
  private int select(Batch batch) {
    int size = batch.size();
    if (selected.length < size) {
      selected = new int[size];
      times = new long[size];
      entries = new long[size];
      rows = new long[size];
    }
    final Column column = batch.column(timeColumn);
    final boolean hasNulls = column.validityAddress() != 0;
    int taken = 0;
    for (int row = batch.from(); row < batch.to(); row++) {
      if (hasNulls && column.isNull(row)) {
        context.nullTimeRow();
        continue;
      }
      long time = column.getLong(row);
      if (time < limit) {
        context.lateRow(batch, row);
      } else {
        selected[taken] = row;
        times[taken++] = time;
      }
    }
    return taken;
  }

  /** Drops rows that have enough rows of their partition before them; answers how many are left. */
  private int dropBeyond(int taken) {
    int left = 0;
    for (int i = 0; i < taken; i++) {
      long state = entries[i] + entryState;
      long emittedRows = Memory.getLong(state + EMITTED);
      long pending = Memory.getLong(state + PENDING);
      long last = Memory.getLong(state + LAST_PENDING);
      if (emittedRows >= most || emittedRows + pending >= most && times[i] >= last) {
        continue;
      }
      Memory.putLong(state + PENDING, pending + 1);
      Memory.putLong(state + LAST_PENDING, pending == 0 ? times[i] : Math.max(last, times[i]));
      selected[left] = selected[i];
      times[left] = times[i];
      entries[left++] = entries[i];
    }
    return left;
  }

  // ---- rows out

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    if (watermarkNs == Watermark.IDLE || ended) {
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    boolean end = watermarkNs == Watermark.END;
    limit = Math.max(limit, end ? Long.MAX_VALUE : TimeUnits.notBefore(watermarkNs, nanosPerUnit));
    while (!waiting.isEmpty() && (end || waiting.headTime() < limit)) {
      if ((out.rowCount() > 0 || count == emitted.length) && !flush(output)) {
        return Progress.BLOCKED;
      }
      release(end);
    }
    if (!flush(output)) {
      return Progress.BLOCKED;
    }
    if (watermarkNs != Watermark.NONE && watermarkNs >= passedNs) {
      if (!output.watermark(watermarkNs)) {
        return Progress.BLOCKED;
      }
      passedNs = watermarkNs;
    }
    ended = end;
    return Progress.NEEDS_INPUT;
  }

  /** Takes some of the rows before the limit, at least one, and at most as many as there is room for. */
  private void release(boolean end) {
    int inOrder = waiting.inOrder(end ? Long.MAX_VALUE : limit - 1, emitted.length - count);
    if (inOrder == 0) {
      take(waiting.headValue(), waiting.headCompanion());
      waiting.pop();
      return;
    }
    long at = waiting.first();
    for (int i = 0; i < inOrder; i++, at += TimeQueue.NEXT) {
      take(TimeQueue.value(at), TimeQueue.companion(at));
    }
    waiting.pop(inOrder);
  }

  /** The next row of a partition, in the order of time. */
  private void take(long row, long entry) {
    final long state = entry + entryState;
    final long before = Memory.getLong(state + EMITTED);
    if (most < Long.MAX_VALUE) {
      Memory.putLong(state + PENDING, Memory.getLong(state + PENDING) - 1);
      if (before >= most) {
        store.doom(row);
        return;
      }
    }
    emitted[count] = row;
    numbers[count] = before + 1;
    Memory.putLong(state + EMITTED, before + 1);
    if (keepsFirst && before == 0) {
      Memory.putLong(state + FIRST, row);
      keptRows++;
    }
    final List<OverSpec.Call> calls = spec.calls();
    for (int i = 0; i < sources.length; i++) {
      sources[i][count] = source(calls.get(i), state, before, row);
    }
    count++;
    keep(state, before, row);
  }

  /** The row whose value a call gives, where {@code before} rows are before this one; or zeros. */
  private long source(OverSpec.Call call, long state, long before, long row) {
    return switch (call.function()) {
      case LAG ->
          call.count() == 0
              ? row
              : call.count() > before ? store.zeros() : ringRow(state, before - call.count());
      case FIRST_VALUE -> Memory.getLong(state + FIRST);
      default -> row;
    };
  }

  private long ringRow(long state, long number) {
    return Memory.getLong(state + RING + ((number & ringMask) << 3));
  }

  /** Keeps a row for those that look back to it, in the place of one that nobody will. */
  private void keep(long state, long before, long row) {
    boolean isFirst = keepsFirst && before == 0;
    if (ringRows == 0) {
      if (!isFirst) {
        store.doom(row);
      }
      return;
    }
    if (before >= ringRows) {
      long old = ringRow(state, before - ringRows);
      if (!keepsFirst || before > ringRows) {
        store.doom(old);
        keptRows--;
      }
    }
    Memory.putLong(state + RING + ((before & ringMask) << 3), row);
    keptRows += isFirst ? 0 : 1;
  }

  /** Has the output take all results, and frees rows that are doomed; false for back-pressure. */
  private boolean flush(Output output) {
    if (count > 0 && out.rowCount() == 0) {
      fill();
    }
    if (!output.flush(out)) {
      return false;
    }
    store.freeDoomed();
    return true;
  }

  private void fill() {
    int inputs = spec.input().size();
    for (int i = 0; i < inputs; i++) {
      format.read(i, emitted, count, out.column(i), 0, 0);
    }
    for (int i = 0; i < sources.length; i++) {
      fill(spec.calls().get(i), sources[i], out.column(inputs + i));
    }
    out.rowCount(count);
    count = 0;
  }

  private void fill(OverSpec.Call call, long[] rowsOfCall, Column target) {
    if (call.function() == OverFunction.ROW_NUMBER) {
      for (int i = 0; i < count; i++) {
        target.putLong(i, numbers[i]);
      }
    } else if (call.otherwise() < 0) {
      format.read(call.argument(), rowsOfCall, count, target, 0, store.zeros());
    } else {
      fillWithOthers(call, rowsOfCall, target);
    }
  }

  /** Rows with no row to look back to have the value of another of their own columns. */
  private void fillWithOthers(OverSpec.Call call, long[] rowsOfCall, Column target) {
    final long none = store.zeros();
    for (int from = 0; from < count; ) {
      boolean hasNone = rowsOfCall[from] == none;
      int to = from + 1;
      while (to < count && rowsOfCall[to] == none == hasNone) {
        to++;
      }
      System.arraycopy(hasNone ? emitted : rowsOfCall, from, run, 0, to - from);
      int place = hasNone ? call.otherwise() : call.argument();
      format.read(place, run, to - from, target, from, 0);
      from = to;
    }
  }

  // ---- snapshots

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(waiting.arrivals());
    writer.putLong(limit);
    writer.putLong(passedNs);
    writer.putByte(ended ? 1 : 0);
    keyed.writeHeader(writer);
    keyed.writeGroups(writer, state -> writeRows(state, writer));
    writer.section(StateWriter.NO_KEY_GROUP);
    waiting.forEach((time, arrival, row, entry) -> writeWaiting(time, arrival, row, entry, writer));
  }

  private void writeRows(long state, StateWriter writer) {
    long before = Memory.getLong(state + EMITTED);
    if (keepsFirst && before > 0) {
      store.write(Memory.getLong(state + FIRST), writer);
    }
    for (long number = oldestBehindFirst(before); number < before; number++) {
      store.write(ringRow(state, number), writer);
    }
  }

  /** The number, from 0, of the oldest row in the ring that is not kept as the first one. */
  private long oldestBehindFirst(long before) {
    return Math.max(keepsFirst ? 1 : 0, before - ringRows);
  }

  private void writeWaiting(long time, long arrival, long row, long entry, StateWriter writer) {
    writer.putLong(time);
    writer.putLong(arrival);
    keyed.table.write(entry, writer);
    store.write(row, writer);
  }

  @Override
  public void restore(StateReader reader) {
    int[] free = {};
    boolean hasHeader = false;
    while (reader.hasSection()) {
      if (reader.section() != StateWriter.NO_KEY_GROUP) {
        keyed.readGroup(reader, state -> readRows(state, reader));
      } else if (hasHeader) {
        while (reader.hasMore()) {
          readWaiting(reader);
        }
        hasHeader = false;
      } else {
        free = readHeader(reader);
        hasHeader = true;
      }
    }
    keyed.finishRestore(free);
  }

  private int[] readHeader(StateReader reader) {
    waiting.arrivals(Math.max(waiting.arrivals(), reader.getLong()));
    limit = Math.max(limit, reader.getLong());
    passedNs = Math.max(passedNs, reader.getLong());
    ended = reader.getByte() != 0;
    return keyed.readHeader(reader);
  }

  private void readRows(long state, StateReader reader) {
    long before = Memory.getLong(state + EMITTED);
    if (keepsFirst && before > 0) {
      long first = store.read(reader);
      Memory.putLong(state + FIRST, first);
      if (ringRows > 0) {
        Memory.putLong(state + RING, first); // of no meaning where the ring is beyond it
      }
      keptRows++;
    }
    for (long number = oldestBehindFirst(before); number < before; number++) {
      Memory.putLong(state + RING + ((number & ringMask) << 3), store.read(reader));
      keptRows++;
    }
  }

  private void readWaiting(StateReader reader) {
    long time = reader.getLong();
    long arrival = reader.getLong();
    long entry = keyed.table.findOrInsert(reader);
    waiting.restore(time, arrival, store.read(reader), entry);
  }

  @Override
  public long stateRows() {
    return keptRows + waiting.size();
  }

  @Override
  public long stateBytes() {
    return keyed.bytes() + waiting.bytes();
  }

  @Override
  public Waiting waiting() {
    return ended || waiting.isEmpty()
        ? null
        : new Waiting(
            "the watermark to pass " + waiting.size() + " rows",
            TimeUnits.toNanos(waiting.headTime(), nanosPerUnit) + 1);
  }

  @Override
  public void close() {
    keyed.close();
    waiting.close();
    out.close();
  }
}
