package io.laminardb.core.operator;

/**
 * What an operator waits for.
 *
 * @param what for example "window [12:00, 12:01) of 17 keys"
 * @param untilWatermarkNs the watermark that releases it, in nanoseconds since the epoch
 */
public record Waiting(String what, long untilWatermarkNs) {}
