/**
 * Event time (64-bit nanoseconds since the epoch), watermarks, clocks and waiting. A time attribute's own
 * unit (milliseconds of a BIGINT, the precision of a TIMESTAMP) is converted at the edges only.
 */
package io.laminardb.core.time;
