package io.laminardb.core.connector;

/** How often a row crosses the border between Laminar and the outside, restarts included. */
public enum Guarantee {
  /** A row may be lost, and is never seen twice. */
  AT_MOST_ONCE,
  /** No row is lost; after a restart some may be seen again. */
  AT_LEAST_ONCE,
  /** No row is lost and none is seen twice. */
  EXACTLY_ONCE
}
