package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.InputWatermarks;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.aggregate.GroupExpiries;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;
import io.laminardb.core.time.Watermark;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;

/**
 * INTERSECT and EXCEPT: counts how often each row is in every input, and emits how that changes the
 * result. NULL equals NULL. A row changes the result by one row at most, or by none.
 */
public final class SetOperator implements Operator {
  private static final int VIEW = RowLayout.KEY_OFFSET;
  private static final int VIEW_WORDS = 2;
  private static final int COUNTS = VIEW + 8 * VIEW_WORDS;

  /**
   * Makes set operations.
   *
   * @param operation which
   * @param ports number of inputs, of the column types of the output
   * @param atEnd whether the result is emitted once, at the end of input; of append-only inputs
   * @param stateTtlNs how long a row is kept that comes from no input, in processing time; 0 for ever
   * @param outputSchema a changelog, unless it only grows or waits for the end
   */
  public record Factory(
      SetOperation operation, int ports, boolean atEnd, long stateTtlNs, Schema outputSchema)
      implements OperatorFactory {
    @Override
    public Operator create(OperatorContext context) {
      return new SetOperator(this, context);
    }

    /** None: watermarks are passed on. */
    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String fingerprint() {
      return "Set"
          + operation
          + ports
          + outputSchema.types()
          + (stateTtlNs > 0 ? " " + stateTtlNs : "");
    }
  }

  private final Factory factory;
  private final OperatorContext context;
  private final RowCodec codec;
  private final RowProbe probe;
  private final StateHeap heap;
  private final KeyedTable rows; // [hash][view of the row][count in each input]
  private final long[] counts;
  private final InputWatermarks watermarks;
  private final ArrowBuf found; // where a scan leaves the row it has come to
  private final int[] foundCount = new int[1];
  private final Batch out;
  private int next = -1; // row of the batch on loan, or -1
  private long scanAt;
  private long copies; // of the row found that are still to be emitted
  private boolean ended;
  private final GroupExpiries expiries; // null where rows are kept
  private long expiring; // a row that is being taken back, or 0
  private boolean timed; // a timer has been asked for

  private SetOperator(Factory factory, OperatorContext context) {
    this.factory = factory;
    this.context = context;
    Schema schema = factory.outputSchema();
    codec = new RowCodec(schema);
    counts = new long[factory.ports()];
    watermarks = new InputWatermarks(factory.ports());
    heap = new StateHeap(context.allocator());
    boolean expires = factory.stateTtlNs() > 0;
    expiries =
        expires ? new GroupExpiries(factory.stateTtlNs(), COUNTS + 8 * factory.ports()) : null;
    RowLayout layout =
        RowLayout.plain(VIEW_WORDS, new int[] {0}, factory.ports() + (expires ? 2 : 0));
    rows = new KeyedTable(layout, heap, context.allocator(), context.tracksChanges());
    int[] allColumns = IntStream.range(0, schema.size()).toArray();
    probe = new RowProbe(schema, allColumns, context.allocator());
    Batch batch = null;
    try {
      batch = new Batch(schema, context.batchCapacity(), context.allocator());
      found = StateMemory.allocate(context.allocator(), 8);
    } catch (RuntimeException e) {
      probe.close();
      if (batch != null) {
        batch.close();
      }
      throw e;
    }
    out = batch;
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    int row = next < 0 ? batch.from() : next;
    for (; row < batch.to(); row++) {
      if (out.isFull() && !output.flush(out)) {
        next = row;
        return Progress.BLOCKED;
      }
      count(port, batch, row);
    }
    if (!output.flush(out)) {
      next = row;
      return Progress.BLOCKED;
    }
    next = -1;
    askForTimer();
    return Progress.NEEDS_INPUT;
  }

  private void askForTimer() {
    if (expiries != null && !timed && expiries.firstNs() != Watermark.NONE) {
      context.timerAt(expiries.firstNs());
      timed = true;
    }
  }

