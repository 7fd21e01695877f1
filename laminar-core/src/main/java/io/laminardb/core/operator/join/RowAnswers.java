package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;

/**
 * Joins rows, one after the other, with what a table holds in the moment. Of a changelog it keeps what
 * each row was answered with, and a retraction takes that back. One thread.
 *
 * <p>A row goes through {@link #look}, {@link #begin} and {@link #write}, the last of them until it says
 * that it is done.
 */
final class RowAnswers implements AutoCloseable {
  /** Where the matches of the row under way come from. */
  private enum Step {
    /** From the table. */
    TABLE,

    /** From the answer of the row, or of the one it takes back. */
    ANSWER
  }

  private final JoinSpec join;
  private final Schema output;
  private final OperatorContext context;
  private final RowCodec[] codecs;
  private final int[] strictKeys;
  private final RowProbe probe;
  private final Matches matches;
  private final JoinAnswers answers; // null where the rows are never taken back
  private final Batch out; // what the output has not accepted yet

  private Step step;
  private int weight; // of the row under way
  private boolean matched;
  private long copies; // of the current match that are still to be answered
  private long answer;
  private boolean takesBack; // the answer is of the row that is taken back, and to be freed
  private long answerRow;
  private int answerRows; // that are still to come

  /**
   * @param join an INNER or LEFT join, whose left side are the rows and whose right side is the table
   * @param output its columns; a changelog where the left side is one
   */
  RowAnswers(JoinSpec join, Schema output, OperatorContext context) {
    this.join = join;
    this.output = output;
    this.context = context;
    this.codecs = new RowCodec[] {new RowCodec(join.left()), new RowCodec(join.right())};
    this.strictKeys = join.strictKeys(JoinType.LEFT_PORT);
    this.probe = new RowProbe(join.left(), join.keys(JoinType.LEFT_PORT), context.allocator());
    this.answers = join.left().isChangelog() ? new JoinAnswers(context.allocator()) : null;
    Matches newMatches = null;
    try {
      newMatches = new Matches(join, codecs, context.batchCapacity(), context.allocator());
      out = new Batch(output, context.batchCapacity(), context.allocator());
    } catch (RuntimeException e) {
      closeState();
      if (newMatches != null) {
        newMatches.close();
      }
      throw e;
    }
    matches = newMatches;
  }

  /** Whether one of some columns is NULL, which equals nothing. */
  static boolean hasNull(int[] columns, Batch batch, int row) {
    for (int column : columns) {
      if (batch.column(column).isNull(row)) {
        return true;
      }
    }
    return false;
  }

  /** Looks at a row; false when its key is NULL, which nothing matches. */
  boolean look(Batch batch, int row) {
    probe.look(batch, row);
    return !hasNull(strictKeys, batch, row);
  }

  /** The key of the row looked at. */
  long key() {
    return probe.key();
  }

  /** The row looked at, as bytes. */
  RowProbe row() {
    return probe;
  }

  /**
   * Begins with the row looked at; false when its condition fails and it is left out.
   *
   * @param first the first row of the table that has its key, or 0
   */
  boolean begin(Batch batch, int row, long first) {
    weight = batch.weight(row);
    matched = false;
    copies = 0;
    answer = answers == null ? 0 : answers.takeBack(probe.row(), weight);
    takesBack = answer != 0;
    if (!takesBack) {
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
      answer = keep(first);
    }
    answerRow = JoinAnswers.firstRow(answer);
    answerRows = JoinAnswers.rows(answer);
    step = Step.ANSWER;
    return true;
  }

  /** Keeps what the row is joined with. */
  private long keep(long first) {
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

  /** Answers the row that was begun; false for back-pressure: the same call has to come again. */
  boolean write(Output to) {
    boolean done = step == Step.TABLE ? answerMatches(to) : repeat(to);
    boolean unmatched = done && !matched && join.type() == JoinType.LEFT;
    if (!done || unmatched && !makeRoom(to)) {
      return false;
    }
    if (unmatched) {
      write(0);
    }
    if (takesBack) {
      answers.free(answer);
      takesBack = false;
    }
    return true;
  }

  private boolean answerMatches(Output to) {
    while (copies > 0 || matches.advance()) {
      if (copies == 0) {
        copies = copies(matches.current());
      }
      for (; copies > 0; copies--) {
        if (!makeRoom(to)) {
          return false;
        }
        matched = true;
        write(JoinRows.bytes(matches.current()));
      }
    }
    return true;
  }

  private boolean repeat(Output to) {
    for (; answerRows > 0; answerRows--) {
      if (!makeRoom(to)) {
        return false;
      }
      matched = true;
      write(JoinAnswers.bytes(answerRow));
      answerRow = JoinAnswers.nextRow(answerRow);
    }
    return true;
  }

  /**
   * @param match the bytes of a row of the table, or 0 for NULLs
   */
  private void write(long match) {
    codecs[0].readColumns(probe.rowAddress(), out, 0);
    int first = join.left().size();
    if (match != 0) {
      codecs[1].readColumns(match, out, first);
    } else {
      for (int column = first; column < output.size(); column++) {
        out.column(column).setNull(out.rowCount());
      }
    }
    if (output.isChangelog()) {
      out.endRow(weight);
    } else {
      out.endRow();
    }
  }

  private boolean makeRoom(Output to) {
    return !out.isFull() || to.flush(out);
  }

  /** Hands the answers so far on; false for back-pressure. */
  boolean flush(Output to) {
    return to.flush(out);
  }

  /** Rows whose answers are kept. */
  long count() {
    return answers == null ? 0 : answers.count();
  }

  /** Memory held for them, in bytes. */
  long bytes() {
    return answers == null ? 0 : answers.size();
  }

  /** Writes the answers that are kept, each section beginning with {@code tag}. */
  void snapshot(StateWriter writer, long tag) {
    if (answers != null) {
      answers.snapshot(writer, tag);
    }
  }

  /** Reads a section behind its tag. */
  void restore(int keyGroup, StateReader reader) {
    answers.restore(keyGroup, reader);
  }

  /** Ends a restore. */
  void finishRestore() {
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
    if (answers != null) {
      answers.close();
    }
    probe.close();
  }
}
