package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.match.MatchSpec;
import io.laminardb.core.operator.match.PathValue;
import io.laminardb.core.operator.match.PatternAutomaton;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.plan.PlanNode.SortKey;
import io.laminardb.sql.validate.MatchClause;
import io.laminardb.sql.validate.QueryRewriter;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;

/** Plans MATCH_RECOGNIZE: columns for all it reads, and an operator over them. */
final class MatchPlanner {
  private final CatalogSnapshot catalog;
  private final RexBuilder rex;
  private final QueryRewriter rewriter;
  private final Windows windows;
  private final Emissions emissions;

  MatchPlanner(CatalogSnapshot catalog, RexBuilder rex, Windows windows, Emissions emissions) {
    this.catalog = catalog;
    this.rex = rex;
    this.rewriter = windows.rewriter();
    this.windows = windows;
    this.emissions = emissions;
  }

  /** One clause under way. */
  private final class Plan {
    final MatchRel match;
    final MatchClause clause;
    final Pipe input;
    final List<RexNode> values = new ArrayList<>(); // over the input's base

    Plan(MatchRel match, Pipe rows) {
      this.match = match;
      this.clause = rewriter.relations().match(match.clause());
      this.input = rows.resolveWindows(windows);
    }

    /** The column of an expression over the match's input. */
    int index(RexNode expression) {
      RexNode value = Pipe.plain(input.compose(expression));
      int known = values.indexOf(value);
      if (known >= 0) {
        return known;
      }
      values.add(value);
      return values.size() - 1;
    }

    /** What an output or a marker in a condition asks for. */
    PathValue asked(RexNode node) {
      if (!(node instanceof RexCall call)) {
        return new PathValue(PathValue.Kind.CURRENT, PathValue.ALL, index(node), 0, 0, false);
      }
      List<RexNode> operands = call.getOperands();
      PathValue value =
          rewriter.relations().asked(MatchRel.index(operands.get(operands.size() - 1)));
      int column = operands.size() == 2 ? index(operands.get(0)) : -1;
      return new PathValue(
          value.kind(), value.variables(), column, value.index(), value.offset(), value.isFinal());
    }
  }

  Pipe plan(MatchRel match, Pipe rows) {
    Plan plan = new Plan(match, rows);
    MatchClause clause = plan.clause;
    refuseChangelog(plan);
    List<Integer> partition = new ArrayList<>();
    List<SortKey> keys = new ArrayList<>();
    int columns = clause.partitionColumns();
    for (RexNode key : match.operands().subList(0, columns)) {
      partition.add(plan.index(key));
    }
    for (MatchClause.Order order : clause.orders()) {
      RexNode key = match.operands().get(columns++);
      keys.add(new SortKey(plan.index(key), order.descending(), order.nullsFirst()));
    }
    List<PathValue> measures = match.outputs().stream().map(plan::asked).toList();
    Conditions conditions =
        conditions(plan, match.operands().subList(columns, match.operands().size()));
    Pipe below =
        new Pipe(rex, plan.input.base(), plan.input.times(), plan.input.condition(), plan.values);
    PlanNode node = below.toNode(fields(plan));
    int time = keys.get(0).column();
    TimeColumn eventTime = eventTime(plan, below, node.schema().field(time));
    List<Field> output = new ArrayList<>();
    List<TimeColumn> times = new ArrayList<>();
    for (int i = 0; i < measures.size(); i++) {
      output.add(field("column" + i, match.outputs().get(i).getType()));
      if (eventTime != null && isTime(measures.get(i), time)) {
        times.add(new TimeColumn(i, eventTime.origins()));
      }
    }
    PlanNode planned =
        new PlanNode.Match(
            node,
            partition,
            keys,
            clause,
            automaton(clause),
            span(clause, node.schema().field(time)),
            conditions.asked(),
            new Schema(conditions.fields(), false),
            conditions.ofVariables(),
            measures,
            KeyTimes.ofPartitions(
                catalog, emissions, plan.input, plan.values, node.schema(), partition, time),
            new Schema(output, false));
    return Pipe.over(rex, planned, times);
  }

