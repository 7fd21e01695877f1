package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;

/**
 * Joins rows of two append-only inputs whose keys are equal and whose times are near each other. A row
 * meets the rows of the other side that are kept, and is then kept itself until the watermark of the
 * other side says that nothing to come can match it.
 *
 * <p>Pairs go out at once. A row without a match goes out when it is dropped; or, where the result is a
 * changelog, at once, and its first match takes it back. Rows behind the watermark of their own input
 * are late and join nothing, so that the result does not depend on how far the other input is.
 *
 * <p>The watermark is held back by what is still kept: no result has a time before it.
 */
public final class IntervalJoinOperator implements Operator {
  private static final int ROWS_A_MATCH = 2;
  private static final int WATERMARKS = 2; // tag of a section; 0 and 1 are the sides

  /** Makes interval joins. */
  public record Factory(IntervalJoinSpec spec, String generatedSource) implements OperatorFactory {
    /**
     * @param generatedSource of the condition, or null
     */
    public Factory {
      requireNonNull(spec, "spec");
    }

    @Override
    public Operator create(OperatorContext context) {
      return new IntervalJoinOperator(spec, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.join().output();
    }

    @Override
    public Recall recall() {
      return Recall.NEVER;
    }

    @Override
    public String fingerprint() {
      JoinSpec join = spec.join();
      return "IntervalJoin"
          + join.type()
          + join.leftKeys()
          + join.left()
          + join.rightKeys()
          + join.right()
          + spec.leftTime()
          + ","
          + spec.rightTime()
          + "["
          + spec.lower()
          + ","
          + spec.upper()
          + "]";
    }
  }

  /** How far the row under way has come. */
  private enum Step {
    /** Its matches are to be looked up. */
    LOOK,

    /** It is being joined with them. */
    MATCH,

    /** It is to be kept, or answered itself. */
    KEEP
  }

  private final IntervalJoinSpec spec;
  private final JoinSpec join;
  private final JoinType type;
  private final OperatorContext context;
  private final JoinKey[] keys = new JoinKey[2];
  private final TimedRows[] sides = new TimedRows[2];
  private final IntervalMatches matches;
  private final Batch out; // what the output has not accepted yet
  private final JoinWatermarks watermarks;

  private int row = -1; // of the batch on loan that is under way, or -1
  private Step step = Step.LOOK;
  private boolean matchesNothing; // the row, for a NULL or an empty interval
  private boolean matched; // the row
  private boolean onMatch; // the current match is not answered yet
  private long time; // of the row

  private IntervalJoinOperator(IntervalJoinSpec spec, OperatorContext context) {
    this.spec = spec;
    this.join = spec.join();
    this.type = join.type();
    this.context = context;
    this.watermarks = new JoinWatermarks(spec.nanosPerUnit());
    try {
      for (int port = 0; port < 2; port++) {
        keys[port] =
            new JoinKey(
                join.input(port),
                port == JoinType.LEFT_PORT ? join.leftKeys() : join.rightKeys(),
                join.nullSafe(),
                context.allocator());
        sides[port] = new TimedRows(new RowCodec(join.input(port)), context.allocator());
      }
      matches = new IntervalMatches(join, sides, context.batchCapacity(), context.allocator());
    } catch (RuntimeException e) {
      closeState();
      throw e;
    }
    try {
      int capacity = Math.max(ROWS_A_MATCH, context.batchCapacity());
      out = new Batch(join.output(), capacity, context.allocator());
    } catch (RuntimeException e) {
      matches.close();
      closeState();
      throw e;
    }
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (row < 0) {
      row = batch.from();
    }
    for (; row < batch.to(); row++) {
      if (!join(port, batch, output)) {
        return Progress.BLOCKED;
      }
    }
    if (!flush(output)) {
      return Progress.BLOCKED;
    }
    row = -1;
    return Progress.NEEDS_INPUT;
  }

  /** Does all there is to do for the row under way; false for back-pressure. */
  private boolean join(int port, Batch batch, Output output) {
    if (step == Step.LOOK) {
      if (!look(port, batch)) {
        return true;
      }
      step = Step.MATCH;
    }
    if (step == Step.MATCH) {
      while (onMatch || matches.advance()) {
        onMatch = true;
        if (!makeRoom(ROWS_A_MATCH, output)) {
          return false;
        }
        answerMatch(port, batch, matches.current());
        onMatch = false;
      }
      step = Step.KEEP;
    }
    if (!makeRoom(1, output)) {
      return false;
    }
    keep(port, batch);
    step = Step.LOOK;
    return true;
  }

  /** Looks the matches of the row up; false when it is late or its condition failed. */
  private boolean look(int port, Batch batch) {
    Column times = batch.column(spec.timeColumn(port));
    matched = false;
    matchesNothing = times.isNull(row);
    if (!matchesNothing) {
      time = JoinWatermarks.scaled(times.getLong(row), spec.scale(port));
      if (time < watermarks.of(port)) {
        context.lateRow(batch, row);
        return false;
      }
      matchesNothing = !keys[port].read(batch, row) || spec.isEmpty();
    }
    if (join.conditionFails() && !matchesNothing) {
      try {
        openMatches(port, batch);
        while (matches.advance()) {
          // A pair that fails, fails the row before anything is said of it.
        }
      } catch (RuntimeException e) {
        context.rowFailed(batch, row, e);
        return false;
      }
    }
    openMatches(port, batch);
    return true;
  }

