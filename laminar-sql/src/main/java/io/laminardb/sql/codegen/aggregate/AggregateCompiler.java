package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.aggregate.AggregateSpec;
import io.laminardb.core.operator.aggregate.EmitMode;
import io.laminardb.core.operator.aggregate.RunningAggregateOperator;
import io.laminardb.core.operator.window.AssignSessionsOperator;
import io.laminardb.core.operator.window.AssignWindowsOperator;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.core.operator.window.KeyedWindowOperator;
import io.laminardb.core.operator.window.LateRowsOperator;
import io.laminardb.core.operator.window.SessionAggregateOperator;
import io.laminardb.core.operator.window.WindowAggregateOperator;
import io.laminardb.core.operator.window.WindowShape;
import io.laminardb.sql.codegen.RexTypes;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.WindowSpec;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

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
    KeyTime keyTime = plan.window() == null ? null : plan.window().keyTime();
    boolean fuses =
        AggregateGenerator.isFusible(plan)
            && (window == null || window.hasOneState(mode))
            && keyTime == null
            && !plan.expires();
    AggregateGenerator generator = new AggregateGenerator(plan, fuses, name);
    AggregateGenerator.Result generated =
        (plan.expires() ? generator.expiring() : generator).generate();
    AggregateSpec spec =
        new AggregateSpec(
            generated.kernel(),
            generated.shape(),
            mode,
            mode == EmitMode.EVERY ? plan.emitEveryNs() : 0,
            plan.expires()
                ? new AggregateSpec.Expiry(plan.stateTtlNs(), generated.expiryOffset())
                : null);
    String source = generated.kernel().source();
    if (window == null) {
      return RunningAggregateOperator.factory(spec, source);
    }
    if (window.kind() == WindowShape.Kind.SESSION) {
      return SessionAggregateOperator.factory(spec, window, keyTime, source);
    }
    if (keyTime != null) {
      return KeyedWindowOperator.factory(spec, window, keyTime, source);
    }
    return WindowAggregateOperator.factory(spec, window, source);
  }

  /**
   * The operator that copies rows into their windows.
   *
   * @param name what the rows are called, for stack traces and profiles
   * @throws LaminarException INVALID_WINDOW
   */
  public static OperatorFactory assignWindows(PlanNode.AssignWindows plan, String name) {
    boolean isSession = plan.window().kind() == WindowSpec.Kind.SESSION;
    Schema input = plan.input().schema();
    List<Field> fields = new ArrayList<>();
    for (RexNode key : plan.keys()) {
      fields.add(Field.of("key" + fields.size(), RexTypes.of(key.getType())));
    }
    fields.addAll(plan.schema().fields().subList(plan.schema().size() - 2, plan.schema().size()));
    AggregateGenerator.Result generated =
        new AggregateGenerator(
                input,
                null,
                plan.keys(),
                plan.window(),
                List.of(),
                new Schema(fields, false),
                PlanNode.Emission.ON_WINDOW_CLOSE,
                isSession,
                false,
                name)
            .generate();
    WindowShape window = shape(plan.window(), plan.allowedLatenessNs());
    String source = generated.kernel().source();
    if (isSession) {
      AggregateSpec spec =
          new AggregateSpec(generated.kernel(), generated.shape(), EmitMode.ON_CLOSE, 0);
      return AssignSessionsOperator.factory(spec, window, input, plan.schema(), source);
    }
    return AssignWindowsOperator.factory(
        generated.kernel(), generated.shape(), plan.schema(), window, source);
  }

  /** The operator that sets late rows aside. */
  public static OperatorFactory lateRows(PlanNode.LateRows plan) {
    int time = ((RexInputRef) plan.window().time()).getIndex();
    return new LateRowsOperator.Factory(
        plan.schema(), time, shape(plan.window(), plan.allowedLatenessNs()));
  }

  private static WindowShape shape(WindowSpec window, long allowedLatenessNs) {
    WindowShape shape =
        new WindowShape(
            window.kind() == WindowSpec.Kind.INSTANT
                ? WindowShape.Kind.TUMBLE
                : WindowShape.Kind.valueOf(window.kind().name()),
            window.size(),
            window.slide(),
            window.offset(),
            window.timeType().nanosPerUnit(),
            allowedLatenessNs,
            window.calendar());
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
