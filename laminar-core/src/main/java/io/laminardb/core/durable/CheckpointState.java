package io.laminardb.core.durable;

import java.util.Map;

/**
 * The state of a database at one moment, as named parts. A part that is equal to that of the checkpoint
 * before is not written again.
 *
 * @param position of the last record of the journal whose effect is in the state
 * @param parts by name, such as {@code query/vwap/0/17}; all of them but those of {@code changes}
 * @param changes in parts that are kept in pieces
 * @param startedNs System.nanoTime() when it was asked for
 * @param pauseNs how long the engine stood still for it at most at once
 */
public record CheckpointState(
    long position, Map<String, byte[]> parts, PartChanges changes, long startedNs, long pauseNs) {

  /** As above, of parts that are all told of. */
  public CheckpointState(long position, Map<String, byte[]> parts, long startedNs, long pauseNs) {
    this(position, parts, PartChanges.NONE, startedNs, pauseNs);
  }
}
