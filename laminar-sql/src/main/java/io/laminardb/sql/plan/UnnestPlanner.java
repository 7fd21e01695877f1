package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.function.NestedFunctions;
import io.laminardb.sql.validate.Positions;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;

/** Plans UNNEST: in FROM, and as a call in a select list. */
final class UnnestPlanner {
  private final RexBuilder rex;
  private final Windows windows;

  UnnestPlanner(RexBuilder rex, Windows windows) {
    this.rex = rex;
    this.windows = windows;
  }

  /** UNNEST in FROM, beside the rows of {@code rows}. */
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
    return over(input, inputs, rel.collections().size(), true, rel.outer(), fields);
  }

  /** Whether UNNEST is called in a select list. */
  static boolean contains(List<RexNode> expressions) {
    Map<RexNode, RexNode> calls = new LinkedHashMap<>();
    expressions.forEach(expression -> collect(expression, calls));
    return !calls.isEmpty();
  }

  private static void collect(RexNode expression, Map<RexNode, RexNode> calls) {
    expression.accept(
        new RexShuttle() {
          @Override
          public RexNode visitCall(RexCall call) {
            if (call.getOperator() == NestedFunctions.UNNEST) {
              calls.putIfAbsent(call, call);
              return call;
            }
            return super.visitCall(call);
          }
        });
  }

  /** A projection that calls UNNEST: its calls are unnested side by side, below it. */
  Pipe plan(Project project, Pipe rows) {
    Map<RexNode, RexNode> calls = new LinkedHashMap<>();
    project.getProjects().forEach(expression -> collect(expression, calls));
    int passed = rows.projects().size();
    List<RexNode> all = new ArrayList<>(rows.projects());
    for (RexNode call : calls.keySet()) {
      RexNode collection = ((RexCall) call).getOperands().get(0);
      if (contains(List.of(collection))) {
        throw new LaminarException(ErrorCode.NOT_SUPPORTED, "UNNEST of UNNEST is not supported.")
            .mend("Write the inner one in FROM.")
            .at(Positions.of(((RexCall) call).getParserPosition()));
      }
      all.add(rows.compose(collection));
    }
    Pipe input =
        new Pipe(rex, rows.base(), rows.times(), rows.condition(), all).resolveWindows(windows);
    List<Field> inputs = new ArrayList<>();
    for (int i = 0; i < passed; i++) {
      RexNode column = Pipe.plain(input.projects().get(i));
      inputs.add(
          new Field(
              "column" + i, Types.of(column.getType()), column.getType().isNullable(), false));
    }
    List<Field> fields = new ArrayList<>(inputs);
    addCollections(input, passed, inputs);
    for (int i = passed; i < inputs.size(); i++) {
      fields.add(Field.of("element" + (i - passed), inputs.get(i).type().element()));
    }
    Pipe unnested = over(input, inputs, calls.size(), false, false, fields);
    int column = passed;
    for (RexNode call : calls.keySet()) {
      calls.put(call, unnested.projects().get(column++));
    }
    List<RexNode> mapped = new ArrayList<>();
    for (RexNode expression : project.getProjects()) {
      mapped.add(expression.accept(replacing(calls)));
    }
    return unnested.project(mapped);
  }

  private static RexShuttle replacing(Map<RexNode, RexNode> calls) {
    return new RexShuttle() {
      @Override
      public RexNode visitCall(RexCall call) {
        RexNode element = calls.get(call);
        return element != null ? element : super.visitCall(call);
      }
    };
  }

  private static void addCollections(Pipe input, int first, List<Field> inputs) {
    for (int i = first; i < input.projects().size(); i++) {
      RexNode collection = input.projects().get(i);
      DataType type = Types.of(collection.getType());
      inputs.add(new Field("collection" + i, type, collection.getType().isNullable(), false));
    }
  }

  private Pipe over(
      Pipe input,
      List<Field> inputs,
      int collections,
      boolean expand,
      boolean outer,
      List<Field> fields) {
    PlanNode rows = input.toNode(inputs);
    int elements = 0;
    for (Field field : inputs.subList(inputs.size() - collections, inputs.size())) {
      elements += columns(field.type(), expand);
    }
    boolean ordinality = fields.size() > inputs.size() - collections + elements;
    PlanNode unnest =
        new PlanNode.Unnest(
            rows,
            collections,
            expand,
            outer,
            ordinality,
            new Schema(fields, rows.schema().isChangelog()));
    List<io.laminardb.sql.catalog.TimeColumn> times =
        input.outputTimes().stream()
            .filter(time -> time.column() < inputs.size() - collections)
            .toList();
    return Pipe.over(rex, unnest, times);
  }

  private static int columns(DataType collection, boolean expand) {
    boolean row = expand && collection.element().kind() == DataType.Kind.ROW;
    return collection.kind() == DataType.Kind.MAP
        ? 2
        : row ? collection.element().children().size() : 1;
  }
}
