package io.laminardb;

import io.laminardb.core.batch.Schema;
import java.time.Instant;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * The way rows come in. {@link LaminarDB#source(String)} answers the source's first partition, the
 * same object every time; {@link #partition()} opens another one for another thread.
 *
 * <p><b>Threading.</b> One thread at a time uses a partition; a second one at the same moment gets
 * WRONG_THREAD. In inline mode a push returns after the listeners ran; else it returns when the row
 * is in the ring.
 *
 * <p><b>Back-pressure.</b> {@code push} waits while the ring is full, {@code tryPush} answers false.
 * Before {@link LaminarDB#start()} rows wait in the ring; when it is full, {@code push} fails with
 * NOT_STARTED. In inline mode, where waiting would be for ever, a full ring is BACKPRESSURE.
 *
 * <p><b>Errors.</b> SCHEMA_MISMATCH, NULL_NOT_ALLOWED for values that do not fit their column;
 * SOURCE_ENDED after {@link #end()}; CLOSED. A row is taken whole or not at all.
 */
public interface Source extends AutoCloseable {
  String name();

  Schema schema();

  /** Pushes one row, values in column order. */
  void push(Object... values);

  /** As {@link #push(Object...)}; false when the source is full. */
  boolean tryPush(Object... values);

  /**
   * Pushes the rows of an Arrow batch without copying them: columns are matched by name, and buffers
   * are retained until the rows are processed and, in a durable database, written by its journal. The
   * root may be closed at once, but its vectors must not be written any more.
   */
  void push(VectorSchemaRoot root);

  /** As {@link #push(VectorSchemaRoot)}; false when the source is full. */
  boolean tryPush(VectorSchemaRoot root);

  /**
   * As {@link #push(VectorSchemaRoot)}, with the dictionaries of its dictionary-encoded columns. A
   * VARCHAR column with texts as values and no more than four for each row stays coded inside; others
   * are decoded on entry.
   *
   * @param dictionaries borrowed until the call returns: texts are copied, once as long as the same
   *     ones come with every batch
   */
  void push(VectorSchemaRoot root, DictionaryProvider dictionaries);

  /** As {@link #push(VectorSchemaRoot, DictionaryProvider)}; false when the source is full. */
  boolean tryPush(VectorSchemaRoot root, DictionaryProvider dictionaries);

  /** Takes a row back that was pushed before; the source must be a changelog. */
  void retract(Object... values);

  /** A writer that writes rows in place, without allocating. The same one every time. */
  RowWriter rows();

  /** No row before this time will come any more; in milliseconds since the epoch. */
  void watermark(long epochMillis);

  /** No row before this time will come any more. */
  void watermark(Instant time);

  /** No more rows come from this partition; everything it held back closes. Idempotent. */
  void end();

  /** Opens another partition, with a ring and a watermark of its own, for another thread. */
  Source partition();

  /** As {@link #end()}. */
  @Override
  void close();
}
