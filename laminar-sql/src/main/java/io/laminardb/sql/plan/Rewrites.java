package io.laminardb.sql.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptRule;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.plan.hep.HepProgramBuilder;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.rules.FilterJoinRule;

/**
 * Rewrites relational algebra into what joins can run: conditions go into and below the joins they
 * speak of. Rules are named singly: the class that holds all of Calcite's takes a second to load.
 */
final class Rewrites {
  private Rewrites() {}

  /** The same query; as it is where it joins nothing. */
  static RelNode apply(RelNode rel) {
    if (!contains(rel, Join.class)) {
      return rel;
    }
    return run(
        rel,
        FilterJoinRule.FilterIntoJoinRule.FilterIntoJoinRuleConfig.DEFAULT.toRule(),
        FilterJoinRule.JoinConditionPushRule.JoinConditionPushRuleConfig.DEFAULT.toRule());
  }

  private static boolean contains(RelNode rel, Class<? extends RelNode> type) {
    return type.isInstance(rel) || rel.getInputs().stream().anyMatch(i -> contains(i, type));
  }

  private static RelNode run(RelNode rel, RelOptRule... rules) {
    HepProgramBuilder program = HepProgram.builder();
    program.addRuleCollection(new ArrayList<>(List.of(rules)));
    HepPlanner planner = new HepPlanner(program.build());
    planner.setRoot(rel);
    return planner.findBestExp();
  }
}
