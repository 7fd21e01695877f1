package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.over.Frame;
import io.laminardb.core.operator.over.OverFunction;
import io.laminardb.core.operator.over.OverMode;
import java.util.List;
import java.util.stream.Collectors;

/** Functions over partitions as text, with the bound of their state. */
final class OverText {
  private OverText() {}

  static String over(PlanNode.Over over) {
    Schema input = over.input().schema();
    return "Over "
        + over.calls().stream().map(call -> call(call, input)).collect(Collectors.joining(", "))
        + partition(over.partition(), input)
        + order(over.keys(), input)
        + emit(over.mode(), over.schema())
        + "  -- state: "
        + bound(over);
  }

  static String topN(PlanNode.TopN topN) {
    Schema input = topN.input().schema();
    return "TopN "
        + topN.kind()
        + (topN.first() == topN.last()
            ? " = " + topN.last()
            : (topN.first() == 1 ? " <= " : " FROM " + topN.first() + " TO ") + topN.last())
        + partition(topN.partition(), input)
        + order(topN.keys(), input)
        + (topN.hasRank() ? " WITH RANK" : "")
        + emit(topN.mode(), topN.schema())
        + "  -- state: "
        + bound(topN);
  }

  private static String call(PlanNode.OverCall call, Schema input) {
    String frame = call.frame() == null ? "" : " " + frame(call.frame());
    if (call.function() == OverFunction.AGGREGATE) {
      return PlanText.call(call.aggregate(), input) + frame;
    }
    String argument = call.argument() < 0 ? "" : input.field(call.argument()).name();
    String count =
        switch (call.function()) {
          case LAG, LEAD, NTH_VALUE -> ", " + call.count();
          case NTILE -> Long.toString(call.count());
          default -> "";
        };
    String nulls = call.ignoreNulls() ? " IGNORE NULLS" : "";
    return call.function() + "(" + argument + count + ")" + nulls + frame;
  }

  private static String frame(Frame frame) {
    return frame.unit() + " " + bound(frame.start()) + " TO " + bound(frame.end());
  }

  private static String bound(Frame.Bound bound) {
    String kind = bound.kind().name().replace('_', ' ');
    return switch (bound.kind()) {
      case PRECEDING, FOLLOWING ->
          (bound.distance() == bound.offset() ? Long.toString(bound.offset()) : bound.distance())
              + " "
              + kind;
      default -> kind;
    };
  }

  private static String partition(List<Integer> columns, Schema input) {
    return columns.isEmpty() ? "" : " PARTITION BY " + names(columns, input);
  }

  private static String names(List<Integer> columns, Schema input) {
    return columns.stream().map(i -> input.field(i).name()).collect(Collectors.joining(", "));
  }

  private static String order(List<PlanNode.SortKey> keys, Schema input) {
    return keys.isEmpty() ? "" : " ORDER BY " + PlanText.sortKeys(keys, input);
  }

  private static String emit(OverMode mode, Schema schema) {
    return mode == null
        ? " EMIT IN TIME ORDER"
        : !mode.isFinal()
            ? " EMIT CHANGES"
            : mode.timeColumn() < 0
                ? " EMIT ON END"
                : " EMIT WHEN " + schema.field(mode.timeColumn()).name() + " HAS PASSED";
  }

  private static String bound(PlanNode.Over over) {
    Schema input = over.input().schema();
    String keys = keys(over.partition(), input);
    if (over.mode() != null) {
      return all(over.mode(), input);
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
        + (rows > 0 ? ", " + rows + (rows == 1 ? " row" : " rows") : ", one row")
        + keys;
  }

  private static String bound(PlanNode.TopN topN) {
    Schema input = topN.input().schema();
    if (input.isChangelog()) {
      return all(topN.mode(), input);
    }
    String until = topN.mode().timeColumn() < 0 ? "" : until(topN.mode(), input);
    return topN.last()
        + (topN.last() == 1 ? " row" : " rows")
        + keys(topN.partition(), input)
        + until;
  }

  private static String all(OverMode mode, Schema input) {
    return mode.timeColumn() >= 0
        ? "all rows" + until(mode, input)
        : mode.isFinal() ? "all rows, until the query ends" : "unbounded: all rows";
  }

  private static String until(OverMode mode, Schema input) {
    return ", until " + input.field(mode.timeColumn()).name() + " is behind the watermark";
  }

  private static String keys(List<Integer> partition, Schema input) {
    return partition.isEmpty() ? "" : " x keys of " + names(partition, input);
  }

  /** Whether state grows with every row, for ever. */
  static boolean isUnbounded(PlanNode.Over over) {
    return over.mode() != null && !over.mode().isFinal() && over.mode().timeColumn() < 0;
  }
}
