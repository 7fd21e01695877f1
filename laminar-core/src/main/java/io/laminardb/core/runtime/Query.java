package io.laminardb.core.runtime;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.reactor.Task;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * The operators of one query on a reactor, from its start to its end. As a task it starts them, and
 * passes on the rows they set aside.
 */
final class Query implements Task {
  final String name;
  final OperatorGraph graph;
  final QueryOptions options;
  final ReactorContext context;
  final StreamOutput output;
  final List<OperatorNode> nodes = new ArrayList<>();
  final List<InputPort> externalPorts = new ArrayList<>();
  private final List<OperatorNode> kept = new ArrayList<>(); // those of a former query that go on
  final SideStream lateStream;
  final SideStream errorStream;
  private QueryState state = QueryState.STARTING;
  private LaminarException failure;
  private int startedNodes;
  private int openedPorts;
  private boolean restored;
  private boolean hasRowsOfSnapshot;
  boolean usesBackground; // one of the nodes

  Query(OperatorGraph graph, QueryOptions options, ReactorContext context) {
    this(graph, options, context, new StreamOutput(graph.name(), graph.outputSchema()));
  }

  /**
   * A query that gives its rows to a stream that is there already.
   *
   * @param output of the schema of the graph
   */
  Query(OperatorGraph graph, QueryOptions options, ReactorContext context, StreamOutput output) {
    this.name = graph.name();
    this.graph = graph;
    this.options = options;
    this.context = context;
    this.output = output;
    lateStream =
        options.lateStream() == null
            ? null
            : new SideStream(options.lateStream(), options.lateSchema(), context.allocator);
    errorStream =
        options.errorStream() == null
            ? null
            : new SideStream(options.errorStream(), SideStream.ERRORS, context.allocator);
  }

  @Override
  public int doWork() {
    int work = isStarting() && start() ? 1 : 0;
    if (usesBackground) {
      for (OperatorNode node : nodes) {
        boolean told = (!isStopped() || node.answers().isUnderWay()) && node.answers().tell();
        work += told ? 1 : 0;
      }
    }
    return work + flush(lateStream) + flush(errorStream);
  }

  /** Passes on what was set aside; false where it is refused. */
  boolean flushSides() {
    return (lateStream == null || lateStream.flush())
        && (errorStream == null || errorStream.flush());
  }

  /** Rows were set aside, or nothing will be any more. */
  void setAside() {
    context.reactor.requestCycle();
    if (context.log != null) {
      context.log.hasSides(this);
    }
  }

  /** Whether an operator waits for work in the background. */
  boolean awaitsBackground() {
    return usesBackground && nodes.stream().anyMatch(node -> node.answers().isPending());
  }

  private static int flush(SideStream stream) {
    if (stream == null || !stream.hasWork()) {
      return 0;
    }
    return stream.flush() ? 1 : 0;
  }

  /**
   * Starts the operators, those that receive before those that send, then opens the inputs. Where some
   * went on from a former query, what the others make of what came before is all there by then, and
   * passed on, before more comes.
   */
  private boolean start() {
    List<InputPort> late = restored ? List.of() : lateInputs();
    boolean ready =
        restored || startNew() && openUp(late, 0) && hasAnswers() && output.passDifference();
    if (!ready || !openUp(restored ? allPorts() : keptInputs(), late.size())) {
      return false;
    }
    if (isStarting()) {
      state = QueryState.RUNNING;
      context.progressed();
    }
    return true;
  }

  /** Whether no answer is waited for; in a durable database they are events and come afterwards. */
  private boolean hasAnswers() {
    return context.log != null || !awaitsBackground();
  }

  private boolean startNew() {
    for (List<OperatorNode> order = startOrder(); startedNodes < order.size(); startedNodes++) {
      if (order.get(startedNodes).start() == Progress.BLOCKED) {
        return false;
      }
    }
    return true;
  }

