package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.InputWatermarks;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.stream.IntStream;

/**
 * UNION ALL: passes the rows of all its ports on, in arrival order, without copying them. Its
 * watermark is the least of the inputs that are not idle. Rows without weights get weight +1, by
 * copying, where the result is a changelog.
 */
public final class UnionOperator implements Operator {
  /**
   * Makes unions.
   *
   * @param outputSchema column types all inputs have
   * @param ports number of inputs
   */
  public record Factory(Schema outputSchema, int ports) implements OperatorFactory {
    @Override
    public Recall recall() {
      return Recall.FROM_INPUTS;
    }

    @Override
    public Operator create(OperatorContext context) {
      return new UnionOperator(this, context);
    }
  }

  private final Schema schema;
  private final OperatorContext context;
  private final int[] allColumns;
  private final InputWatermarks watermarks;
  private final Batch[] seen; // the batch each view was made of; borrowed
  private final Batch[] views;
  private Batch weighted; // copies with weights; ours to close
  private int copied = -1; // next row to copy of the batch in process, or -1

  private UnionOperator(Factory factory, OperatorContext context) {
    this.schema = factory.outputSchema();
    this.context = context;
    this.allColumns = IntStream.range(0, schema.size()).toArray();
    this.watermarks = new InputWatermarks(factory.ports());
    this.seen = new Batch[factory.ports()];
    this.views = new Batch[factory.ports()];
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (schema.isChangelog() && batch.weightsAddress() == 0) {
      return copyWithWeights(batch, output);
    }
    if (seen[port] != batch) {
      views[port] = Batch.view(schema, batch, allColumns);
      seen[port] = batch;
    }
    views[port].range(batch.from(), batch.to());
    return output.offer(views[port]) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  private Progress copyWithWeights(Batch batch, Output output) {
    if (weighted == null) {
      weighted = new Batch(schema, context.batchCapacity(), context.allocator());
    }
    if (copied < 0) {
      copied = batch.from();
    }
    while (copied < batch.to() || weighted.rowCount() > 0) {
      if (weighted.rowCount() == 0) {
        int to = Math.min(batch.to(), copied + weighted.capacity());
        weighted.append(batch, copied, to);
        copied = to;
      }
      if (!output.offer(weighted)) {
        return Progress.BLOCKED;
      }
      weighted.clear();
    }
    copied = -1;
    return Progress.NEEDS_INPUT;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return watermarks.pass(port, watermarkNs, output);
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    watermarks.snapshot(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      reader.section();
      watermarks.restore(reader);
    }
  }

  @Override
  public void close() {
    if (weighted != null) {
      weighted.close();
      weighted = null;
    }
  }
}
