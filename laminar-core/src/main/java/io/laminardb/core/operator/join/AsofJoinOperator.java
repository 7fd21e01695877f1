package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
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
  private final TimedSides sides;
  private final AsofState state;
  private final JoinResults results;
  private final JoinWatermarks watermarks;
  private int at; // the row that is under way, as the sides count
  private boolean taken; // all rows of the batch on loan are

  private AsofJoinOperator(AsofSpec spec, OperatorContext context) {
    this.spec = spec;
    this.context = context;
    this.backward = spec.comparison().isBackward();
    this.leftFirst = spec.comparison().isLeftFirst();
    long nanosPerUnit = TimedSides.nanosPerUnit(timeType(0), timeType(1));
    this.watermarks = new JoinWatermarks(nanosPerUnit);
    TimedSides.Side[] ports = {side(0, nanosPerUnit), side(1, nanosPerUnit)};
    this.sides =
        new TimedSides(
            ports, spec.nullSafe(), AsofState.ENTRY_WORDS, !backward, context.allocator());
    this.state = new AsofState(spec, sides, context.allocator());
    try {
      results =
          new JoinResults(sides.stores(), spec.left(), spec.columns(), spec.output(), context);
    } catch (RuntimeException e) {
      state.close();
      sides.close();
      throw e;
    }
  }

  private DataType timeType(int port) {
    return spec.input(port).field(spec.timeColumn(port)).type();
  }

  private TimedSides.Side side(int port, long nanosPerUnit) {
    return new TimedSides.Side(
        spec.input(port),
        spec.keys(port),
        spec.timeColumn(port),
        timeType(port).nanosPerUnit() / nanosPerUnit,
        JoinSpec.readColumns(port, spec.left().size(), spec.columns()));
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (!taken) {
      do {
        while (at < sides.count()) {
          int end = sides.firstWithoutEntry(at);
          state.await(port, at, end);
          at = end;
          if (at < sides.count()) {
            if (!takeNothing(port, sides.row(at), output)) {
              return Progress.BLOCKED;
            }
            at++;
          }
        }
        at = 0;
      } while (sides.take(port, batch, watermarks.of(port), context));
      taken = true;
    }
    if (!take(output) || !results.flush(output)) {
      return Progress.BLOCKED;
    }
    taken = false;
    return Progress.NEEDS_INPUT;
  }

  /** Answers a row that has no match for sure; false for back-pressure. */
  private boolean takeNothing(int port, long row, Output output) {
    if (port == JoinType.LEFT_PORT && spec.keepsUnmatched()) {
      if (!results.makeRoom(1, output)) {
        return false;
      }
      results.add(port, row, 0, 1);
    }
    sides.stores()[port].doom(row);
    return true;
  }

  /** Takes rows in the order of time, as far as the watermarks allow; false for back-pressure. */
  private boolean take(Output output) {
    final TimeQueue lefts = sides.queue(JoinType.LEFT_PORT);
    final TimeQueue rights = sides.queue(JoinType.RIGHT_PORT);
    while (true) {
      if (isLeftNext(lefts, rights)) {
        if (!isComplete(JoinType.RIGHT_PORT, lefts.headTime(), leftFirst)) {
          break;
        }
        if (!takeLefts(lefts, rights, output)) {
          return false;
        }
      } else {
        if (rights.isEmpty() || !isDue(rights.headTime())) {
          break;
        }
        if (!takeRights(lefts, rights, output)) {
          return false;
        }
      }
    }
    return expire(lefts, rights, output);
  }

  /** Takes the next left row, or many up to the next right one; false for back-pressure. */
  private boolean takeLefts(TimeQueue lefts, TimeQueue rights, Output output) {
    if (!results.makeRoom(1, output)) {
      return false;
    }
    long until = lastBefore(rights, leftFirst);
    long complete = watermarks.of(JoinType.RIGHT_PORT) - (leftFirst ? 0 : 1);
    int count = backward ? lefts.inOrder(Math.min(until, complete), results.room()) : 0;
    if (count == 0) {
      takeLeft(lefts.headTime(), lefts.headValue(), lefts.headCompanion());
      lefts.pop();
      return true;
    }
    long at = lefts.first();
    for (int i = 0; i < count; i++, at += TimeQueue.NEXT) {
      takeLeft(TimeQueue.time(at), TimeQueue.value(at), TimeQueue.companion(at));
    }
    lefts.pop(count);
    return true;
  }

  /** Takes the next right row, or many up to the next left one; false for back-pressure. */
  private boolean takeRights(TimeQueue lefts, TimeQueue rights, Output output) {
    long until = lastBefore(lefts, !leftFirst);
    long complete = watermarks.of(JoinType.LEFT_PORT) - (leftFirst ? 1 : 0);
    int count = backward ? rights.inOrder(Math.min(until, complete), Integer.MAX_VALUE) : 0;
    if (count == 0) {
      if (!takeRight(rights.headTime(), rights.headValue(), rights.headCompanion(), output)) {
        return false;
      }
      rights.pop();
      return true;
    }
    long at = rights.first();
    for (int i = 0; i < count; i++, at += TimeQueue.NEXT) {
      state.setLast(TimeQueue.value(at), TimeQueue.time(at), TimeQueue.companion(at));
    }
    rights.pop(count);
    return true;
  }

  /** The last time of rows that are taken before the head of {@code other}. */
  private static long lastBefore(TimeQueue other, boolean includesEqual) {
    return other.isEmpty() ? Long.MAX_VALUE : other.headTime() - (includesEqual ? 0 : 1);
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

  private void takeLeft(long time, long left, long entry) {
    if (backward) {
      answer(left, state.takeLeft(left, time, entry));
    } else {
      state.append(left, time, entry);
    }
  }

  private boolean takeRight(long time, long right, long entry, Output output) {
    if (backward) {
      state.setLast(right, time, entry);
      return true;
    }
    for (long left = state.first(entry); left != 0; left = state.first(entry)) {
      if (!results.makeRoom(1, output)) {
        return false;
      }
      boolean near = time - sides.time(JoinType.LEFT_PORT, left) <= spec.tolerance();
      answer(left, near ? right : 0);
      state.removeFirst(entry);
    }
    state.takeRight(right, entry);
    return true;
  }

  /** Answers or forgets what nothing to come can match; false for back-pressure. */
  private boolean expire(TimeQueue lefts, TimeQueue rights, Output output) {
    if (backward) {
      long from = earliestOf(JoinType.LEFT_PORT, lefts);
      state.forget(JoinWatermarks.shift(from, -spec.tolerance()));
      return true;
    }
    long from = earliestOf(JoinType.RIGHT_PORT, rights);
    for (long left = state.earliest(); left != 0; left = state.earliest()) {
      long time = sides.time(JoinType.LEFT_PORT, left);
      long until = JoinWatermarks.shift(time, spec.tolerance());
      if (until >= from && from != Watermark.END) {
        break;
      }
      if (!results.makeRoom(1, output)) {
        return false;
      }
      answer(left, 0);
      state.removeFirst(sides.entry(left));
    }
    return true;
  }

  /** Rows of a port that have not been taken are not before this time. */
  private long earliestOf(int port, TimeQueue queue) {
    long reached = watermarks.of(port);
    return queue.isEmpty() ? reached : Math.min(reached, queue.headTime());
  }

  private void answer(long left, long right) {
    if (right != 0 || spec.keepsUnmatched()) {
      results.add(JoinType.LEFT_PORT, left, right, 1);
    }
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    watermarks.set(port, watermarkNs);
    return take(output) && results.flush(output) && watermarks.passOn(heldBack(), output)
        ? Progress.NEEDS_INPUT
        : Progress.BLOCKED;
  }

  /** No left row that is still to be answered is before this time. */
  private long heldBack() {
    long held = earliestOf(JoinType.LEFT_PORT, sides.queue(JoinType.LEFT_PORT));
    long listed = backward ? 0 : state.earliest();
    return listed == 0 ? held : Math.min(held, sides.time(JoinType.LEFT_PORT, listed));
  }

  @Override
  public Waiting waiting() {
    TimeQueue lefts = sides.queue(JoinType.LEFT_PORT);
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
    return state.bytes();
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
    state.finishRestore();
  }

  @Override
  public void close() {
    results.close();
    state.close();
    sides.close();
  }
}
