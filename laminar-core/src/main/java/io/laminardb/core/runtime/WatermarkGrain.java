package io.laminardb.core.runtime;

import io.laminardb.core.operator.OperatorFactory;

/**
 * At which watermarks somebody behind a stream does something: at multiples of {@code ns} from {@code
 * offsetNs}; 0 for any, {@link Long#MAX_VALUE} for none.
 */
record WatermarkGrain(long ns, long offsetNs) {
  private static final WatermarkGrain NONE = new WatermarkGrain(Long.MAX_VALUE, 0);

  /** What the readers of a stream have in common. */
  static WatermarkGrain of(StreamOutput stream) {
    WatermarkGrain grain = NONE;
    for (StreamConsumer consumer : stream.consumers()) {
      if (consumer instanceof InputPort port && !port.node.query.isStopped()) {
        grain = grain.and(of(port.node));
      }
    }
    return grain;
  }

  private static WatermarkGrain of(OperatorNode node) {
    OperatorFactory factory = node.plan.factory();
    return factory.watermarkGrainNs() == Long.MAX_VALUE
        ? of(node.output)
        : new WatermarkGrain(factory.watermarkGrainNs(), factory.watermarkOffsetNs());
  }

  private WatermarkGrain and(WatermarkGrain other) {
    if (ns == Long.MAX_VALUE || other.ns == 0) {
      return other;
    }
    if (other.ns == Long.MAX_VALUE || ns == 0) {
      return this;
    }
    return new WatermarkGrain(
        gcd(gcd(ns, other.ns), Math.abs(offsetNs - other.offsetNs)), offsetNs);
  }

  private static long gcd(long left, long right) {
    return right == 0 ? left : gcd(right, left % right);
  }
}
