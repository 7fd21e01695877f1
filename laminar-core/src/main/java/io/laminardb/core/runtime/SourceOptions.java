package io.laminardb.core.runtime;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorFactory;
import java.time.Duration;

/**
 * A source: its rows and how its watermark moves.
 *
 * @param name unique among all streams of the engine
 * @param schema of its rows
 * @param timeColumn index of the event time column, or -1 for none
 * @param delayNs how far the watermark trails the maximum
 * @param idleTimeout after how long without rows a handle stops holding the watermark back; zero for
 *     never; null for {@link #DEFAULT_IDLE_TIMEOUT} where there are several handles, never for one
 * @param ringRows rows a handle holds before it is full; 0 for the engine's number
 * @param onFull what a handle does when it is full
 * @param intake what rows go through before anybody reads them, of the same schema, or null. As it
 *     may repeat rows of long ago, every reader's watermark is passed on before the next row.
 * @param kept whether its present content is kept, so that a reader that comes late gets it first:
 *     for a changelog whose intake, if any, does not know it
 * @param isTable whether it has no time: it never ends and holds nobody's watermark back
 */
public record SourceOptions(
    String name,
    Schema schema,
    int timeColumn,
    long delayNs,
    Duration idleTimeout,
    int ringRows,
    OverflowPolicy onFull,
    OperatorFactory intake,
    boolean kept,
    boolean isTable) {
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(10);

  public static SourceOptions of(String name, Schema schema) {
    return new SourceOptions(name, schema, -1, 0, null, 0, OverflowPolicy.BLOCK, null, false, false);
  }

  /** The same with an event time column: a TIMESTAMP, or a BIGINT of epoch milliseconds. */
  public SourceOptions withTime(int column, long newDelayNs) {
    return new SourceOptions(
        name, schema, column, newDelayNs, idleTimeout, ringRows, onFull, intake, kept, isTable);
  }

  public SourceOptions withIdleTimeout(Duration timeout) {
    return new SourceOptions(
        name, schema, timeColumn, delayNs, timeout, ringRows, onFull, intake, kept, isTable);
  }

  public SourceOptions withRingRows(int rows) {
    return new SourceOptions(
        name, schema, timeColumn, delayNs, idleTimeout, rows, onFull, intake, kept, isTable);
  }

  public SourceOptions withOnFull(OverflowPolicy policy) {
    return new SourceOptions(
        name, schema, timeColumn, delayNs, idleTimeout, ringRows, policy, intake, kept, isTable);
  }

  /** The same, whose rows go through an operator first. */
  public SourceOptions withIntake(OperatorFactory operator) {
    return new SourceOptions(
        name, schema, timeColumn, delayNs, idleTimeout, ringRows, onFull, operator, kept, isTable);
  }

  /** The same with its present content kept. */
  public SourceOptions withKept() {
    return new SourceOptions(
        name, schema, timeColumn, delayNs, idleTimeout, ringRows, onFull, intake, true, isTable);
  }

  /** The same as a table. */
  public SourceOptions withTable() {
    return new SourceOptions(
        name, schema, timeColumn, delayNs, idleTimeout, ringRows, onFull, intake, kept, true);
  }
}
