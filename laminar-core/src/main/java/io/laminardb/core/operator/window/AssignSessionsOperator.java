package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.GeneratedFactory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.aggregate.AggregateSpec;

/**
 * Gives each row the bounds of its session, behind its own columns. Keeps the rows of a session until
 * it closes; then they come out, by time, then arrival. Rows that were taken back before are not among
 * them, so the output is append-only.
 */
public final class AssignSessionsOperator extends ChangelogSessionOperator {
  private final WholeForm form;
  private final Batch results;
  private final int startColumn;
  private long closingNode; // a session that is being emitted, or 0

  private AssignSessionsOperator(
      AggregateSpec spec,
      WindowShape window,
      WholeForm form,
      Schema output,
      OperatorContext context) {
    super(spec, window, form, context);
    this.form = form;
    this.startColumn = output.size() - 2;
    try {
      this.results = new Batch(output, Math.max(1, context.batchCapacity()), context.allocator());
    } catch (RuntimeException e) {
      super.close();
      throw e;
    }
  }

  /**
   * The plan-time half.
   *
   * @param spec whose kernel prepares rows with their time and keys, without arguments
   * @param input the schema of the rows
   * @param output the input's columns, then window_start and window_end; append-only
   */
  public static OperatorFactory factory(
      AggregateSpec spec, WindowShape window, Schema input, Schema output, String generatedSource) {
    return new GeneratedFactory(
        output,
        generatedSource,
        "AssignSessions " + window + " " + output.types() + " " + spec.shape().fingerprint(),
        Recall.NEVER,
        context -> new AssignSessionsOperator(spec, window, new WholeForm(input), output, context));
  }

  /** A session here only counts its rows. */
  @Override
  protected void accumulate(long block, int weight, long node) {
    long at = node + shape.groups().countOffset();
    Memory.putLong(at, Memory.getLong(at) + weight);
  }

  @Override
  protected boolean closeEnded(long target, Output output) {
    while (true) {
      if (closingNode == 0) {
        closingNode = sessions.closeNext(target);
      }
      if (closingNode == 0) {
        return flushResults(output);
      }
      if (!emitRows(output)) {
        return false;
      }
      free(closingNode);
      closingNode = 0;
    }
  }

  /** Hands out the rows of the session that is closing, and forgets them; false for back-pressure. */
  private boolean emitRows(Output output) {
    long head = sessions.head(closingNode);
    long first = sessions.first(closingNode);
    long last = sessions.last(closingNode);
    while (true) {
      long entry = rows.from(head, first, Long.MIN_VALUE);
      if (entry == 0 || KeptRows.time(entry) > last) {
        return true;
      }
      if (results.isFull() && !flushResults(output)) {
        return false;
      }
      int at = results.rowCount();
      results.column(startColumn).putLong(at, first);
      results.column(startColumn + 1).putLong(at, last + gap);
      form.read(KeptRows.block(entry), results);
      rows.remove(head, entry);
    }
  }

  private boolean flushResults(Output output) {
    if (results.rowCount() > 0) {
      if (!output.offer(results)) {
        return false;
      }
      results.clear();
    }
    return true;
  }

  @Override
  public void close() {
    results.close();
    super.close();
  }
}
