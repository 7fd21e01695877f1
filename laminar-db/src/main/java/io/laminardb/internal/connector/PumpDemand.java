package io.laminardb.internal.connector;

import io.laminardb.core.operator.scalar.CalcKernel;
import java.util.BitSet;
import java.util.function.Supplier;

/**
 * What those who read a source want of its rows, for its pump. Immutable; the bit sets are not to be
 * changed.
 *
 * @param number counts demands, from 0
 * @param wanted columns that somebody reads
 * @param first of these, columns that are needed of every row
 * @param filter compiles, on the pump's thread, a kernel that writes a BOOLEAN for each condition; a
 *     row is wanted where one of them is TRUE. Null where every row is
 * @param conditions their number
 * @param time event time, or null where there is none; only looked at where there is a filter
 */
public record PumpDemand(
    long number,
    BitSet wanted,
    BitSet first,
    Supplier<CalcKernel> filter,
    int conditions,
    Time time) {
  /**
   * How the watermark follows rows.
   *
   * @param column index of a TIMESTAMP, or of a BIGINT of epoch milliseconds
   * @param delayNs how far the watermark trails the greatest time
   */
  public record Time(int column, long delayNs) {}
}
