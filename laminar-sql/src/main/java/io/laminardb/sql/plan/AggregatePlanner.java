package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.EventTime;
import io.laminardb.sql.catalog.SourceColumn;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.plan.DerivedAggregates.Derived;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.validate.HiddenColumns;
import io.laminardb.sql.validate.Types;
import io.laminardb.sql.validate.WindowFunction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;

/** Plans GROUP BY: finds the window among the keys, takes in what stands below. */
final class AggregatePlanner {
  private final CatalogSnapshot catalog;
  private final RexBuilder rex;
  private final Windows windows;
  private final Emissions emissions;
  private final long allowedLatenessNs;
  private final long stateTtlNs;
  private boolean windowed;

  AggregatePlanner(
      CatalogSnapshot catalog,
      RexBuilder rex,
      Windows windows,
      Emissions emissions,
      long allowedLatenessNs,
      long stateTtlNs) {
    this.stateTtlNs = stateTtlNs;
    this.catalog = catalog;
    this.rex = rex;
    this.windows = windows;
    this.emissions = emissions;
    this.allowedLatenessNs = allowedLatenessNs;
  }

  Emissions emissions() {
    return emissions;
  }

  /** Whether any aggregate so far has a window. */
  boolean hasWindow() {
    return windowed;
  }

  /** SELECT DISTINCT over all columns. */
  Pipe distinct(Pipe input, boolean outermost) {
    List<Field> fields = input.base().schema().fields();
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      keys.add(new Key(fields.get(i).name(), input.projects().get(i)));
    }
    return build(input, keys, List.of(), null, null, outermost);
  }

  Pipe plan(Aggregate aggregate, Pipe input, boolean outermost) {
    if (GroupingSets.isNeeded(aggregate)) {
      return new GroupingSets(this, windows, rex, aggregate, outermost).plan(input);
    }
    List<RexNode> groups =
        aggregate.getGroupSet().asList().stream().map(i -> input.projects().get(i)).toList();
    RexCall marker = Windows.onlyMarker(groups);
    Pipe rows = marker == null ? input.resolveWindows(windows) : input;
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < aggregate.getGroupCount(); i++) {
      RexNode value = rows.projects().get(aggregate.getGroupSet().nth(i));
      keys.add(new Key(aggregate.getRowType().getFieldList().get(i).getName(), value));
    }
    return build(
        rows,
        keys,
        aggregate.getAggCallList(),
        marker,
        aggregate.getRowType().getFieldList(),
        outermost);
  }

  /** A column to group by. */
  record Key(String name, RexNode value) {}

  /**
   * Groups the rows of {@code input}.
   *
   * @param marker of the window among the keys, or null
   * @param outputs the columns of the result, keys first
   */
  Pipe build(
      Pipe input,
      List<Key> keys,
      List<org.apache.calcite.rel.core.AggregateCall> calls,
      RexCall marker,
      List<RelDataTypeField> outputs,
      boolean outermost) {
    TimeColumn instant = marker == null ? instant(input, keys, outermost) : null;
    WindowSpec window = marker == null ? atInstant(input, instant) : windows.spec(input, marker);
    windowed |= marker != null;
    List<Field> fields = new ArrayList<>();
    List<RexNode> keyValues = new ArrayList<>();
    for (Key key : keys) {
      if (!isWindowKey(key.value(), marker)) {
        RexNode value = Pipe.plain(key.value());
        keyValues.add(value);
        String name = HiddenColumns.visibleName(key.name());
        fields.add(new Field(name, Types.of(value.getType()), value.getType().isNullable(), false));
      }
    }
    int windowColumn = fields.size();
    if (marker != null) {
      checkWindow(keys, keyValues, marker);
      fields.add(new Field(HiddenColumns.START, window.timeType(), false, false));
      fields.add(new Field(HiddenColumns.END, window.timeType(), false, false));
    }
    List<AggregateCall> planned = new ArrayList<>();
    List<Result> results = new ArrayList<>();
    boolean single = false;
    for (int i = 0; i < calls.size(); i++) {
      RelDataTypeField output = outputs.get(keys.size() + i);
      Derived derived = derived(calls.get(i), output, input, marker == null ? null : window);
      results.add(new Result(fields.size(), derived));
      planned.addAll(derived.parts());
      derived.parts().forEach(part -> fields.add(part.output()));
      single |= isSingleValue(calls.get(i));
    }
    if (single) {
      Field rows = new Field("rows", DataType.BIGINT, false, false);
      planned.add(new AggregateCall(AggregateKind.COUNT, List.of(), false, null, null, rows));
      fields.add(rows);
    }
    if (marker != null) {
      window = window.perKey(KeyTimes.of(catalog, emissions, input, window, keyValues));
    }
    Conditions conditions = split(input, marker);
    Emission emission = emissions.of(window != null, outermost);
    boolean changelog = emission == Emission.CHANGES || emission == Emission.EVERY;
    boolean ordered = marker == null || Windows.isOrdered(input, marker);
    if (!ordered && emission == Emission.ON_WINDOW_CLOSE) {
      throw windows.unordered(marker, "Use EMIT CHANGES, or make it a MATERIALIZED VIEW,");
    }
    PlanNode.Aggregate node =
        new PlanNode.Aggregate(
            ordered ? input.base() : new PlanNode.Timeless(input.base()),
            conditions.rows,
            keyValues,
            window,
            planned,
            emission,
            emissions.everyNs(emission),
            marker == null ? 0 : allowedLatenessNs,
            canExpire(window, keyValues, planned, emission) ? stateTtlNs : 0,
            new Schema(fields, changelog));
    List<TimeColumn> times =
        marker == null
            ? instant == null ? List.of() : keyTimes(input, keyValues)
            : boundTimes(window, windowColumn, ordered);
    Pipe result = output(times, node, keys, marker, windowColumn, conditions.windows, results);
    return single ? checked(result) : result;
  }

  /** Whether groups can be taken back one by one, and forgotten. */
  private static boolean canExpire(
      WindowSpec window, List<RexNode> keys, List<AggregateCall> calls, Emission emission) {
    return window == null
        && !keys.isEmpty()
        && (emission == Emission.CHANGES || emission == Emission.EVERY)
        && calls.stream().noneMatch(AggregateCall::distinct);
  }

  /**
   * The key that says when a group is complete: a bound of the windows that rows are in already, or,
   * where the query asks for groups that are, a time that sources declare. Null without one.
   */
  private TimeColumn instant(Pipe input, List<Key> keys, boolean outermost) {
    if (emissions.kind() == QueryKind.SNAPSHOT) {
      return null;
    }
    boolean asked = outermost && emissions.waitsForTime();
    for (TimeColumn time : input.times()) {
      boolean isKey = keys.stream().anyMatch(key -> isColumn(key.value(), time));
      boolean ends = time.isBound() || asked && time.isOrdered() && isDeclared(time);
      if (isKey && ends && !input.base().schema().field(time.column()).nullable()) {
        windows.use(time);
        return time;
      }
    }
    return null;
  }

  private static boolean isColumn(RexNode value, TimeColumn time) {
    return Pipe.plain(value) instanceof RexInputRef reference
        && reference.getIndex() == time.column();
  }

  private WindowSpec atInstant(Pipe input, TimeColumn instant) {
    if (instant == null) {
      return null;
    }
    Schema schema = input.base().schema();
    return WindowSpec.instant(
        Pipe.reference(rex, schema, instant.column()), schema.field(instant.column()).type());
  }

  /** Windows of CUMULATE that share their start are over one after the other. */
  private static List<TimeColumn> boundTimes(WindowSpec window, int start, boolean ordered) {
    boolean byKey = window.keyTime() != null;
    TimeColumn end = new TimeColumn(start + 1, List.of(), ordered, byKey);
    return window.kind() == WindowSpec.Kind.CUMULATE
        ? List.of(end)
        : List.of(new TimeColumn(start, List.of(), ordered, byKey), end);
  }

  /** How partitions of rows go on by key; see {@link KeyTimes#ofPartitions}. */
  KeyTime keyTime(
      Pipe input, List<RexNode> values, Schema rows, List<Integer> partition, int order) {
    return KeyTimes.ofPartitions(catalog, emissions, input, values, rows, partition, order);
  }

  /** The keys that are times still, behind an aggregate of groups that end. */
  private List<TimeColumn> keyTimes(Pipe input, List<RexNode> keys) {
    List<TimeColumn> times = new ArrayList<>();
    for (TimeColumn time : input.times()) {
      for (int i = 0; i < keys.size(); i++) {
        if (isColumn(keys.get(i), time)) {
          times.add(time.at(i));
        }
      }
    }
    return times;
  }

  /** The same rows; fails on one whose last column counts more than one row. */
  private Pipe checked(Pipe result) {
    Schema schema = result.base().schema();
    RexNode check =
        rex.makeCall(Functions.AT_MOST_ONE_ROW, Pipe.reference(rex, schema, schema.size() - 1));
    RexNode condition =
        result.condition() == null
            ? check
            : RexUtil.composeConjunction(rex, List.of(check, result.condition()));
    return new Pipe(rex, result.base(), result.times(), condition, result.projects());
  }

  /** What a call answers that is not computed, or null. */
  private static RexNode literal(org.apache.calcite.rel.core.AggregateCall call) {
    return call.getAggregation().getKind() == SqlKind.LITERAL_AGG ? call.rexList.get(0) : null;
  }

  /** The value of a subquery that may have one row only: the greatest, and a look at the count. */
  private static boolean isSingleValue(org.apache.calcite.rel.core.AggregateCall call) {
    return call.getAggregation().getKind() == SqlKind.SINGLE_VALUE;
  }

  /** A call whose parts stand from a column on. */
  private record Result(int column, Derived derived) {
    RexNode over(RexBuilder rex, Schema schema) {
      List<RexNode> parts = new ArrayList<>();
      for (int i = 0; i < derived.parts().size(); i++) {
        parts.add(Pipe.reference(rex, schema, column + i));
      }
      return derived.result().apply(parts);
    }
  }

  private Pipe output(
      List<TimeColumn> times,
      PlanNode.Aggregate node,
      List<Key> keys,
      RexCall marker,
      int windowColumn,
      RexNode windowCondition,
      List<Result> results) {
    Schema schema = node.schema();
    RexNode start = marker == null ? null : Pipe.reference(rex, schema, windowColumn);
    RexNode end = marker == null ? null : Pipe.reference(rex, schema, windowColumn + 1);
    RexNode bounds = marker == null ? null : rex.makeCall(WindowFunction.BOUNDS, start, end);
    List<RexNode> projects = new ArrayList<>();
    int column = 0;
    for (Key key : keys) {
      if (Windows.isBoundOfMarker(key.value(), false)) {
        projects.add(start);
      } else if (Windows.isBoundOfMarker(key.value(), true)) {
        projects.add(end);
      } else if (Windows.isTimeOfMarker(key.value())) {
        projects.add(rex.makeCall(end.getType(), WindowFunction.TIME, List.of(end)));
      } else if (isWindowKey(key.value(), marker)) {
        projects.add(bounds);
      } else {
        projects.add(Pipe.reference(rex, schema, column++));
      }
    }
    for (Result result : results) {
      projects.add(result.over(rex, schema));
    }
    RexNode condition = null;
    if (windowCondition != null) {
      condition =
          Pipe.over(rex, node, times).compose(Windows.replace(windowCondition, marker, bounds));
    }
    return new Pipe(rex, node, times, condition, projects);
  }

  private static boolean isWindowKey(RexNode key, RexCall marker) {
    return marker != null
        && (key.equals(marker)
            || Windows.isBoundOfMarker(key, false)
            || Windows.isBoundOfMarker(key, true)
            || Windows.isTimeOfMarker(key));
  }

  private void checkWindow(List<Key> keys, List<RexNode> keyValues, RexCall marker) {
    for (RexNode key : keyValues) {
      if (Windows.hasMarker(key)) {
        throw windows.at(
            marker,
            new LaminarException(
                    ErrorCode.NOT_SUPPORTED, "GROUP BY holds an expression of the window's bounds.")
                .mend("Group by window_start and window_end, and compute in an outer query."));
      }
    }
    boolean onlyStart =
        keys.stream()
            .filter(key -> isWindowKey(key.value(), marker))
            .allMatch(key -> Windows.isBoundOfMarker(key.value(), false));
    if (onlyStart && marker.getOperator() == WindowFunction.CUMULATE) {
      throw windows.at(
          marker,
          new LaminarException(
                  ErrorCode.INVALID_WINDOW,
                  "windows of CUMULATE share their start, so window_start alone mixes them.")
              .mend("Group by window_start and window_end."));
    }
    List<RexNode> partition = Windows.keys(marker);
    if (!partition.isEmpty() && !new HashSet<>(partition).equals(new HashSet<>(keyValues))) {
      throw windows.at(
          marker,
          new LaminarException(
                  ErrorCode.NOT_SUPPORTED,
                  "sessions are partitioned by other columns than the query groups by.")
              .mend("Use the same columns in PARTITION BY and GROUP BY."));
    }
    boolean tableSession = keys.stream().noneMatch(key -> key.value().equals(marker));
    if (marker.getOperator() == WindowFunction.SESSION
        && tableSession
        && partition.isEmpty()
        && !keyValues.isEmpty()) {
      throw windows.at(
          marker,
          new LaminarException(
                  ErrorCode.NOT_SUPPORTED,
                  "sessions over all rows, grouped by a key, are not supported.")
              .mend("Add PARTITION BY with the columns of GROUP BY."));
    }
  }

  /** What can be asked of rows before they are counted, and of windows after. */
  record Conditions(RexNode rows, RexNode windows) {}

  Conditions split(Pipe input, RexCall marker) {
    if (marker == null || !Windows.hasMarker(input.condition())) {
      return new Conditions(input.condition(), null);
    }
    List<RexNode> rows = new ArrayList<>();
    List<RexNode> bounds = new ArrayList<>();
    for (RexNode part : RelOptUtil.conjunctions(input.condition())) {
      if (!Windows.hasMarker(part)) {
        rows.add(part);
        continue;
      }
      RexNode stripped = Windows.replace(part, marker, rex.makeLiteral(true));
      if (!RelOptUtil.InputFinder.bits(stripped).isEmpty()) {
        throw windows.at(
            marker,
            new LaminarException(
                    ErrorCode.NOT_SUPPORTED,
                    "a condition compares the window's bounds with columns of its rows.")
                .mend("Compare them with constants, or in an outer query."));
      }
      bounds.add(part);
    }
    return new Conditions(
        rows.isEmpty() ? null : RexUtil.composeConjunction(rex, rows),
        RexUtil.composeConjunction(rex, bounds));
  }

  private Derived derived(
      org.apache.calcite.rel.core.AggregateCall call,
      RelDataTypeField output,
      Pipe input,
      WindowSpec window) {
    RexNode literal = literal(call);
    if (literal != null) {
      return new Derived(List.of(), columns -> literal);
    }
    String name = call.getAggregation().getName().toUpperCase(Locale.ROOT);
    List<RexNode> arguments =
        call.getArgList().stream().map(i -> Pipe.plain(input.projects().get(i))).toList();
    RexNode filter = call.filterArg < 0 ? null : Pipe.plain(input.projects().get(call.filterArg));
    if (arguments.stream().anyMatch(Windows::hasMarker) || Windows.hasMarker(filter)) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "an aggregate function reads the bounds of its window.")
          .mend("They are the same for all its rows: use window_start itself.");
    }
    Derived derived =
        new DerivedAggregates(rex)
            .of(name, arguments, filter, call.isDistinct(), field(output, nameOf(output, name)));
    if (derived != null) {
      return derived;
    }
    derived =
        UserAggregates.of(
            call.getAggregation(),
            arguments,
            filter,
            call.isDistinct(),
            input.base().schema().isChangelog(),
            window != null && window.kind() == WindowSpec.Kind.SESSION,
            field(output, nameOf(output, name)),
            rex);
    if (derived != null) {
      return derived;
    }
    derived =
        new OrderedAggregates(rex, () -> window != null ? window.time() : eventTime(input))
            .of(name, arguments, filter, call.isDistinct(), field(output, nameOf(output, name)));
    if (derived != null) {
      return derived;
    }
    AggregateKind kind = kind(name);
    if (call.isApproximate()
        && kind == AggregateKind.COUNT
        && arguments.size() == 1
        && !input.base().schema().isChangelog()) {
      kind = AggregateKind.APPROX_COUNT_DISTINCT;
    }
    if (arguments.size() > 1 && kind != AggregateKind.COUNT) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              call.getAggregation().getName() + " of several columns is not supported.")
          .mend("Aggregate one expression of them.");
    }
    boolean ordered = kind == AggregateKind.FIRST || kind == AggregateKind.LAST;
    RexNode orderTime = !ordered ? null : window != null ? window.time() : eventTime(input);
    AggregateCall plain =
        new AggregateCall(
            kind,
            arguments,
            call.isDistinct() && kind != AggregateKind.APPROX_COUNT_DISTINCT,
            filter,
            orderTime,
            field(output, nameOf(output, kind.name())));
    return Derived.plain(plain);
  }

  private static Field field(RelDataTypeField output, String name) {
    return new Field(name, Types.of(output.getType()), output.getType().isNullable(), false);
  }

  /** Calcite calls what has no name yet {@code $f3}. */
  private static String nameOf(RelDataTypeField output, String function) {
    return output.getName().startsWith("$f")
        ? function.toLowerCase(Locale.ROOT) + "_" + output.getName().substring(2)
        : output.getName();
  }

  RexNode eventTime(Pipe input) {
    TimeColumn time = settledTime(input);
    return time == null ? null : Pipe.reference(rex, input.base().schema(), time.column());
  }

  /** The column of the base whose event time is settled, or null. */
  TimeColumn settledTime(Pipe input) {
    for (TimeColumn time : input.times()) {
      if (isSettled(time)) {
        return time;
      }
    }
    return null;
  }

  /** Whether watermarks speak of a column: bounds of windows, and what sources follow. */
  private boolean isSettled(TimeColumn time) {
    return time.origins().stream().allMatch(origin -> follows(origin) != null);
  }

  /** As {@link #isSettled}, because the sources declare it and not because of another query. */
  boolean isDeclared(TimeColumn time) {
    return time.origins().stream()
        .allMatch(origin -> follows(origin) != null && follows(origin).declared());
  }

  /** The event time of a source, if it is this column; or null. */
  private EventTime follows(SourceColumn origin) {
    CatalogObject source = catalog.find(origin.source());
    return source.eventTime() != null
            && source.eventTime().column() == source.schema().indexOf(origin.column())
        ? source.eventTime()
        : null;
  }

  static AggregateKind kind(String name) {
    return switch (name) {
      case "COUNT" -> AggregateKind.COUNT;
      case "SUM" -> AggregateKind.SUM;
      case "AVG" -> AggregateKind.AVG;
      case "MIN" -> AggregateKind.MIN;
      case "MAX", "SINGLE_VALUE" -> AggregateKind.MAX;
      case "FIRST" -> AggregateKind.FIRST;
      case "LAST" -> AggregateKind.LAST;
      case "STDDEV", "STDDEV_SAMP" -> AggregateKind.STDDEV_SAMP;
      case "STDDEV_POP" -> AggregateKind.STDDEV_POP;
      case "VARIANCE", "VAR_SAMP" -> AggregateKind.VAR_SAMP;
      case "VAR_POP" -> AggregateKind.VAR_POP;
      case "BIT_AND" -> AggregateKind.BIT_AND;
      case "BIT_OR" -> AggregateKind.BIT_OR;
      case "BIT_XOR" -> AggregateKind.BIT_XOR;
      default ->
          throw new LaminarException(
                  ErrorCode.NOT_SUPPORTED, "aggregate function " + name + " is not supported yet.")
              .mend("SHOW FUNCTIONS lists what there is.");
    };
  }
}
