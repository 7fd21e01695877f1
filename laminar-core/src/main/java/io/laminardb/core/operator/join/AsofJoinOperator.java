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
import io.laminardb.core.time.Watermark;

/**
 * Joins each left row with the nearest right row of its key on one side of it in event time. Both
 * inputs are append-only, and so is the result: rows are taken in the order of time over both inputs,
 * each when the watermarks say that nothing before it is to come. So a left row is answered once, and
 * for good.
 *
 * <p>Rows behind the watermark of their own input are late and dropped. A left row whose time or key
 * is NULL matches nothing and is answered at once. The event time of the result is that of the left
 * rows.
 */
public final class AsofJoinOperator implements Operator {
  private static final int WATERMARKS = 3; // tag of a section; those before are the state's

  /** Makes ASOF joins in event time. */
  public record Factory(AsofSpec spec) implements OperatorFactory {
    public Factory {
      requireNonNull(spec, "spec");
      if (spec.left().isChangelog() || spec.right().isChangelog() || spec.output().isChangelog()) {
        throw new IllegalArgumentException("an ASOF join in event time is one of append-only rows");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new AsofJoinOperator(spec, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    @Override
    public String fingerprint() {
      return "AsofJoin " + spec.fingerprint();
    }
  }

  private final AsofSpec spec;
  private final OperatorContext context;
  private final boolean backward;
  private final boolean leftFirst;
  private final boolean bounded;
  private final long nanosPerUnit;
  private final JoinKey[] keys = new JoinKey[2];
  private final AsofState state;
  private final JoinWatermarks watermarks;
  private final Batch out; // what the output has not accepted yet
  private int row = -1; // of the batch on loan that is under way, or -1

  private AsofJoinOperator(AsofSpec spec, OperatorContext context) {
    this.spec = spec;
    this.context = context;
    this.backward = spec.comparison().isBackward();
    this.leftFirst = spec.comparison().isLeftFirst();
    this.bounded = spec.tolerance() != AsofSpec.NO_TOLERANCE;
    this.nanosPerUnit = Math.min(nanosPerUnit(0), nanosPerUnit(1));
    this.watermarks = new JoinWatermarks(nanosPerUnit);
    this.state = new AsofState(spec, context.allocator());
    try {
      for (int port = 0; port < 2; port++) {
        keys[port] =
            new JoinKey(spec.input(port), spec.keys(port), spec.nullSafe(), context.allocator());
      }
      out = new Batch(spec.output(), context.batchCapacity(), context.allocator());
    } catch (RuntimeException e) {
      closeState();
      throw e;
    }
  }

  private long nanosPerUnit(int port) {
    return spec.input(port).field(spec.timeColumn(port)).type().nanosPerUnit();
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (row < 0) {
      row = batch.from();
    }
    for (; row < batch.to(); row++) {
      if (!keep(port, batch, output)) {
        return Progress.BLOCKED;
      }
    }
    if (!take(output) || !flush(output)) {
      return Progress.BLOCKED;
    }
    row = -1;
    return Progress.NEEDS_INPUT;
  }

  /** Lets a row wait, or answers it where it has no match for sure; false for back-pressure. */
  private boolean keep(int port, Batch batch, Output output) {
    Column times = batch.column(spec.timeColumn(port));
    if (times.isNull(row)) {
      return keepNothing(port, batch, output);
    }
    long time = JoinWatermarks.scaled(times.getLong(row), nanosPerUnit(port) / nanosPerUnit);
    if (time < watermarks.of(port)) {
      context.lateRow(batch, row);
      return true;
    }
    if (!keys[port].read(batch, row)) {
      return keepNothing(port, batch, output);
    }
    state.waiting(port).push(time, state.rows(port).copy(keys[port].source(), time, batch, row));
    return true;
  }

  private boolean keepNothing(int port, Batch batch, Output output) {
    if (port == JoinType.LEFT_PORT && spec.keepsUnmatched()) {
      if (out.isFull() && !flush(output)) {
        return false;
      }
      IntervalMatches.copy(batch, row, out, 0);
      endAlone();
    }
    return true;
  }

  /** Takes rows in the order of time, as far as the watermarks allow; false for back-pressure. */
  private boolean take(Output output) {
    final TimeQueue lefts = state.waiting(JoinType.LEFT_PORT);
    final TimeQueue rights = state.waiting(JoinType.RIGHT_PORT);
    while (true) {
      if (isLeftNext(lefts, rights)) {
        if (!isComplete(JoinType.RIGHT_PORT, lefts.headTime(), leftFirst)) {
          break;
        }
        if (!takeLeft(lefts.headValue(), output)) {
          return false;
        }
        lefts.pop();
      } else {
        if (rights.isEmpty() || !isDue(rights.headTime())) {
          break;
        }
        if (!takeRight(rights.headValue(), output)) {
          return false;
        }
        rights.pop();
      }
    }
    return expire(lefts, rights, output);
  }

  private boolean isLeftNext(TimeQueue lefts, TimeQueue rights) {
    if (lefts.isEmpty() || rights.isEmpty()) {
      return !lefts.isEmpty();
    }
    long left = lefts.headTime();
    long right = rights.headTime();
    return left < right || left == right && leftFirst;
  }

  /**
   * Whether all left rows are there that come before a right row; looking ahead, all right rows too,
   * as an earlier one would be nearer to those.
   */
  private boolean isDue(long right) {
    return isComplete(JoinType.LEFT_PORT, right, !leftFirst)
        && (backward || isComplete(JoinType.RIGHT_PORT, right, true));
  }

  /** Whether all rows of a port are there that come before {@code time}, or at it too. */
  private boolean isComplete(int port, long time, boolean before) {
    long reached = watermarks.of(port);
    return before ? reached >= time : reached > time;
  }

  private boolean takeLeft(long left, Output output) {
    if (!backward) {
      state.append(left);
      return true;
    }
    if (out.isFull() && !flush(output)) {
      return false;
    }
    long right = state.last(left);
    if (right != 0 && AsofRows.time(left) - AsofRows.time(right) > spec.tolerance()) {
      right = 0;
    }
    answer(left, right);
    state.rows(JoinType.LEFT_PORT).free(left);
    return true;
  }

  private boolean takeRight(long right, Output output) {
    if (backward) {
      state.setLast(right, bounded);
      return true;
    }
    for (long list = state.list(right); list != 0; list = state.list(right)) {
      if (out.isFull() && !flush(output)) {
        return false;
      }
      long left = AsofState.first(list);
      boolean near = AsofRows.time(right) - AsofRows.time(left) <= spec.tolerance();
      answer(left, near ? right : 0);
      state.removeFirst(list);
    }
    state.rows(JoinType.RIGHT_PORT).free(right);
    return true;
  }

  /** Answers or forgets what nothing to come can match; false for back-pressure. */
  private boolean expire(TimeQueue lefts, TimeQueue rights, Output output) {
    if (backward) {
      if (bounded) {
        long from = earliestOf(JoinType.LEFT_PORT, lefts);
        state.forget(JoinWatermarks.shift(from, -spec.tolerance()));
      }
      return true;
    }
    long from = earliestOf(JoinType.RIGHT_PORT, rights);
    for (long left = state.earliest(); left != 0; left = state.earliest()) {
      long until = JoinWatermarks.shift(AsofRows.time(left), spec.tolerance());
      if (until >= from && from != Watermark.END) {
        break;
      }
      if (out.isFull() && !flush(output)) {
        return false;
      }
      answer(left, 0);
      state.removeFirst(state.list(left));
    }
    return true;
  }

  /** Rows of a port that have not been taken are not before this time. */
  private long earliestOf(int port, TimeQueue queue) {
    long reached = watermarks.of(port);
    return queue.isEmpty() ? reached : Math.min(reached, queue.headTime());
  }

  private void answer(long left, long right) {
    if (right == 0) {
      if (spec.keepsUnmatched()) {
        state.rows(JoinType.LEFT_PORT).read(left, out, 0);
        endAlone();
      }
      return;
    }
    state.rows(JoinType.LEFT_PORT).read(left, out, 0);
    state.rows(JoinType.RIGHT_PORT).read(right, out, spec.left().size());
    out.endRow();
  }

  private void endAlone() {
    for (int i = spec.left().size(); i < spec.output().size(); i++) {
      out.column(i).setNull(out.rowCount());
    }
    out.endRow();
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
  public Progress watermark(int port, long watermarkNs, Output output) {
    watermarks.set(port, watermarkNs);
    if (!take(output) || !flush(output)) {
      return Progress.BLOCKED;
    }
    long due = watermarks.next(heldBack());
    if (due != Watermark.NONE) {
      if (!output.watermark(due)) {
        return Progress.BLOCKED;
      }
      watermarks.passed(due);
    }
    return Progress.NEEDS_INPUT;
  }

  /** No left row that is still to be answered is before this time. */
  private long heldBack() {
    long held = earliestOf(JoinType.LEFT_PORT, state.waiting(JoinType.LEFT_PORT));
    long listed = backward ? 0 : state.earliest();
    return listed == 0 ? held : Math.min(held, AsofRows.time(listed));
  }

  @Override
  public Waiting waiting() {
    TimeQueue lefts = state.waiting(JoinType.LEFT_PORT);
    if (lefts.isEmpty()) {
      return null;
    }
    long until = JoinWatermarks.shift(lefts.headTime(), leftFirst ? 0 : 1);
    return new Waiting(lefts.size() + " left rows", watermarks.toNanos(until));
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
    writer.putByte(WATERMARKS);
    watermarks.write(writer);
    state.snapshot(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      reader.section();
      int tag = reader.getByte();
      if (tag == WATERMARKS) {
        watermarks.read(reader);
      } else {
        state.restore(tag, reader);
      }
    }
    state.finishRestore(bounded);
  }

  @Override
  public void close() {
    out.close();
    closeState();
  }

  private void closeState() {
    state.close();
    for (JoinKey key : keys) {
      if (key != null) {
        key.close();
      }
    }
  }
}
