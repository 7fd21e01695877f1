package io.laminardb.sql.validate;

import org.apache.calcite.plan.RelOptPredicateList;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.SetOp;
import org.apache.calcite.rel.metadata.RelMetadataQuery;

/**
 * What Calcite finds out about relations, but for what holds of all rows of a set operation: to see
 * which conditions of its inputs imply each other it runs them, with code of its own that knows
 * neither our functions nor subqueries.
 */
final class Metadata extends RelMetadataQuery {
  @Override
  public RelOptPredicateList getPulledUpPredicates(RelNode rel) {
    return rel instanceof SetOp ? RelOptPredicateList.EMPTY : super.getPulledUpPredicates(rel);
  }
}
