package io.laminardb.core.operator.scalar;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.time.Watermark;

/**
 * Passes rows on as they are, and of watermarks the end alone: behind it rows of any event time may come
 * at any moment, so that none is late and no window closes.
 */
public final class TimelessOperator implements Operator {
  /** Makes them. */
  public record Factory(Schema outputSchema) implements OperatorFactory {
    public Factory {
      requireNonNull(outputSchema, "outputSchema");
    }

    @Override
    public Operator create(OperatorContext context) {
      return new TimelessOperator();
    }

    @Override
    public Recall recall() {
      return Recall.FROM_INPUTS;
    }

    /** None. */
    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }
  }

  private TimelessOperator() {}

  @Override
  public Progress process(int port, Batch batch, Output output) {
    return output.offer(batch) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return watermarkNs != Watermark.END || output.watermark(watermarkNs)
        ? Progress.NEEDS_INPUT
        : Progress.BLOCKED;
  }

  @Override
  public void close() {}
}
