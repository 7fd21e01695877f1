package io.laminardb.core.operator;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import java.util.function.Function;

/**
 * The plan-time half of an operator around a generated kernel.
 *
 * @param recall see {@link OperatorFactory#recall}
 * @param maker makes an operator
 */
public record GeneratedFactory(
    Schema outputSchema,
    String generatedSource,
    String fingerprint,
    long watermarkGrainNs,
    long watermarkOffsetNs,
    Recall recall,
    Function<? super OperatorContext, ? extends Operator> maker)
    implements OperatorFactory {
  public GeneratedFactory {
    requireNonNull(outputSchema, "outputSchema");
    requireNonNull(fingerprint, "fingerprint");
    requireNonNull(recall, "recall");
    requireNonNull(maker, "maker");
  }

  /** The factory of an operator that may act at any watermark. */
  public GeneratedFactory(
      Schema outputSchema,
      String generatedSource,
      String fingerprint,
      Recall recall,
      Function<? super OperatorContext, ? extends Operator> maker) {
    this(outputSchema, generatedSource, fingerprint, 0, 0, recall, maker);
  }

  @Override
  public Operator create(OperatorContext context) {
    return maker.apply(context);
  }
}
