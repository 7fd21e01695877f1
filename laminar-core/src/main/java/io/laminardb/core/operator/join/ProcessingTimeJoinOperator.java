package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;

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

  private final int[] strictKeys; // of the table
  private final RowProbe tableProbe;
  private final JoinRows table;
  private final RowAnswers answers;

  private int row = -1; // of the batch on loan that is under way, or -1
  private boolean begun; // the row

  private ProcessingTimeJoinOperator(TemporalSpec spec, OperatorContext context) {
    JoinSpec join = spec.join();
    this.strictKeys = join.strictKeys(JoinType.RIGHT_PORT);
    this.table = new JoinRows(true, join.right().isChangelog(), false, context.allocator());
    this.tableProbe =
        new RowProbe(join.right(), join.keys(JoinType.RIGHT_PORT), context.allocator());
    try {
      this.answers = new RowAnswers(join, spec.output(), context);
    } catch (RuntimeException e) {
      tableProbe.close();
      throw e;
    }
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
    if (!answers.flush(output)) {
      return Progress.BLOCKED;
    }
    row = -1;
    return Progress.NEEDS_INPUT;
  }

  private void change(Batch batch, int changed) {
    if (!RowAnswers.hasNull(strictKeys, batch, changed)) {
      tableProbe.look(batch, changed);
      table.change(tableProbe, batch.weight(changed), 0);
    }
  }

  /** Answers the row under way; false for back-pressure. */
  private boolean answer(Batch batch, Output output) {
    if (!begun) {
      long entry = answers.look(batch, row) ? table.find(answers.key()) : 0;
      begun = answers.begin(batch, row, JoinRows.first(entry));
    }
    if (begun && !answers.write(output)) {
      return false;
    }
    begun = false;
    return true;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return port == TemporalSpec.TABLE_PORT || output.watermark(watermarkNs)
        ? Progress.NEEDS_INPUT
        : Progress.BLOCKED;
  }

  @Override
  public long stateRows() {
    return table.rows() + answers.count();
  }

  @Override
  public long stateBytes() {
    return table.bytes() + answers.bytes();
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(TABLE);
    table.writeHeader(writer);
    table.writePages(writer);
    answers.snapshot(writer, ANSWERS);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      int keyGroup = reader.section();
      if (keyGroup == StateWriter.ANY_KEY_GROUP) {
        TablePages.read(reader);
      } else if (reader.getLong() == ANSWERS) {
        answers.restore(keyGroup, reader);
      } else {
        table.readHeader(reader);
      }
    }
    table.finishRestore();
    answers.finishRestore();
  }

  @Override
  public void close() {
    answers.close();
    table.close();
    tableProbe.close();
  }
}
