package io.laminardb.core.runtime;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorFactory;
import java.time.Duration;
import java.util.List;

/**
 * A source: its rows and how its watermark moves.
 *
 * @param name unique among all streams of the engine
 * @param schema of its rows
 * @param timeColumn index of the event time column, or -1 for none
 * @param delayNs how far the watermark trails the maximum
 * @param watermarkKey columns whose values have watermarks of their own; empty for one watermark a
 *     partition
 * @param alignment with whom it keeps pace, or null
 * @param idleTimeout after how long without rows a handle stops holding the watermark back; zero for
 *     never; null for {@link #DEFAULT_IDLE_TIMEOUT} where there are several handles or sources that
 *     keep pace, else never
 * @param ringRows rows a handle holds before it is full; 0 for the engine's number
 * @param onFull what a handle does when it is full
 * @param intake what rows go through before anybody reads them, of the same schema, or null. As it
 *     may repeat rows of long ago, every reader's watermark is passed on before the next row.
 */
public record SourceOptions(
    String name,
    Schema schema,
    int timeColumn,
    long delayNs,
    List<Integer> watermarkKey,
    Alignment alignment,
    Duration idleTimeout,
    int ringRows,
    OverflowPolicy onFull,
    OperatorFactory intake) {
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(10);

  public SourceOptions {
    watermarkKey = List.copyOf(watermarkKey);
  }

  public static SourceOptions of(String name, Schema schema) {
    return new SourceOptions(
        name, schema, -1, 0, List.of(), null, null, 0, OverflowPolicy.BLOCK, null);
  }

  /** The same with an event time column: a TIMESTAMP, or a BIGINT of epoch milliseconds. */
  public SourceOptions withTime(int column, long newDelayNs) {
    return new SourceOptions(
        name,
        schema,
        column,
        newDelayNs,
        watermarkKey,
        alignment,
        idleTimeout,
        ringRows,
        onFull,
        intake);
  }

  /** The same, whose watermark is the least of those of its keys. */
  public SourceOptions withWatermarkKey(List<Integer> columns) {
    return new SourceOptions(
        name,
        schema,
        timeColumn,
        delayNs,
        columns,
        alignment,
        idleTimeout,
        ringRows,
        onFull,
        intake);
  }

  /** The same, which keeps pace with others. */
  public SourceOptions withAlignment(Alignment newAlignment) {
    return new SourceOptions(
        name,
        schema,
        timeColumn,
        delayNs,
        watermarkKey,
        newAlignment,
        idleTimeout,
        ringRows,
        onFull,
        intake);
  }

  public SourceOptions withIdleTimeout(Duration timeout) {
    return new SourceOptions(
        name,
        schema,
        timeColumn,
        delayNs,
        watermarkKey,
        alignment,
        timeout,
        ringRows,
        onFull,
        intake);
  }

  public SourceOptions withRingRows(int rows) {
    return new SourceOptions(
        name,
        schema,
        timeColumn,
        delayNs,
        watermarkKey,
        alignment,
        idleTimeout,
        rows,
        onFull,
        intake);
  }

  public SourceOptions withOnFull(OverflowPolicy policy) {
    return new SourceOptions(
        name,
        schema,
        timeColumn,
        delayNs,
        watermarkKey,
        alignment,
        idleTimeout,
        ringRows,
        policy,
        intake);
  }

  /** The same, whose rows go through an operator first. */
  public SourceOptions withIntake(OperatorFactory operator) {
    return new SourceOptions(
        name,
        schema,
        timeColumn,
        delayNs,
        watermarkKey,
        alignment,
        idleTimeout,
        ringRows,
        onFull,
        operator);
  }
}
