package io.laminardb.sql.lower;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.changelog.PaceOperator;
import io.laminardb.core.operator.join.AsofChangesOperator;
import io.laminardb.core.operator.join.AsofJoinOperator;
import io.laminardb.core.operator.join.AsofSpec;
import io.laminardb.core.operator.join.SetOperator;
import io.laminardb.core.operator.over.LookBackOperator;
import io.laminardb.core.operator.over.OverFunction;
import io.laminardb.core.operator.over.OverMode;
import io.laminardb.core.operator.over.OverSpec;
import io.laminardb.core.operator.over.RankKind;
import io.laminardb.core.operator.over.TopNOperator;
import io.laminardb.core.operator.over.TopRowsOperator;
import io.laminardb.core.operator.scalar.ExpandOperator;
import io.laminardb.core.operator.scalar.TimelessOperator;
import io.laminardb.core.operator.scalar.UnionOperator;
import io.laminardb.core.operator.scalar.UnnestOperator;
import io.laminardb.core.operator.scalar.ValuesOperator;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.sql.codegen.aggregate.AggregateCompiler;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlanParts;
import io.laminardb.sql.plan.PlanText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lowers a plan to an operator graph. A Calc that changes nothing vanishes unless it is all there
 * is; two in a row become one in planning already. A node that feeds several others is one operator.
 */
public final class Lowering {
  private final OperatorCompiler compiler;
  private final List<OperatorGraph.Node> nodes = new ArrayList<>();
  private final Map<PlanNode, OperatorGraph.Input> lowered = new IdentityHashMap<>();

  private final Set<PlanNode> shared = Collections.newSetFromMap(new IdentityHashMap<>());

