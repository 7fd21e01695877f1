package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;

/** Plans UNNEST. */
final class UnnestPlanner {
  private final RexBuilder rex;
  private final Windows windows;

  UnnestPlanner(RexBuilder rex, Windows windows) {
    this.rex = rex;
    this.windows = windows;
  }

  /** The elements beside the rows of {@code rows}. */
  Pipe plan(UnnestRel rel, Pipe rows) {
    List<RexNode> all = new ArrayList<>(rows.projects());
    rel.collections().forEach(collection -> all.add(rows.compose(collection)));
    Pipe input =
        new Pipe(rex, rows.base(), rows.times(), rows.condition(), all).resolveWindows(windows);
    int passed = rows.projects().size();
    List<Field> fields = new ArrayList<>();
    for (Field field : PlanBuilder.fields(rel)) { // an element that is a ROW may be NULL as a whole
      boolean nullable = field.nullable() || fields.size() >= passed;
      fields.add(new Field(field.name(), field.type(), nullable, field.hidden()));
    }
    List<Field> inputs = new ArrayList<>(fields.subList(0, passed));
    addCollections(input, passed, inputs);
    return over(rel, input, inputs, fields);
  }

  private static void addCollections(Pipe input, int first, List<Field> inputs) {
    for (int i = first; i < input.projects().size(); i++) {
      RexNode collection = input.projects().get(i);
      DataType type = Types.of(collection.getType());
      inputs.add(new Field("collection" + i, type, collection.getType().isNullable(), false));
    }
  }

  private Pipe over(UnnestRel rel, Pipe input, List<Field> inputs, List<Field> fields) {
    PlanNode rows = input.toNode(inputs);
    int passed = inputs.size() - rel.collections().size();
    PlanNode unnest =
        new PlanNode.Unnest(
            rows,
            rel.collections().size(),
            rel.expand(),
            rel.outer(),
            rel.ordinality(),
            new Schema(fields, rows.schema().isChangelog()));
    List<TimeColumn> times =
        input.outputTimes().stream().filter(time -> time.column() < passed).toList();
    return Pipe.over(rex, unnest, times);
  }
}
