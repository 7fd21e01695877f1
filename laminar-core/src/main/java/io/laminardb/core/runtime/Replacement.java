package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.runtime.OperatorFate.Outcome;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Which operators of a query go on in the one that takes its place: those that do the same, to the same
 * rows. An operator that is new reads one that goes on only where that can tell what it has emitted
 * before; otherwise neither goes on, as what is taken back later would never have been given.
 *
 * <p>Between batches.
 */
final class Replacement {
  private static final int NONE = -1;

  private final Query former;
  private final OperatorGraph graph;
  private final Function<String, StreamOutput> streams;
  private final boolean continued;
  private final boolean rebuilt;
  private final int[] kept; // of each new operator the former one that goes on in it, or NONE
  private final int[] alike; // likewise one that does the same, whether it goes on or not

  /**
   * @param streams finds what the new query reads
   * @param continued whether readers of the former query go on with the rows of the new one
   * @param rebuilt whether operators that do not go on are had from {@link RebuiltQuery}, instead of made
   *     anew
   */
  Replacement(
      Query former,
      OperatorGraph graph,
      Function<String, StreamOutput> streams,
      boolean continued,
      boolean rebuilt) {
    this.former = former;
    this.graph = graph;
    this.streams = streams;
    this.continued = continued;
    this.rebuilt = rebuilt;
    kept = new int[graph.nodes().size()];
    match();
    alike = kept.clone();
    boolean changelogsGoOn = !rebuilt || isTold() && !hasForgotten();
    boolean settled = false;
    while (!settled) {
      settled = true;
      for (int node = kept.length - 1; node >= 0; node--) {
        if (kept[node] != NONE && !canGoOn(node, changelogsGoOn)) {
          kept[node] = NONE;
          settled = false;
        }
      }
    }
  }

  /** Pairs operators that do the same. */
  private void match() {
    Arrays.fill(kept, NONE);
    if (former.isStopped()) {
      return;
    }
    List<OperatorGraph.Node> theirs = former.nodes.stream().map(node -> node.plan).toList();
    String[] identities = identities(graph.nodes());
    String[] known = identities(theirs);
    boolean[] taken = new boolean[known.length];
    for (int node = 0; node < kept.length; node++) {
      for (int candidate = 0; candidate < known.length && kept[node] == NONE; candidate++) {
        if (!taken[candidate]
            && !identities[node].equals("?")
            && identities[node].equals(known[candidate])
            && isAlike(graph.nodes().get(node), theirs.get(candidate))) {
          kept[node] = candidate;
          taken[candidate] = true;
        }
      }
    }
  }

  /** What operators do; "?" where nobody knows. */
  private static String[] identities(List<OperatorGraph.Node> nodes) {
    return nodes.stream()
        .map(node -> node.identity() == null ? "?" : node.identity().get())
        .toArray(String[]::new);
  }

  private boolean isAlike(OperatorGraph.Node mine, OperatorGraph.Node theirs) {
    return mine.label().equals(theirs.label())
        && mine.factory().fingerprint().equals(theirs.factory().fingerprint())
        && inFormer(mine.inputs()).equals(theirs.inputs());
  }

  /** Inputs as the former query names them. */
  private List<OperatorGraph.Input> inFormer(List<OperatorGraph.Input> inputs) {
    List<OperatorGraph.Input> named = new ArrayList<>();
    for (OperatorGraph.Input input : inputs) {
      named.add(
          input instanceof OperatorGraph.Input.Upstream upstream
              ? new OperatorGraph.Input.Upstream(kept[upstream.node()])
              : input);
    }
    return named;
  }

  /** Whether operators can tell all that the new query emits. */
  private boolean isTold() {
    return graph.nodes().stream()
        .map(node -> node.factory().recall())
        .allMatch(recall -> recall == Recall.FROM_STATE || recall == Recall.FROM_INPUTS);
  }

  private boolean canGoOn(int node, boolean changelogsGoOn) {
    for (OperatorGraph.Input input : graph.nodes().get(node).inputs()) {
      if (input instanceof OperatorGraph.Input.Upstream upstream && kept[upstream.node()] == NONE) {
        return false;
      }
    }
    StreamOutput output = former.nodes.get(kept[node]).output;
    boolean told = tells(output) || !hasNewReader(node);
    return rebuilt && output.schema.isChangelog()
        ? told && changelogsGoOn && !isKnownAbove(node)
        : told;
  }