  /** Opens inputs, the first of which is the {@code first}th of all that are opened. */
  private boolean openUp(List<InputPort> ports, int first) {
    for (; openedPorts < first + ports.size(); openedPorts++) {
      if (!ports.get(openedPorts - first).openUp()) {
        return false;
      }
    }
    return true;
  }

  /** What has inputs from the last to the first, then constants, whose rows come in the query's order. */
  private List<OperatorNode> startOrder() {
    List<OperatorNode> order = new ArrayList<>(nodes);
    Collections.reverse(order);
    order.removeIf(node -> node.ports.isEmpty());
    nodes.stream().filter(node -> node.ports.isEmpty()).forEach(order::add);
    order.removeAll(kept);
    return order;
  }

  private List<InputPort> lateInputs() {
    return allPorts().stream()
        .filter(port -> port.beginsClosed() && !kept.contains(port.node))
        .toList();
  }

  private List<InputPort> keptInputs() {
    return kept.stream().flatMap(node -> node.ports.stream()).toList();
  }

  /** An operator goes on as another one of a former query, from what that knows. */
  void adopt(OperatorNode node, OperatorNode former) {
    node.adopt(former);
    kept.add(node);
    hasRowsOfSnapshot |= former.query.hasRowsOfSnapshot;
  }

  /** An operator goes on from what another engine has made it know. */
  void adopt(OperatorNode node, RebuiltQuery rebuilt) {
    rebuilt.restore(node, nodes.indexOf(node));
    kept.add(node);
    hasRowsOfSnapshot = true;
  }

  /** Whether its operators know already what came before. */
  boolean knowsPast() {
    return hasBegun() || kept.size() == nodes.size();
  }

  private List<InputPort> allPorts() {
    return nodes.stream().flatMap(node -> node.ports.stream()).toList();
  }

  /** Writes what is known of it beside the state of its operators. */
  void snapshot(StateWriter writer) {
    writer.putByte(isUntouched() ? 1 : 0);
    writer.putByte(failure != null ? 2 : hasBegun() ? 1 : 0);
    if (failure != null) {
      writer.putText(failure.code().name());
      writer.putText(failure.problem());
      writer.putText(failure.mend());
    }
    output.snapshot(writer);
    for (SideStream side : sides()) {
      side.output.snapshot(writer);
    }
    writer.putInt(nodes.size());
    nodes.forEach(node -> node.snapshot(writer));
  }

