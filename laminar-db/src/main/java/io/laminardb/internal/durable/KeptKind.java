package io.laminardb.internal.durable;

/** What a statement makes; names are told apart by it. Written by its place. */
public enum KeptKind {
  /** What the catalog has: sources, streams, views, tables, sinks. */
  OBJECT,
  /** An index. */
  INDEX,
  /** A durable subscription. */
  SUBSCRIPTION
}
