package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Recall;
import java.util.function.Supplier;

/** Makes filters and projections. Immutable. */
public final class CalcFactory implements OperatorFactory {
  private final Schema outputSchema;
  private final Supplier<? extends CalcKernel> kernel;
  private final int[] columns;
  private final String source;

  private CalcFactory(
      Schema outputSchema, Supplier<? extends CalcKernel> kernel, int[] columns, String source) {
    this.outputSchema = outputSchema;
    this.kernel = kernel;
    this.columns = columns;
    this.source = source;
  }

  /** One that runs a generated kernel. */
  public static CalcFactory of(
      Schema outputSchema, Supplier<? extends CalcKernel> kernel, String source) {
    return new CalcFactory(outputSchema, kernel, null, source);
  }

  /** One that only picks columns of its input; nothing is copied. */
  public static CalcFactory columns(Schema outputSchema, int[] columns) {
    return new CalcFactory(outputSchema, null, columns.clone(), null);
  }

  @Override
  public Recall recall() {
    return Recall.FROM_INPUTS;
  }

  @Override
  public Operator create(OperatorContext context) {
    return columns != null
        ? new PickOperator(outputSchema, columns)
        : new CalcOperator(outputSchema, kernel.get(), context);
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
