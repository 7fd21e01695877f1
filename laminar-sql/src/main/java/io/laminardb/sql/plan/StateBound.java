package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupOptions;
import io.laminardb.core.operator.match.MatchSpec;
import io.laminardb.core.operator.match.PathValue;
import io.laminardb.core.operator.over.Frame;
import io.laminardb.core.operator.over.OverMode;
import io.laminardb.core.operator.over.RankKind;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.validate.Intervals;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;

/** What bounds the state of each operator, said in words: the one place that knows. */
final class StateBound {
  static final String NONE = "none";

  private StateBound() {}

  /** The bound of one operator, inputs not counted; "none" where it keeps no rows. */
  static String of(PlanNode node) {
    if (node instanceof PlanNode.Aggregate aggregate) {
      return aggregate(aggregate);
    }
    if (node instanceof PlanNode.Join join) {
      return join(join);
    }
    if (node instanceof PlanNode.ExpiringJoin join) {
      return "rows of both sides whose key came in the last "
          + Intervals.text(join.stateTtlNs())
          + " of processing time";
    }
    if (node instanceof PlanNode.IntervalJoin join) {
      return intervalJoin(join);
    }
    if (node instanceof PlanNode.AsofJoin join) {
      return asofJoin(join);
    }
    if (node instanceof PlanNode.TemporalJoin join) {
      return temporalJoin(join);
    }
    if (node instanceof PlanNode.TableJoin join) {
      return join.schema().isChangelog() ? "what each left row was joined with" : NONE;
    }
    if (node instanceof PlanNode.LookupJoin join) {
      return lookupJoin(join);
    }
    if (node instanceof PlanNode.Over over) {
      return over(over);
    }
    if (node instanceof PlanNode.TopN topN) {
      return topN(topN);
    }
    if (node instanceof PlanNode.Match match) {
      return match(match);
    }
    if (node instanceof PlanNode.SetOp set) {
      if (set.stateTtlNs() > 0) {
        return "distinct rows that came in the last "
            + Intervals.text(set.stateTtlNs())
            + " of processing time";
      }
      return set.atEnd() ? "distinct rows, until the query ends" : "unbounded: all distinct rows";
    }
    if (node instanceof PlanNode.Pace) {
      return "rows that change within a period";
    }
    if (node instanceof PlanNode.AssignWindows assign) {
      return assignWindows(assign);
    }
    if (node instanceof PlanNode.Sort sort) {
      return sort(sort);
    }
    return NONE;
  }

  /**
   * The bound of the content that a view keeps.
   *
   * @param key columns of which no two of its rows are alike, or null
   */
  static String ofView(Schema content, List<Integer> key) {
    if (!content.isChangelog()) {
      return "unbounded: all rows of the result";
    }
    return key == null
        ? "the present rows of the result"
        : key.isEmpty() ? "one row" : "the present row x keys of " + OverText.names(key, content);
  }

  // ---- aggregates and windows

  private static String aggregate(PlanNode.Aggregate aggregate) {
    return groups(aggregate) + values(aggregate);
  }

  private static String groups(PlanNode.Aggregate aggregate) {
    if (aggregate.emission() == Emission.ON_END) {
      return aggregate.keys().isEmpty() && aggregate.window() == null
          ? "one row"
          : "one row a group, until the query ends";
    }
    if (aggregate.expires()) {
      return "keys of "
          + keys(aggregate)
          + " that came in the last "
          + Intervals.text(aggregate.stateTtlNs())
          + " of processing time";
    }
    if (aggregate.window() == null) {
      boolean canExpire = aggregate.calls().stream().noneMatch(AggregateCall::distinct);
      return aggregate.keys().isEmpty()
          ? "one row"
          : unbounded(keys(aggregate)) + (canExpire ? " or state_ttl" : "");
    }
    String keys = aggregate.keys().isEmpty() ? "" : " x keys of " + keys(aggregate);
    if (aggregate.input() instanceof PlanNode.Timeless) {
      return "unbounded: all windows" + keys;
    }
    if (aggregate.window().kind() == WindowSpec.Kind.SESSION) {
      boolean keepsRows = aggregate.input().schema().isChangelog();
      return (keepsRows ? "rows of open sessions" : "open sessions") + keys;
    }
    if (aggregate.window().kind() == WindowSpec.Kind.INSTANT) {
      String time = PlanText.expression(aggregate.window().time(), aggregate.input().schema());
      return "one row" + keys + ", until " + time + " is behind the watermark";
    }
    long windows = openWindows(aggregate);
    String open = windows + (windows == 1 ? " open window" : " open windows") + keys;
    return aggregate.window().keyTime() == null
        ? open
        : open + ", and a watermark for each key until its idle_timeout";
  }

  private static String unbounded(String columns) {
    return "unbounded in " + columns + ": add a window";
  }

  /** Windows open at a time when rows come in order. */
  private static long openWindows(PlanNode.Aggregate aggregate) {
    WindowSpec window = aggregate.window();
    long unit =
        window.calendar() == null
            ? window.timeType().nanosPerUnit()
            : window.calendar().leastSeconds() * TimeUnits.NANOS_PER_SECOND;
    long late = (aggregate.allowedLatenessNs() + unit - 1) / unit;
    long span = window.size() + late;
    return (span + window.slide() - 1) / window.slide();
  }