  private static void refuseChangelog(Plan plan) {
    if (plan.input.base().schema().isChangelog()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "MATCH_RECOGNIZE over rows that change or are taken back is not supported.")
          .mend(
              "Match an append-only source or stream, such as one of windows with EMIT ON WINDOW"
                  + " CLOSE.")
          .at(plan.clause.position());
    }
  }

  private static PatternAutomaton automaton(MatchClause clause) {
    PatternAutomaton automaton;
    try {
      automaton = PatternAutomaton.of(clause.pattern());
    } catch (LaminarException tooComplex) {
      throw tooComplex.at(clause.position());
    }
    MatchSpec.Skip skip = clause.skip();
    boolean toFirst = skip.to() == MatchSpec.Skip.To.FIRST;
    if ((toFirst || skip.to() == MatchSpec.Skip.To.LAST)
        && automaton.isAtFirstRow(skip.variables(), toFirst)) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED,
              "AFTER MATCH SKIP TO "
                  + skip.to()
                  + " "
                  + skip.name()
                  + " leads to the first row of the match, and would find it for ever.")
          .mend("Skip TO NEXT ROW, or to a variable that each match has later.")
          .at(clause.skipPosition());
    }
    return automaton;
  }

  /** Whether a measure is the time of a row of the match, and so not before the watermark. */
  private static boolean isTime(PathValue measure, int time) {
    return measure.column() == time
        && measure.offset() == 0
        && switch (measure.kind()) {
          case CURRENT, FIRST, LAST, MIN, MAX -> true;
          case COUNT, SUM, AVG, CLASSIFIER, MATCH_NUMBER -> false;
        };
  }

  private TimeColumn eventTime(Plan plan, Pipe below, Field field) {
    if (Types.canBeTime(field.type())) {
      if (emissions.kind() == QueryKind.SNAPSHOT) {
        return null;
      }
      int column = plan.index(plan.match.operands().get(plan.clause.partitionColumns()));
      for (TimeColumn time : below.outputTimes()) {
        if (time.column() == column) {
          windows.use(time);
          return time;
        }
      }
    }
    throw new LaminarException(
            ErrorCode.INVALID_TIME_ATTRIBUTE,
            "MATCH_RECOGNIZE orders by column \""
                + field.name()
                + "\", which is not a time attribute: no watermark speaks about it.")
        .mend("Order by the event time first, then by that column.")
        .at(plan.clause.orderPosition());
  }

  private static long span(MatchClause clause, Field time) {
    long nanos = clause.withinNs();
    if (clause.within() == null) {
      return MatchSpec.UNBOUNDED;
    }
    if (nanos == 0) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "WITHIN takes a length, not zero: no match would do.")
          .mend("Write, for example, WITHIN INTERVAL '1' HOUR.")
          .at(clause.position());
    }
    long unit = time.type().nanosPerUnit();
    return (nanos - 1) / unit + 1;
  }

  private List<Field> fields(Plan plan) {
    List<Field> fields = new ArrayList<>();
    for (RexNode value : plan.values) {
      String name =
          value instanceof RexInputRef reference
              ? plan.input.base().schema().field(reference.getIndex()).name()
              : "column" + fields.size();
      fields.add(field(name, value.getType()));
    }
    return fields;
  }

  private static Field field(String name, RelDataType type) {
    return new Field(name, Types.of(type), type.isNullable(), false);
  }

  // ---- conditions

  private record Conditions(List<PathValue> asked, List<Field> fields, List<RexNode> ofVariables) {}

  /** Conditions over columns with what they ask for. */
  private Conditions conditions(Plan plan, List<RexNode> defines) {
    List<PathValue> asked = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    RexShuttle columns =
        new RexShuttle() {
          @Override
          public RexNode visitCall(RexCall call) {
            if (!MatchRel.isAsked(call)) {
              return super.visitCall(call);
            }
            PathValue value = plan.asked(call);
            int column = asked.indexOf(value);
            if (column < 0) {
              column = asked.size();
              asked.add(value);
              fields.add(field(name(value), call.getType()));
            }
            return rex.makeInputRef(call.getType(), column);
          }

          private String name(PathValue value) {
            return value.kind().name().toLowerCase(java.util.Locale.ROOT) + fields.size();
          }
        };
    RexNode[] ofVariables = new RexNode[plan.clause.variables().size()];
    for (int i = 0; i < defines.size(); i++) {
      RexNode condition = ((RexCall) defines.get(i)).getOperands().get(0);
      ofVariables[plan.clause.defined().get(i)] = condition.accept(columns);
    }
    return new Conditions(asked, fields, java.util.Arrays.asList(ofVariables));
  }
}
