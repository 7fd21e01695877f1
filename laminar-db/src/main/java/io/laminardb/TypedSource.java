package io.laminardb;

/**
 * A {@link Source} that takes records. Threading, back-pressure and errors are the source's.
 *
 * @param <T> a record (or class) whose components are the columns
 */
public interface TypedSource<T> {
  /** Pushes one row. */
  void push(T record);

  /** As {@link #push}; false when the source is full. */
  boolean tryPush(T record);

  /** Takes a row back that was pushed before; the source must be a changelog. */
  void retract(T record);

  /** The partition the records go to: for watermarks and the end. */
  Source source();
}
