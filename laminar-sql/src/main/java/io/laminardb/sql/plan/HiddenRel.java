package io.laminardb.sql.plan;

import org.apache.calcite.rel.AbstractRelNode;
import org.apache.calcite.rel.RelHomogeneousShuttle;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;

/** Stands for relational algebra that a rule is not to look into. */
final class HiddenRel extends AbstractRelNode {
  private final RelNode rel;

  HiddenRel(RelNode rel) {
    super(rel.getCluster(), rel.getTraitSet());
    this.rel = rel;
    rowType = rel.getRowType();
  }

  /** The same with everything to be seen again. */
  static RelNode shown(RelNode query) {
    return query.accept(
        new RelHomogeneousShuttle() {
          @Override
          public RelNode visit(RelNode other) {
            return other instanceof HiddenRel hidden ? hidden.rel : super.visit(other);
          }
        });
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer).item("of", rel.getId());
  }
}
