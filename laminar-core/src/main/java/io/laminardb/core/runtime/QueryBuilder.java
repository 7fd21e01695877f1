package io.laminardb.core.runtime;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.TableRows;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Makes the operators of a graph and connects them. Between batches. */
final class QueryBuilder {
  private final ReactorContext context;
  private final Function<String, StreamOutput> streams;
  private final BiFunction<String, List<Integer>, TableRows> tables; // null where none are read

  QueryBuilder(
      ReactorContext context,
      Function<String, StreamOutput> streams,
      BiFunction<String, List<Integer>, TableRows> tables) {
    this.context = context;
    this.streams = streams;
    this.tables = tables;
  }

  /** The query that a source's rows go through before anybody reads them. */
  static Query intake(SourceTask task, ReactorContext context) {
    String name = task.options.name();
    OperatorFactory factory = task.options.intake();
    OperatorGraph.Node node =
        new OperatorGraph.Node(
            "Intake",
            factory.fingerprint(),
            factory,
            List.of(new OperatorGraph.Input.Stream(name)));
    return new QueryBuilder(context, any -> task.output, null)
        .build(new OperatorGraph(name, List.of(node)), QueryOptions.DEFAULT);
  }

  /** A connected query; where it throws, nothing is left behind. */
  Query build(OperatorGraph graph, QueryOptions options) {
    Query query = new Query(graph, options, context);
    try {
      buildAll(query);
      if (options.materialized()) {
        keep(query.output);
      } else {
        keepIfUnknown(query);
      }
    } catch (RuntimeException | Error e) {
      after(e, query::drop);
      throw e;
    }
    return query;
  }

  /** Cleans up after a failure, which stays the one to be told. */
  private static void after(Throwable failure, Runnable cleanup) {
    try {
      cleanup.run();
    } catch (RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
  }

  /** A connected query in the place of another one, whose readers it gives its rows to. */
  Query rebuild(OperatorGraph graph, Query former) {
    Present present = former.output.present;
    Query query = new Query(graph, former.options, context, former.output);
    try {
      buildAll(query);
    } catch (RuntimeException | Error e) {
      after(e, query::retire);
      former.output.present = present;
      throw e;
    }
    if (query.output.content != null) {
      query.output.present = query.output.content;
    } else {
      keepIfUnknown(query);
    }
    return query;
  }

  private void buildAll(Query query) {
    List<OperatorGraph.Node> plans = query.graph.nodes();
    for (int i = 0; i < plans.size(); i++) {
      build(query, plans.get(i), i, i == plans.size() - 1);
    }
  }

  private void keepIfUnknown(Query query) {
    if (query.options.readable()
        && query.output.schema.isChangelog()
        && query.output.present == null) {
      keep(query.output);
    }
  }

  private void keep(StreamOutput output) {
    output.keep(new ViewContent(output.name, output.schema, context.allocator));
  }

  private void build(Query query, OperatorGraph.Node plan, int index, boolean last) {
    StreamOutput output =
        last
            ? query.output
            : new StreamOutput(query.name + "#" + index, plan.factory().outputSchema());
    OperatorNode node =
        new OperatorNode(
            query, plan, output, query.name + "/" + index + " " + plan.label(), tables);
    query.nodes.add(node);
    node.create();
    for (int port = 0; port < plan.inputs().size(); port++) {
      connect(query, node, port, plan.inputs().get(port));
    }
    if (output.schema.isChangelog()) {
      output.present = RecalledPresent.of(node);
    }
  }

  private void connect(Query query, OperatorNode node, int index, OperatorGraph.Input input) {
    if (input instanceof OperatorGraph.Input.Upstream upstream) {
      StreamOutput stream = query.nodes.get(upstream.node()).output;
      InputPort port = new InputPort(node, index, stream, false);
      node.ports.add(port);
      stream.add(port);
      return;
    }
    StreamOutput stream = streams.apply(((OperatorGraph.Input.Stream) input).name());
    if (stream.failure() != null) {
      throw new LaminarException(
          stream.failure().code(),
          "input \"" + stream.name + "\" gives no more rows: " + stream.failure().problem(),
          stream.failure());
    }
    InputPort port = new InputPort(node, index, stream, true);
    node.ports.add(port);
    query.externalPorts.add(port);
    if (stream.present != null) {
      if (!stream.present.isKnown()) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED,
                "\""
                    + stream.name
                    + "\" is a changelog that forgets its rows as time passes: a reader that comes"
                    + " late would be told of rows taken back that it never saw.")
            .mend("Create it as a MATERIALIZED VIEW, or its readers before rows flow.");
      }
      stream.present.copy(context.allocator).forEach(port::replay);
    }
    stream.add(port);
  }
}
