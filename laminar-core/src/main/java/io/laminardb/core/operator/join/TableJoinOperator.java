package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.TableRows;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.List;

/**
 * Joins each row with what a table holds in the moment the row comes, as {@link
 * ProcessingTimeJoinOperator} does, but reads the table's own rows by an index instead of a copy of them.
 * Only those that the row under way is joined with are copied, as the table may change while the output
 * refuses.
 */
public final class TableJoinOperator implements Operator, TableRows.Found {
  /**
   * Makes them.
   *
   * @param join an INNER or LEFT join, whose left side are the rows and whose right side is the table,
   *     and whose keys are those of the index, in its order
   * @param table whose rows are read
   * @param index columns of the table
   * @param outputSchema the columns of the join; a changelog where the left side is one
   * @param generatedSource of the condition, or null
   */
  public record Factory(
      JoinSpec join, String table, List<Integer> index, Schema outputSchema, String generatedSource)
      implements OperatorFactory {
    public Factory {
      requireNonNull(join, "join");
      index = List.copyOf(index);
      if (!join.rightKeys().equals(index)) {
        throw new IllegalArgumentException("the keys of the join are not those of the index");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new TableJoinOperator(this, context);
    }

    /** Watermarks are passed on. */
    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String fingerprint() {
      return "TableJoin" + join.fingerprint() + table;
    }
  }

  private final TableRows table;
  private final JoinRows matches; // of the row under way
  private final RowAnswers answers;
  private long entry; // of its key in them, or 0
  private int row = -1; // of the batch on loan that is under way, or -1
  private boolean begun; // the row

  private TableJoinOperator(Factory factory, OperatorContext context) {
    matches = new JoinRows(true, false, false, context.allocator());
    answers = new RowAnswers(factory.join(), factory.outputSchema(), context);
    try {
      table = context.tableRows(factory.table(), factory.index());
    } catch (RuntimeException e) {
      answers.close();
      throw e;
    }
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (row < 0) {
      row = batch.from();
    }
    for (; row < batch.to(); row++) {
      if (!begun) {
        if (answers.look(batch, row)) {
          table.find(answers.key(), this);
        }
        begun = answers.begin(batch, row, JoinRows.first(entry));
      }
      if (begun && !answers.write(output)) {
        return Progress.BLOCKED;
      }
      begun = false;
      forgetMatches();
    }
    if (!answers.flush(output)) {
      return Progress.BLOCKED;
    }
    row = -1;
    return Progress.NEEDS_INPUT;
  }

  @Override
  public void row(long address, int length, long copies) {
    if (entry == 0) {
      entry = matches.findOrInsert(answers.key());
    }
    matches.add(entry, address, length, copies);
  }

  private void forgetMatches() {
    if (entry != 0) {
      matches.remove(entry);
      entry = 0;
    }
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public long stateRows() {
    return answers.count();
  }

  @Override
  public long stateBytes() {
    return answers.bytes();
  }

  @Override
  public void snapshot(StateWriter writer) {
    answers.snapshot(writer, 0);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      int keyGroup = reader.section();
      reader.getLong(); // the tag
      answers.restore(keyGroup, reader);
    }
    answers.finishRestore();
  }

  @Override
  public void close() {
    table.close();
    answers.close();
    matches.close();
  }
}
