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
  private Replacement replacement; // null where no operator goes on from a former query
  private RebuiltQuery rebuilt; // what the other operators know, or null

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
      keepWhereAsked(query);
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
      keepWhereAsked(query);
    }
    return query;
  }

  /**
   * A connected query in the place of a former one, some of whose operators go on in it. Where it gives
   * its rows to the readers of the former one, those will get the difference first.
   *
   * @param known what its other operators know; null where they begin anew
   */
  Query replace(
      Query former,
      OperatorGraph graph,
      QueryOptions options,
      Replacement goingOn,
      RebuiltQuery known) {
    replacement = goingOn;
    rebuilt = known;
    StreamOutput output =
        goingOn.isContinued()
            ? former.output
            : new StreamOutput(graph.name(), graph.outputSchema());
    Present before = former.output.present;
    Query query = new Query(graph, options, context, output);
    try {
      buildAll(query);
      beginContent(query, before);
    } catch (RuntimeException | Error e) {
      after(e, query::retire);
      former.output.present = before;
      throw e;
    }
    return query;
  }

  /**
   * Has the content kept where it is to be, and readers told what changes.
   *
   * @param before what the former query tells
   */
  private void beginContent(Query query, Present before) {
    StreamOutput output = query.output;
    boolean continued = replacement.isContinued();
    ViewContent changes = null;
    ViewContent content = null;
    try (ViewContent known = rebuiltContent(output)) {
      Present after = known != null ? known : after(output, before);
      if (output.schema.isChangelog() && !(continued && replacement.goesOnWhole())) {
        changes = content(output, continued ? before : null, -1);
        add(changes, after, 1);
      }
      if (output.content == null && isToBeKept(query)) {
        content = content(output, continued ? before : changes == null ? after : null, 1);
      }
    } catch (RuntimeException | Error e) {
      if (changes != null) {
        changes.close();
      }
      throw e;
    }
    if (content != null) {
      output.keep(content);
    } else if (output.content != null) {
      output.present = output.content;
    }
    if (changes != null) {
      output.gather(new Difference(changes, context.allocator));
    }
  }

  /** What the new query has emitted as another engine knows it; null where its operators know better. */
  private ViewContent rebuiltContent(StreamOutput output) {
    return rebuilt == null || replacement.tellsOfKept()
        ? null
        : rebuilt.content(output, context.allocator);
  }

  /** What the operators of the new query have emitted so far, or null. */
  private Present after(StreamOutput output, Present before) {
    if (rebuilt != null) {
      return output.present;
    }
    OperatorNode last = replacement.formerOfLast();
    return replacement.goesOnWhole() ? before : last == null ? null : last.output.present;
  }

  private static boolean isToBeKept(Query query) {
    return query.options.materialized()
        || query.options.readable()
            && query.output.schema.isChangelog()
            && query.output.present == null;
  }

  /**
   * A content of the rows that a stream tells; without any where {@code rows} is null.
   *
   * @param sign 1, or -1 for rows that are to be taken away
   */
  private ViewContent content(StreamOutput stream, Present rows, int sign) {
    ViewContent content = new ViewContent(stream.name, stream.schema, context.allocator);
    try {
      add(content, rows, sign);
      return content;
    } catch (RuntimeException | Error e) {
      content.close();
      throw e;
    }
  }

  private void add(ViewContent content, Present rows, int sign) {
    if (rows != null) {
      content.addAll(rows.copy(context.allocator), sign);
    }
  }

  private void buildAll(Query query) {
    List<OperatorGraph.Node> plans = query.graph.nodes();
    for (int i = 0; i < plans.size(); i++) {
      build(query, plans.get(i), i, i == plans.size() - 1);
    }
  }

  private void keepWhereAsked(Query query) {
    if (isToBeKept(query)) {
      query.output.keep(content(query.output, null, 1));
    }
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
    OperatorNode former = formerOf(index);
    if (former != null) {
      query.adopt(node, former);
    } else if (rebuilt != null) {
      query.adopt(node, rebuilt);
    }
    if (output.schema.isChangelog()) {
      output.present = RecalledPresent.of(node);
    }
  }

  /** The operator of a former query that goes on in one of the new query, or null. */
  private OperatorNode formerOf(int node) {
    return replacement == null ? null : replacement.formerOf(node);
  }

  private void connect(Query query, OperatorNode node, int index, OperatorGraph.Input input) {
    OperatorNode former = formerOf(query.nodes.indexOf(node));
    if (input instanceof OperatorGraph.Input.Upstream upstream) {
      StreamOutput stream = query.nodes.get(upstream.node()).output;
      InputPort port = new InputPort(node, index, stream, false);
      node.ports.add(port);
      stream.add(port);
      if (rebuilt == null && former == null && formerOf(upstream.node()) != null) {
        catchUp(port, formerOf(upstream.node()).output);
      }
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
    if (former != null) {
      stream.add(port, stream.since(former.ports.get(index)));
      return;
    }
    if (stream.present != null && rebuilt == null) {
      checkKnown(stream);
      stream.present.copy(context.allocator).forEach(port::replay);
    }
    stream.add(port);
  }

  /** A new reader of an operator that goes on is told first what that has given before. */
  private void catchUp(InputPort port, StreamOutput former) {
    port.beginLate(former.watermark());
    if (former.schema.isChangelog()) {
      try (ViewContent told = content(former, former.present, 1)) {
        told.changes(context.allocator).forEach(port::replay);
      }
    }
  }

  private static void checkKnown(StreamOutput stream) {
    if (!stream.present.isKnown()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "\""
                  + stream.name
                  + "\" is a changelog that forgets its rows as time passes: a reader that comes"
                  + " late would be told of rows taken back that it never saw.")
          .mend("Create it as a MATERIALIZED VIEW, or its readers before rows flow.");
    }
  }
}
