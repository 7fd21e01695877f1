package io.laminardb.core.runtime;

import io.laminardb.core.batch.Schema;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * How a query runs.
 *
 * @param materialized whether the present content of its stream is kept, for snapshot reads
 * @param readable whether others will read its stream, even some that come late; without, what a
 *     changelog emits need not be told again
 * @param skipFailedRows whether a row an expression fails on is counted and set aside; otherwise the
 *     query stops
 * @param errorStream name of the stream such rows go to as text, or null
 * @param lateStream name of the stream late rows go to, or null
 * @param lateSchema the columns of late rows: those of the input the rows are late in
 * @param consumer gets all that the query emits, from the content of its inputs on; or null
 */
public record QueryOptions(
    boolean materialized,
    boolean readable,
    boolean skipFailedRows,
    String errorStream,
    String lateStream,
    Schema lateSchema,
    StreamConsumer consumer) {
  public static final QueryOptions DEFAULT =
      new QueryOptions(false, false, false, null, null, null, null);

  /** Names of the streams of failing and of late rows, where there are such. */
  public List<String> sideStreams() {
    return Stream.of(errorStream, lateStream).filter(Objects::nonNull).toList();
  }

  /** The same with the present content kept. */
  public QueryOptions withMaterialized() {
    return new QueryOptions(
        true, true, skipFailedRows, errorStream, lateStream, lateSchema, consumer);
  }

  /** The same, whose stream is read by others. */
  public QueryOptions withReadable() {
    return new QueryOptions(
        materialized, true, skipFailedRows, errorStream, lateStream, lateSchema, consumer);
  }

  /** The same, where failing rows go to the stream {@code name} as texts. */
  public QueryOptions withErrorStream(String name) {
    return new QueryOptions(materialized, readable, true, name, lateStream, lateSchema, consumer);
  }

  /** The same, where late rows go to the stream {@code name}. */
  public QueryOptions withLateStream(String name, Schema schema) {
    return new QueryOptions(
        materialized, readable, skipFailedRows, errorStream, name, schema, consumer);
  }

  /** The same, with a sink that gets all that the query emits, from the content of its inputs on. */
  public QueryOptions withConsumer(StreamConsumer newConsumer) {
    return new QueryOptions(
        materialized, readable, skipFailedRows, errorStream, lateStream, lateSchema, newConsumer);
  }
}
