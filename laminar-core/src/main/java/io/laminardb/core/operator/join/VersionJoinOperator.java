package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TimeQueue;
import io.laminardb.core.time.Watermark;

/**
 * Joins each row with the version of its key that a table had at the row's event time. A row of the
 * table is a version of its key from its own time on, until that of the next one, whichever came first;
 * of several of one time the last to arrive counts. A row is answered when the watermark of the table
 * says that no version can come any more that would hold at its time: once, and for good.
 *
 * <p>A row of the table that is taken back and not replaced by the next row ends at the greatest time
 * that the table has shown by then. Versions that are behind the watermark of the table are late and
 * dropped, and so are rows behind that of the rows, if these are append-only. Of a changelog rows may be
 * taken back long after they came: then all versions are kept, and no row is late.
 *
 * <p>The event time of the result is that of the rows.
 */
public final class VersionJoinOperator implements Operator {
  private static final int TIMES = 4; // tag of a section; those before are the state's

  /** Makes joins with versions of a table. */
  public record Factory(TemporalSpec spec, String generatedSource) implements OperatorFactory {
    /**
     * @param generatedSource of the condition, or null
     */
    public Factory {
      requireNonNull(spec, "spec");
      if (spec.rowTime() < 0) {
        throw new IllegalArgumentException("a join without event time");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new VersionJoinOperator(spec, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    @Override
    public String fingerprint() {
      return "VersionJoin" + spec.fingerprint();
    }
  }

  private static final int LEFT = JoinType.LEFT_PORT;
  private static final int RIGHT = JoinType.RIGHT_PORT;

  private final TemporalSpec spec;
  private final JoinSpec join;
  private final OperatorContext context;
  private final boolean changelog; // of the rows
  private final long nanosPerUnit;
  private final JoinKey[] keys = new JoinKey[2];
  private final VersionState state;
  private final JoinWatermarks watermarks; // by side
  private final PairKernel condition; // null: a version of the key always matches
  private final Batch pair; // what the condition is evaluated on
  private final int[] selected = new int[1];
  private final Batch out; // what the output has not accepted yet
  private int row = -1; // of the batch on loan that is under way, or -1
  private long latest = Watermark.NONE; // the greatest time of the table so far

  private VersionJoinOperator(TemporalSpec spec, OperatorContext context) {
    this.spec = spec;
    this.join = spec.join();
    this.context = context;
    this.changelog = join.left().isChangelog();
    this.nanosPerUnit = Math.min(nanosPerUnit(LEFT), nanosPerUnit(RIGHT));
    this.watermarks = new JoinWatermarks(nanosPerUnit);
    this.state = new VersionState(join, changelog, context.allocator());
    this.condition = join.condition() == null ? null : join.condition().get();
    Batch newPair = null;
    try {
      for (int side = 0; side < 2; side++) {
        keys[side] =
            new JoinKey(
                join.input(side),
                side == LEFT ? join.leftKeys() : join.rightKeys(),
                join.nullSafe(),
                context.allocator());
      }
      if (condition != null) {
        newPair = new Batch(join.pairs(), 1, context.allocator());
        condition.open(context.allocator());
      }
      out = new Batch(spec.output(), context.batchCapacity(), context.allocator());
    } catch (RuntimeException e) {
      if (newPair != null) {
        newPair.close();
      }
      closeState();
      throw e;
    }
    pair = newPair;
  }

  private int timeColumn(int side) {
    return side == LEFT ? spec.rowTime() : spec.versionTime();
  }

  private long nanosPerUnit(int side) {
    return join.input(side).field(timeColumn(side)).type().nanosPerUnit();
  }

  private static int side(int port) {
    return port == TemporalSpec.ROW_PORT ? LEFT : RIGHT;
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (row < 0) {
      row = batch.from();
    }
    for (; row < batch.to(); row++) {
      if (side(port) == RIGHT) {
        keepVersion(batch);
      } else if (!keepRow(batch, output)) {
        return Progress.BLOCKED;
      }
    }
    if (!take(output) || !output.flush(out)) {
      return Progress.BLOCKED;
    }
    row = -1;
    return Progress.NEEDS_INPUT;
  }

  private long time(int side, Batch batch) {
    return JoinWatermarks.scaled(
        batch.column(timeColumn(side)).getLong(row), nanosPerUnit(side) / nanosPerUnit);
  }

  /** Lets a row wait, or answers it where it has no match for sure; false for back-pressure. */
  private boolean keepRow(Batch batch, Output output) {
    Column times = batch.column(spec.rowTime());
    boolean timed = !times.isNull(row);
    long time = timed ? time(LEFT, batch) : 0;
    if (timed && !changelog && time < watermarks.of(LEFT)) {
      context.lateRow(batch, row);
      return true;
    }
    if (timed && keys[LEFT].read(batch, row)) {
      long block = state.rows(LEFT).copy(keys[LEFT].source(), time, batch, row);
      if (batch.weight(row) < 0) {
        AsofRows.mark(block);
      }
      state.await(LEFT, block);
      return true;
    }
    if (spec.keepsUnmatched()) {
      if (!makeRoom(output)) {
        return false;
      }
      out.put(batch, row, 0);
      endAlone(batch.weight(row));
    }
    return true;
  }

  /** Lets a version wait, or the end of one. */
  private void keepVersion(Batch batch) {
    if (batch.column(spec.versionTime()).isNull(row) || !keys[RIGHT].read(batch, row)) {
      return;
    }
    long time = time(RIGHT, batch);
    AsofRows rows = state.rows(RIGHT);
    if (batch.weight(row) < 0) {
      settleDeletion();
      latest = Math.max(latest, time);
      long block = rows.copy(keys[RIGHT].source(), latest, batch, row);
      AsofRows.mark(block);
      state.deletion(block);
      return;
    }
    long block = rows.copy(keys[RIGHT].source(), time, batch, row);
    if (state.deletion() != 0 && AsofRows.hasSameKey(block, state.deletion())) {
      rows.free(state.deletion()); // both are an update
      state.deletion(0);
    } else {
      settleDeletion();
    }
    latest = Math.max(latest, time);
    if (time < watermarks.of(RIGHT)) {
      context.lateRow(batch, row);
      rows.free(block);
    } else {
      state.await(RIGHT, block);
    }
  }

  /** What took a version back was no update. */
  private void settleDeletion() {
    if (state.deletion() != 0) {
      state.await(RIGHT, state.deletion());
      state.deletion(0);
    }
  }

  /** Takes rows in the order of time, as far as the watermarks allow; false for back-pressure. */
  private boolean take(Output output) {
    final TimeQueue lefts = state.waiting(LEFT);
    final TimeQueue rights = state.waiting(RIGHT);
    while (true) {
      if (!lefts.isEmpty() && (rights.isEmpty() || lefts.headTime() < rights.headTime())) {
        if (watermarks.of(RIGHT) <= lefts.headTime() && watermarks.of(RIGHT) != Watermark.END) {
          return true;
        }
        if (!makeRoom(output)) {
          return false;
        }
        long left = lefts.headValue();
        lefts.pop();
        answer(left);
        state.rows(LEFT).free(left);
      } else {
        if (rights.isEmpty() || !isDue(rights.headTime())) {
          return true;
        }
        long right = rights.headValue();
        rights.pop();
        state.apply(right);
      }
    }
  }

  /** Whether nothing of either side is to come that comes before a version of this time. */
  private boolean isDue(long version) {
    return watermarks.of(LEFT) >= version && watermarks.of(RIGHT) >= version;
  }

  private void answer(long left) {
    int weight = AsofRows.isMarked(left) ? -1 : 1;
    long version = state.version(left);
    if (version != 0 && condition != null) {
      try {
        version = holds(left, version) ? version : 0;
      } catch (RuntimeException e) {
        context.rowFailed(pair, 0, e);
        return;
      }
    }
    if (version != 0) {
      state.rows(LEFT).read(left, out, 0);
      state.rows(RIGHT).read(version, out, join.left().size());
      end(weight);
    } else if (spec.keepsUnmatched()) {
      state.rows(LEFT).read(left, out, 0);
      endAlone(weight);
    }
  }

  private boolean holds(long left, long version) {
    pair.clear();
    state.rows(LEFT).read(left, pair, 0);
    state.rows(RIGHT).read(version, pair, join.left().size());
    pair.endRow();
    condition.bind(pair);
    return condition.select(1, selected) > 0;
  }

  private void endAlone(int weight) {
    for (int i = join.left().size(); i < spec.output().size(); i++) {
      out.column(i).setNull(out.rowCount());
    }
    end(weight);
  }

  private void end(int weight) {
    if (changelog) {
      out.endRow(weight);
    } else {
      out.endRow();
    }
  }

  private boolean makeRoom(Output output) {
    return !out.isFull() || output.flush(out);
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    watermarks.set(side(port), watermarkNs);
    if (state.deletion() != 0
        && (watermarks.of(RIGHT) > AsofRows.time(state.deletion())
            || watermarks.of(RIGHT) == Watermark.END)) {
      settleDeletion();
    }
    if (!take(output) || !output.flush(out)) {
      return Progress.BLOCKED;
    }
    return watermarks.passOn(heldBack(), output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  /** No row that is still to be answered is before this time. */
  private long heldBack() {
    TimeQueue lefts = state.waiting(LEFT);
    long reached = watermarks.of(LEFT);
    return lefts.isEmpty() ? reached : Math.min(reached, lefts.headTime());
  }

  @Override
  public Waiting waiting() {
    TimeQueue lefts = state.waiting(LEFT);
    if (lefts.isEmpty()) {
      return null;
    }
    long until = JoinWatermarks.shift(lefts.headTime(), 1);
    return new Waiting(lefts.size() + " rows that wait for the table", watermarks.toNanos(until));
  }

  @Override
  public long stateRows() {
    return state.rowCount();
  }

  @Override
  public long stateBytes() {
    return state.bytes() + keys[0].bytes() + keys[1].bytes();
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putByte(TIMES);
    watermarks.write(writer);
    writer.putLong(latest);
    state.snapshot(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      reader.section();
      int tag = reader.getByte();
      if (tag == TIMES) {
        watermarks.read(reader);
        latest = reader.getLong();
      } else {
        state.restore(tag, reader);
      }
    }
    state.finishRestore();
  }

  @Override
  public void close() {
    out.close();
    if (pair != null) {
      pair.close();
    }
    closeState();
  }

  private void closeState() {
    if (condition != null) {
      condition.close();
    }
    state.close();
    for (JoinKey key : keys) {
      if (key != null) {
        key.close();
      }
    }
  }
}
