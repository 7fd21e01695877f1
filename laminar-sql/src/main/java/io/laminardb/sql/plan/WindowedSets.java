package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.join.SetOperation;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.validate.Types;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * INTERSECT and EXCEPT of rows of windows, answered once, when the windows are over: the rows of all
 * inputs are grouped by all their columns, and counted by input. What comes out is append-only even
 * of inputs that change.
 */
final class WindowedSets {
  private final RexBuilder rex;
  private final SetOperation operation;

  WindowedSets(RexBuilder rex, SetOperation operation) {
    this.rex = rex;
    this.operation = operation;
  }

  /** The bound of windows that all rows have, rather their start; or null. */
  static TimeColumn bound(List<TimeColumn> common, List<Field> fields) {
    return common.stream()
        .filter(time -> time.isBound() && !fields.get(time.column()).nullable())
        .findFirst()
        .orElse(null);
  }

  /**
   * The rows of the result.
   *
   * @param inputs of the columns {@code fields}
   * @param bound one of them
   */
  PlanNode plan(List<PlanNode> inputs, List<Field> fields, TimeColumn bound) {
    PlanNode rows = numbered(inputs, fields);
    List<RexNode> columns = Pipe.references(rex, new Schema(fields, false));
    List<Field> counted = new ArrayList<>(fields);
    List<AggregateCall> counts = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Field count = new Field("rows_" + i, DataType.BIGINT, false, false);
      RexNode input = Pipe.reference(rex, rows.schema(), fields.size());
      RexNode isOfInput = call(SqlStdOperatorTable.EQUALS, input, number(i, input.getType()));
      counts.add(new AggregateCall(AggregateKind.COUNT, List.of(), false, isOfInput, null, count));
      counted.add(count);
    }
    RexNode time = columns.get(bound.column());
    PlanNode groups =
        new PlanNode.Aggregate(
            rows,
            null,
            columns,
            WindowSpec.instant(time, fields.get(bound.column()).type()),
            counts,
            Emission.ON_WINDOW_CLOSE,
            0,
            0,
            new Schema(counted, false));
    return isOfAll() ? copied(groups, fields) : distinct(groups, fields);
  }

  private boolean isOfAll() {
    return operation == SetOperation.INTERSECT_ALL || operation == SetOperation.EXCEPT_ALL;
  }

  /** The rows of all inputs, and the number of the input of each. */
  private PlanNode numbered(List<PlanNode> inputs, List<Field> fields) {
    List<Field> columns = new ArrayList<>(fields);
    columns.add(new Field("input", DataType.INTEGER, false, false));
    RelDataType integer = types().createSqlType(SqlTypeName.INTEGER);
    List<PlanNode> numbered = new ArrayList<>();
    boolean changelog = false;
    for (PlanNode input : inputs) {
      List<RexNode> projects = new ArrayList<>(Pipe.references(rex, input.schema()));
      projects.add(number(numbered.size(), integer));
      Schema schema = new Schema(columns, input.schema().isChangelog());
      numbered.add(new PlanNode.Calc(input, null, projects, schema));
      changelog |= schema.isChangelog();
    }
    return new PlanNode.Union(numbered, new Schema(columns, changelog));
  }

  private PlanNode distinct(PlanNode groups, List<Field> fields) {
    List<RexNode> parts = new ArrayList<>();
    for (int i = fields.size(); i < groups.schema().size(); i++) {
      RexNode count = Pipe.reference(rex, groups.schema(), i);
      boolean wanted = i == fields.size() || operation == SetOperation.INTERSECT;
      SqlOperator compare =
          wanted ? SqlStdOperatorTable.GREATER_THAN : SqlStdOperatorTable.LESS_THAN_OR_EQUAL;
      parts.add(call(compare, count, number(0, count.getType())));
    }
    Schema schema = new Schema(fields, false);
    return new PlanNode.Calc(
        groups, RexUtil.composeConjunction(rex, parts), Pipe.references(rex, schema), schema);
  }

  /** Each row as often as it is in the result: the elements of 1, 2 .. are left out again. */
  private PlanNode copied(PlanNode groups, List<Field> fields) {
    RexNode copies = Pipe.reference(rex, groups.schema(), fields.size());
    for (int i = fields.size() + 1; i < groups.schema().size(); i++) {
      RexNode count = Pipe.reference(rex, groups.schema(), i);
      copies =
          operation == SetOperation.EXCEPT_ALL
              ? call(SqlStdOperatorTable.MINUS, copies, count)
              : call(
                  SqlStdOperatorTable.CASE,
                  call(SqlStdOperatorTable.LESS_THAN, count, copies),
                  count,
                  copies);
    }
    RexNode one = number(1, copies.getType());
    RexNode series = call(Functions.series(), one, copies);
    Schema schema = new Schema(fields, false);
    List<RexNode> projects = new ArrayList<>(Pipe.references(rex, schema));
    projects.add(series);
    List<Field> withSeries = new ArrayList<>(fields);
    withSeries.add(new Field("copies", Types.of(series.getType()), false, false));
    RexNode some = call(SqlStdOperatorTable.GREATER_THAN_OR_EQUAL, copies, one);
    PlanNode calc = new PlanNode.Calc(groups, some, projects, new Schema(withSeries, false));
    List<Field> withCopy = new ArrayList<>(fields);
    withCopy.add(new Field("copy", DataType.BIGINT, true, false));
    PlanNode unnested =
        new PlanNode.Unnest(calc, 1, false, false, false, new Schema(withCopy, false));
    return new PlanNode.Calc(unnested, null, Pipe.references(rex, schema), schema);
  }

  private RexNode number(long value, RelDataType type) {
    return rex.makeExactLiteral(BigDecimal.valueOf(value), type);
  }

  private RexNode call(SqlOperator operator, RexNode... operands) {
    return rex.makeCall(operator, operands);
  }

  private RelDataTypeFactory types() {
    return rex.getTypeFactory();
  }
}
