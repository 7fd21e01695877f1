package io.laminardb.core.graph;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorFactory;
import java.util.List;
import java.util.function.Supplier;

/**
 * The operators of one query, immutable. Nodes stand in topological order; the last one is the
 * query's output.
 *
 * @param name of the stream the query makes
 * @param nodes at least one
 */
public record OperatorGraph(String name, List<Node> nodes) {
  public OperatorGraph {
    nodes = List.copyOf(nodes);
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("a graph needs a node");
    }
  }

  /** The rows of the query. */
  public Schema outputSchema() {
    return nodes.get(nodes.size() - 1).factory().outputSchema();
  }

  /** Names of the streams of the database it reads, each once. */
  public List<String> streams() {
    return nodes.stream()
        .flatMap(node -> node.inputs().stream())
        .filter(Input.Stream.class::isInstance)
        .map(input -> ((Input.Stream) input).name())
        .distinct()
        .toList();
  }

  /**
   * One operator and what feeds its ports, port 0 first.
   *
   * @param label for people and metrics, such as {@code WindowAggregate}
   * @param detail one line for EXPLAIN
   * @param identity tells what it does, and all before it, down to the streams of the database: operators
   *     with equal ones have the same state after the same rows; null where nobody knows
   * @param factory makes the operator
   * @param inputs one a port
   */
  public record Node(
      String label,
      String detail,
      Supplier<String> identity,
      OperatorFactory factory,
      List<Input> inputs) {
    public Node {
      inputs = List.copyOf(inputs);
    }

    /** What it does, without what bounds its state. */
    public String action() {
      int bound = detail.indexOf("  -- ");
      return bound < 0 ? detail : detail.substring(0, bound);
    }

    /** An operator of which no other one is known to do the same. */
    public Node(String label, String detail, OperatorFactory factory, List<Input> inputs) {
      this(label, detail, null, factory, inputs);
    }
  }

  /** What feeds a port. */
  public sealed interface Input {
    /** A source, stream, view or table of the database, by its catalog name. */
    record Stream(String name) implements Input {}

    /** An earlier node of this graph, by its index. */
    record Upstream(int node) implements Input {}
  }
}
