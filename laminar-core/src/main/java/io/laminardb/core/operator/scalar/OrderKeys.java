package io.laminardb.core.operator.scalar;

/** Numbers whose order as signed integers is that of a value, or its reverse. */
public final class OrderKeys {
  private OrderKeys() {}

  public static long ascending(long value) {
    return value;
  }

  /** NaN is the greatest. */
  public static long ascending(double value) {
    long bits = Double.doubleToLongBits(value == 0 ? 0.0 : value);
    return bits ^ (bits >> 63 & Long.MAX_VALUE);
  }

  public static long ascending(boolean value) {
    return value ? 1 : 0;
  }

  public static long descending(long value) {
    return ~value;
  }

  public static long descending(double value) {
    return ~ascending(value);
  }

  public static long descending(boolean value) {
    return ~ascending(value);
  }
}
