package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.aggregate.AggregateSpec;
import io.laminardb.core.operator.aggregate.EmitMode;
import io.laminardb.core.operator.aggregate.RunningAggregateOperator;
import io.laminardb.core.operator.window.AssignWindowsOperator;
import io.laminardb.core.operator.window.SessionAggregateOperator;
import io.laminardb.core.operator.window.WindowAggregateOperator;
import io.laminardb.core.operator.window.WindowShape;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.WindowSpec;
import java.util.List;

/** From aggregations of a plan to operators. Stateless; any thread. */
public final class AggregateCompiler {
  private static final long MAX_WINDOWS_PER_ROW = 100_000;

  private AggregateCompiler() {}

  /**
   * The operator of an aggregation.
   *
   * @param name what the rows are called, for stack traces and profiles
   * @throws LaminarException NOT_SUPPORTED, INVALID_WINDOW, QUERY_TOO_COMPLEX
   */
  public static OperatorFactory aggregate(PlanNode.Aggregate plan, String name) {
    EmitMode mode =
        switch (plan.emission()) {
          case ON_WINDOW_CLOSE, ON_END -> EmitMode.ON_CLOSE;
          case CHANGES -> EmitMode.CHANGES;
          case EVERY -> EmitMode.EVERY;
        };
    WindowShape window =
        plan.window() == null ? null : shape(plan.window(), plan.allowedLatenessNs());
    if (window != null
        && window.kind() == WindowShape.Kind.SESSION
        && plan.input().schema().isChangelog()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "SESSION windows over a changelog are not supported.")
          .mend("Use a TUMBLE or HOP window, or read an append-only stream.");
    }
    boolean fuses =
        AggregateGenerator.isFusible(plan) && (window == null || window.hasOneState(mode));
    AggregateGenerator.Result generated = new AggregateGenerator(plan, fuses, name).generate();
    AggregateSpec spec =
        new AggregateSpec(
            generated.kernel(),
            generated.shape(),
            mode,
            mode == EmitMode.EVERY ? plan.emitEveryNs() : 0);
    String source = generated.kernel().source();
    if (window == null) {
      return RunningAggregateOperator.factory(spec, source);
    }
    return window.kind() == WindowShape.Kind.SESSION
        ? SessionAggregateOperator.factory(spec, window, source)
        : WindowAggregateOperator.factory(spec, window, source);
  }

  /**
   * The operator that copies rows into their windows.
   *
   * @param name what the rows are called, for stack traces and profiles
   * @throws LaminarException NOT_SUPPORTED for SESSION, INVALID_WINDOW
   */
  public static OperatorFactory assignWindows(PlanNode.AssignWindows plan, String name) {
    if (plan.window().kind() == WindowSpec.Kind.SESSION) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "SESSION windows without an aggregation are not supported.")
          .mend("GROUP BY session(..) over the rows.");
    }
    List<Field> bounds =
        plan.schema().fields().subList(plan.schema().size() - 2, plan.schema().size());
    AggregateGenerator.Result generated =
        new AggregateGenerator(
                plan.input().schema(),
                null,
                List.of(),
                plan.window(),
                List.of(),
                new Schema(bounds, false),
                PlanNode.Emission.ON_WINDOW_CLOSE,
                false,
                name)
            .generate();
    return AssignWindowsOperator.factory(
        generated.kernel(),
        generated.shape(),
        plan.schema(),
        shape(plan.window(), 0),
        generated.kernel().source());
  }

  private static WindowShape shape(WindowSpec window, long allowedLatenessNs) {
    WindowShape shape =
        new WindowShape(
            WindowShape.Kind.valueOf(window.kind().name()),
            window.size(),
            window.slide(),
            window.offset(),
            window.timeType().nanosPerUnit(),
            allowedLatenessNs);
    if (shape.windowsPerRow() > MAX_WINDOWS_PER_ROW) {
      throw new LaminarException(
              ErrorCode.INVALID_WINDOW,
              "each row would belong to "
                  + shape.windowsPerRow()
                  + " windows, more than "
                  + MAX_WINDOWS_PER_ROW
                  + ".")
          .mend("Let the window slide further, or make it shorter.");
    }
    return shape;
  }
}
