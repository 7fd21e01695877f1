package io.laminardb.internal.statement;

/**
 * A statement that makes or drops something, planned: all that takes long is done, and nothing has
 * changed. Closed whether it was made or not.
 */
@FunctionalInterface
interface Definition extends AutoCloseable {
  /** Makes the change; answers what was done, for people. */
  String make();

  @Override
  default void close() {}
}