  private Lowering(PlanNode root, OperatorCompiler compiler, Map<PlanNode, String> streams) {
    this.compiler = compiler;
    streams.forEach((node, stream) -> lowered.put(node, new OperatorGraph.Input.Stream(stream)));
    shared.addAll(streams.keySet());
    findShared(root, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  /** Finds the nodes that feed several others. */
  private void findShared(PlanNode node, Set<PlanNode> seen) {
    if (!seen.add(node)) {
      shared.add(node);
      return;
    }
    node.inputs().forEach(input -> findShared(input, seen));
  }

  /**
   * The graph of a query.
   *
   * @param name of the stream it makes
   * @param streams nodes whose rows are those of a stream that is there already
   * @throws LaminarException NOT_SUPPORTED or QUERY_TOO_COMPLEX from code generation
   */
  public static OperatorGraph lower(
      String name, PlanNode root, OperatorCompiler compiler, Map<PlanNode, String> streams) {
    Lowering lowering = new Lowering(root, compiler, streams);
    try {
      OperatorGraph.Input last = lowering.visit(root);
      if (last instanceof OperatorGraph.Input.Stream) {
        lowering.add(
            "PassThrough", root, new UnionOperator.Factory(root.schema(), 1), List.of(last));
      }
      return new OperatorGraph(name, lowering.nodes);
    } catch (LaminarException ours) {
      throw ours;
    } catch (RuntimeException | StackOverflowError failure) {
      throw new LaminarException(
              ErrorCode.INTERNAL_ERROR, "the plan cannot be compiled: " + failure, failure)
          .mend("Please report the query.");
    }
  }

  private OperatorGraph.Input visit(PlanNode node) {
    if (node instanceof PlanNode.Scan scan) {
      return new OperatorGraph.Input.Stream(scan.object());
    }
    OperatorGraph.Input known = lowered.get(node);
    if (known != null) {
      return known;
    }
    if (node instanceof PlanNode.Calc calc && isIdentity(calc)) {
      return visit(calc.input());
    }
    OperatorGraph.Input made = make(node);
    lowered.put(node, made);
    return made;
  }

  private OperatorGraph.Input make(PlanNode node) {
    if (node instanceof PlanNode.Calc calc && !shared.contains(calc.input())) {
      PlanNode narrowed = NarrowJoins.narrow(calc);
      if (narrowed != calc) {
        return visit(narrowed);
      }
    }
    List<OperatorGraph.Input> inputs = new ArrayList<>();
    for (PlanNode input : inputs(node)) {
      inputs.add(visit(input));
    }
    return add(label(node), node, factory(node), inputs);
  }

  /** A table is read before the rows that are joined with it. */
  private static List<PlanNode> inputs(PlanNode node) {
    return node instanceof PlanNode.TemporalJoin join
        ? List.of(join.join().right(), join.join().left())
        : node.inputs();
  }

  private OperatorGraph.Input add(
      String label, PlanNode node, OperatorFactory factory, List<OperatorGraph.Input> inputs) {
    nodes.add(
        new OperatorGraph.Node(
            label, PlanText.line(node), () -> PlanParts.digest(node), factory, inputs));
    return new OperatorGraph.Input.Upstream(nodes.size() - 1);
  }

  private static boolean isIdentity(PlanNode.Calc calc) {
    if (calc.condition() != null || !calc.schema().equals(calc.input().schema())) {
      return false;
    }
    for (int i = 0; i < calc.projects().size(); i++) {
      if (!(calc.projects().get(i) instanceof org.apache.calcite.rex.RexInputRef reference)
          || reference.getIndex() != i) {
        return false;
      }
    }
    return true;
  }

  private OperatorFactory factory(PlanNode node) {
    if (node instanceof PlanNode.Calc calc) {
      return compiler.calc(calc);
    }
    if (node instanceof PlanNode.Aggregate aggregate) {
      return compiler.aggregate(aggregate);
    }
    if (node instanceof PlanNode.AssignWindows assign) {
      return compiler.assignWindows(assign);
    }
    if (node instanceof PlanNode.Join join) {
      return compiler.join(join);
    }
    if (node instanceof PlanNode.Over over) {
      return compiler.over(over);
    }
    if (node instanceof PlanNode.Match match) {
      return compiler.match(match);
    }
    if (node instanceof PlanNode.TopN topN) {
      return topN(topN);
    }
    if (node instanceof PlanNode.AsofJoin join) {
      return asofJoin(join);
    }
    if (node instanceof PlanNode.ExpiringJoin join) {
      return compiler.expiringJoin(join);
    }
    if (node instanceof PlanNode.IntervalJoin join) {
      return compiler.intervalJoin(join);
    }
    if (node instanceof PlanNode.TemporalJoin join) {
      return compiler.temporalJoin(join);
    }
    if (node instanceof PlanNode.TableJoin join) {
      return compiler.tableJoin(join);
    }
    if (node instanceof PlanNode.LookupJoin join) {
      return compiler.lookupJoin(join);
    }
    if (node instanceof PlanNode.Timeless) {
      return new TimelessOperator.Factory(node.schema());
    }
    if (node instanceof PlanNode.Pace pace) {
      return new PaceOperator.Factory(pace.schema(), pace.everyNs());
    }
    if (node instanceof PlanNode.LateRows late) {
      return AggregateCompiler.lateRows(late);
    }
    if (node instanceof PlanNode.Expand expand) {
      return new ExpandOperator.Factory(expand.schema(), expand.sets());
    }
    if (node instanceof PlanNode.Unnest unnest) {
      return new UnnestOperator.Factory(
          unnest.input().schema(),
          unnest.collections(),
          unnest.expand(),
          unnest.outer(),
          unnest.ordinality(),
          unnest.schema());
    }
    if (node instanceof PlanNode.Union union) {
      return new UnionOperator.Factory(union.schema(), union.inputs().size());
    }
    if (node instanceof PlanNode.SetOp set) {
      return new SetOperator.Factory(
          set.operation(), set.inputs().size(), set.atEnd(), set.stateTtlNs(), set.schema());
    }
    if (node instanceof PlanNode.Sort sort) {
      return new SortOperator.Factory(
          sort.input().schema(), sortKeys(sort.keys()), sort.offset(), sort.limit(), sort.schema());
    }
    PlanNode.Values values = (PlanNode.Values) node;
    return new ValuesOperator.Factory(values.schema(), Literals.rows(values));
  }

  private static OperatorFactory topN(PlanNode.TopN topN) {
    Schema input = topN.input().schema();
    List<SortOperator.Key> keys = sortKeys(topN.keys());
    if (topN.mode() == null) {
      return firstRows(topN, keys);
    }
    if (topN.kind() == RankKind.ROW_NUMBER
        && !input.isChangelog()
        && topN.mode().equals(OverMode.CHANGES)) {
      return new TopRowsOperator.Factory(
          input, topN.partition(), keys, topN.first(), topN.last(), topN.schema());
    }
    return new TopNOperator.Factory(
        input,
        topN.partition(),
        keys,
        topN.kind(),
        topN.first(),
        topN.last(),
        topN.mode(),
        topN.schema());
  }

  /** The first rows of each partition by event time. */
  private static OperatorFactory firstRows(PlanNode.TopN topN, List<SortOperator.Key> keys) {
    OverSpec.Call number = new OverSpec.Call(OverFunction.ROW_NUMBER, -1, 0, -1, false, -1, -1);
    OverSpec spec =
        new OverSpec(
            topN.input().schema(),
            topN.partition(),
            keys,
            List.of(),
            topN.hasRank() ? List.of(number) : List.of(),
            topN.schema());
    return new LookBackOperator.Factory(spec, topN.last());
  }

  private static List<SortOperator.Key> sortKeys(List<PlanNode.SortKey> keys) {
    return keys.stream()
        .map(key -> new SortOperator.Key(key.column(), key.descending(), key.nullsFirst()))
        .toList();
  }

  private static OperatorFactory asofJoin(PlanNode.AsofJoin join) {
    AsofSpec spec =
        new AsofSpec(
            join.comparison(),
            join.left().schema(),
            join.right().schema(),
            join.keys().stream().map(PlanNode.JoinKey::left).toList(),
            join.keys().stream().map(PlanNode.JoinKey::right).toList(),
            join.keys().stream().map(PlanNode.JoinKey::nullSafe).toList(),
            join.leftTime(),
            join.rightTime(),
            join.tolerance(),
            true,
            join.columns(),
            join.schema());
    return join.mode() == PlanNode.AsofJoin.Mode.EVENT_TIME
        ? new AsofJoinOperator.Factory(spec)
        : new AsofChangesOperator.Factory(spec);
  }

  private static String label(PlanNode node) {
    if (node instanceof PlanNode.Aggregate aggregate) {
      return aggregate.window() == null ? "Aggregate" : "WindowAggregate";
    }
    if (node instanceof PlanNode.SetOp set) {
      return set.operation().onlyGrows() ? "Intersect" : "Except";
    }
    return node.getClass().getSimpleName();
  }
}
