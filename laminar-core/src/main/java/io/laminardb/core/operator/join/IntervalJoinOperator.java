package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TimeQueue;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.List;

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
  private static final int RESULTS_A_MATCH = 2;
  private static final int AHEAD = 64; // rows whose entries are loaded before they are dropped
  private static final int ENTRY_WORDS = 2 * Run.WORDS; // a run of each side
  private static final int SHRINK_ROWS = 1024; // memory of fewer is not worth it
  private static final int SHRINK_PART = 8; // of the rows there were: if no more are left
  private static final int CALM_WATERMARKS = 16; // for so many
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
          + join.left().types()
          + join.rightKeys()
          + join.right().types()
          + join.columns()
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
  private final TimedSides sides;
  private final TimedMatches matches;
  private final JoinResults results;
  private final JoinWatermarks watermarks;

  private int at; // the row that is under way, as the sides count
  private boolean taken; // all rows of the batch on loan are
  private Step step = Step.LOOK;
  private boolean matched; // the row
  private boolean onMatch; // the current match is not answered yet
  private long mostRows; // that were kept at once in the memory there is
  private int calm; // watermarks at which few rows of these were left
  private boolean emptied; // the key of a row of the stretch may have none any more

  private IntervalJoinOperator(IntervalJoinSpec spec, OperatorContext context) {
    this.spec = spec;
    this.join = spec.join();
    this.type = join.type();
    this.context = context;
    this.watermarks = new JoinWatermarks(spec.nanosPerUnit());
    TimedSides.Side[] ports = {side(0), side(1)};
    this.sides = new TimedSides(ports, join.nullSafe(), ENTRY_WORDS, true, context.allocator());
    TimedMatches newMatches = null;
    try {
      newMatches = new TimedMatches(join, sides, context.batchCapacity(), context.allocator());
      results =
          new JoinResults(sides.stores(), join.left(), join.columns(), join.output(), context);
    } catch (RuntimeException e) {
      if (newMatches != null) {
        newMatches.close();
      }
      sides.close();
      throw e;
    }
    matches = newMatches;
  }

  private TimedSides.Side side(int port) {
    return new TimedSides.Side(
        join.input(port),
        port == JoinType.LEFT_PORT ? join.leftKeys() : join.rightKeys(),
        spec.timeColumn(port),
        spec.scale(port),
        join.readColumns(port));
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (!taken) {
      do {
        for (; at < sides.count(); at++) {
          if (!join(port, batch, output)) {
            return Progress.BLOCKED;
          }
        }
        if (emptied) {
          removeEmptied();
        }
        at = 0;
      } while (sides.take(port, batch, watermarks.of(port), context));
      taken = true;
    }
    if (!results.flush(output)) {
      return Progress.BLOCKED;
    }
    taken = false;
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
    long row = sides.row(at);
    if (step == Step.MATCH) {
      while (onMatch || matches.advance()) {
        onMatch = true;
        if (!results.makeRoom(RESULTS_A_MATCH, output)) {
          return false;
        }
        answerMatch(port, row, matches.current());
        onMatch = false;
      }
      step = Step.KEEP;
    }
    if (!results.makeRoom(1, output)) {
      return false;
    }
    keep(port, row);
    step = Step.LOOK;
    return true;
  }

  /** Looks the matches of the row up; false when its condition failed. */
  private boolean look(int port, Batch batch) {
    matched = false;
    if (join.conditionFails() && !matchesNothing()) {
      try {
        openMatches(port);
        while (matches.advance()) {
          // A pair that fails, fails the row before anything is said of it.
        }
      } catch (RuntimeException e) {
        emptied = true;
        sides.stores()[port].doom(sides.row(at));
        context.rowFailed(batch, sides.batchRow(at), e);
        return false;
      }
    }
    openMatches(port);
    return true;
  }

  /** Whether the row matches nothing, for a NULL or an empty interval. */
  private boolean matchesNothing() {
    return sides.entry(at) == 0 || spec.isEmpty();
  }

  private void openMatches(int port) {
    if (matchesNothing()) {
      matches.openNone();
      return;
    }
    long time = sides.time(at);
    matches.open(
        run(sides.entry(at), 1 - port),
        JoinWatermarks.shift(time, spec.earliest(port)),
        JoinWatermarks.shift(time, spec.latest(port)),
        port,
        sides.row(at));
  }

  /** The kept rows of a side of a key, by time. */
  private long run(long entry, int port) {
    return sides.state(entry) + 8L * Run.WORDS * port;
  }

  /** Answers the pair of the row under way and one that is kept. */
  private void answerMatch(int port, long row, long kept) {
    final int other = 1 - port;
    if (type.hasPairs()) {
      if (type.keepsUnmatched(other) && !sides.isFlagged(kept)) {
        if (!join.unmatchedAtEnd()) {
          results.add(other, kept, 0, -1);
        }
        sides.flag(kept);
      }
      results.add(port, row, kept, 1);
    } else if (port == JoinType.LEFT_PORT) {
      if (type.passesMatched(port) && !matched) {
        results.add(port, row, 0, 1);
      }
    } else if (!sides.isFlagged(kept)) {
      if (type.passesMatched(other)) {
        results.add(other, kept, 0, 1);
      } else if (!join.unmatchedAtEnd()) {
        results.add(other, kept, 0, -1);
      }
      sides.flag(kept);
    }
    matched = true;
  }

  /** Keeps the row under way as long as something may match it, and answers it where that is due. */
  private void keep(int port, long row) {
    long time = sides.time(at);
    boolean over = matchesNothing() || time < droppedBefore(port);
    if (type.keepsUnmatched(port) && !matched && (over || !join.unmatchedAtEnd())) {
      results.add(port, row, 0, 1);
    }
    boolean isAnswered = matched && !type.hasPairs() && port == JoinType.LEFT_PORT;
    if (over || isAnswered) {
      sides.stores()[port].doom(row);
      emptied = true;
      return;
    }
    if (matched) {
      sides.flag(row);
    }
    Run.add(run(sides.entry(at), port), time, row, sides.heap());
    sides.queue(port).push(time, row, sides.entry(at));
  }

  /** Removes the entries of rows of the stretch that were not kept, where they say nothing else. */
  private void removeEmptied() {
    for (int i = 0; i < sides.count(); i++) {
      long entry = sides.entry(i);
      if (entry != 0 && Memory.getLong(entry) != 0) { // else it has been removed for another row
        removeIfEmpty(entry);
      }
    }
    emptied = false;
  }

  private void removeIfEmpty(long entry) {
    long left = run(entry, JoinType.LEFT_PORT);
    long right = run(entry, JoinType.RIGHT_PORT);
    if ((Run.count(left) | Run.count(right)) == 0) {
      Run.free(left, sides.heap());
      Run.free(right, sides.heap());
      sides.table().remove(entry);
    }
  }

  /** Rows of a side before this time match nothing that is to come. */
  private long droppedBefore(int port) {
    return JoinWatermarks.shift(watermarks.of(1 - port), -spec.latest(port));
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    watermarks.set(port, watermarkNs);
    calm = stateRows() > mostRows / SHRINK_PART ? 0 : calm + 1;
    mostRows = Math.max(mostRows, stateRows());
    boolean done = drop(JoinType.LEFT_PORT, output) && drop(JoinType.RIGHT_PORT, output);
    if (!done || !results.flush(output)) {
      return Progress.BLOCKED;
    }
    shrink();
    return watermarks.passOn(heldBack(), output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  /** Gives memory back that most of the rows have left for a while. No row is on its way out. */
  private void shrink() {
    boolean isOver = stateRows() == 0 && watermarks.of(0) == Watermark.END;
    if (mostRows >= SHRINK_ROWS && (calm >= CALM_WATERMARKS || isOver)) {
      sides.shrink((port, time, row, entry, heap) -> Run.add(run(entry, port), time, row, heap));
      mostRows = stateRows(); // without room for a copy, it is tried again when there are far fewer
      calm = 0;
    }
  }

  /** Drops the rows of a side that nothing can match any more; false for back-pressure. */
  private boolean drop(int port, Output output) {
    TimeQueue queue = sides.queue(port);
    long before = droppedBefore(port);
    boolean answers = type.keepsUnmatched(port) && join.unmatchedAtEnd();
    int ahead = 0; // rows to drop whose entries are on their way
    while (!queue.isEmpty() && (before == Watermark.END || queue.headTime() < before)) {
      if (ahead-- == 0) {
        ahead = queue.inOrder(before == Watermark.END ? before : before - 1, AHEAD);
        sides.prefetchEntries(queue, ahead);
      }
      long row = queue.headValue();
      if (answers && !sides.isFlagged(row)) {
        if (!results.makeRoom(1, output)) {
          return false;
        }
        results.add(port, row, 0, 1);
      }
      forget(port, row, queue.headCompanion());
      queue.pop();
    }
    return true;
  }

  /** Takes the earliest row of a side out of its key's run, whose first it is. */
  private void forget(int port, long row, long entry) {
    long run = run(entry, port);
    assert Run.row(run, 0) == row : "the head of the queue is not the first of its key";
    Run.removeFirst(run);
    sides.stores()[port].doom(row);
    if (Run.count(run) == 0) {
      removeIfEmpty(entry);
    }
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
      TimeQueue queue = sides.queue(port);
      if (type.keepsUnmatched(port) && !queue.isEmpty()) {
        long until = JoinWatermarks.shift(queue.headTime(), spec.latest(port));
        return new Waiting(
            queue.size() + " rows that may still have a match",
            watermarks.toNanos(JoinWatermarks.shift(until, 1)));
      }
    }
    return null;
  }

  @Override
  public long stateRows() {
    return sides.queue(0).size() + sides.queue(1).size();
  }

  @Override
  public long stateBytes() {
    return sides.bytes();
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putByte(WATERMARKS);
    watermarks.write(writer);
    for (int port = 0; port < 2; port++) {
      TimeQueue queue = sides.queue(port);
      sides.write(port, port, queue.arrivals(), TimedSides.rowsOf(queue), writer);
    }
  }

  @Override
  public void restore(StateReader reader) {
    List<List<TimedSides.Kept>> kept = List.of(new ArrayList<>(), new ArrayList<>());
    while (reader.hasSection()) {
      reader.section();
      int tag = reader.getByte();
      if (tag == WATERMARKS) {
        watermarks.read(reader);
      } else {
        sides.queue(tag).arrivals(Math.max(sides.queue(tag).arrivals(), reader.getLong()));
        kept.get(tag).addAll(sides.read(tag, reader));
      }
    }
    for (int port = 0; port < 2; port++) {
      kept.get(port).sort(TimedSides.Kept.ORDER);
      for (TimedSides.Kept row : kept.get(port)) {
        long entry = row.entry();
        Run.add(run(entry, port), row.time(), row.row(), sides.heap());
        sides.queue(port).restore(row.time(), row.arrival(), row.row(), entry);
      }
    }
  }

  @Override
  public void close() {
    matches.close();
    results.close();
    sides.close();
  }
}
