package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.over.Frame;
import io.laminardb.core.operator.over.OverFunction;
import io.laminardb.core.operator.over.OverMode;
import io.laminardb.sql.validate.Intervals;
import io.laminardb.sql.validate.MatchClause;
import java.util.List;
import java.util.stream.Collectors;

/** Functions over partitions as text. */
final class OverText {
  private OverText() {}

  static String over(PlanNode.Over over) {
    Schema input = over.input().schema();
    String calls =
        over.calls().stream().map(call -> call(call, input)).collect(Collectors.joining(", "));
    return (calls.isEmpty() ? "Wait" : "Over " + calls)
        + partition(over.partition(), input)
        + order(over.keys(), input)
        + PlanText.perKey(over.keyTime(), input)
        + emit(over.mode(), over.schema());
  }

  static String topN(PlanNode.TopN topN) {
    Schema input = topN.input().schema();
    String kind = topN.kind().name().replace("WITH_TIES", "ROW_NUMBER WITH TIES");
    String ranks =
        topN.first() == topN.last()
            ? " = " + topN.last()
            : (topN.first() == 1 ? " <= " : " FROM " + topN.first() + " TO ") + topN.last();
    return (topN.isDeduplication() ? "Deduplicate" : "TopN " + kind + ranks)
        + partition(topN.partition(), input)
        + order(topN.keys(), input)
        + (topN.hasRank() ? " WITH RANK" : "")
        + emit(topN.mode(), topN.schema());
  }

  static String match(PlanNode.Match match) {
    MatchClause clause = match.clause();
    String skip =
        switch (clause.skip().to()) {
          case PAST_LAST -> "PAST LAST ROW";
          case NEXT -> "TO NEXT ROW";
          case FIRST, LAST -> "TO " + clause.skip().to() + " " + clause.skip().name();
        };
    String rows =
        switch (clause.rows()) {
          case ONE -> "ONE ROW PER MATCH";
          case ALL -> "ALL ROWS PER MATCH";
          case ALL_OMIT_EMPTY -> "ALL ROWS PER MATCH OMIT EMPTY MATCHES";
          case ALL_WITH_UNMATCHED -> "ALL ROWS PER MATCH WITH UNMATCHED ROWS";
        };
    Schema input = match.input().schema();
    return "MatchRecognize PATTERN ("
        + clause.patternText()
        + ")"
        + (clause.within() == null ? "" : " WITHIN " + Intervals.text(clause.withinNs()))
        + partition(match.partition(), input)
        + order(match.keys(), input)
        + PlanText.perKey(match.keyTime(), input)
        + " "
        + rows
        + " AFTER MATCH SKIP "
        + skip;
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
    return frame.unit()
        + " "
        + bound(frame.start())
        + " TO "
        + bound(frame.end())
        + (frame.excludes() ? " EXCLUDE " + frame.without().name().replace('_', ' ') : "");
  }

  private static String bound(Frame.Bound bound) {
    String kind = bound.kind().name().replace('_', ' ');
    return switch (bound.kind()) {
      case PRECEDING, FOLLOWING ->
          bound.months() > 0
              ? bound.months() + " MONTH " + kind
              : (bound.high() == 0 && bound.distance() == bound.offset()
                      ? Long.toString(bound.offset())
                      : bound.distance())
                  + " "
                  + kind;
      default -> kind;
    };
  }

  private static String partition(List<Integer> columns, Schema input) {
    return columns.isEmpty() ? "" : " PARTITION BY " + names(columns, input);
  }

  /** Columns by their names. */
  static String names(List<Integer> columns, Schema input) {
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
}