  /** Takes rows back that have come from no input for so long, and forgets them. */
  @Override
  public Progress timer(long nowEpochNs, Output output) {
    while (expiries != null && (expiring != 0 || nextExpiring(nowEpochNs))) {
      for (; copies > 0; copies--) {
        if (out.isFull() && !output.flush(out)) {
          return Progress.BLOCKED;
        }
        emit(expiring, -1);
      }
      rows.remove(expiring);
      context.expiredRows(1);
      expiring = 0;
    }
    if (!output.flush(out)) {
      return Progress.BLOCKED;
    }
    timed = false;
    askForTimer();
    return Progress.NEEDS_INPUT;
  }

  private boolean nextExpiring(long nowEpochNs) {
    expiring = expiries.next(rows, nowEpochNs);
    copies = expiring != 0 && factory.outputSchema().isChangelog() ? result(expiring) : 0;
    return expiring != 0;
  }

  private void count(int port, Batch batch, int row) {
    probe.look(batch, row);
    if (expiries != null && batch.weight(row) < 0 && !holds(port)) {
      context.expiredRows(1); // what it takes back has been forgotten
      return;
    }
    long entry = rows.findOrInsert(probe.key());
    if (expiries != null) {
      expiries.touch(entry, context.nowEpochNs());
    }
    long before = result(entry);
    counts[port] += batch.weight(row);
    Memory.putLong(entry + COUNTS + 8L * port, counts[port]);
    long after = factory.operation().of(counts);
    if (after != before && !factory.atEnd()) {
      emit(entry, after > before ? 1 : -1);
    }
    if (isGone()) {
      rows.remove(entry);
    }
  }

  /** Whether the row looked at is in an input. */
  private boolean holds(int port) {
    long entry = rows.find(probe.key());
    return entry != 0 && Memory.getLong(entry + COUNTS + 8L * port) > 0;
  }

  /** How often the row of an entry is in the result; reads its counts. */
  private long result(long entry) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = Memory.getLong(entry + COUNTS + 8L * i);
    }
    return factory.operation().of(counts);
  }

  private boolean isGone() {
    for (long count : counts) {
      if (count != 0) {
        return false;
      }
    }
    return true;
  }

  /** The key of all columns is the row. */
  private void emit(long entry, int weight) {
    codec.read(Keys.bytes(entry + VIEW), out, weight);
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    long due = watermarks.input(port, watermarkNs);
    if (due == Watermark.NONE) {
      return Progress.NEEDS_INPUT;
    }
    if (due == Watermark.END && !end(output) || !output.watermark(due)) {
      return Progress.BLOCKED;
    }
    watermarks.passed(due);
    return Progress.NEEDS_INPUT;
  }

  private boolean end(Output output) {
    if (ended) {
      return true;
    }
    if (factory.atEnd() && !emitAll(output) || !output.flush(out)) {
      return false;
    }
    rows.close();
    heap.clear();
    ended = true;
    return true;
  }

  private boolean emitAll(Output output) {
    while (copies > 0 || nextResult()) {
      if (out.isFull() && !output.flush(out)) {
        return false;
      }
      emit(Memory.getLong(found.memoryAddress()), 1);
      copies--;
    }
    return true;
  }

  /** Moves to the next row of the result. */
  private boolean nextResult() {
    while (scanAt >= 0) {
      scanAt = rows.scan(scanAt, found.memoryAddress(), 1, foundCount);
      copies = foundCount[0] == 0 ? 0 : result(Memory.getLong(found.memoryAddress()));
      if (copies > 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    watermarks.snapshot(writer);
    writer.putByte(ended ? 1 : 0);
    TablePages.writeHeader(rows, writer);
    TablePages.writeAll(rows, writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        watermarks.restore(reader);
        ended = reader.getByte() != 0;
        TablePages.readHeader(rows, reader);
      } else {
        TablePages.read(reader);
      }
    }
    TablePages.finish(rows);
    if (expiries != null) {
      expiries.restored(rows, found.memoryAddress(), foundCount);
      askForTimer();
    }
  }

  @Override
  public long stateRows() {
    return rows.rows();
  }

  @Override
  public long stateBytes() {
    return rows.bytes() + heap.bytes() + probe.bytes();
  }

  @Override
  public void close() {
    rows.close();
    heap.close();
    probe.close();
    found.close();
    out.close();
  }
}
