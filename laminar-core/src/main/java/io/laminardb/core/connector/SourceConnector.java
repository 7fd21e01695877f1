package io.laminardb.core.connector;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import java.util.List;
import java.util.Optional;

/** A source with checked options, not yet opened. Immutable; any thread may call. */
public interface SourceConnector {
  /** Whether the source ends by itself; an unbounded one goes on until it is closed. */
  boolean isBounded();

  /**
   * Whether what was read stays there as it is, so that any reader that seeks a place gives the same rows
   * again: a durable database then keeps places, and no rows. Nobody promises that it stays for ever; that
   * it has changed is noticed.
   */
  default boolean isRereadable() {
    return false;
  }

  /** What {@link SourceReader#seek} gives when offsets are kept with the checkpoint. */
  Guarantee guarantee();

  /**
   * The columns the data itself shows, for a source declared without columns; empty if this
   * connector cannot know. Reads the outside and may block.
   *
   * @throws LaminarException IO_ERROR if it cannot be read, BAD_RECORD if it makes no sense
   */
  default Optional<List<Field>> inferSchema() {
    return Optional.empty();
  }

  /**
   * Opens a reader of rows of {@code schema}. May block.
   *
   * @throws LaminarException IO_ERROR if the outside cannot be reached, NOT_SUPPORTED if a column
   *     has a type this connector cannot read
   */
  SourceReader open(Schema schema);
}
