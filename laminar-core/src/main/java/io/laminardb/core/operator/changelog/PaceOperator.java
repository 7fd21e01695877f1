package io.laminardb.core.operator.changelog;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.ArrowBuf;

/**
 * Gathers the changes of a changelog and passes on, once a period of processing time, what is left of
 * them: first the rows that do not hold any more, then those that do now. Changes that cancel each
 * other are never seen.
 *
 * <p>Holds the watermark back as long as changes wait, so that they are not late for anybody; the end
 * of the input lets everything go.
 */
public final class PaceOperator implements Operator {
  /**
   * Makes them.
   *
   * @param outputSchema a changelog, which comes in
   * @param periodNs of processing time
   */
  public record Factory(Schema outputSchema, long periodNs) implements OperatorFactory {
    public Factory {
      if (!outputSchema.isChangelog() || periodNs <= 0) {
        throw new IllegalArgumentException("a period of " + periodNs + " of " + outputSchema);
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new PaceOperator(this, context);
    }

    /** None: watermarks are passed on, later perhaps. */
    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String fingerprint() {
      return "Pace" + outputSchema.types();
    }
  }

  private static final int SCANNED = 256;
  private static final RowLayout LAYOUT = RowLayout.plain(2, new int[] {0}, 1);
  private static final int WEIGHT = LAYOUT.countOffset();
  private static final int TEXT = RowLayout.KEY_OFFSET;

  private final Factory factory;
  private final OperatorContext context;
  private final RowProbe probe;
  private final RowCodec codec;
  private final StateHeap heap;
  private final KeyedTable changes; // rows by what they are, with the sum of their weights
  private final Batch out;
  private final ArrowBuf scanned; // addresses of rows, then the bytes of a short one
  private final int[] found = new int[1];
  private long dueEpochNs; // of the timer, or 0
  private int sign = -1; // what an emission that is under way is at
  private long heldNs = Watermark.NONE;
  private boolean closed;

  private PaceOperator(Factory factory, OperatorContext context) {
    this.factory = factory;
    this.context = context;
    this.codec = new RowCodec(factory.outputSchema());
    this.heap = new StateHeap(context.allocator());
    this.changes = new KeyedTable(LAYOUT, heap, context.allocator());
    this.probe = new RowProbe(factory.outputSchema(), new int[0], context.allocator());
    ArrowBuf addresses = null;
    try {
      addresses = StateMemory.allocate(context.allocator(), 8L * SCANNED + Keys.INLINE_BYTES + 4);
      this.out =
          new Batch(
              factory.outputSchema(), Math.max(1, context.batchCapacity()), context.allocator());
    } catch (RuntimeException e) {
      if (addresses != null) {
        addresses.close();
      }
      probe.close();
      throw e;
    }
    this.scanned = addresses;
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    for (int row = batch.from(); row < batch.to(); row++) {
      probe.look(batch, row);
      long change = changes.findOrInsert(probe.row());
      long weight = Memory.getLong(change + WEIGHT) + batch.weight(row);
      Memory.putLong(change + WEIGHT, weight);
      if (weight == 0) {
        changes.remove(change);
      }
    }
    setTimer();
    return Progress.NEEDS_INPUT;
  }

  private void setTimer() {
    if (dueEpochNs == 0 && changes.rows() > 0) {
      dueEpochNs = context.nowEpochNs() + factory.periodNs();
      context.timerAt(dueEpochNs);
    }
  }

  @Override
  public Progress timer(long nowEpochNs, Output output) {
    if (!emit(output) || !passHeld(output)) {
      return Progress.BLOCKED;
    }
    dueEpochNs = 0;
    return Progress.NEEDS_INPUT;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    if (watermarkNs == Watermark.END && !emit(output)) {
      return Progress.BLOCKED;
    }
    if (changes.rows() == 0 && out.rowCount() == 0) {
      heldNs = Watermark.NONE;
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    heldNs = watermarkNs;
    return Progress.NEEDS_INPUT;
  }

  private boolean passHeld(Output output) {
    if (heldNs != Watermark.NONE) {
      if (!output.watermark(heldNs)) {
        return false;
      }
      heldNs = Watermark.NONE;
    }
    return true;
  }

  /** Emits and forgets all changes; false for back-pressure. */
  private boolean emit(Output output) {
    for (; sign <= 1; sign += 2) {
      for (long at = 0; at >= 0; ) {
        long next = changes.scan(at, scanned.memoryAddress(), SCANNED, found);
        for (int i = 0; i < found[0]; i++) {
          if (!emit(Memory.getLong(scanned.memoryAddress() + 8L * i), output)) {
            return false;
          }
        }
        at = next;
      }
    }
    if (!flush(output)) {
      return false;
    }
    sign = -1;
    return true;
  }

  private boolean emit(long change, Output output) {
    long weight = Memory.getLong(change + WEIGHT);
    if (Long.signum(weight) != sign) {
      return true;
    }
    for (; weight != 0; weight -= sign) {
      if (out.isFull() && !flush(output)) {
        return false;
      }
      codec.read(bytes(change), out, sign);
      Memory.putLong(change + WEIGHT, weight - sign);
    }
    changes.remove(change);
    return true;
  }

  /** Where the bytes of a row are. */
  private long bytes(long change) {
    if (Memory.getInt(change + TEXT) > Keys.INLINE_BYTES) {
      return Memory.getLong(change + TEXT + 8);
    }
    return change + TEXT + 4;
  }

  private boolean flush(Output output) {
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
    writer.putLong(heldNs);
    writer.putLong(dueEpochNs);
    TableSnapshot rows = TableSnapshot.of(changes, context.allocator());
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (rows.count(group) > 0) {
        writer.section(group);
        for (int i = 0; i < rows.count(group); i++) {
          TableSnapshot.writeRow(changes, rows.row(group, i), writer);
        }
      }
    }
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        heldNs = Math.max(heldNs, reader.getLong());
        dueEpochNs = Math.max(dueEpochNs, reader.getLong());
      } else {
        while (reader.hasMore()) {
          TableSnapshot.readRow(changes, reader);
        }
      }
    }
    if (dueEpochNs != 0) {
      context.timerAt(dueEpochNs);
    }
  }

  @Override
  public long stateRows() {
    return changes.rows();
  }

  @Override
  public long stateBytes() {
    return changes.bytes() + heap.bytes() + probe.bytes();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      changes.close();
      heap.close();
      probe.close();
      scanned.close();
      out.close();
    }
  }
}
