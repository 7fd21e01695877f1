package io.laminardb.sql.validate;

import io.laminardb.sql.function.NestedFunctions;
import java.util.Set;
import org.apache.calcite.plan.RelOptPredicateList;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.SetOp;
import org.apache.calcite.rel.metadata.RelMetadataQuery;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexVisitorImpl;
import org.apache.calcite.sql.SqlExplainLevel;
import org.apache.calcite.util.ImmutableBitSet;
import org.apache.calcite.util.Util;

/**
 * What Calcite finds out about relations, but for what holds of all rows of a set operation: to see
 * which conditions of its inputs imply each other it runs them, with code of its own that knows
 * neither our functions nor subqueries. Of rows of a projection that calls UNNEST nothing is known:
 * Calcite takes them for one row each. Its plans are shown whole.
 */
final class Metadata extends RelMetadataQuery {
  @Override
  public RelOptPredicateList getPulledUpPredicates(RelNode rel) {
    return rel instanceof SetOp ? RelOptPredicateList.EMPTY : super.getPulledUpPredicates(rel);
  }

  @Override
  public Double getMaxRowCount(RelNode rel) {
    return unnests(rel) ? null : super.getMaxRowCount(rel);
  }

  @Override
  public Boolean areColumnsUnique(RelNode rel, ImmutableBitSet columns, boolean ignoreNulls) {
    return unnests(rel) ? null : super.areColumnsUnique(rel, columns, ignoreNulls);
  }

  @Override
  public Set<ImmutableBitSet> getUniqueKeys(RelNode rel, boolean ignoreNulls) {
    return unnests(rel) ? null : super.getUniqueKeys(rel, ignoreNulls);
  }

  /** As it is there; Calcite would generate and compile a class to find that out. */
  @Override
  public Boolean isVisibleInExplain(RelNode rel, SqlExplainLevel level) {
    return true;
  }

  private static boolean unnests(RelNode rel) {
    if (rel instanceof Aggregate) {
      return false; // its groups are rows of their own
    }
    boolean calls =
        rel instanceof Project project
            && project.getProjects().stream().anyMatch(Metadata::callsUnnest);
    return calls || rel.getInputs().stream().anyMatch(Metadata::unnests);
  }

  private static boolean callsUnnest(org.apache.calcite.rex.RexNode expression) {
    try {
      expression.accept(
          new RexVisitorImpl<Void>(true) {
            @Override
            public Void visitCall(RexCall call) {
              if (call.getOperator() == NestedFunctions.UNNEST) {
                throw Util.FoundOne.NULL;
              }
              return super.visitCall(call);
            }
          });
      return false;
    } catch (Util.FoundOne found) {
      return true;
    }
  }
}
