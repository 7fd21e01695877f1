package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.join.AsofSpec;
import io.laminardb.core.operator.window.CalendarGrid;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.validate.Intervals;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.calcite.rex.RexNode;

/** A plan as text: one line an operator, inputs indented below it, with the bound of its state and where that goes. */
public final class PlanText {
  private final StringBuilder text = new StringBuilder();
  private final PlannedQuery query;
  private final Function<PlanNode, String> notes;

  private PlanText(PlannedQuery query, Function<PlanNode, String> notes) {
    this.query = query;
    this.notes = notes;
  }

  /**
   * The text of a query; that of a view begins with what it keeps.
   *
   * @param notes what is to be said of an operator besides, or null
   */
  static String print(PlannedQuery query, Function<PlanNode, String> notes) {
    PlanText printer = new PlanText(query, notes);
    boolean isView = query.kind() == QueryKind.MATERIALIZED_VIEW;
    if (isView) {
      printer
          .text
          .append("View  -- state: ")
          .append(StateBound.ofView(query.schema(), query.uniqueKey().orElse(null)))
          .append("; ")
          .append(StateRoom.ofView())
          .append('\n');
    }
    printer.node(query.root(), isView ? 1 : 0);
    return printer.text.toString();
  }

  private void node(PlanNode node, int depth) {
    String note = notes.apply(node);
    text.append("  ".repeat(depth)).append(line(node)).append(room(node));
    text.append(note == null ? "" : "  -- " + note).append('\n');
    node.inputs().forEach(input -> node(input, depth + 1));
  }

  /** Whether state can leave memory. A snapshot's goes when it has ended. */
  private String room(PlanNode node) {
    boolean holds =
        !(node instanceof PlanNode.Scan) && !StateBound.of(node).equals(StateBound.NONE);
    return holds && query.kind() != QueryKind.SNAPSHOT
        ? "; " + StateRoom.of(node, query.onError())
        : "";
  }

  /** One line for one operator, with the bound of its state. */
  public static String line(PlanNode node) {
    String described = describe(node);
    return node instanceof PlanNode.Scan
        ? described
        : described + "  -- state: " + StateBound.of(node);
  }

  private static String describe(PlanNode node) {
    if (node instanceof PlanNode.Scan scan) {
      return "Scan " + scan.object() + (scan.schema().isChangelog() ? " (changelog)" : "");
    }
    if (node instanceof PlanNode.Values values) {
      return "Values " + values.rows().size() + (values.rows().size() == 1 ? " row" : " rows");
    }
    if (node instanceof PlanNode.Calc calc) {
      return calc(calc);
    }
    if (node instanceof PlanNode.AssignWindows assign) {
      return "AssignWindows "
          + window(assign.window(), assign.input().schema())
          + lateness(assign.allowedLatenessNs());
    }
    if (node instanceof PlanNode.Aggregate aggregate) {
      return aggregate(aggregate);
    }
    if (node instanceof PlanNode.Join join) {
      return join("Join", join, List.of(), join.schema());
    }
    if (node instanceof PlanNode.ExpiringJoin join) {
      return join("Join", join.join(), List.of(), join.schema());
    }
    if (node instanceof PlanNode.AsofJoin join) {
      return asofJoin(join);
    }
    if (node instanceof PlanNode.IntervalJoin join) {
      return intervalJoin(join);
    }
    if (node instanceof PlanNode.TemporalJoin join) {
      String moment =
          join.rowTime() < 0
              ? "PROCTIME()"
              : "left." + join.join().left().schema().field(join.rowTime()).name();
      return join("TemporalJoin AS OF " + moment, join.join(), List.of(), join.schema());
    }
    if (node instanceof PlanNode.TableJoin join) {
      String name =
          "TableJoin " + join.table() + (join.primary() ? " BY PRIMARY KEY" : " BY INDEX");
      return join(name, join.join(), List.of(), join.schema());
    }
    if (node instanceof PlanNode.LookupJoin join) {
      String asked = LookupConditions.text(join.join().right().schema(), join.conditions());
      String name = "LookupJoin " + join.table() + " (" + asked + ")";
      return join(name, join.join(), List.of(), join.schema());
    }
    if (node instanceof PlanNode.SetOp set) {
      return set.operation().name().replace('_', ' ')
          + (set.schema().isChangelog() ? " (changelog)" : "");
    }
    if (node instanceof PlanNode.Timeless) {
      return "Timeless";
    }
    if (node instanceof PlanNode.Pace pace) {
      return "Pace EMIT EVERY " + Intervals.text(pace.everyNs());
    }
    if (node instanceof PlanNode.LateRows late) {
      return "LateRows "
          + window(late.window(), late.schema())
          + lateness(late.allowedLatenessNs());
    }
    if (node instanceof PlanNode.Expand expand) {
      return expand(expand);
    }
    if (node instanceof PlanNode.Unnest unnest) {
      return unnest(unnest);
    }
    if (node instanceof PlanNode.Sort sort) {
      return sort(sort);
    }
    if (node instanceof PlanNode.Over over) {
      return OverText.over(over);
    }
    if (node instanceof PlanNode.Match match) {
      return OverText.match(match);
    }
    if (node instanceof PlanNode.TopN topN) {
      return OverText.topN(topN);
    }
    return "UnionAll" + (node.schema().isChangelog() ? " (changelog)" : "");
  }

