package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.Output;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.time.Watermark;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows that the open windows of a stream would have if they closed now. A fresh operator is given
 * the state of the one at work, and the end of its input: nobody else notices. Between batches.
 */
final class OpenWindows {
  private final Map<StreamOutput, OperatorNode> makers = new IdentityHashMap<>();
  private final BufferAllocator target;

  /**
   * @param queries all there are
   * @param target where the rows' memory comes from
   */
  OpenWindows(Collection<Query> queries, BufferAllocator target) {
    queries.forEach(query -> query.nodes.forEach(node -> makers.put(node.output, node)));
    this.target = target;
  }

  /** The rows of a stream's open windows; the caller closes the batches. */
  List<Batch> of(StreamOutput stream) {
    Present.Copies copies = new Present.Copies(target);
    try {
      tell(stream, copies);
      return copies.batches;
    } catch (RuntimeException | Error e) {
      copies.batches.forEach(Batch::close);
      throw e;
    }
  }

  private void tell(StreamOutput stream, Output output) {
    OperatorNode node = makers.get(stream);
    if (node == null) {
      return; // a source or a table
    }
    if (!node.output.schema.isChangelog()) {
      atEnd(node, output);
      return;
    }
    switch (node.plan.factory().recall()) {
      case FROM_INPUTS -> through(node, output);
      case FROM_STATE -> node.recall(operator -> operator.recall(output));
      case KEPT, NEVER ->
          throw new LaminarException(
                  ErrorCode.NOT_SUPPORTED,
                  "these rows show changes and do not tell which are open.")
              .mend("Create the view with EMIT ON WINDOW CLOSE.");
    }
  }

  /** What an operator would still say if the windows before it closed, and its input ended. */
  private void atEnd(OperatorNode node, Output output) {
    try (Operator fresh = fresh(node)) {
      fresh.restore(new StateReader(node.sections(null)));
      for (InputPort port : node.ports) {
        if (!port.stream.schema.isChangelog()) { // else it has been told already
          tell(port.stream, new RecalledPresent.Into(fresh, port.index, output));
        }
      }
      for (InputPort port : node.ports) {
        fresh.watermark(port.index, Watermark.END, output);
      }
    }
  }

  private void through(OperatorNode node, Output output) {
    try (Operator fresh = fresh(node)) {
      for (InputPort port : node.ports) {
        tell(port.stream, new RecalledPresent.Into(fresh, port.index, output));
      }
    }
  }

  private Operator fresh(OperatorNode node) {
    return node.plan.factory().create(new RecalledPresent.Context(node, target));
  }
}
