package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;

/**
 * Joins each row with what a table holds in the moment the row comes. A later change of the table
 * corrects nothing: the result is append-only where the rows are. Of a changelog it keeps what each row
 * was answered with, and a retraction takes that back.
 *
 * <p>The watermark is that of the rows, whatever the table's is.
 */
public final class ProcessingTimeJoinOperator implements Operator {
  private static final int TABLE = 0; // tags of sections
  private static final int ANSWERS = 1;

  /** Makes joins with the present content of a table. */
  public record Factory(TemporalSpec spec, String generatedSource) implements OperatorFactory {
    /**
     * @param generatedSource of the condition, or null
     */
    public Factory {
      requireNonNull(spec, "spec");
      if (spec.rowTime() >= 0) {
        throw new IllegalArgumentException("a join as of event time");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new ProcessingTimeJoinOperator(spec, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    /** Watermarks are passed on. */
    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String fingerprint() {
      return "ProcessingTimeJoin" + spec.fingerprint();
    }
  }

  /** Where the matches of the row under way come from. */
  private enum Step {
    /** They are to be looked up. */
    LOOK,

    /** From the table. */
    TABLE,

    /** From the answer of the row, or of the one it takes back. */
    ANSWER
  }

  private final TemporalSpec spec;
  private final JoinSpec join;
  private final OperatorContext context;
  private final RowCodec[] codecs; // by side: the rows, the table
  private final RowProbe[] probes = new RowProbe[2];
  private final int[][] strictKeys;
  private final JoinRows table;
  private final Matches matches;
  private final JoinAnswers answers; // null where the rows are never taken back
  private final Batch out; // what the output has not accepted yet

  private int row = -1; // of the batch on loan that is under way, or -1
  private Step step = Step.LOOK;
  private boolean matched; // the row
  private long copies; // of the current match that are still to be answered
  private long answer;
  private boolean takesBack; // the answer is of the row that is taken back, and to be freed
  private long answerRow;
  private int answerRows; // that are still to come

  private ProcessingTimeJoinOperator(TemporalSpec spec, OperatorContext context) {
    this.spec = spec;
    this.join = spec.join();
    this.context = context;
    this.codecs = new RowCodec[] {new RowCodec(join.left()), new RowCodec(join.right())};
    this.strictKeys = new int[][] {join.strictKeys(0), join.strictKeys(1)};
    this.table = new JoinRows(true, join.right().isChangelog(), false, context.allocator());
    this.answers = join.left().isChangelog() ? new JoinAnswers(context.allocator()) : null;
    Matches newMatches = null;
    try {
      for (int side = 0; side < 2; side++) {
        probes[side] = new RowProbe(join.input(side), join.keys(side), context.allocator());
      }
      newMatches = new Matches(join, codecs, context.batchCapacity(), context.allocator());
      out = new Batch(spec.output(), context.batchCapacity(), context.allocator());
    } catch (RuntimeException e) {
      closeState();
      if (newMatches != null) {
        newMatches.close();
      }
      throw e;
    }
    matches = newMatches;
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (port == TemporalSpec.TABLE_PORT) {
      for (int i = batch.from(); i < batch.to(); i++) {
        change(batch, i);
      }
      return Progress.NEEDS_INPUT;
    }
    if (row < 0) {
      row = batch.from();
    }
    for (; row < batch.to(); row++) {
      if (!answer(batch, output)) {
        return Progress.BLOCKED;
      }
    }
    if (!output.flush(out)) {
      return Progress.BLOCKED;
    }
    row = -1;
    return Progress.NEEDS_INPUT;
  }

  private void change(Batch batch, int changed) {
    if (!hasNullKey(JoinType.RIGHT_PORT, batch, changed)) {
      probes[JoinType.RIGHT_PORT].look(batch, changed);
      table.change(probes[JoinType.RIGHT_PORT], batch.weight(changed), 0);
    }
  }

  private boolean hasNullKey(int side, Batch batch, int at) {
    for (int column : strictKeys[side]) {
      if (batch.column(column).isNull(at)) {
        return true;
      }
    }
    return false;
  }

  /** Answers the row under way; false for back-pressure. */
  private boolean answer(Batch batch, Output output) {
    int weight = batch.weight(row);
    if (step == Step.LOOK && !look(batch, weight)) {
      return true;
    }
    boolean done = step == Step.TABLE ? answerMatches(weight, output) : repeat(weight, output);
    if (!done || !matched && spec.keepsUnmatched() && !makeRoom(output)) {
      return false;
    }
    if (!matched && spec.keepsUnmatched()) {
      write(0, weight);
    }
    if (takesBack) {
      answers.free(answer);
    }
    step = Step.LOOK;
    return true;
  }

  /** Looks the matches of the row up; false when its condition failed and it is left out. */
  private boolean look(Batch batch, int weight) {
    RowProbe probe = probes[JoinType.LEFT_PORT];
    probe.look(batch, row);
    matched = false;
    copies = 0;
    answer = answers == null ? 0 : answers.takeBack(probe.row(), weight);
    takesBack = answer != 0;
    if (!takesBack) {
      long entry = hasNullKey(JoinType.LEFT_PORT, batch, row) ? 0 : table.find(probe.key());
      long first = JoinRows.first(entry);
      if (first != 0 && join.conditionFails()) {
        matches.open(first, JoinType.LEFT_PORT, probe.rowAddress());
        try {
          while (matches.advance()) {
            // Tried on all before anything is said of the row.
          }
        } catch (RuntimeException e) {
          context.rowFailed(batch, row, e);
          return false;
        }
      }
      if (answers == null) {
        matches.open(first, JoinType.LEFT_PORT, probe.rowAddress());
        step = Step.TABLE;
        return true;
      }
      answer = keep(first, weight);
    }
    answerRow = JoinAnswers.firstRow(answer);
    answerRows = JoinAnswers.rows(answer);
    step = Step.ANSWER;
    return true;
  }

  /** Keeps what the row is joined with. */
  private long keep(long first, int weight) {
    RowProbe probe = probes[JoinType.LEFT_PORT];
    int rows = 0;
    int length = 0;
    matches.open(first, JoinType.LEFT_PORT, probe.rowAddress());
    while (matches.advance()) {
      int copiesOfMatch = copies(matches.current());
      rows = Math.addExact(rows, copiesOfMatch);
      int bytes = JoinAnswers.rowBytes(JoinRows.length(matches.current()));
      length = Math.addExact(length, Math.multiplyExact(copiesOfMatch, bytes));
    }
    long kept = answers.add(probe.row(), weight, rows, length);
    long at = JoinAnswers.firstRow(kept);
    matches.open(first, JoinType.LEFT_PORT, probe.rowAddress());
    while (matches.advance()) {
      long match = matches.current();
      for (int i = copies(match); i > 0; i--) {
        at = JoinAnswers.write(at, JoinRows.bytes(match), JoinRows.length(match));
      }
    }
    return kept;
  }

  /** How often the table holds a row; a retraction that is ahead of its row is none. */
  private static int copies(long match) {
    return (int) Math.max(0, JoinRows.count(match));
  }

  private boolean answerMatches(int weight, Output output) {
    while (copies > 0 || matches.advance()) {
      if (copies == 0) {
        copies = copies(matches.current());
      }
      for (; copies > 0; copies--) {
        if (!makeRoom(output)) {
          return false;
        }
        matched = true;
        write(JoinRows.bytes(matches.current()), weight);
      }
    }
    return true;
  }

  private boolean repeat(int weight, Output output) {
    for (; answerRows > 0; answerRows--) {
      if (!makeRoom(output)) {
        return false;
      }
      matched = true;
      write(JoinAnswers.bytes(answerRow), weight);
      answerRow = JoinAnswers.nextRow(answerRow);
    }
    return true;
  }

  /**
   * @param match the bytes of a row of the table, or 0 for NULLs
   */
  private void write(long match, int weight) {
    codecs[0].readColumns(probes[JoinType.LEFT_PORT].rowAddress(), out, 0);
    int first = join.left().size();
    if (match != 0) {
      codecs[1].readColumns(match, out, first);
    } else {
      for (int column = first; column < spec.output().size(); column++) {
        out.column(column).setNull(out.rowCount());
      }
    }
    if (spec.output().isChangelog()) {
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
    return port == TemporalSpec.TABLE_PORT || output.watermark(watermarkNs)
        ? Progress.NEEDS_INPUT
        : Progress.BLOCKED;
  }

  @Override
  public long stateRows() {
    return table.rows() + (answers == null ? 0 : answers.count());
  }

  @Override
  public long stateBytes() {
    return table.bytes() + (answers == null ? 0 : answers.size());
  }

  @Override
  public void snapshot(StateWriter writer) {
    table.snapshot(writer, TABLE);
    if (answers != null) {
      answers.snapshot(writer, ANSWERS);
    }
  }

  @Override
  public void restore(StateReader reader) {
    int[] free = null;
    while (reader.hasSection()) {
      int keyGroup = reader.section();
      if (reader.getLong() == ANSWERS) {
        answers.restore(keyGroup, reader);
      } else if (keyGroup == StateWriter.NO_KEY_GROUP) {
        free = table.readHeader(reader);
      } else {
        table.readGroup(reader);
      }
    }
    if (free != null) {
      table.finish(free);
    }
    if (answers != null) {
      answers.finishRestore();
    }
  }

  @Override
  public void close() {
    out.close();
    matches.close();
    closeState();
  }

  private void closeState() {
    table.close();
    if (answers != null) {
      answers.close();
    }
    for (RowProbe probe : probes) {
      if (probe != null) {
        probe.close();
      }
    }
  }
}
