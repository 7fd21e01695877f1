package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;

/** One side of a join: its columns, and behind them values that the join needs and are no column. */
final class JoinSide {
  private final int columns;
  private final Pipe rows;
  private final List<RexNode> values = new ArrayList<>();
  private final List<Field> fields = new ArrayList<>();

  JoinSide(RexBuilder rex, RelNode rel, Pipe rows) {
    this.columns = rel.getRowType().getFieldCount();
    this.rows = rows;
    fields.addAll(PlanBuilder.fields(rel));
    for (int i = 0; i < fields.size(); i++) {
      values.add(rex.makeInputRef(rel, i));
    }
  }

  /** All columns of a table. */
  JoinSide(RexBuilder rex, PlanNode.Scan table) {
    this.columns = table.schema().size();
    this.rows = Pipe.over(rex, table, List.of());
    fields.addAll(table.schema().fields());
    values.addAll(Pipe.references(rex, table.schema()));
  }

  /** Columns as Calcite knows them. */
  int columns() {
    return columns;
  }

  /** The column with a value. */
  int column(RexNode value) {
    int known = values.indexOf(value);
    if (known >= 0) {
      return known;
    }
    fields.add(
        new Field(
            "key" + (values.size() - columns()),
            Types.of(value.getType()),
            value.getType().isNullable(),
            false));
    values.add(value);
    return values.size() - 1;
  }

  /** The node that makes the columns; other names are no reason for one. */
  PlanNode node() {
    Pipe projected = rows.project(values);
    return projected.isPlain() ? projected.base() : projected.toNode(fields);
  }

  List<TimeColumn> times() {
    return rows.project(values).outputTimes();
  }
}