  /**
   * Whether an operator that does not go on keeps what it was given by one that does: rows of which
   * another engine may have given it fewer, and which would be taken back.
   */
  private boolean isKnownAbove(int node) {
    OperatorGraph.Input read = new OperatorGraph.Input.Upstream(node);
    for (int reader = node + 1; reader < kept.length; reader++) {
      OperatorGraph.Node plan = graph.nodes().get(reader);
      if (kept[reader] == NONE
          && plan.inputs().contains(read)
          && (!isStateless(plan) || isKnownAbove(reader))) {
        return true;
      }
    }
    return false;
  }

  private boolean hasNewReader(int node) {
    boolean last = node == kept.length - 1;
    if (last && !(continued && goesOnWhole())) {
      return true;
    }
    OperatorGraph.Input read = new OperatorGraph.Input.Upstream(node);
    for (int reader = node + 1; reader < kept.length; reader++) {
      if (kept[reader] == NONE && graph.nodes().get(reader).inputs().contains(read)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a new reader of a stream can be told all that may be taken back. */
  static boolean tells(StreamOutput stream) {
    return !stream.schema.isChangelog() || stream.present != null && stream.present.isKnown();
  }

  // ---- What goes on

  /** The former operator that goes on in a new one, or null. */
  OperatorNode formerOf(int node) {
    return kept[node] == NONE || !former.hasBegun() ? null : former.nodes.get(kept[node]);
  }

  /** Whether readers of the former query go on with the rows of the new one. */
  boolean isContinued() {
    return continued;
  }

  /** Whether some of what the new query emits is known only to operators that go on. */
  boolean tellsOfKept() {
    for (int node = 0; node < kept.length; node++) {
      if (kept[node] != NONE && former.nodes.get(kept[node]).output.schema.isChangelog()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the new query gives just what the former one would. */
  boolean goesOnWhole() {
    return kept[kept.length - 1] == former.nodes.size() - 1;
  }

  /** The former operator whose rows are those of the new query, or null. */
  OperatorNode formerOfLast() {
    int last = kept[kept.length - 1];
    return last == NONE ? null : former.nodes.get(last);
  }

  /**
   * Why who reads the former query cannot go on with the rows of the new one; null where it can: then
   * it is told the difference, and what comes.
   */
  String cut() {
    StreamOutput output = former.output;
    if (former.isStopped()) {
      return "gives no more rows";
    }
    if (!output.schema.equals(graph.outputSchema())) {
      return "would have other columns";
    }
    if (goesOnWhole()) {
      return null;
    }
    if (output.watermark() == Watermark.END) {
      return "has told them that it has ended";
    }
    if (output.schema.isChangelog()) {
      boolean forgets = rebuilt && !former.options.materialized() && isForgetful(kept.length - 1);
      return tells(output) && !forgets ? null : "has forgotten rows it would have to take back";
    }
    boolean again = former.options.materialized();
    for (int node = 0; node < kept.length && !rebuilt; node++) {
      again |= kept[node] == NONE && isToldAgain(node);
    }
    return again ? "has given rows that are never taken back" : null;
  }

  /** Whether rows that a new operator has emitted cannot be had again, as it forgets them. */
  private boolean isForgetful(int node) {
    OperatorGraph.Node plan = graph.nodes().get(node);
    return plan.factory().recall() == Recall.NEVER
        || isStateless(plan)
            && plan.inputs().stream()
                .anyMatch(
                    input ->
                        input instanceof OperatorGraph.Input.Upstream upstream
                            && isForgetful(upstream.node()));
  }

  /** Whether a new operator is given rows that came before it. */
  private boolean isToldAgain(int node) {
    List<OperatorGraph.Input> inputs = graph.nodes().get(node).inputs();
    return inputs.isEmpty() || inputs.stream().anyMatch(this::isToldAgain);
  }

  private boolean isToldAgain(OperatorGraph.Input input) {
    return input instanceof OperatorGraph.Input.Upstream upstream
        ? kept[upstream.node()] != NONE
            && former.nodes.get(kept[upstream.node()]).output.schema.isChangelog()
        : streams.apply(((OperatorGraph.Input.Stream) input).name()).present != null;
  }

  // ---- For people

  /** What is about to happen. */
  ReplacementPlan plan(String cut) {
    Outcome content = Outcome.KEPT;
    if (!goesOnWhole()) {
      OperatorGraph.Input last = new OperatorGraph.Input.Upstream(kept.length - 1);
      boolean complete = isComplete(last) && !hasForgotten();
      content = rebuilt ? Outcome.FROM_HISTORY : complete ? Outcome.REBUILT : Outcome.LOST;
    }
    List<OperatorFate> fates = fates();
    boolean begins =
        fates.stream()
            .limit(kept.length)
            .anyMatch(fate -> fate.outcome() == Outcome.LOST || fate.outcome() == Outcome.NEW);
    return new ReplacementPlan(fates, content, cut, begins);
  }

  /** Whether the former query holds rows that its operators do not know any more: of closed windows. */
  private boolean hasForgotten() {
    ViewContent content = former.output.content;
    if (content == null || former.isStopped()) {
      return false;
    }
    Present known = RecalledPresent.of(former.nodes.get(former.nodes.size() - 1));
    if (known == null) {
      return false;
    }
    List<Batch> told = known.copy(former.context.allocator);
    long rows = told.stream().mapToLong(Batch::size).sum();
    told.forEach(Batch::close);
    return rows < content.rows();
  }

  /** Of each operator of the new query, and behind them of those of the former that it has not. */
  private List<OperatorFate> fates() {
    List<OperatorFate> fates = new ArrayList<>();
    boolean[] told = new boolean[former.nodes.size()]; // former operators that are accounted for
    for (int node : kept) {
      if (node != NONE) {
        told[node] = true;
      }
    }
    for (int node = 0; node < kept.length; node++) {
      fates.add(fate(node, told));
    }
    for (int node = 0; node < told.length; node++) {
      OperatorGraph.Node plan = former.nodes.get(node).plan;
      if (!told[node] && !isStateless(plan)) {
        fates.add(new OperatorFate(plan, Outcome.LOST, "the new query has none like it"));
      }
    }
    return fates;
  }

  private OperatorFate fate(int node, boolean[] told) {
    OperatorGraph.Node plan = graph.nodes().get(node);
    if (isStateless(plan)) {
      return new OperatorFate(plan, Outcome.STATELESS, "");
    }
    if (kept[node] != NONE) {
      return new OperatorFate(plan, Outcome.KEPT, "");
    }
    int counterpart = alike[node] != NONE ? alike[node] : counterpart(plan, told);
    if (counterpart != NONE) {
      told[counterpart] = true;
    }
    if (rebuilt) {
      return new OperatorFate(plan, Outcome.FROM_HISTORY, "");
    }
    if (isComplete(node)) {
      return new OperatorFate(plan, Outcome.REBUILT, "from what its inputs hold");
    }
    return counterpart == NONE
        ? new OperatorFate(plan, Outcome.NEW, "")
        : new OperatorFate(plan, Outcome.LOST, why(node, former.nodes.get(counterpart)));
  }

  private int counterpart(OperatorGraph.Node plan, boolean[] told) {
    for (int candidate = 0; candidate < told.length; candidate++) {
      if (!told[candidate] && former.nodes.get(candidate).plan.label().equals(plan.label())) {
        return candidate;
      }
    }
    return NONE;
  }

  private String why(int node, OperatorNode counterpart) {
    OperatorGraph.Node plan = graph.nodes().get(node);
    if (alike[node] != NONE) {
      return tells(counterpart.output)
          ? "what it reads is not kept"
          : "it has forgotten rows that an operator above it would have to know";
    }
    return plan.action().equals(counterpart.plan.action())
        ? "it reads other rows"
        : "was " + counterpart.plan.action();
  }

  /** Whether an operator that is made anew is told all there is. */
  private boolean isComplete(int node) {
    List<OperatorGraph.Input> inputs = graph.nodes().get(node).inputs();
    return !inputs.isEmpty() && inputs.stream().allMatch(this::isComplete);
  }

  private boolean isComplete(OperatorGraph.Input input) {
    if (input instanceof OperatorGraph.Input.Upstream upstream) {
      return kept[upstream.node()] == NONE
          ? isComplete(upstream.node())
          : former.nodes.get(kept[upstream.node()]).output.schema.isChangelog();
    }
    Present present = streams.apply(((OperatorGraph.Input.Stream) input).name()).present;
    return present != null && present.isKnown();
  }

  private static boolean isStateless(OperatorGraph.Node plan) {
    return plan.factory().recall() == Recall.FROM_INPUTS;
  }
}
