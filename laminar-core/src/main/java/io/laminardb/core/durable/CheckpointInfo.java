package io.laminardb.core.durable;

import java.time.Instant;

/**
 * What is known of a checkpoint without its content.
 *
 * @param id counted from 1 on
 * @param position of the journal's last record whose effect is in it
 * @param takenAt when it was begun
 * @param parts how many there are
 * @param writtenParts how many had changed since the one before
 * @param writtenBytes their bytes
 * @param pauseNs how long the engine stood still for it at most at once
 * @param durationNs from its beginning until it was durable
 */
public record CheckpointInfo(
    long id,
    long position,
    Instant takenAt,
    long parts,
    long writtenParts,
    long writtenBytes,
    long pauseNs,
    long durationNs) {}
