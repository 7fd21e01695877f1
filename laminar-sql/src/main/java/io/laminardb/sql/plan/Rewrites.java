package io.laminardb.sql.plan;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.calcite.plan.Contexts;
import org.apache.calcite.plan.RelOptRule;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.plan.hep.HepProgramBuilder;
import org.apache.calcite.rel.RelHomogeneousShuttle;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Correlate;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.Sort;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.rules.MarkToSemiOrAntiJoinRule;
import org.apache.calcite.rel.rules.SubQueryRemoveRule;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.sql2rel.RelDecorrelator;
import org.apache.calcite.sql2rel.TopDownGeneralDecorrelator;
import org.apache.calcite.tools.RelBuilder;

/**
 * Rewrites relational algebra into what runs well: subqueries become joins, conditions go as near to
 * the sources as they may, and columns that nobody reads do not come to what keeps rows. Rules are
 * named singly: the class that holds all of Calcite's takes a second to load.
 */
final class Rewrites {
  private Rewrites() {}

  /**
   * The same query.
   *
   * @param readsLateRows whether late rows are read as well, those of all groups
   */
  static RelNode apply(RelNode query, boolean readsLateRows) {
    RelNode marked = UnnestRel.introduce(MarkedJoin.introduce(query));
    RelNode joined =
        hasSubqueries(marked) || contains(marked, Correlate.class::isInstance)
            ? withoutSubqueries(withMarkedLaterals(marked))
            : marked;
    if (contains(joined, rel -> rel instanceof UnnestRel unnest && unnest.isCorrelated())) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "a subquery unnests a column of the query around it, which no join can express.")
          .mend("Write x = ANY(elements) in the place of x IN (SELECT UNNEST(elements)).");
    }
    RelNode pushed = new PushDown(query.getCluster().getRexBuilder(), !readsLateRows).apply(joined);
    return contains(pushed, Rewrites::keepsRows)
        ? new MarkedJoin.Trimmer(builder(query)).trim(pushed)
        : pushed;
  }

  /** Whether columns that come in cost state, or are written once for each element. */
  private static boolean keepsRows(RelNode rel) {
    return rel instanceof Join
        || rel instanceof MarkedJoin
        || rel instanceof Sort
        || rel instanceof UnnestRel
        || rel instanceof Project project && project.containsOver();
  }

  /** A builder that leaves expressions as they are: what fails on a row must still do so. */
  private static RelBuilder builder(RelNode query) {
    return RelBuilder.proto(Contexts.of(RelBuilder.Config.DEFAULT.withSimplify(false)))
        .create(query.getCluster(), null);
  }

  private static boolean contains(RelNode rel, Predicate<RelNode> wanted) {
    return wanted.test(rel) || rel.getInputs().stream().anyMatch(i -> contains(i, wanted));
  }

  private static boolean isCorrelatedOrMarked(RelNode rel) {
    return rel instanceof Correlate
        || rel instanceof Join join && join.getJoinType() == JoinRelType.LEFT_MARK;
  }

  private static boolean hasSubqueries(RelNode rel) {
    boolean[] found = {false};
    rel.accept(
        new RelHomogeneousShuttle() {
          @Override
          public RelNode visit(RelNode other) {
            other.accept(
                new RexShuttle() {
                  @Override
                  public RexNode visitSubQuery(RexSubQuery subquery) {
                    found[0] = true;
                    return subquery;
                  }
                });
            return super.visit(other);
          }
        });
    return found[0];
  }

  /**
   * Joins in the place of subqueries. Where a subquery only asks whether there is a row, that is a SEMI
   * or ANTI join; what would need a join with a mark of three values is written with aggregates.
   */
  private static RelNode withoutSubqueries(RelNode rel) {
    RelBuilder builder = builder(rel);
    RelNode marked =
        run(
            rel,
            SubQueryRemoveRule.Config.FILTER_ENABLE_MARK_JOIN.toRule(),
            SubQueryRemoveRule.Config.PROJECT_ENABLE_MARK_JOIN.toRule(),
            SubQueryRemoveRule.Config.JOIN.toRule());
    RelNode joined =
        run(decorrelated(marked, builder), MarkToSemiOrAntiJoinRule.Config.DEFAULT.toRule());
    return contains(joined, Rewrites::isCorrelatedOrMarked) ? withAggregates(rel, builder) : joined;
  }

  /**
   * The same with a constant beside what LATERAL gives for a row of the other side. Calcite rewrites
   * aggregates as if nobody missed the row they give for no rows at all, unless something like that
   * constant depends on it.
   */
  private static RelNode withMarkedLaterals(RelNode rel) {
    return rel.accept(
        new RelHomogeneousShuttle() {
          @Override
          public RelNode visit(RelNode other) {
            RelNode visited = super.visit(other);
            return visited instanceof Correlate correlate
                    && correlate.getJoinType() == JoinRelType.INNER
                ? marked(correlate)
                : visited;
          }
        });
  }

  private static RelNode marked(Correlate correlate) {
    RexBuilder rex = correlate.getCluster().getRexBuilder();
    RelNode right = correlate.getRight();
    List<RexNode> projects = new ArrayList<>(rex.identityProjects(right.getRowType()));
    projects.add(rex.makeLiteral(true));
    List<String> names = new ArrayList<>(right.getRowType().getFieldNames());
    names.add("$marker");
    RelNode marked = LogicalProject.create(right, List.of(), projects, names, Set.of());
    RelNode joined = correlate.copy(correlate.getTraitSet(), List.of(correlate.getLeft(), marked));
    List<RexNode> all = rex.identityProjects(joined.getRowType());
    return LogicalProject.create(
        joined,
        List.of(),
        all.subList(0, all.size() - 1),
        correlate.getRowType().getFieldNames(),
        Set.of());
  }

  /**
   * Joins for correlates. Each outermost one is rewritten by itself: Calcite's rewriter takes what the
   * first of two refers to for something that the second one needs too, and fails.
   */
  private static RelNode decorrelated(RelNode rel, RelBuilder builder) {
    return rel.accept(
        new RelHomogeneousShuttle() {
          @Override
          public RelNode visit(RelNode other) {
            return other instanceof Correlate
                ? TopDownGeneralDecorrelator.decorrelateQuery(other, builder)
                : super.visit(other);
          }
        });
  }

  private static RelNode withAggregates(RelNode rel, RelBuilder builder) {
    RelNode correlated =
        run(
            rel,
            SubQueryRemoveRule.Config.FILTER.toRule(),
            SubQueryRemoveRule.Config.PROJECT.toRule(),
            SubQueryRemoveRule.Config.JOIN.toRule());
    RelNode joined = decorrelatedSingly(correlated, builder);
    if (contains(joined, Rewrites::isCorrelatedOrMarked)) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "a subquery refers to columns of the query around it in a way that no join can express.")
          .mend("Join the subquery in FROM, with the condition in ON.");
    }
    return joined;
  }

  /**
   * Joins for correlates, the one below first. Calcite takes a column that an outer join compares for
   * one without NULLs, though it keeps all rows of that side: it is not shown such a join.
   */
  private static RelNode decorrelatedSingly(RelNode rel, RelBuilder builder) {
    return rel.accept(
        new RelHomogeneousShuttle() {
          @Override
          public RelNode visit(RelNode other) {
            if (!(other instanceof Correlate correlate)) {
              return super.visit(other);
            }
            RelNode left = correlate.getLeft().accept(this);
            RelNode hidden = contains(left, Rewrites::isOuterJoin) ? new HiddenRel(left) : left;
            RelNode single =
                correlate.copy(correlate.getTraitSet(), List.of(hidden, correlate.getRight()));
            RexBuilder rex = correlate.getCluster().getRexBuilder();
            RelNode all =
                LogicalProject.create(
                    single,
                    List.of(),
                    rex.identityProjects(single.getRowType()),
                    single.getRowType().getFieldNames(),
                    Set.of());
            return HiddenRel.shown(RelDecorrelator.decorrelateQuery(all, builder));
          }
        });
  }

  private static boolean isOuterJoin(RelNode rel) {
    return rel instanceof Join join && join.getJoinType().isOuterJoin();
  }

  private static RelNode run(RelNode rel, RelOptRule... rules) {
    HepProgramBuilder program = HepProgram.builder();
    program.addRuleCollection(new ArrayList<>(List.of(rules)));
    HepPlanner planner = new HepPlanner(program.build());
    planner.setRoot(rel);
    return planner.findBestExp();
  }
}
