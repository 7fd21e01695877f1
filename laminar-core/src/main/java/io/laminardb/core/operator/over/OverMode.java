package io.laminardb.core.operator.over;

/**
 * When results over partitions are emitted.
 *
 * @param isFinal each partition once, when it is complete; else every change, as it happens
 * @param timeColumn a column of the partition that is a time attribute: once the watermark has
 *     passed its value the partition is complete and its state is freed; or -1, complete at the end of
 *     input
 * @param nanosPerUnit of the time column
 * @param stateTtlNs how long a partition is kept that no row comes to, in processing time; 0 for ever
 */
public record OverMode(boolean isFinal, int timeColumn, long nanosPerUnit, long stateTtlNs) {
  /** Every change, for ever. */
  public static final OverMode CHANGES = new OverMode(false, -1, 0, 0);

  /** Everything at the end of input: a snapshot query. */
  public static final OverMode AT_END = new OverMode(true, -1, 0, 0);
}
