package io.laminardb.core.durable;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How a database is kept.
 *
 * @param segmentBytes size at which a new file of the journal is begun
 * @param bufferBytes bytes of records that may wait to be written before {@link Journal#claim} refuses
 * @param keptCheckpoints how many checkpoints are kept, at least 1
 * @param retainHistory how long records behind the oldest checkpoint stay; zero for not at all
 * @param acceptLoss whether damage that loses acknowledged data is accepted: what is whole is opened,
 *     and a warning says what was lost
 */
public record StorageOptions(
    long segmentBytes,
    int bufferBytes,
    int keptCheckpoints,
    Duration retainHistory,
    boolean acceptLoss) {
  public static final StorageOptions DEFAULT =
      new StorageOptions(64L << 20, 8 << 20, 2, Duration.ZERO, false);

  public StorageOptions {
    requireNonNull(retainHistory, "retainHistory");
    if (segmentBytes < 1024 || bufferBytes < 1024 || keptCheckpoints < 1) {
      throw new IllegalArgumentException("too small: " + segmentBytes + ", " + bufferBytes);
    }
  }

  public StorageOptions withSegmentBytes(long value) {
    return new StorageOptions(value, bufferBytes, keptCheckpoints, retainHistory, acceptLoss);
  }

  public StorageOptions withKeptCheckpoints(int value) {
    return new StorageOptions(segmentBytes, bufferBytes, value, retainHistory, acceptLoss);
  }

  public StorageOptions withRetainHistory(Duration value) {
    return new StorageOptions(segmentBytes, bufferBytes, keptCheckpoints, value, acceptLoss);
  }

  public StorageOptions withAcceptLoss(boolean value) {
    return new StorageOptions(segmentBytes, bufferBytes, keptCheckpoints, retainHistory, value);
  }
}
