package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.over.Frame;
import io.laminardb.core.operator.over.LookBackOperator;
import io.laminardb.core.operator.over.OverFunction;
import io.laminardb.core.operator.over.OverOperator;
import io.laminardb.core.operator.over.OverSpec;
import io.laminardb.core.operator.over.TimeOrderOverOperator;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.OverCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From functions over partitions to operators. Stateless; any thread. */
public final class OverCompiler {
  private OverCompiler() {}

  /**
   * The operator of an Over.
   *
   * @param name what the rows are called, for stack traces and profiles
   */
  public static OperatorFactory over(PlanNode.Over plan, String name) {
    Map<Frame, List<AggregateCall>> aggregates = new LinkedHashMap<>();
    List<OverSpec.Call> calls = new ArrayList<>();
    for (OverCall call : plan.calls()) {
      int result = -1;
      if (call.frame() != null) {
        List<AggregateCall> inFrame =
            aggregates.computeIfAbsent(call.frame(), frame -> new ArrayList<>());
        if (call.function() == OverFunction.AGGREGATE) {
          result = inFrame.size();
          inFrame.add(call.aggregate());
        }
      }
      calls.add(
          new OverSpec.Call(
              call.function(),
              call.argument(),
              call.count(),
              call.otherwise(),
              call.ignoreNulls(),
              call.frame() == null ? -1 : List.copyOf(aggregates.keySet()).indexOf(call.frame()),
              result));
    }
    StringBuilder source = new StringBuilder();
    List<OverSpec.FrameSpec> frames = new ArrayList<>();
    aggregates.forEach(
        (frame, inFrame) -> frames.add(frame(frame, inFrame, plan.input().schema(), name, source)));
    OverSpec spec =
        new OverSpec(
            plan.input().schema(),
            plan.partition(),
            plan.keys().stream()
                .map(key -> new SortOperator.Key(key.column(), key.descending(), key.nullsFirst()))
                .toList(),
            frames,
            calls,
            plan.schema());
    String generated = source.isEmpty() ? null : source.toString();
    if (plan.mode() == null && plan.keyTime() == null && LookBackOperator.isAbleTo(spec)) {
      return new LookBackOperator.Factory(spec, Long.MAX_VALUE);
    }
    return plan.mode() == null
        ? new TimeOrderOverOperator.Factory(spec, plan.keyTime(), generated)
        : new OverOperator.Factory(spec, plan.mode(), generated);
  }

  private static OverSpec.FrameSpec frame(
      Frame frame, List<AggregateCall> calls, Schema input, String name, StringBuilder source) {
    if (calls.isEmpty()) {
      return new OverSpec.FrameSpec(frame, null, null, false);
    }
    List<Field> results = calls.stream().map(AggregateCall::output).toList();
    boolean slides =
        frame.excludes()
            ? calls.stream().allMatch(OverCompiler::comesBackTheSame)
            : !frame.isFromStart() && calls.stream().allMatch(OverCompiler::isTakenBackExactly);
    AggregateGenerator.Result generated =
        new AggregateGenerator(
                input.withChangelog(slides),
                null,
                List.of(),
                null,
                calls,
                new Schema(results, false),
                PlanNode.Emission.ON_END,
                false,
                false,
                name)
            .inFrames()
            .generate();
    source.append(generated.kernel().source());
    return new OverSpec.FrameSpec(frame, generated.kernel(), generated.shape(), slides);
  }

  /** Whether a row taken back and added again, behind others now, changes nothing. */
  private static boolean comesBackTheSame(AggregateCall call) {
    return switch (call.kind()) {
      case FIRST, LAST, STRING_AGG, ARRAY_AGG, MAP_AGG, MODE -> false;
      default -> isTakenBackExactly(call);
    };
  }

  /** Whether a row taken back leaves what would be there without it: not of rounded sums. */
  private static boolean isTakenBackExactly(AggregateCall call) {
    return switch (call.kind()) {
      case COUNT, MIN, MAX, FIRST, LAST -> true;
      case BIT_AND, BIT_OR, BIT_XOR, QUANTILE_CONT, QUANTILE_DISC, MODE -> true;
      case STRING_AGG, ARRAY_AGG, MAP_AGG -> true;
      case SUM, AVG ->
          switch (call.arguments().get(0).getType().getSqlTypeName()) {
            case DOUBLE, FLOAT, REAL -> false;
            default -> true;
          };
      case STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP, APPROX_COUNT_DISTINCT, USER -> false;
    };
  }
}
