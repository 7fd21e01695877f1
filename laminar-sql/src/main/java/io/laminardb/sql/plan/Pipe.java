package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.validate.Types;
import io.laminardb.sql.validate.WindowFunction;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;

/**
 * A plan node, and a filter and projection over it that are not operators yet: whatever follows
 * takes them in. Immutable.
 *
 * @param base the node
 * @param times its time attributes; the start of a window before its end
 * @param condition over the base's columns, or null
 * @param projects over the base's columns
 */
record Pipe(
    RexBuilder rex,
    PlanNode base,
    List<TimeColumn> times,
    RexNode condition,
    List<RexNode> projects) {
  /** Beyond this many nodes a projection becomes an operator instead of being inlined again. */
  private static final int MAX_INLINED_NODES = 2_000;

  /** All columns of a node. */
  static Pipe over(RexBuilder rex, PlanNode base, List<TimeColumn> times) {
    return new Pipe(rex, base, times, null, references(rex, base.schema()));
  }

  static List<RexNode> references(RexBuilder rex, Schema schema) {
    List<RexNode> references = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      references.add(reference(rex, schema, i));
    }
    return references;
  }

  static RexNode reference(RexBuilder rex, Schema schema, int column) {
    Field field = schema.field(column);
    return rex.makeInputRef(
        Types.toRel(rex.getTypeFactory(), field.type(), field.nullable()), column);
  }

  Pipe filter(RexNode predicate) {
    RexNode composed = plain(compose(predicate));
    List<RexNode> parts = new ArrayList<>();
    if (condition != null) {
      parts.add(condition);
    }
    parts.add(composed);
    return new Pipe(rex, base, times, RexUtil.composeConjunction(rex, parts), projects);
  }

  Pipe project(List<RexNode> expressions) {
    List<RexNode> composed = expressions.stream().map(this::compose).toList();
    int nodes = composed.stream().mapToInt(RexNode::nodeCount).sum();
    if (nodes > MAX_INLINED_NODES && !isPlain() && projects.stream().allMatch(this::isValue)) {
      return settle().project(expressions);
    }
    RexNode time = computedTime(composed);
    if (time != null) {
      return withColumn(time, composed);
    }
    return new Pipe(rex, base, times, condition, composed);
  }

  /** The last instant of windows that other windows are over, or null; it is to be a column for that. */
  private static RexNode computedTime(List<RexNode> expressions) {
    return Windows.markers(expressions).stream()
        .map(marker -> marker.getOperands().get(0))
        .filter(Windows::isTime)
        .findFirst()
        .orElse(null);
  }

  /** {@code composed}, over the base with a column more in place of a value. */
  private Pipe withColumn(RexNode value, List<RexNode> composed) {
    List<RexNode> columns = references(rex, base.schema());
    columns.add(value);
    List<Field> fields = new ArrayList<>(base.schema().fields());
    fields.add(new Field("time", Types.of(value.getType()), value.getType().isNullable(), false));
    Pipe wider = new Pipe(rex, base, times, condition, columns);
    PlanNode node = wider.toNode(fields);
    RexNode column = reference(rex, node.schema(), columns.size() - 1);
    List<RexNode> moved = composed.stream().map(e -> Windows.replace(e, value, column)).toList();
    return new Pipe(rex, node, wider.outputTimes(), null, moved);
  }

  private boolean isValue(RexNode project) {
    return !isBounds(project) && !Windows.hasMarker(project);
  }

  /** The same rows behind an operator, where there is anything to do. */
  private Pipe settle() {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < projects.size(); i++) {
      fields.add(
          new Field(
              "column" + i,
              Types.of(projects.get(i).getType()),
              projects.get(i).getType().isNullable(),
              false));
    }
    return over(rex, toNode(fields), outputTimes());
  }

  /** {@code expression} over this pipe's columns, as one over the base's. */
  RexNode compose(RexNode expression) {
    return expression.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            return projects.get(reference.getIndex());
          }

          @Override
          public RexNode visitCall(RexCall call) {
            RexCall composed = (RexCall) super.visitCall(call);
            if (Windows.isTime(composed) && isBounds(composed.getOperands().get(0))) {
              RexCall bounds = (RexCall) composed.getOperands().get(0);
              return composed.clone(composed.getType(), List.of(bounds.getOperands().get(1)));
            }
            boolean start = composed.getOperator() == WindowFunction.START;
            if (start || composed.getOperator() == WindowFunction.END) {
              RexNode window = composed.getOperands().get(0);
              return isBounds(window)
                  ? ((RexCall) window).getOperands().get(start ? 0 : 1)
                  : composed;
            }
            if (composed.getOperands().stream().noneMatch(Pipe::isBounds)) {
              return composed;
            }
            return composed.clone(
                composed.getType(), composed.getOperands().stream().map(Pipe::plain).toList());
          }
        });
  }

  static boolean isBounds(RexNode node) {
    return node instanceof RexCall call && call.getOperator() == WindowFunction.BOUNDS;
  }

  /** A window stands for its start where a value is needed. */
  static RexNode plain(RexNode node) {
    return isBounds(node) ? ((RexCall) node).getOperands().get(0) : node;
  }

  /** Whether it passes the rows of the base as they are. */
  boolean isPlain() {
    return condition == null
        && projects.size() == base.schema().size()
        && RexUtil.isIdentity(projects, rowType());
  }

  private org.apache.calcite.rel.type.RelDataType rowType() {
    return RexUtil.createStructType(rex.getTypeFactory(), references(rex, base.schema()));
  }

  /** Time attributes among the columns of this pipe, in the order of {@link #times}. */
  List<TimeColumn> outputTimes() {
    List<TimeColumn> passed = new ArrayList<>();
    for (TimeColumn time : times) {
      for (int i = 0; i < projects.size(); i++) {
        if (isTime(plain(projects.get(i)), time)) {
          passed.add(time.at(i));
        }
      }
    }
    return passed;
  }

  /** Whether it is the column of a time attribute, or the last instant of the window that one ends. */
  private static boolean isTime(RexNode project, TimeColumn time) {
    if (Windows.isTime(project)) {
      return time.origins().isEmpty() && isTime(((RexCall) project).getOperands().get(0), time);
    }
    return project instanceof RexInputRef reference && reference.getIndex() == time.column();
  }

  /** The time attribute an expression over the base reads, or null. */
  TimeColumn timeOf(RexNode expression) {
    if (expression instanceof RexInputRef reference) {
      for (TimeColumn time : times) {
        if (time.column() == reference.getIndex()) {
          return time;
        }
      }
    }
    return null;
  }

  /** The plan node that makes the columns {@code fields}, no operator more than needed. */
  PlanNode toNode(List<Field> fields) {
    Schema schema = new Schema(fields, base.schema().isChangelog());
    if (isPlain() && schema.equals(base.schema())) {
      return base;
    }
    return new PlanNode.Calc(base, condition, projects.stream().map(Pipe::plain).toList(), schema);
  }

  /** Replaces window markers by an operator that assigns windows; as it is without markers. */
  Pipe resolveWindows(Windows windows) {
    List<RexNode> all = new ArrayList<>(projects);
    if (condition != null) {
      all.add(condition);
    }
    RexCall marker = Windows.onlyMarker(all);
    return marker == null ? this : windows.assign(this, marker);
  }
}
