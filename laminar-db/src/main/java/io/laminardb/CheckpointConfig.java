package io.laminardb;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * When a durable database takes checkpoints.
 *
 * @param interval time between two checkpoints
 */
public record CheckpointConfig(Duration interval) {
  public CheckpointConfig {
    requireNonNull(interval, "interval");
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("interval is " + interval + ", must be positive");
    }
  }

  /** A checkpoint every {@code interval}. */
  public static CheckpointConfig every(Duration interval) {
    return new CheckpointConfig(interval);
  }
}
