package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.InputWatermarks;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.Spill;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;
import io.laminardb.core.time.Watermark;

/**
 * Joins two inputs, append-only or changelogs, by equal keys and a further condition: each row is
 * joined with the rows of the other side so far (a symmetric hash join, Wilschut and Apers 1991), then
 * kept. With no key every row of the other side is looked at.
 *
 * <p>After every row, what was emitted adds up to the join of what came in so far, so the result is the
 * same whichever input comes first. A row without a match goes out at once where the type keeps it; its
 * first match takes it back and adds the pair, in two adjacent rows, and losing the last one does the
 * reverse. Where both sides are append-only such rows may wait for the end instead (see {@link
 * JoinSpec#unmatchedAtEnd}).
 *
 * <p>How many matches a row has is counted a row with a condition, and a key without one. Watermarks:
 * the least of both inputs. Where a time of windows is among the keys, rows are forgotten when the
 * watermark has passed it: what makes windows emits nothing that is behind its watermark.
 */
public final class JoinOperator implements Operator {
  private static final int ROWS_A_MATCH = 2;

  /** Makes joins. */
  public record Factory(JoinSpec spec, String generatedSource, long stateTtlNs)
      implements OperatorFactory {
    /**
     * @param generatedSource of the condition, or null
     * @param stateTtlNs how long a key is kept that no row touches, in processing time; 0 for ever
     */
    public Factory {
      requireNonNull(spec, "spec");
      if (stateTtlNs < 0 || stateTtlNs > 0 && (spec.time() != null || spec.unmatchedAtEnd())) {
        throw new IllegalArgumentException(
            "rows of this join are forgotten at a time of their own");
      }
    }

    /** Makes joins that keep all keys. */
    public Factory(JoinSpec spec, String generatedSource) {
      this(spec, generatedSource, 0);
    }

    @Override
    public Operator create(OperatorContext context) {
      return new JoinOperator(spec, stateTtlNs, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    /** None without a time among the keys: watermarks are passed on. */
    @Override
    public long watermarkGrainNs() {
      return spec.time() == null ? Long.MAX_VALUE : 0;
    }

    @Override
    public Recall recall() {
      if (spec.time() == null) {
        return stateTtlNs == 0 ? Recall.KEPT : Recall.NEVER;
      }
      return spec.keepsAllAnswered() ? Recall.FROM_STATE : Recall.NEVER;
    }

    @Override
    public String fingerprint() {
      return "Join" + spec.fingerprint() + (stateTtlNs > 0 ? " expiring" : "");
    }
  }

  /** How far the row under way has come. */
  private enum Step {
    /** Its matches are to be looked up. */
    LOOK,

    /** It is being joined with them. */
    MATCH,

    /** It is to be answered itself, where it stands alone. */
    ALONE
  }

  private final JoinSpec spec;
  private final JoinType type;
  private final OperatorContext context;
  private final boolean expires; // keys that no row has touched for a while
  private final RowCodec[] codecs;
  private final RowProbe[] probes = new RowProbe[2];
  private final int[][] strictKeys;
  private final boolean[]
      answersHavingMatches; // of a port: its rows' first and last match say more
  private final Spill spill; // null where all keys stay in memory
  private final JoinState state;
  private final Matches matches;
  private final Batch out; // what the output has not accepted yet
  private final InputWatermarks watermarks = new InputWatermarks(2);

  private int row = -1; // of the batch on loan that is under way, or -1
  private Step step = Step.LOOK;
  private boolean nullKey; // the row matches nothing
  private long matchCount; // rows that match it, as far as they have been seen
  private boolean onMatch; // the current match is not answered to its end
  private long copies; // of the current match that have been answered
  private long unmatched; // a row that goes out at the end, or 0
  private boolean ended;
  private boolean timed; // a timer has been asked for

  private JoinOperator(JoinSpec spec, long stateTtlNs, OperatorContext context) {
    this.spec = spec;
    this.expires = stateTtlNs > 0;
    this.type = spec.type();
    this.context = context;
    this.spill = spec.time() == null && !expires ? context.spill() : null;
    this.codecs = new RowCodec[] {new RowCodec(spec.left()), new RowCodec(spec.right())};
    this.strictKeys = new int[][] {spec.strictKeys(0), spec.strictKeys(1)};
    this.answersHavingMatches =
        new boolean[] {
          type.keepsUnmatched(0) || type.passesMatched(0),
          type.keepsUnmatched(1) || type.passesMatched(1)
        };
    JoinState newState = null;
    Matches newMatches = null;
    try {
      for (int port = 0; port < 2; port++) {
        probes[port] = new RowProbe(spec.input(port), spec.keys(port), context.allocator());
      }
      newState = new JoinState(spec, stateTtlNs, context, spill);
      newMatches = new Matches(spec, codecs, context.batchCapacity(), context.allocator());
      int capacity = Math.max(ROWS_A_MATCH, context.batchCapacity());
      out = new Batch(spec.output(), capacity, context.allocator());
    } catch (RuntimeException e) {
      closeAll(probes[0], probes[1], newState, newMatches);
      throw e;
    }
    state = newState;
    matches = newMatches;
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
    if (!output.flush(out)) {
      return Progress.BLOCKED;
    }
    row = -1;
    askForTimer();
    state.keepRoom();
    return Progress.NEEDS_INPUT;
  }

  @Override
  public boolean spill(boolean hot) {
    long before = state.bytes();
    if (hot && spill != null) {
      state.leaveAll();
    }
    return state.bytes() < before;
  }

  @Override
  public String counters() {
    return spill == null ? null : spill.toString();
  }

  private void askForTimer() {
    long first = timed ? Watermark.NONE : state.firstExpiryNs();
    if (first != Watermark.NONE) {
      context.timerAt(first);
      timed = true;
    }
  }

  @Override
  public Progress timer(long nowEpochNs, Output output) {
    timed = false;
    if (expires) {
      context.expiredRows(state.expire(nowEpochNs));
      askForTimer();
    }
    return Progress.NEEDS_INPUT;
  }

  /** Does all there is to do for the row under way; false for back-pressure. */
  private boolean join(int port, Batch batch, Output output) {
    int weight = batch.weight(row);
    if (step == Step.LOOK) {
      if (!look(port, batch)) {
        return true;
      }
      step = Step.MATCH;
    }
    if (step == Step.MATCH) {
      if (!answerMatches(port, weight, output)) {
        return false;
      }
      step = Step.ALONE;
    }
    if (!answerAlone(port, weight, output)) {
      return false;
    }
    if (!nullKey && expires) {
      state.touch(port, probes[port], weight, matchCount, context.nowEpochNs());
    } else if (!nullKey) {
      long time = spec.time() == null ? 0 : batch.column(spec.time().column(port)).getLong(row);
      state.change(port, probes[port], weight, matchCount, time);
    }
    step = Step.LOOK;
    return true;
  }

  /** Looks the matches of the row up; false when its condition failed and it is left out. */
  private boolean look(int port, Batch batch) {
    RowProbe probe = probes[port];
    probe.look(batch, row);
    nullKey = hasNullKey(port, batch);
    matchCount = 0;
    if (expires && !nullKey && batch.weight(row) < 0 && !state.side(port).holds(probe)) {
      context.expiredRows(1); // what it takes back has been forgotten
      return false;
    }
    long entry = nullKey ? 0 : state.find(1 - port, probe);
    if (spec.condition() == null) {
      matchCount = JoinRows.total(entry);
    }
    long first = answersMatches(port, batch.weight(row)) ? JoinRows.first(entry) : 0;
    if (first != 0 && spec.conditionFails()) {
      // Tried on all before anything has changed.
      matches.open(first, port, probe.rowAddress());
      try {
        while (matches.advance()) {}
      } catch (RuntimeException e) {
        context.rowFailed(batch, row, e);
        return false;
      }
    }
    matches.open(first, port, probe.rowAddress());
    onMatch = false;
    return true;
  }

  private boolean hasNullKey(int port, Batch batch) {
    for (int column : strictKeys[port]) {
      Column key = batch.column(column);
      if (key.isNull(row)) {
        return true;
      }
    }
    return false;
  }

  /** Whether anything is to be said or counted about single matches of a row of this port. */
  private boolean answersMatches(int port, int weight) {
    if (type.hasPairs() || spec.condition() != null) {
      return true;
    }
    if (port == JoinType.LEFT_PORT) {
      return false;
    }
    long before = JoinRows.total(state.side(port).find(probes[port].key()));
    return before > 0 != before + weight > 0;
  }

  private boolean answerMatches(int port, int weight, Output output) {
    long before = 0;
    boolean counted = spec.condition() != null;
    if (!counted && !nullKey && answersHavingMatches[1 - port]) {
      before = JoinRows.total(state.side(port).find(probes[port].key()));
    }
    while (onMatch || matches.advance()) {
      long match = matches.current();
      long count = JoinRows.count(match);
      if (counted) {
        before = JoinRows.matches(match);
      }
      if (!onMatch) {
        onMatch = true;
        copies = Math.abs(count);
      }
      int sign = count < 0 ? -1 : 1;
      for (; copies > 0; copies--) {
        if (out.capacity() - out.rowCount() < ROWS_A_MATCH && !output.flush(out)) {
          return false;
        }
        answerMatch(port, match, weight, sign, before);
      }
      onMatch = false;
      if (counted) {
        JoinRows.matches(match, before + weight);
        matchCount += count;
      }
    }
    return true;
  }

  /** The row and one copy of a match of it, that had {@code before} matches until now. */
  private void answerMatch(int port, long match, int weight, int sign, long before) {
    int other = 1 - port;
    boolean gains = before <= 0 && before + weight > 0;
    boolean loses = before > 0 && before + weight <= 0;
    boolean padded = type.keepsUnmatched(other) && !spec.unmatchedAtEnd();
    if (gains && padded) {
      writeAlone(other, JoinRows.bytes(match), -sign);
    }
    if (type.hasPairs()) {
      codecs[port].readColumns(probes[port].rowAddress(), out, spec.firstColumn(port));
      codecs[other].readColumns(JoinRows.bytes(match), out, spec.firstColumn(other));
      endRow(sign * weight);
    } else if (type.passesMatched(other) && (gains || loses)) {
      writeAlone(other, JoinRows.bytes(match), gains ? sign : -sign);
    }
    if (loses && padded) {
      writeAlone(other, JoinRows.bytes(match), sign);
    }
  }

  private boolean answerAlone(int port, int weight, Output output) {
    boolean matched = matchCount > 0;
    boolean waits = spec.unmatchedAtEnd() && !nullKey;
    if (matched ? type.passesMatched(port) : type.keepsUnmatched(port) && !waits) {
      if (out.isFull() && !output.flush(out)) {
        return false;
      }
      writeAlone(port, probes[port].rowAddress(), weight);
    }
    return true;
  }

  /** A row of one side, with NULLs for the other. */
  private void writeAlone(int port, long rowAddress, int weight) {
    codecs[port].readColumns(rowAddress, out, spec.firstColumn(port));
    if (type.hasPairs()) {
      int from = spec.firstColumn(1 - port);
      int to = from + spec.input(1 - port).size();
      for (int column = from; column < to; column++) {
        out.column(column).setNull(out.rowCount());
      }
    }
    endRow(weight);
  }

  private void endRow(int weight) {
    if (out.weightsAddress() != 0) {
      out.endRow(weight);
    } else {
      assert weight > 0 : "a retraction in an append-only result";
      out.endRow();
    }
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    long due = watermarks.input(port, watermarkNs);
    if (due == Watermark.NONE) {
      return Progress.NEEDS_INPUT;
    }
    if (!forget(due, output)
        || due == Watermark.END && !end(output)
        || !output.flush(out)
        || !output.watermark(due)) {
      return Progress.BLOCKED;
    }
    watermarks.passed(due);
    return Progress.NEEDS_INPUT;
  }

  /** Forgets rows of times that are over, when it has answered those that have waited for that. */
  private boolean forget(long watermarkNs, Output output) {
    while (state.isDue(watermarkNs)) {
      if (spec.unmatchedAtEnd() && !answerUnmatched(output)) {
        return false;
      }
      state.forgetFirst();
    }
    return true;
  }

  /** No row will come any more: answers what has waited for that, and forgets all rows. */
  private boolean end(Output output) {
    if (ended) {
      return true;
    }
    boolean waiting = spec.unmatchedAtEnd() && spec.time() == null;
    if (waiting && !answerUnmatched(output) || !output.flush(out)) {
      return false;
    }
    state.clear();
    ended = true;
    return true;
  }

  private boolean answerUnmatched(Output output) {
    while (unmatched != 0 || (unmatched = state.nextUnmatched()) != 0) {
      if (out.isFull() && !output.flush(out)) {
        return false;
      }
      writeAlone(state.unmatchedPort(), JoinRows.bytes(unmatched), 1);
      unmatched = 0;
    }
    return true;
  }

  /** All pairs by their left rows, then the rows that stand for themselves. */
  @Override
  public void recall(Output output) {
    for (int port = 0; port < 2; port++) {
      final int side = port;
      state.forEach(side, (entry, kept) -> recall(side, entry, kept, output));
    }
    output.flush(out);
  }

  @Override
  public void forgetRecalled() {
    out.clear();
  }

  private void recall(int port, long entry, long kept, Output output) {
    long other = state.side(1 - port).find(entry);
    long count = JoinRows.count(kept);
    if (port == JoinType.LEFT_PORT && type.hasPairs()) {
      matches.open(JoinRows.first(other), port, JoinRows.bytes(kept));
      while (matches.advance()) {
        long match = matches.current();
        for (long left = count * JoinRows.count(match); left > 0; left--) {
          makeRoom(output);
          codecs[port].readColumns(JoinRows.bytes(kept), out, spec.firstColumn(port));
          codecs[1 - port].readColumns(JoinRows.bytes(match), out, spec.firstColumn(1 - port));
          endRow(1);
        }
      }
    }
    boolean matched =
        (spec.condition() == null ? JoinRows.total(other) : JoinRows.matches(kept)) > 0;
    if (matched ? type.passesMatched(port) : type.keepsUnmatched(port) && !spec.unmatchedAtEnd()) {
      for (; count > 0; count--) {
        makeRoom(output);
        writeAlone(port, JoinRows.bytes(kept), 1);
      }
    }
  }

  private void makeRoom(Output output) {
    if (out.isFull()) {
      output.flush(out);
    }
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    watermarks.snapshot(writer);
    writer.putByte(ended ? 1 : 0);
    state.snapshot(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        watermarks.restore(reader);
        ended = reader.getByte() != 0;
        state.readHeader(reader);
      } else {
        TablePages.read(reader);
        if (spill != null && spill.isTight()) {
          state.leaveAll();
        }
      }
    }
    state.finishRestore();
    askForTimer();
  }

  @Override
  public long stateRows() {
    return state.rows();
  }

  @Override
  public long stateBytes() {
    return state.bytes();
  }

  @Override
  public Waiting waiting() {
    long timeNs = state.firstTimeNs();
    return timeNs == Watermark.NONE || !spec.unmatchedAtEnd()
        ? null
        : new Waiting("the end of a window of both inputs", timeNs);
  }

  @Override
  public void close() {
    closeAll(probes[0], probes[1], state, matches, out);
  }

  private static void closeAll(AutoCloseable... parts) {
    for (AutoCloseable part : parts) {
      try {
        if (part != null) {
          part.close();
        }
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
