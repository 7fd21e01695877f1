package io.laminardb;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * When a durable database takes checkpoints.
 *
 * @param interval time between two checkpoints; none is taken where nothing has come in
 * @param kept how many are kept, at least 1: an older one is what is left when the newest is damaged
 */
public record CheckpointConfig(Duration interval, int kept) {
  public CheckpointConfig {
    requireNonNull(interval, "interval");
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("interval is " + interval + ", must be positive");
    }
    if (kept < 1) {
      throw new IllegalArgumentException(kept + " checkpoints cannot be kept, at least 1");
    }
  }

  /** A checkpoint every {@code interval}, two of which are kept. */
  public static CheckpointConfig every(Duration interval) {
    return new CheckpointConfig(interval, 2);
  }
}
