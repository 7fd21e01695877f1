package io.laminardb.sql.plan;

import io.laminardb.core.operator.join.JoinType;
import io.laminardb.core.operator.over.RankKind;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/** Finds columns of which no two rows of a plan are alike at a time. NULL is like NULL. */
final class UniqueKeys {
  private final CatalogSnapshot catalog;

  UniqueKeys(CatalogSnapshot catalog) {
    this.catalog = catalog;
  }

  /** The key of the rows of a pipe: no column at all where there is one row; null where none is known. */
  List<Integer> of(Pipe rows) {
    return projected(of(rows.base()), rows.projects());
  }

  private List<Integer> of(PlanNode node) {
    if (node instanceof PlanNode.Scan scan) {
      CatalogObject object = catalog.find(scan.object());
      return object == null || object.primaryKey().isEmpty() ? null : object.primaryKey();
    }
    if (node instanceof PlanNode.Calc calc) {
      return projected(of(calc.input()), calc.projects());
    }
    if (node instanceof PlanNode.Aggregate aggregate) {
      int columns =
          aggregate.keys().size() + (aggregate.window() == null ? 0 : aggregate.window().columns());
      return IntStream.range(0, columns).boxed().toList();
    }
    if (node instanceof PlanNode.Over over) {
      return of(over.input());
    }
    if (node instanceof PlanNode.TopN topN) {
      boolean one = topN.kind() == RankKind.ROW_NUMBER && topN.first() == topN.last();
      return one ? topN.partition() : of(topN.input());
    }
    if (node instanceof PlanNode.Join join) {
      return join(join);
    }
    return node instanceof PlanNode.IntervalJoin join ? join(join.join()) : null;
  }

  /** The columns of a key behind a projection; null where one is lost. */
  private static List<Integer> projected(List<Integer> key, List<RexNode> projects) {
    if (key == null) {
      return null;
    }
    TreeSet<Integer> columns = new TreeSet<>();
    for (int column : key) {
      int position = positionOf(projects, column);
      if (position < 0) {
        return null;
      }
      columns.add(position);
    }
    return List.copyOf(columns);
  }

  private static int positionOf(List<RexNode> projects, int column) {
    for (int i = 0; i < projects.size(); i++) {
      if (Pipe.plain(projects.get(i)) instanceof RexInputRef reference
          && reference.getIndex() == column) {
        return i;
      }
    }
    return -1;
  }

  /** A side of which each row meets at most one of the other keeps its key; else both are needed. */
  private List<Integer> join(PlanNode.Join join) {
    List<Integer> left = of(join.left());
    if (!join.type().hasPairs()) {
      return left;
    }
    List<Integer> right = of(join.right());
    if (left == null || right == null) {
      return null;
    }
    int leftSize = join.left().schema().size();
    List<Integer> rightColumns = right.stream().map(column -> column + leftSize).toList();
    List<PlanNode.JoinKey> keys = join.keys();
    boolean oneRight = keys.stream().map(PlanNode.JoinKey::right).toList().containsAll(right);
    if (oneRight && !join.type().keepsUnmatched(JoinType.RIGHT_PORT)) {
      return left;
    }
    boolean oneLeft = keys.stream().map(PlanNode.JoinKey::left).toList().containsAll(left);
    if (oneLeft && !join.type().keepsUnmatched(JoinType.LEFT_PORT)) {
      return rightColumns;
    }
    // A key that may be empty tells one row from none only where both sides have one.
    if (left.isEmpty() || right.isEmpty()) {
      return null;
    }
    List<Integer> both = new ArrayList<>(left);
    both.addAll(rightColumns);
    return both;
  }
}
