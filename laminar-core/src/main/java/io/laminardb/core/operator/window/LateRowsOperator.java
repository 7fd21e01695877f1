package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;

/**
 * Passes on the rows that some open window takes, and sets aside those that are late for all of theirs or
 * have no time: for operators that get a row more than once, so that it counts once. Copies no row.
 */
public final class LateRowsOperator implements Operator {
  /**
   * Makes them.
   *
   * @param outputSchema the columns of the input
   * @param timeColumn the event time
   */
  public record Factory(Schema outputSchema, int timeColumn, WindowShape window)
      implements OperatorFactory {
    @Override
    public Operator create(OperatorContext context) {
      return new LateRowsOperator(this, context);
    }

    @Override
    public Recall recall() {
      return Recall.FROM_INPUTS;
    }

    @Override
    public long watermarkGrainNs() {
      return window.watermarkGrainNs();
    }

    @Override
    public long watermarkOffsetNs() {
      return window.watermarkOffsetNs();
    }
  }

  private final Factory factory;
  private final OperatorContext context;
  private final WindowCursor cursor;
  private final int[] columns;
  private Batch seen; // on loan, or null
  private Batch view; // of it
  private int next; // the row at which to continue
  private int open; // rows from next on that are not late, or -1
  private long watermarkNs = Watermark.NONE;
  private long closedThrough = Long.MIN_VALUE;

  private LateRowsOperator(Factory factory, OperatorContext context) {
    this.factory = factory;
    this.context = context;
    this.cursor = new WindowCursor(factory.window());
    this.columns = new int[factory.outputSchema().size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = i;
    }
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (seen == null) {
      seen = batch;
      view = Batch.view(factory.outputSchema(), batch, columns);
      next = batch.from();
      open = -1;
    }
    while (next < batch.to()) {
      if (open < 0) {
        open = countOpen(batch);
      }
      if (open > 0) {
        view.range(next, next + open);
        if (!output.offer(view)) {
          return Progress.BLOCKED;
        }
        next += open;
      }
      open = -1;
      if (next < batch.to()) {
        setAside(batch, next);
        next++;
      }
    }
    seen = null;
    view = null;
    return Progress.NEEDS_INPUT;
  }

  private int countOpen(Batch batch) {
    Column times = batch.column(factory.timeColumn());
    int row = next;
    while (row < batch.to() && !times.isNull(row) && !isLate(times.getLong(row))) {
      row++;
    }
    return row - next;
  }

  /** What is in no window for another reason is not told here. */
  private boolean isLate(long time) {
    return cursor.start(time) && cursor.inWindow() && cursor.lastEnd() <= closedThrough;
  }

  private void setAside(Batch batch, int row) {
    if (batch.column(factory.timeColumn()).isNull(row)) {
      context.nullTimeRow();
    } else {
      context.lateRow(batch, row);
    }
  }

  @Override
  public Progress watermark(int port, long newWatermarkNs, Output output) {
    if (newWatermarkNs > watermarkNs && newWatermarkNs != Watermark.IDLE) {
      watermarkNs = newWatermarkNs;
      closedThrough = factory.window().closedThrough(newWatermarkNs);
    }
    return output.watermark(newWatermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(watermarkNs);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      reader.section();
      watermarkNs = Math.max(watermarkNs, reader.getLong());
      closedThrough = factory.window().closedThrough(watermarkNs);
    }
  }

  @Override
  public void close() {}
}