  /** The values that a group has to remember one by one, as they are told apart or taken back. */
  private static String values(PlanNode.Aggregate aggregate) {
    Set<String> values = valuesKept(aggregate);
    if (values.isEmpty()) {
      return "";
    }
    boolean ends = aggregate.window() != null || aggregate.emission() == Emission.ON_END;
    String kept = String.join(", ", values);
    if (ends) {
      return ", and the values of " + kept;
    }
    return aggregate.keys().isEmpty()
        ? ", and values: " + unbounded(kept)
        : ", and the values of " + kept;
  }

  private static Set<String> valuesKept(PlanNode.Aggregate aggregate) {
    Schema input = aggregate.input().schema();
    Set<String> kept = new LinkedHashSet<>();
    for (AggregateCall call : aggregate.calls()) {
      boolean perValue =
          switch (call.kind()) {
            case MIN, MAX, FIRST, LAST -> input.isChangelog();
            case QUANTILE_CONT, QUANTILE_DISC, MODE, STRING_AGG, ARRAY_AGG, MAP_AGG -> true;
            case BIT_AND, BIT_OR, APPROX_COUNT_DISTINCT, USER -> false;
            case COUNT, SUM, AVG, STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP, BIT_XOR ->
                call.distinct();
          };
      if (perValue) {
        for (RexNode argument : call.arguments()) {
          partsOf(argument).forEach(part -> kept.add(PlanText.expression(part, input)));
        }
      }
    }
    return kept;
  }

  /** An argument, or what an entry is made of. */
  private static List<RexNode> partsOf(RexNode argument) {
    return argument instanceof RexCall call && call.getOperator() == Functions.ENTRY
        ? call.getOperands().stream().skip(1).map(RexUtil::removeCast).toList()
        : List.of(argument);
  }

  /** Whether state grows with every new key, for ever. */
  static boolean isUnbounded(PlanNode.Aggregate aggregate) {
    return (aggregate.window() == null || aggregate.input() instanceof PlanNode.Timeless)
        && aggregate.emission() != Emission.ON_END
        && !aggregate.expires()
        && !(aggregate.window() == null
            && aggregate.keys().isEmpty()
            && valuesKept(aggregate).isEmpty());
  }

  /** What the state grows with. */
  static String growsWith(PlanNode.Aggregate aggregate) {
    return aggregate.keys().isEmpty() ? String.join(", ", valuesKept(aggregate)) : keys(aggregate);
  }

  private static String keys(PlanNode.Aggregate aggregate) {
    return aggregate.schema().fields().subList(0, aggregate.keys().size()).stream()
        .map(field -> field.name())
        .collect(Collectors.joining(", "));
  }

  private static String match(PlanNode.Match match) {
    String keys =
        match.partition().isEmpty()
            ? ""
            : " x keys of " + OverText.names(match.partition(), match.input().schema());
    long most = match.clause().pattern().maxRows();
    String rows =
        isUnbounded(match)
            ? "unbounded: all rows since the first of a match that may still come; add WITHIN"
            : match.spanUnits() == MatchSpec.UNBOUNDED
                ? most + (most == 1 ? " row" : " rows") + keys
                : "rows of "
                    + Intervals.text(match.clause().withinNs())
                    + keys
                    + ", and partial matches of them";
    return rows + (remembersPartitions(match) ? "; a row" + keys + " for ever" : "");
  }

  /** Whether something of a partition is kept when no match of it is under way. */
  private static boolean remembersPartitions(PlanNode.Match match) {
    return Stream.concat(match.asked().stream(), match.measures().stream())
            .anyMatch(v -> v.kind() == PathValue.Kind.MATCH_NUMBER)
        || MatchSpec.rowsBehind(
                match.automaton(), match.asked(), match.askedFor(), match.measures())
            > 0;
  }

  /** Whether rows of a match that never ends are kept for ever. */
  static boolean isUnbounded(PlanNode.Match match) {
    return match.spanUnits() == MatchSpec.UNBOUNDED
        && match.clause().pattern().maxRows() == Long.MAX_VALUE;
  }

  private static String assignWindows(PlanNode.AssignWindows assign) {
    if (assign.window().kind() != WindowSpec.Kind.SESSION) {
      return NONE;
    }
    Schema input = assign.input().schema();
    String keys =
        assign.keys().stream()
            .map(key -> PlanText.expression(key, input))
            .collect(Collectors.joining(", "));
    return "rows of open sessions" + (keys.isEmpty() ? "" : " x keys of " + keys);
  }

  // ---- joins

  private static String join(PlanNode.Join join) {
    if (join.time() != null) {
      return "rows of both sides in open windows";
    }
    return isUnbounded(join)
        ? "unbounded: all rows of both sides"
        : "rows of both sides, until the query ends";
  }

  /** Whether state grows with every new row, for ever. */
  static boolean isUnbounded(PlanNode.Join join) {
    return join.time() == null && !join.unmatchedAtEnd();
  }

