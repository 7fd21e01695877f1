package io.laminardb.core.runtime;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.Clock;
import java.time.Duration;

/**
 * How an engine runs.
 *
 * @param inline whether pushes drive the graph on the caller's thread; otherwise a reactor thread does
 * @param spinning whether the reactor thread burns a core for the lowest latency
 * @param clock processing time
 * @param ringRows rows a source handle holds before it is full
 * @param pullRows rows a pull subscription holds before it is full
 * @param batchRows rows of a batch operators emit
 * @param stallTimeout how long a sync or a push waits while nothing moves, before it says who refuses
 */
public record EngineOptions(
    boolean inline,
    boolean spinning,
    Clock clock,
    int ringRows,
    int pullRows,
    int batchRows,
    Duration stallTimeout) {
  public static final EngineOptions DEFAULT =
      new EngineOptions(
          false,
          false,
          Clock.system(),
          1 << 16,
          1 << 20,
          Batch.DEFAULT_CAPACITY,
          Duration.ofSeconds(10));

  public EngineOptions {
    requireNonNull(clock, "clock");
    requireNonNull(stallTimeout, "stallTimeout");
    positive("ringRows", ringRows);
    positive("pullRows", pullRows);
    positive("batchRows", batchRows);
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION, name + " is " + value + ", must be at least 1.")
          .mend("Raise it.");
    }
  }

  public EngineOptions withInline(boolean value) {
    return new EngineOptions(value, spinning, clock, ringRows, pullRows, batchRows, stallTimeout);
  }

  public EngineOptions withSpinning(boolean value) {
    return new EngineOptions(inline, value, clock, ringRows, pullRows, batchRows, stallTimeout);
  }

  public EngineOptions withClock(Clock value) {
    return new EngineOptions(inline, spinning, value, ringRows, pullRows, batchRows, stallTimeout);
  }

  public EngineOptions withRingRows(int value) {
    return new EngineOptions(inline, spinning, clock, value, pullRows, batchRows, stallTimeout);
  }

  public EngineOptions withPullRows(int value) {
    return new EngineOptions(inline, spinning, clock, ringRows, value, batchRows, stallTimeout);
  }

  public EngineOptions withBatchRows(int value) {
    return new EngineOptions(inline, spinning, clock, ringRows, pullRows, value, stallTimeout);
  }

  public EngineOptions withStallTimeout(Duration value) {
    return new EngineOptions(inline, spinning, clock, ringRows, pullRows, batchRows, value);
  }
}
