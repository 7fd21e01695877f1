package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.changelog.UpsertOperator;
import io.laminardb.core.state.Spill;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows of an operator's output as the operator itself, or those before it, know them: nothing is
 * kept besides. See {@link Recall}.
 */
final class RecalledPresent implements Present {
  private final OperatorNode node;
  private final Recall recall;

  private RecalledPresent(OperatorNode node, Recall recall) {
    this.node = node;
    this.recall = recall;
  }

  /** What is known of the output of an operator; null where it has to be kept. */
  static Present of(OperatorNode node) {
    Recall recall = node.plan.factory().recall();
    if (recall == Recall.KEPT) {
      return null;
    }
    if (recall == Recall.FROM_INPUTS) {
      for (InputPort port : node.ports) {
        if (port.stream.schema.isChangelog() && port.stream.present == null) {
          return null;
        }
      }
    }
    return new RecalledPresent(node, recall);
  }

  @Override
  public boolean isKnown() {
    if (recall == Recall.FROM_INPUTS) {
      for (InputPort port : node.ports) {
        if (port.stream.present != null && !port.stream.present.isKnown()) {
          return false;
        }
      }
    }
    return recall != Recall.NEVER || node.output.rows() == 0;
  }

  @Override
  public boolean isSettled() {
    if (node.query.isBlocked()) {
      return false;
    }
    if (recall == Recall.FROM_INPUTS) {
      for (InputPort port : node.ports) {
        Present present = port.stream.present;
        if (port.stream.isInFlight() || present != null && !present.isSettled()) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void tell(Output output, BufferAllocator scratch) {
    // Otherwise it will pass on to the new reader, too, what it is given first itself.
    if (node.query.isStopped() || !node.query.knowsPast()) {
      return;
    }
    switch (recall) {
      case FROM_STATE -> node.recall(operator -> operator.recall(output));
      case FROM_INPUTS -> repeat(output, scratch);
      case KEPT, NEVER -> {}
    }
  }

  @Override
  public boolean tell(Lookup lookup, Output output, BufferAllocator scratch) {
    if (node.operator() instanceof UpsertOperator rows && rows.isKey(lookup.columns())) {
      node.recall(operator -> rows.recall(lookup.keys(), output));
      return true;
    }
    return false;
  }

  /** Rows that are appended by an input, and never taken back, are not repeated. */
  private void repeat(Output output, BufferAllocator scratch) {
    try (Operator fresh = node.plan.factory().create(new Context(node, scratch))) {
      for (InputPort port : node.ports) {
        if (port.stream.schema.isChangelog()) {
          port.stream.present.tell(new Into(fresh, port.index, output), scratch);
        }
      }
    }
  }

  /** What a fresh operator is offered, which goes through it at once. */
  record Into(Operator operator, int port, Output output) implements Output {
    @Override
    public boolean offer(Batch batch) {
      operator.process(port, batch, output);
      return true;
    }

    @Override
    public boolean watermark(long watermarkNs) {
      return true;
    }
  }

  /** The world of a fresh operator. Rows that fail have failed before, and were not emitted. */
  record Context(OperatorNode node, BufferAllocator allocator) implements OperatorContext {
    @Override
    public int batchCapacity() {
      return node.batchCapacity();
    }

    @Override
    public long nowEpochNs() {
      return node.nowEpochNs();
    }

    @Override
    public boolean skipsFailedRows() {
      return node.skipsFailedRows();
    }

    @Override
    public Spill spill() {
      return node.spill();
    }

    @Override
    public void timerAt(long epochNs) {}

    @Override
    public void lateRow(Batch batch, int row) {}

    @Override
    public void nullTimeRow() {}

    @Override
    public void rowFailed(Batch batch, int row, RuntimeException failure) {}
  }
}
