package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.over.OverMode;
import io.laminardb.core.operator.over.RankKind;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.plan.PlanNode.OverCall;
import io.laminardb.sql.plan.PlanNode.SortKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexOver;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;

/**
 * Plans OVER: the expressions it needs become columns, and each ordering of partitions an operator,
 * one behind the other, that adds its results. A filter over a rank makes a Top-N of the operator.
 */
final class OverPlanner {
  private final RexBuilder rex;
  private final Windows windows;
  private final AggregatePlanner aggregates;
  private final OverEmission emission;

  OverPlanner(RexBuilder rex, Windows windows, AggregatePlanner aggregates, long stateTtlNs) {
    this.rex = rex;
    this.windows = windows;
    this.aggregates = aggregates;
    this.emission = new OverEmission(aggregates.emissions(), aggregates, windows, stateTtlNs);
  }

  /** The functions of one ordering, with the columns of their results. */
  private record Group(OverColumns.Ordering ordering, List<OverCall> calls, List<RexOver> overs) {}

  /** A projection that has OVER in it. */
  Pipe plan(Project project, Pipe rows, boolean outermost) {
    List<RexNode> composed = project.getProjects().stream().map(rows::compose).toList();
    Pipe input =
        new Pipe(rex, rows.base(), rows.times(), rows.condition(), composed)
            .resolveWindows(windows);
    List<RexNode> projects = input.projects().stream().map(OverColumns::simplified).toList();
    OverColumns columns = new OverColumns(rex, input, aggregates, projects);
    List<Group> groups = new ArrayList<>();
    Map<OverColumns.Ordering, Group> byOrdering = new LinkedHashMap<>();
    for (RexOver over : OverColumns.overs(projects)) {
      OverColumns.Ordering ordering = columns.ordering(over.getWindow());
      Group group =
          byOrdering.computeIfAbsent(
              ordering, key -> new Group(key, new ArrayList<>(), new ArrayList<>()));
      group.calls().add(columns.call(over));
      group.overs().add(over);
    }
    groups.addAll(byOrdering.values());
    Pipe below = columns.toPipe();
    PlanNode node = below.base();
    List<TimeColumn> times = below.times();
    // Those that keep rows append-only come first: the others would make changes of them.
    groups.sort(
        java.util.Comparator.comparing(
            group -> !OverEmission.canWait(group.ordering(), group.calls())));
    Map<RexNode, RexNode> results = new LinkedHashMap<>();
    for (Group group : groups) {
      OverEmission.Decision decision =
          emission.decide(node.schema(), times, group.ordering(), group.calls(), outermost);
      // Behind another ordering a key's time is what that one has let through.
      KeyTime keyTime =
          decision.mode() == null && groups.size() == 1
              ? columns.keyTime(node.schema(), group.ordering())
              : null;
      node = over(node, group, decision.mode(), keyTime, results);
      times = decision.times();
    }
    List<RexNode> mapped = new ArrayList<>();
    for (RexNode expression : projects) {
      mapped.add(expression.accept(mapping(columns, results)));
    }
    return new Pipe(rex, node, times, null, mapped);
  }

  private PlanNode over(
      PlanNode input, Group group, OverMode mode, KeyTime keyTime, Map<RexNode, RexNode> results) {
    List<Field> fields = new ArrayList<>(input.schema().fields());
    for (int i = 0; i < group.calls().size(); i++) {
      RexOver over = group.overs().get(i);
      Field field = group.calls().get(i).output();
      results.put(
          over,
          rex.makeInputRef(
              rex.getTypeFactory().createTypeWithNullability(over.getType(), field.nullable()),
              fields.size()));
      fields.add(field);
    }
    boolean changelog = mode != null && !mode.isFinal();
    return new PlanNode.Over(
        input,
        group.ordering().partition(),
        group.ordering().keys(),
        group.calls(),
        mode,
        keyTime,
        new Schema(fields, changelog));
  }

  private RexShuttle mapping(OverColumns columns, Map<RexNode, RexNode> results) {
    return new RexShuttle() {
      @Override
      public RexNode visitOver(RexOver over) {
        return results.get(over);
      }

      @Override
      public RexNode visitInputRef(RexInputRef reference) {
        return rex.makeInputRef(reference.getType(), columns.index(reference));
      }
    };
  }

  /** ORDER BY and LIMIT of a query that does not end. */
  Pipe limit(PlanNode rows, List<SortKey> keys, RankKind kind, Limit limit, boolean outermost) {
    emission.checkLimit(outermost);
    return Pipe.over(rex, topN(rows, keys, kind, limit, OverMode.CHANGES), List.of());
  }

  /** The first rows of all. */
  static PlanNode topN(
      PlanNode rows, List<SortKey> keys, RankKind kind, Limit limit, OverMode mode) {
    return new PlanNode.TopN(
        rows,
        List.of(),
        keys,
        kind,
        limit.offset() + 1,
        Math.addExact(limit.offset(), limit.rows()),
        false,
        mode,
        rows.schema().withChangelog(!mode.isFinal()));
  }

  /** OFFSET and LIMIT. */
  record Limit(long offset, long rows) {}

  /** A filter over a rank that bounds it makes a Top-N of the operator that ranks. */
  Pipe narrow(Pipe filtered) {
    if (!(filtered.base() instanceof PlanNode.Over over)
        || over.calls().size() != 1
        || over.keyTime() != null
        || filtered.condition() == null) {
      return filtered;
    }
    RankKind kind =
        switch (over.calls().get(0).function()) {
          case ROW_NUMBER -> RankKind.ROW_NUMBER;
          case RANK -> RankKind.RANK;
          case DENSE_RANK -> RankKind.DENSE_RANK;
          default -> null;
        };
    RankBounds bounds = RankBounds.of(filtered.condition(), over.schema().size() - 1, rex);
    if (kind == null || bounds.last() == Long.MAX_VALUE || bounds.last() < 1) {
      return filtered;
    }
    boolean keepsFirst = kind == RankKind.ROW_NUMBER && bounds.first() == 1;
    if (over.mode() == null && (!keepsFirst || over.keys().size() > 1)) {
      return filtered;
    }
    PlanNode.TopN topN =
        new PlanNode.TopN(
            over.input(),
            over.partition(),
            over.keys(),
            kind,
            bounds.first(),
            bounds.last(),
            true,
            over.mode(),
            over.schema());
    RexNode rest = bounds.rest().isEmpty() ? null : RexUtil.composeConjunction(rex, bounds.rest());
    return new Pipe(rex, topN, filtered.times(), rest, filtered.projects());
  }

  /** Leaves the rank out of a Top-N whose rank nobody reads: it emits far fewer changes. */
  static Pipe prune(Pipe pipe) {
    if (!(pipe.base() instanceof PlanNode.TopN topN) || !topN.hasRank()) {
      return pipe;
    }
    int rank = topN.schema().size() - 1;
    List<RexNode> readers = new ArrayList<>(pipe.projects());
    if (pipe.condition() != null) {
      readers.add(pipe.condition());
    }
    if (RelOptUtil.InputFinder.bits(readers, null).get(rank)) {
      return pipe;
    }
    Schema schema =
        new Schema(topN.schema().fields().subList(0, rank), topN.schema().isChangelog());
    PlanNode.TopN unnumbered =
        new PlanNode.TopN(
            topN.input(),
            topN.partition(),
            topN.keys(),
            topN.kind(),
            topN.first(),
            topN.last(),
            false,
            topN.mode(),
            schema);
    return new Pipe(pipe.rex(), unnumbered, pipe.times(), pipe.condition(), pipe.projects());
  }
}
