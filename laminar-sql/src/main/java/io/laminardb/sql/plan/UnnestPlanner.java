package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.validate.HiddenColumns;
import io.laminardb.sql.validate.Types;
import io.laminardb.sql.validate.WindowFunction;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
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
    int passed = rel.passed().size();
    List<RexNode> all = new ArrayList<>();
    rel.passed().forEach(column -> all.add(rows.projects().get(column)));
    rel.collections().forEach(collection -> all.add(rows.compose(collection)));
    Pipe input =
        new Pipe(rex, rows.base(), rows.times(), rows.condition(), all).resolveWindows(windows);
    List<Field> columns = PlanBuilder.fields(rel);
    List<Field> fields = new ArrayList<>(columns.subList(0, passed));
    List<RexNode> projects = new ArrayList<>(input.projects().subList(0, passed));
    List<Integer> windowColumns = new ArrayList<>();
    for (int i = 0; i < passed; i++) {
      if (Pipe.isBounds(projects.get(i))) { // its end is passed on behind the other columns
        windowColumns.add(i);
        projects.add(((RexCall) projects.get(i)).getOperands().get(1));
        fields.add(new Field(HiddenColumns.END, fields.get(i).type(), false, true));
      }
    }
    List<Field> inputs = new ArrayList<>(fields);
    for (RexNode collection : input.projects().subList(passed, all.size())) {
      projects.add(collection);
      DataType type = Types.of(collection.getType());
      inputs.add(new Field("collection", type, collection.getType().isNullable(), false));
    }
    for (Field element : columns.subList(passed, columns.size())) {
      // One that is a ROW may be NULL as a whole.
      fields.add(new Field(element.name(), element.type(), true, element.hidden()));
    }
    Pipe made =
        over(
            rel,
            new Pipe(rex, input.base(), input.times(), input.condition(), projects),
            inputs,
            fields);
    return windowColumns.isEmpty() ? made : withWindows(made, passed, windowColumns);
  }

  /** Windows again of their two bounds, the ends of which stand behind the columns passed on. */
  private Pipe withWindows(Pipe made, int passed, List<Integer> windowColumns) {
    List<RexNode> projects = new ArrayList<>(made.projects());
    for (int i = 0; i < windowColumns.size(); i++) {
      int column = windowColumns.get(i);
      projects.set(
          column,
          rex.makeCall(
              WindowFunction.BOUNDS, projects.get(column), made.projects().get(passed + i)));
    }
    projects.subList(passed, passed + windowColumns.size()).clear();
    return new Pipe(rex, made.base(), made.times(), null, projects);
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