  private static String calc(PlanNode.Calc calc) {
    Schema input = calc.input().schema();
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < calc.projects().size(); i++) {
      Field field = calc.schema().field(i);
      String value = expression(calc.projects().get(i), input);
      String named = value.equals(field.name()) ? value : value + " AS " + field.name();
      columns.add(field.hidden() ? "[" + named + "]" : named);
    }
    return "Calc "
        + String.join(", ", columns)
        + (calc.condition() == null ? "" : " WHERE " + expression(calc.condition(), input));
  }

  private static String aggregate(PlanNode.Aggregate aggregate) {
    Schema input = aggregate.input().schema();
    StringBuilder line =
        new StringBuilder(aggregate.window() == null ? "Aggregate" : "WindowAggregate");
    List<String> keys = new ArrayList<>();
    aggregate.keys().forEach(key -> keys.add(expression(key, input)));
    if (aggregate.window() != null && aggregate.window().columns() > 0) {
      keys.add(window(aggregate.window(), input));
    }
    List<String> calls = new ArrayList<>();
    aggregate.calls().forEach(call -> calls.add(call(call, input)));
    line.append(calls.isEmpty() ? "" : " " + String.join(", ", calls));
    line.append(keys.isEmpty() ? "" : " BY " + String.join(", ", keys));
    if (aggregate.condition() != null) {
      line.append(" WHERE ").append(expression(aggregate.condition(), input));
    }
    line.append(" EMIT ").append(aggregate.emission().name().replace('_', ' '));
    if (aggregate.emission() == Emission.EVERY) {
      line.append(' ').append(Intervals.text(aggregate.emitEveryNs()));
    }
    return line.append(lateness(aggregate.allowedLatenessNs())).toString();
  }

  private static String lateness(long allowedNs) {
    return allowedNs > 0 ? " LATENESS " + Intervals.text(allowedNs) : "";
  }

  static String call(AggregateCall call, Schema input) {
    String arguments =
        call.arguments().isEmpty() ? "*" : expression(call.arguments().get(0), input);
    return call.kind()
        + "("
        + (call.distinct() ? "DISTINCT " : "")
        + arguments
        + (call.orderTime() == null ? "" : " ORDER BY " + expression(call.orderTime(), input))
        + ")"
        + (call.filter() == null ? "" : " FILTER (WHERE " + expression(call.filter(), input) + ")");
  }

  private static List<String> keys(List<PlanNode.JoinKey> keys, Schema left, Schema right) {
    List<String> conditions = new ArrayList<>();
    for (PlanNode.JoinKey key : keys) {
      conditions.add(
          left.field(key.left()).name()
              + (key.nullSafe() ? " IS NOT DISTINCT FROM " : " = ")
              + right.field(key.right()).name());
    }
    return conditions;
  }

  private static String asofJoin(PlanNode.AsofJoin join) {
    Schema left = join.left().schema();
    Schema right = join.right().schema();
    List<String> keys = keys(join.keys(), left, right);
    String comparison =
        switch (join.comparison()) {
          case GREATER_OR_EQUAL -> " >= ";
          case GREATER -> " > ";
          case LESS_OR_EQUAL -> " <= ";
          case LESS -> " < ";
        };
    StringBuilder line = new StringBuilder("AsofJoin MATCH left.");
    line.append(left.field(join.leftTime()).name()).append(comparison);
    line.append("right.").append(right.field(join.rightTime()).name());
    if (join.tolerance() != AsofSpec.NO_TOLERANCE) {
      long unit =
          Math.min(
              left.field(join.leftTime()).type().nanosPerUnit(),
              right.field(join.rightTime()).type().nanosPerUnit());
      line.append(" WITHIN ").append(interval(join.tolerance(), unit));
    }
    line.append(keys.isEmpty() ? "" : " ON " + String.join(" AND ", keys));
    line.append(join.schema().isChangelog() ? " (changelog)" : "");
    return line.toString();
  }

  private static String intervalJoin(PlanNode.IntervalJoin join) {
    String left = "left." + join.join().left().schema().field(join.leftTime()).name();
    String right = "right." + join.join().right().schema().field(join.rightTime()).name();
    String between =
        right
            + " BETWEEN "
            + moved(left, join.lower(), join)
            + " AND "
            + moved(left, join.upper(), join);
    return join("IntervalJoin", join.join(), List.of(between), join.schema());
  }

  private static String moved(String time, long by, PlanNode.IntervalJoin join) {
    return by == 0
        ? time
        : time + (by < 0 ? " - " : " + ") + interval(Math.abs(by), join.nanosPerUnit());
  }

  private static String join(String name, PlanNode.Join join, List<String> more, Schema schema) {
    List<String> conditions = keys(join.keys(), join.left().schema(), join.right().schema());
    conditions.addAll(more);
    if (join.condition() != null) {
      conditions.add(expression(join.condition(), join.pairs()));
    }
    return name
        + " "
        + join.type()
        + (conditions.isEmpty() ? "" : " ON " + String.join(" AND ", conditions))
        + (schema.isChangelog() ? " (changelog)" : "");
  }

  static String window(WindowSpec window, Schema input) {
    StringBuilder call =
        new StringBuilder(window.kind().name())
            .append('(')
            .append(expression(window.time(), input))
            .append(", ")
            .append(length(window, window.size()));
    if (window.kind() == WindowSpec.Kind.HOP || window.kind() == WindowSpec.Kind.CUMULATE) {
      call.append(", ").append(length(window, window.slide()));
    }
    if (window.offset() != 0) {
      call.append(", OFFSET ").append(length(window, window.offset()));
    }
    if (window.calendar() != null) {
      call.append(", ").append(window.calendar().zone());
      if (window.calendar().shiftSeconds() != 0) {
        call.append(" + ").append(interval(window.calendar().shiftSeconds(), 1_000_000_000L));
      }
    }
    call.append(')');
    return call.append(perKey(window.keyTime(), input)).toString();
  }

  /** Whose watermarks count, where keys have their own. */
  static String perKey(KeyTime time, Schema input) {
    return time == null ? "" : " PER KEY " + OverText.names(time.columns(), input);
  }

  private static String length(WindowSpec window, long length) {
    return window.calendar() == null
        ? interval(length, window.timeType().nanosPerUnit())
        : window.calendar().unit() == CalendarGrid.Unit.SLICE
            ? interval(length * window.calendar().leastSeconds(), TimeUnits.NANOS_PER_SECOND)
            : length + " " + window.calendar().unit();
  }

  private static String interval(long units, long unit) {
    return Intervals.text(TimeUnits.toNanos(units, unit));
  }

  private static String expand(PlanNode.Expand expand) {
    List<String> sets = new ArrayList<>();
    for (boolean[] keys : expand.sets()) {
      List<String> held = new ArrayList<>();
      for (int i = 0; i < keys.length; i++) {
        if (keys[i]) {
          held.add(expand.schema().field(i).name());
        }
      }
      sets.add("(" + String.join(", ", held) + ")");
    }
    return "Expand " + String.join(", ", sets);
  }

  private static String unnest(PlanNode.Unnest unnest) {
    int passed = unnest.input().schema().size() - unnest.collections();
    List<String> made = new ArrayList<>();
    for (Field field : unnest.schema().fields().subList(passed, unnest.schema().size())) {
      made.add(field.name());
    }
    List<String> of = new ArrayList<>();
    if (unnest.input() instanceof PlanNode.Calc calc) {
      for (RexNode collection : calc.projects().subList(passed, calc.projects().size())) {
        of.add(expression(collection, calc.input().schema()));
      }
    }
    return "Unnest "
        + String.join(", ", of)
        + (of.isEmpty() ? "" : " AS ")
        + String.join(", ", made)
        + (unnest.outer() ? " (LEFT)" : "");
  }

  /** Columns to sort by, as ORDER BY has them. */
  static String sortKeys(List<PlanNode.SortKey> sortKeys, Schema schema) {
    List<String> keys = new ArrayList<>();
    for (PlanNode.SortKey key : sortKeys) {
      keys.add(
          schema.field(key.column()).name()
              + (key.descending() ? " DESC" : "")
              + (key.nullsFirst() ? " NULLS FIRST" : ""));
    }
    return String.join(", ", keys);
  }

  private static String sort(PlanNode.Sort sort) {
    return "Sort"
        + (sort.keys().isEmpty() ? "" : " BY " + sortKeys(sort.keys(), sort.schema()))
        + (sort.offset() > 0 ? " OFFSET " + sort.offset() : "")
        + (sort.limit() >= 0 ? " LIMIT " + sort.limit() : "");
  }

  /** An expression with the names of the columns it reads. */
  static String expression(RexNode expression, Schema input) {
    return RexText.whole(
        expression, column -> column < input.size() ? input.field(column).name() : "$" + column);
  }
}
