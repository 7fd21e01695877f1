package io.laminardb;

import io.laminardb.core.batch.Schema;
import java.time.Duration;
import java.util.List;

/**
 * Follows a stream or view: every row from now on, and of a view first what it holds.
 *
 * <p>A pull subscription keeps rows until they are taken; when its buffer is full it holds the query
 * back (or drops the oldest rows, if asked for). A callback subscription has nothing to take.
 *
 * <p><b>Threading.</b> One thread takes rows; {@link #close} may come from any.
 *
 * <p><b>Errors.</b> When the query has failed, the taking methods first answer what is left and then
 * throw the query's error.
 */
public interface Subscription extends AutoCloseable {
  /** The columns of the rows, hidden ones included. */
  Schema schema();

  /** All rows that are there now, as immutable copies; never waits. */
  List<Row> drain();

  /** As {@link #drain()}, as records; see {@link LaminarDB#subscribe(String, Class,
   * java.util.function.Consumer)}. */
  <T> List<T> drain(Class<T> type);

  /** The next row, or null when there is none now. */
  Row poll();

  /** The next row, waiting for at most {@code timeout}; null when none came or the stream ended. */
  Row poll(Duration timeout);

  /** Whether the stream has ended (or the subscription was closed) and everything was taken. */
  boolean isEnded();

  /** Rows dropped because the buffer was full and the policy says so. */
  long droppedRows();

  /** Stops following; idempotent. */
  @Override
  void close();
}
