package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Recall;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes filters and projections. Immutable. */
public final class CalcFactory implements OperatorFactory {
  private final Schema outputSchema;
  private final String source;
  private final Function<OperatorContext, Operator> maker;

  private CalcFactory(
      Schema outputSchema, String source, Function<OperatorContext, Operator> maker) {
    this.outputSchema = outputSchema;
    this.source = source;
    this.maker = maker;
  }

  /** One that runs a generated kernel. */
  public static CalcFactory of(
      Schema outputSchema, Supplier<? extends CalcKernel> kernel, String source) {
    return new CalcFactory(
        outputSchema, source, context -> new CalcOperator(outputSchema, kernel.get(), context));
  }

  /** One that only picks columns of its input; nothing is copied. */
  public static CalcFactory columns(Schema outputSchema, int[] columns) {
    int[] picked = columns.clone();
    return new CalcFactory(outputSchema, null, context -> new PickOperator(outputSchema, picked));
  }

  /**
   * One that passes all rows, append-only ones, with columns of its input beside computed ones.
   *
   * @param computed what the kernel computes
   * @param columns of each output column, the input column it is; -1 for the next computed one
   */
  public static CalcFactory extending(
      Schema outputSchema,
      Schema computed,
      Supplier<? extends CalcKernel> kernel,
      int[] columns,
      String source) {
    int[] sources = columns.clone();
    return new CalcFactory(
        outputSchema,
        source,
        context -> new ExtendOperator(outputSchema, computed, kernel.get(), sources, context));
  }

  @Override
  public Recall recall() {
    return Recall.FROM_INPUTS;
  }

  @Override
  public Operator create(OperatorContext context) {
    return maker.apply(context);
  }

  @Override
  public Schema outputSchema() {
    return outputSchema;
  }

  @Override
  public long watermarkGrainNs() {
    return Long.MAX_VALUE;
  }

  @Override
  public String generatedSource() {
    return source;
  }
}