  /**
   * Becomes what was written. The operators, whose state comes next, will be given what they knew of
   * their inputs, and not be started anew.
   */
  void restore(StateReader reader) {
    hasRowsOfSnapshot = reader.getByte() == 0;
    int begun = reader.getByte();
    LaminarException written = null;
    if (begun == 2) {
      ErrorCode code = ErrorCode.valueOf(reader.getText());
      written = new LaminarException(code, reader.getText()).mend(reader.getText());
    }
    output.restore(reader);
    for (SideStream side : sides()) {
      side.output.restore(reader);
    }
    int count = reader.getInt();
    if (count != nodes.size()) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT,
              "query \"" + name + "\" has " + nodes.size() + " operators, its state " + count + ".")
          .mend("Open it with the version that wrote it, or create the query anew.");
    }
    nodes.forEach(node -> node.restore(reader));
    if (written != null) {
      fail(written);
    } else if (begun == 1) {
      restored = true;
      openedPorts = 0;
      externalPorts.forEach(InputPort::reopen);
      state = QueryState.STARTING;
    }
  }

  /** Streams of late and of failed rows, where there are such. */
  List<SideStream> sides() {
    return Stream.of(lateStream, errorStream).filter(Objects::nonNull).toList();
  }

  /** Whether the operators were started, or have their state from a snapshot. */
  boolean hasBegun() {
    return state == QueryState.RUNNING || startedNodes > 0 || openedPorts > 0 || restored;
  }

  boolean isStopped() {
    return state == QueryState.FAILED || state == QueryState.DROPPED;
  }

  boolean isStarting() {
    return state == QueryState.STARTING;
  }

  boolean isRunning() {
    return state == QueryState.RUNNING;
  }

  boolean isBlocked() {
    return nodes.stream().anyMatch(OperatorNode::isBlocked);
  }

  boolean hasWork() {
    return isStarting()
        || lateStream != null && lateStream.hasWork()
        || errorStream != null && errorStream.hasWork();
  }

  QueryState state() {
    return state;
  }

  LaminarException failure() {
    return failure;
  }

  /** Stops the query; its operators are closed when none of them is at work. */
  void fail(Throwable thrown) {
    if (isStopped()) {
      return;
    }
    LaminarException reason =
        thrown instanceof LaminarException laminar
            ? laminar
            : thrown instanceof OutOfMemoryException
                ? new LaminarException(
                        ErrorCode.MEMORY_BUDGET_EXCEEDED,
                        "query \"" + name + "\" needs more memory than is left.",
                        thrown)
                    .mend("Raise memoryBudget, or bound the state of the query.")
                : new LaminarException(
                    ErrorCode.INTERNAL_ERROR,
                    "query \"" + name + "\" failed: " + thrown + ".",
                    thrown);
    stop(context.holders.named(reason));
  }

  private void stop(LaminarException reason) {
    failure = reason;
    state = QueryState.FAILED;
    context.progressed();
    output.fail(failure);
    endSides();
    context.reactor.defer(this::release);
  }

  void upstreamFailed(String stream, LaminarException reason) {
    if (isStopped()) {
      return;
    }
    stop(
        new LaminarException(
                reason.code(),
                "query \""
                    + name
                    + "\" stopped, as its input \""
                    + stream
                    + "\" gives no more rows: "
                    + reason.problem(),
                reason)
            .mend(reason.mend() == null ? "Mend the cause and create it anew." : reason.mend()));
  }

  /** Every external input that ended ends the rows set aside. */
  void inputEnded() {
    for (InputPort port : externalPorts) {
      if (port.watermark() != Watermark.END) {
        return;
      }
    }
    endSides();
  }

  private void endSides() {
    if (lateStream != null) {
      lateStream.end();
    }
    if (errorStream != null) {
      errorStream.end();
    }
    if (lateStream != null || errorStream != null) {
      setAside();
    }
  }

  /** Whether no row has come to any operator, before a snapshot it was restored from either. */
  boolean isUntouched() {
    return !hasRowsOfSnapshot && allPorts().stream().allMatch(port -> port.rows() == 0);
  }

  /** Whether another query could give the rows of its stream from now on, if it has no state. */
  boolean isReplaceable() {
    return !isStopped() && !isBlocked() && lateStream == null && errorStream == null;
  }

  /** Whether it is in the middle of nothing, so that another query can take its place. */
  boolean isAtRest() {
    return isStopped()
        || !isBlocked()
            && (isStarting() ? !hasBegun() : !hasWork())
            && externalPorts.stream().noneMatch(port -> port.stream.isInFlight())
            && !output.isInFlight();
  }

  /** Another query gives the rows of its stream from now on. Between batches. */
  void retire() {
    endForGood();
    release();
  }

  /** The query goes away. Between batches. */
  void drop() {
    if (state != QueryState.FAILED) {
      output.fail(dropped());
    }
    endForGood();
    release();
    output.release();
  }

  private void endForGood() {
    for (SideStream side : sides()) {
      side.output.fail(dropped());
      side.close();
    }
    state = QueryState.DROPPED;
    if (context.log != null) {
      context.log.forget(this);
    }
  }

  private LaminarException dropped() {
    return new LaminarException(ErrorCode.CLOSED, "stream \"" + name + "\" was dropped.");
  }

  /** Leaves its inputs and frees its operators. Between batches. */
  void release() {
    for (InputPort port : externalPorts) {
      port.stream.remove(port);
    }
    nodes.forEach(OperatorNode::close);
  }
}
