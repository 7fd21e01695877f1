package io.laminardb;

import java.time.Instant;

/**
 * A record of the journal that a replay has taken in.
 *
 * @param position of the record, counted from 1 on over the whole life of the database
 * @param at processing time when it came in first
 * @param what came in, for people: {@code 3 rows of trades}, {@code watermark of trades}, or a statement
 */
public record ReplayStep(long position, Instant at, String what) {
  @Override
  public String toString() {
    return position + " " + at + " " + what;
  }
}