  private static String intervalJoin(PlanNode.IntervalJoin join) {
    long unit = join.nanosPerUnit();
    return "left rows of the last "
        + Intervals.text(TimeUnits.toNanos(Math.max(0, join.upper()), unit))
        + ", right rows of the last "
        + Intervals.text(TimeUnits.toNanos(Math.max(0, -join.lower()), unit))
        + (join.join().keys().isEmpty() ? "" : " per key")
        + ", and how far one input is behind the other";
  }

  private static String asofJoin(PlanNode.AsofJoin join) {
    return switch (join.mode()) {
      case EVENT_TIME ->
          (join.comparison().isBackward() ? "one right row" : "left rows without a right row yet,")
              + " x keys, and how far one input is behind the other";
      case CHANGES -> "unbounded: all rows of both sides";
      case ON_END -> "rows of both sides, until the query ends";
    };
  }

  private static String temporalJoin(PlanNode.TemporalJoin join) {
    boolean present = join.rowTime() < 0;
    if (isUnbounded(join)) {
      return "unbounded: all " + (present ? "rows" : "versions") + " of the right side";
    }
    return present
        ? "the present rows of the right side"
            + (join.schema().isChangelog() ? ", and what each left row was joined with" : "")
        : "one version x keys, and how far one input is behind the other";
  }

  private static String lookupJoin(PlanNode.LookupJoin join) {
    LookupOptions options = join.connector().options();
    return "at most "
        + options.cacheRows()
        + " rows of the table for "
        + Intervals.text(options.cacheTtl().toNanos())
        + ", and "
        + options.maxInFlight()
        + " rows that wait for it"
        + (join.schema().isChangelog() ? ", and what each left row was joined with" : "");
  }

  /** Whether state grows with every row or version of the table, for ever. */
  static boolean isUnbounded(PlanNode.TemporalJoin join) {
    return join.rowTime() < 0
        ? !join.join().right().schema().isChangelog()
        : join.schema().isChangelog();
  }

  // ---- OVER, Top-N, ORDER BY

  private static String over(PlanNode.Over over) {
    Schema input = over.input().schema();
    if (over.mode() != null) {
      return allRows(over.mode(), input);
    }
    boolean frames = false;
    boolean following = false;
    long rows = 0;
    for (PlanNode.OverCall call : over.calls()) {
      switch (call.function()) {
        case LAG -> rows = Math.max(rows, call.count());
        case LEAD -> following = true;
        default -> {
          frames |= call.frame() != null && !call.frame().isFromStart();
          following |= call.frame() != null && call.frame().end().kind() == Frame.Kind.FOLLOWING;
        }
      }
    }
    return "rows not behind the watermark"
        + (following ? " or that wait for those that follow" : "")
        + (frames ? ", those in a frame" : "")
        + (rows > 0 ? ", " + rows(rows) : ", one row")
        + perPartition(over.partition(), input);
  }

  private static String topN(PlanNode.TopN topN) {
    Schema input = topN.input().schema();
    if (input.isChangelog()) {
      return allRows(topN.mode(), input);
    }
    if (topN.mode() == null) {
      String keys = topN.partition().isEmpty() ? "" : ", keys of ";
      return "rows not behind the watermark" + keys + OverText.names(topN.partition(), input);
    }
    String until =
        topN.mode().stateTtlNs() > 0
            ? "," + recent(topN.mode())
            : topN.mode().timeColumn() < 0 ? "" : until(topN.mode(), input);
    String peers = topN.kind() == RankKind.ROW_NUMBER ? "" : " and their peers";
    return rows(topN.last()) + peers + perPartition(topN.partition(), input) + until;
  }

  private static String allRows(OverMode mode, Schema input) {
    if (mode.stateTtlNs() > 0) {
      return "all rows" + recent(mode);
    }
    return mode.timeColumn() >= 0
        ? "all rows" + until(mode, input)
        : mode.isFinal() ? "all rows, until the query ends" : "unbounded: all rows";
  }

  /** Whether state grows with every row, for ever. */
  static boolean isUnbounded(PlanNode.Over over) {
    return over.mode() != null
        && !over.mode().isFinal()
        && over.mode().timeColumn() < 0
        && over.mode().stateTtlNs() == 0;
  }

  private static String recent(OverMode mode) {
    return " of partitions that got some in the last "
        + Intervals.text(mode.stateTtlNs())
        + " of processing time";
  }

  private static String until(OverMode mode, Schema input) {
    return ", until " + input.field(mode.timeColumn()).name() + " is behind the watermark";
  }

  private static String perPartition(List<Integer> partition, Schema input) {
    return partition.isEmpty() ? "" : " x keys of " + OverText.names(partition, input);
  }

  private static String sort(PlanNode.Sort sort) {
    boolean takesFirst = sort.keys().isEmpty() && sort.limit() >= 0;
    return (takesFirst ? rows(sort.offset() + sort.limit()) : "all rows")
        + ", until the query ends";
  }

  private static String rows(long count) {
    return count + (count == 1 ? " row" : " rows");
  }
}
