package io.laminardb.sql.plan;

import io.laminardb.core.time.TimeUnits;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.validate.Intervals;
import java.util.List;
import java.util.stream.Collectors;

/** What bounds the state of an aggregate, said in words. */
final class StateBound {
  private StateBound() {}

  static String of(PlanNode.Aggregate aggregate) {
    if (aggregate.emission() == Emission.ON_END) {
      return aggregate.keys().isEmpty() && aggregate.window() == null
          ? "one row"
          : "one row a group, until the query ends";
    }
    if (aggregate.window() == null) {
      return aggregate.keys().isEmpty()
          ? "one row"
          : "unbounded in " + keys(aggregate) + ": add a window";
    }
    String keys = aggregate.keys().isEmpty() ? "" : " x keys of " + keys(aggregate);
    if (aggregate.window().kind() == WindowSpec.Kind.SESSION) {
      boolean keepsRows = aggregate.input().schema().isChangelog();
      return (keepsRows ? "rows of open sessions" : "open sessions") + keys;
    }
    long windows = openWindows(aggregate);
    String open = windows + (windows == 1 ? " open window" : " open windows") + keys;
    return aggregate.window().keyTime() == null
        ? open
        : open + ", and a watermark for each key until its idle_timeout";
  }

  static String of(PlanNode.IntervalJoin join) {
    long unit = join.nanosPerUnit();
    return "left rows of "
        + Intervals.text(TimeUnits.toNanos(Math.max(0, join.upper()), unit))
        + ", right rows of "
        + Intervals.text(TimeUnits.toNanos(Math.max(0, -join.lower()), unit))
        + ", and how far one input is behind the other";
  }

  static String of(PlanNode.AsofJoin join) {
    return switch (join.mode()) {
      case EVENT_TIME ->
          (join.comparison().isBackward() ? "one right row" : "left rows without a right row yet,")
              + " x keys, and how far one input is behind the other";
      case CHANGES -> "unbounded: all rows of both sides";
      case ON_END -> "rows of both sides, until the query ends";
    };
  }

  static String of(PlanNode.Join join) {
    if (join.time() != null) {
      return "rows of both sides in open windows";
    }
    return join.unmatchedAtEnd()
        ? "rows of both sides, until the query ends"
        : "unbounded: all rows of both sides";
  }

  /** Whether state grows with every new row, for ever. */
  static boolean isUnbounded(PlanNode.Join join) {
    return join.time() == null && !join.unmatchedAtEnd();
  }

  static String of(PlanNode.SetOp set) {
    return set.atEnd() ? "distinct rows, until the query ends" : "unbounded: all distinct rows";
  }

  /** Windows open at a time when rows come in order. */
  private static long openWindows(PlanNode.Aggregate aggregate) {
    WindowSpec window = aggregate.window();
    long unit = window.timeType().nanosPerUnit();
    long late = (aggregate.allowedLatenessNs() + unit - 1) / unit;
    long span = window.size() + late;
    return (span + window.slide() - 1) / window.slide();
  }

  /** Whether state grows with every new key, for ever. */
  static boolean isUnbounded(PlanNode.Aggregate aggregate) {
    return aggregate.window() == null
        && aggregate.emission() != Emission.ON_END
        && !aggregate.keys().isEmpty();
  }

  static String keys(PlanNode.Aggregate aggregate) {
    List<String> names =
        aggregate.schema().fields().subList(0, aggregate.keys().size()).stream()
            .map(field -> field.name())
            .toList();
    return names.stream().collect(Collectors.joining(", "));
  }
}