  private void openMatches(int port, Batch batch) {
    long entry = matchesNothing ? 0 : sides[1 - port].find(keys[port].source());
    matches.open(
        entry,
        JoinWatermarks.shift(time, spec.earliest(port)),
        JoinWatermarks.shift(time, spec.latest(port)),
        port,
        batch,
        row);
  }

  /** Answers the pair of the row under way and one that is kept. */
  private void answerMatch(int port, Batch batch, long kept) {
    final int other = 1 - port;
    if (type.hasPairs()) {
      if (type.keepsUnmatched(other) && !TimedRows.isFlagged(kept)) {
        if (!join.unmatchedAtEnd()) {
          emitAlone(other, kept, -1);
        }
        TimedRows.flag(kept);
      }
      IntervalMatches.copy(batch, row, out, join.firstColumn(port));
      sides[other].read(kept, out, join.firstColumn(other));
      end(1);
    } else if (port == JoinType.LEFT_PORT) {
      if (type.passesMatched(port) && !matched) {
        emitAlone(port, batch);
      }
    } else if (!TimedRows.isFlagged(kept)) {
      if (type.passesMatched(other)) {
        emitAlone(other, kept, 1);
      } else if (!join.unmatchedAtEnd()) {
        emitAlone(other, kept, -1);
      }
      TimedRows.flag(kept);
    }
    matched = true;
  }

  /** Keeps the row under way as long as something may match it, and answers it where that is due. */
  private void keep(int port, Batch batch) {
    boolean over = matchesNothing || time < droppedBefore(port);
    if (type.keepsUnmatched(port) && !matched && (over || !join.unmatchedAtEnd())) {
      emitAlone(port, batch);
    }
    boolean isAnswered = matched && !type.hasPairs() && port == JoinType.LEFT_PORT;
    if (!over && !isAnswered) {
      sides[port].add(keys[port].source(), time, batch, row, matched);
    }
  }

  /** Rows of a side before this time match nothing that is to come. */
  private long droppedBefore(int port) {
    return JoinWatermarks.shift(watermarks.of(1 - port), -spec.latest(port));
  }

  private void emitAlone(int port, Batch batch) {
    IntervalMatches.copy(batch, row, out, type.hasPairs() ? join.firstColumn(port) : 0);
    endAlone(port, 1);
  }

  private void emitAlone(int port, long kept, int weight) {
    sides[port].read(kept, out, type.hasPairs() ? join.firstColumn(port) : 0);
    endAlone(port, weight);
  }

  private void endAlone(int port, int weight) {
    if (type.hasPairs()) {
      int other = 1 - port;
      int first = join.firstColumn(other);
      for (int i = 0; i < join.input(other).size(); i++) {
        out.column(first + i).setNull(out.rowCount());
      }
    }
    end(weight);
  }

  private void end(int weight) {
    if (join.output().isChangelog()) {
      out.endRow(weight);
    } else {
      out.endRow();
    }
  }

  private boolean makeRoom(int rows, Output output) {
    return out.capacity() - out.rowCount() >= rows || flush(output);
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
    if (!drop(JoinType.LEFT_PORT, output) || !drop(JoinType.RIGHT_PORT, output) || !flush(output)) {
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

  /** Drops the rows of a side that nothing can match any more; false for back-pressure. */
  private boolean drop(int port, Output output) {
    TimedRows side = sides[port];
    long before = droppedBefore(port);
    boolean answers = type.keepsUnmatched(port) && join.unmatchedAtEnd();
    while (!side.isEmpty() && (before == Watermark.END || side.headTime() < before)) {
      if (answers && !TimedRows.isFlagged(side.head())) {
        if (!makeRoom(1, output)) {
          return false;
        }
        emitAlone(port, side.head(), 1);
      }
      side.dropHead();
    }
    return true;
  }

  /** No result to come has a time before this. */
  private long heldBack() {
    long left = watermarks.of(JoinType.LEFT_PORT);
    long right = watermarks.of(JoinType.RIGHT_PORT);
    long held = Math.min(left, droppedBefore(JoinType.LEFT_PORT));
    return type.hasPairs()
        ? Math.min(held, Math.min(right, droppedBefore(JoinType.RIGHT_PORT)))
        : held;
  }

  @Override
  public Waiting waiting() {
    if (!join.unmatchedAtEnd()) {
      return null;
    }
    for (int port = 0; port < 2; port++) {
      if (type.keepsUnmatched(port) && !sides[port].isEmpty()) {
        long until = JoinWatermarks.shift(sides[port].headTime(), spec.latest(port));
        return new Waiting(
            sides[port].rows() + " rows that may still have a match",
            watermarks.toNanos(JoinWatermarks.shift(until, 1)));
      }
    }
    return null;
  }

  @Override
  public long stateRows() {
    return sides[0].rows() + sides[1].rows();
  }

  @Override
  public long stateBytes() {
    return sides[0].bytes() + sides[1].bytes() + keys[0].bytes() + keys[1].bytes();
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putByte(WATERMARKS);
    watermarks.write(writer);
    sides[0].snapshot(writer, 0);
    sides[1].snapshot(writer, 1);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      reader.section();
      int tag = reader.getByte();
      if (tag == WATERMARKS) {
        watermarks.read(reader);
      } else {
        sides[tag].restore(reader);
      }
    }
    sides[0].finishRestore();
    sides[1].finishRestore();
  }

  @Override
  public void close() {
    matches.close();
    out.close();
    closeState();
  }

  private void closeState() {
    for (int port = 0; port < 2; port++) {
      if (keys[port] != null) {
        keys[port].close();
      }
      if (sides[port] != null) {
        sides[port].close();
      }
    }
  }
}
