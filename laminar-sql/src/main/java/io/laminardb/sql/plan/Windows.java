package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.operator.window.CalendarGrid;
import io.laminardb.sql.catalog.Catalog;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.SourceColumn;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.validate.HiddenColumns;
import io.laminardb.sql.validate.QueryRewriter;
import io.laminardb.sql.validate.WindowCalendar;
import io.laminardb.sql.validate.WindowFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.rex.RexVisitorImpl;

/** Turns markers into windows, and keeps book of the event times they need. One per plan. */
final class Windows {
  private final CatalogSnapshot catalog;
  private final long allowedLatenessNs;
  private final QueryRewriter rewriter;
  private final Map<String, SourceColumn> eventTimes = new LinkedHashMap<>();

  Windows(CatalogSnapshot catalog, QueryRewriter rewriter, long allowedLatenessNs) {
    this.allowedLatenessNs = allowedLatenessNs;
    this.catalog = catalog;
    this.rewriter = rewriter;
  }

  /** What turned the query into the one that is planned. */
  QueryRewriter rewriter() {
    return rewriter;
  }

  /** Source columns the windows so far follow. */
  List<SourceColumn> eventTimes() {
    return List.copyOf(eventTimes.values());
  }

  /** The marker in {@code expressions}, or null; more than one kind of window is refused. */
  static RexCall onlyMarker(List<RexNode> expressions) {
    Set<RexCall> markers = markers(expressions);
    if (markers.size() > 1) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "rows are assigned to windows of more than one kind.")
          .mend("Aggregate over the inner windows first.");
    }
    return markers.isEmpty() ? null : markers.iterator().next();
  }

  static Set<RexCall> markers(List<RexNode> expressions) {
    Set<RexCall> markers = new LinkedHashSet<>();
    RexVisitorImpl<Void> collector =
        new RexVisitorImpl<>(true) {
          @Override
          public Void visitCall(RexCall call) {
            if (call.getOperator() instanceof WindowFunction) {
              markers.add(call);
              return null;
            }
            return super.visitCall(call);
          }
        };
    expressions.forEach(expression -> expression.accept(collector));
    return markers;
  }

  static boolean hasMarker(RexNode expression) {
    return expression != null && onlyMarker(List.of(expression)) != null;
  }

  /** Whether {@code expression} is a bound of a window. */
  static boolean isBoundOfMarker(RexNode expression, boolean end) {
    return expression instanceof RexCall call
        && call.getOperator() == (end ? WindowFunction.END : WindowFunction.START)
        && isMarker(call.getOperands().get(0));
  }

  /** Whether {@code expression} is the last instant of a window. */
  static boolean isTimeOfMarker(RexNode expression) {
    return isTime(expression) && isMarker(((RexCall) expression).getOperands().get(0));
  }

  /** Whether {@code expression} is the last instant of a window, whose end may be a column. */
  static boolean isTime(RexNode expression) {
    return expression instanceof RexCall call && call.getOperator() == WindowFunction.TIME;
  }

  static boolean isMarker(RexNode expression) {
    return expression instanceof RexCall call && call.getOperator() instanceof WindowFunction;
  }

  /** The window {@code marker} stands for, over rows of {@code input}'s base. */
  WindowSpec spec(Pipe input, RexCall marker) {
    RexNode time = marker.getOperands().get(0);
    TimeColumn column = input.timeOf(time);
    if (column == null) {
      throw noTimeAttribute(input, marker, time);
    }
    if (column.isOrdered()) {
      column.origins().forEach(origin -> use(origin, marker));
    }
    DataType type = input.base().schema().field(((RexInputRef) time).getIndex()).type();
    CalendarGrid calendar = WindowCalendar.grid(literal(marker, 4, String.class), type);
    long unit = calendar == null ? type.nanosPerUnit() : 1;
    return new WindowSpec(
        WindowSpec.Kind.valueOf(marker.getOperator().getName()),
        time,
        type,
        length(marker, 1, unit),
        length(marker, 2, unit),
        length(marker, 3, unit),
        calendar,
        null);
  }

  /** Whether a watermark says when the window {@code marker} stands for is over. */
  static boolean isOrdered(Pipe input, RexCall marker) {
    return input.timeOf(marker.getOperands().get(0)).isOrdered();
  }

  /** The error of a window that would have to know when it is over. */
  LaminarException unordered(RexCall marker, String mend) {
    return at(
        marker,
        new LaminarException(
                ErrorCode.INVALID_TIME_ATTRIBUTE,
                "a join, INTERSECT or EXCEPT below the window emits rows long after their time, so"
                    + " that no watermark says when the window is over.")
            .mend(
                mend
                    + " or join by time: times that are near each other, equal windows, or FOR"
                    + " SYSTEM_TIME AS OF."));
  }

  private static long length(RexCall marker, int operand, long unit) {
    return nanos(marker, operand) / unit;
  }

  private static long nanos(RexCall marker, int operand) {
    return literal(marker, operand, Long.class);
  }

  private static <T> T literal(RexCall marker, int operand, Class<T> type) {
    return ((RexLiteral) marker.getOperands().get(operand)).getValueAs(type);
  }

  /** Partition keys of a window table function: only sessions have them. */
  static List<RexNode> keys(RexCall marker) {
    return marker.getOperands().subList(WindowFunction.FIXED_OPERANDS, marker.getOperands().size());
  }

  /** Has the watermarks of sources follow a column that is not windowed over. */
  void use(TimeColumn time) {
    time.origins().forEach(origin -> use(origin, null));
  }

  /**
   * Whether watermarks speak, or can be made to speak, of a time attribute: no source is to follow
   * another column.
   *
   * @param declared whether it has to be so already
   */
  boolean canFollow(TimeColumn time, boolean declared) {
    if (!time.isOrdered()) {
      return false;
    }
    for (SourceColumn origin : time.origins()) {
      CatalogObject source = catalog.find(origin.source());
      SourceColumn used = eventTimes.get(origin.source().toLowerCase(Locale.ROOT));
      boolean free = source.eventTime() == null && !declared;
      boolean same =
          source.eventTime() != null
              && source.eventTime().column() == source.schema().indexOf(origin.column());
      if (!free && !same || used != null && !used.equals(origin)) {
        return false;
      }
    }
    return true;
  }

  /** As above for two at once; false when one is null. */
  boolean canFollow(TimeColumn one, TimeColumn other, boolean declared) {
    return one != null
        && other != null
        && canFollow(one, declared)
        && canFollow(other, declared)
        && one.origins().stream()
            .allMatch(origin -> other.origins().stream().allMatch(o -> isTogether(origin, o)));
  }

  /** A source follows one column. */
  private static boolean isTogether(SourceColumn one, SourceColumn other) {
    return !one.source().equalsIgnoreCase(other.source()) || one.equals(other);
  }

  /** Has the sources of a time attribute follow it; {@link #canFollow} has said that they can. */
  void follow(TimeColumn time) {
    for (SourceColumn origin : time.origins()) {
      eventTimes.putIfAbsent(origin.source().toLowerCase(Locale.ROOT), origin);
    }
  }

  private void use(SourceColumn origin, RexCall marker) {
    CatalogObject source = catalog.find(origin.source());
    String key = origin.source().toLowerCase(Locale.ROOT);
    SourceColumn used = eventTimes.putIfAbsent(key, origin);
    int column = source.schema().indexOf(origin.column());
    if (source.eventTime() != null && source.eventTime().column() != column) {
      throw at(marker, Catalog.conflict(source, origin.column()));
    }
    if (used != null && !used.equals(origin)) {
      throw at(
          marker,
          new LaminarException(
                  ErrorCode.INVALID_TIME_ATTRIBUTE,
                  "windows over two columns of source \""
                      + origin.source()
                      + "\", \""
                      + used.column()
                      + "\" and \""
                      + origin.column()
                      + "\": a watermark follows one.")
              .mend("Window over one of them, or read the rows through a second source."));
    }
  }

  private LaminarException noTimeAttribute(Pipe input, RexCall marker, RexNode time) {
    String known =
        input.times().stream()
            .map(t -> "\"" + input.base().schema().field(t.column()).name() + "\"")
            .collect(Collectors.joining(", "));
    String what =
        time instanceof RexInputRef reference
            ? "column \"" + input.base().schema().field(reference.getIndex()).name() + "\""
            : "an expression";
    return at(
        marker,
        new LaminarException(
                ErrorCode.INVALID_TIME_ATTRIBUTE,
                what + " is not a time attribute: no watermark speaks about it.")
            .mend(
                known.isEmpty()
                    ? "Window the stream before its time column is lost."
                    : "Window over " + known + "."));
  }

  /** The error at the place where a table as of a moment is read. */
  LaminarException atTable(String table, LaminarException error) {
    SourcePosition position = rewriter.relations().positionOfTable(table);
    return position == null ? error : error.at(position);
  }

  /** The error at the place of the window. */
  LaminarException at(RexCall marker, LaminarException error) {
    if (marker == null) {
      return error;
    }
    SourcePosition position =
        rewriter
            .relations()
            .positionOfWindow(
                (WindowFunction) marker.getOperator(), Long.toString(nanos(marker, 1)));
    return position == null ? error : error.at(position);
  }

  /**
   * Whether {@code condition} picks among rows that have their session already: rows that it leaves
   * out are part of it. A condition of the session's bounds alone is one of whole sessions.
   */
  static boolean filtersSessions(Pipe input, RexNode condition) {
    RexCall marker = onlyMarker(input.projects());
    if (marker == null || marker.getOperator() != WindowFunction.SESSION) {
      return false;
    }
    RexNode rows = replace(input.compose(condition), marker, input.rex().makeLiteral(true));
    return !RelOptUtil.InputFinder.bits(rows).isEmpty();
  }

  /** Sets aside late rows of {@code input}, that stand in windows of {@code marker}. */
  PlanNode withoutLate(PlanNode input, WindowSpec window) {
    return window.kind() == WindowSpec.Kind.SESSION
        ? input
        : new PlanNode.LateRows(input, window, allowedLatenessNs);
  }

  /** Rows of {@code input} in their windows: what is left of its condition stays above. */
  Pipe assign(Pipe input, RexCall marker) {
    List<RexNode> below = new ArrayList<>();
    List<RexNode> above = new ArrayList<>();
    for (RexNode part : RelOptUtil.conjunctions(input.condition())) {
      (hasMarker(part) ? above : below).add(part);
    }
    WindowSpec window = spec(input, marker);
    boolean ordered = isOrdered(input, marker);
    if (!ordered && window.kind() == WindowSpec.Kind.SESSION) {
      throw unordered(marker, "Group by the session in the same query, with EMIT CHANGES,");
    }
    PlanNode rows = ordered ? input.base() : new PlanNode.Timeless(input.base());
    Schema columns = rows.schema();
    if (!below.isEmpty()) {
      rows =
          new PlanNode.Calc(
              rows,
              RexUtil.composeConjunction(input.rex(), below),
              Pipe.references(input.rex(), columns),
              columns);
    }
    List<Field> fields = new ArrayList<>(columns.fields());
    fields.add(new Field(HiddenColumns.START, window.timeType(), false, false));
    fields.add(new Field(HiddenColumns.END, window.timeType(), false, false));
    boolean isSession = window.kind() == WindowSpec.Kind.SESSION;
    Schema schema =
        new Schema(fields, columns.isChangelog() && !isSession); // rows come out at last
    List<TimeColumn> times = new ArrayList<>(input.times());
    times.add(new TimeColumn(columns.size(), List.of(), ordered));
    times.add(new TimeColumn(columns.size() + 1, List.of(), ordered));
    PlanNode assigned =
        new PlanNode.AssignWindows(rows, keys(marker), window, allowedLatenessNs, schema);
    RexNode bounds =
        input
            .rex()
            .makeCall(
                WindowFunction.BOUNDS,
                Pipe.reference(input.rex(), schema, columns.size()),
                Pipe.reference(input.rex(), schema, columns.size() + 1));
    Pipe base = Pipe.over(input.rex(), assigned, times);
    List<RexNode> projects =
        input.projects().stream().map(p -> base.compose(replace(p, marker, bounds))).toList();
    RexNode condition =
        above.isEmpty()
            ? null
            : base.compose(replace(RexUtil.composeConjunction(input.rex(), above), marker, bounds));
    return new Pipe(input.rex(), assigned, times, condition, projects);
  }

  static RexNode replace(RexNode expression, RexNode part, RexNode by) {
    return expression.accept(
        new RexShuttle() {
          @Override
          public RexNode visitCall(RexCall call) {
            return call.equals(part) ? by : super.visitCall(call);
          }
        });
  }
}
