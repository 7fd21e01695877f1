package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.GeneratedFactory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.AggregateShape;
import io.laminardb.core.operator.aggregate.RowFeed;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.function.Supplier;
import org.apache.arrow.memory.ArrowBuf;

/**
 * Copies each row into every open window it belongs to, with the bounds of the window behind its own
 * columns. Keeps no rows. The watermark is held back as windows do, so that the bounds can be the
 * event time of what follows.
 */
public final class AssignWindowsOperator implements Operator {
  private final OperatorContext context;
  private final AggregateKernel kernel;
  private final AggregateShape shape;
  private final WindowShape window;
  private final WindowCursor cursor;
  private final Batch out;
  private final ArrowBuf scratch;
  private final int startColumn;
  private final RowFeed feed;
  private int preparedAt;
  private int preparedCount;
  private final WindowWatermark watermark;

  private AssignWindowsOperator(
      Supplier<? extends AggregateKernel> kernels,
      AggregateShape shape,
      Schema output,
      WindowShape window,
      OperatorContext context) {
    this.context = context;
    this.shape = shape;
    this.window = window;
    this.cursor = new WindowCursor(window);
    this.watermark = new WindowWatermark(window, false);
    this.startColumn = output.size() - 2;
    this.scratch =
        StateMemory.allocate(
            context.allocator(), (long) AggregateKernel.CHUNK_ROWS * shape.sourceBytes());
    this.kernel = kernels.get();
    this.feed = new RowFeed(kernel, context);
    try {
      kernel.open(context.allocator());
      kernel.shape(shape);
      kernel.scratch = scratch.memoryAddress();
      this.out = new Batch(output, Math.max(1, context.batchCapacity()), context.allocator());
    } catch (RuntimeException e) {
      kernel.close();
      scratch.close();
      throw e;
    }
  }

  /**
   * The plan-time half.
   *
   * @param kernels prepares rows with their time, without keys and arguments
   * @param output the input's columns, then window_start and window_end
   */
  public static OperatorFactory factory(
      Supplier<? extends AggregateKernel> kernels,
      AggregateShape shape,
      Schema output,
      WindowShape window,
      String generatedSource) {
    return new GeneratedFactory(
        output,
        generatedSource,
        "AssignWindows " + window + " " + output,
        window.watermarkGrainNs(),
        window.watermarkOffsetNs(),
        Recall.NEVER,
        context -> new AssignWindowsOperator(kernels, shape, output, window, context));
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    feed.begin(batch);
    try {
      while (true) {
        if (!copyPrepared(batch, output)) {
          return Progress.BLOCKED;
        }
        if (feed.isEmpty()) {
          break;
        }
        preparedAt = 0;
        preparedCount = feed.prepare();
      }
      if (!output.flush(out)) {
        return Progress.BLOCKED;
      }
    } catch (RuntimeException e) {
      feed.end();
      preparedCount = 0;
      preparedAt = 0;
      cursor.leave();
      throw e;
    }
    feed.end();
    return Progress.NEEDS_INPUT;
  }

  private boolean copyPrepared(Batch batch, Output output) {
    for (; preparedAt < preparedCount; preparedAt++) {
      long prepared = kernel.scratch + (long) preparedAt * shape.sourceBytes();
      int row = Memory.getInt(prepared + shape.rowOffset());
      if (!cursor.inWindow()) {
        startRow(batch, row, Memory.getLong(prepared + shape.timeOffset()));
      }
      for (; cursor.inWindow(); cursor.next()) {
        if (cursor.windowEnd() > watermark.closedThrough()) {
          if (out.isFull() && !output.flush(out)) {
            return false;
          }
          copy(batch, row);
        }
      }
    }
    return true;
  }

  private void startRow(Batch batch, int row, long time) {
    if (!cursor.start(time)) {
      feed.failed(row, WindowShape.outOfRange(time));
    } else if (cursor.inWindow() && cursor.lastEnd() <= watermark.closedThrough()) {
      context.lateRow(batch, row);
      cursor.leave();
    }
  }

  private void copy(Batch batch, int row) {
    int at = out.rowCount();
    for (int i = 0; i < startColumn; i++) {
      out.column(i).copyFrom(batch.column(i), row, row + 1, at);
    }
    out.column(startColumn).putLong(at, window.time(cursor.windowStart()));
    out.column(startColumn + 1).putLong(at, window.time(cursor.windowEnd()));
    if (out.weightsAddress() == 0) {
      out.endRow();
    } else {
      out.endRow(batch.weight(row));
    }
  }

  @Override
  public Progress watermark(int port, long newWatermarkNs, Output output) {
    if (newWatermarkNs == Watermark.IDLE) {
      return watermark.passIdle(output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
    if (watermark.isQuiet(newWatermarkNs)) {
      return Progress.NEEDS_INPUT;
    }
    watermark.closed(watermark.endClosedAt(newWatermarkNs));
    return watermark.pass(newWatermarkNs, output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    watermark.snapshot(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      reader.section();
      watermark.restore(reader);
    }
  }

  @Override
  public void close() {
    kernel.close();
    out.close();
    scratch.close();
  }
}
