package io.laminardb.core.operator.changelog;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import java.util.List;

/**
 * What a statement does to a table: rows that go, then rows that come, all at once or not at all.
 * Owns its batches.
 *
 * @param removed rows that are there
 * @param added rows with values for all columns
 * @param onConflict what becomes of an added row whose key is there, and not among those removed
 */
public record TableChange(List<Batch> removed, List<Batch> added, OnConflict onConflict)
    implements AutoCloseable {
  /** What becomes of a row whose key is taken. */
  public enum OnConflict {
    /** The whole statement fails. */
    FAIL,
    /** The row is left out. */
    SKIP,
    /** It takes the place of the other; of two rows of one statement the later one stays. */
    REPLACE
  }

  public TableChange {
    removed = List.copyOf(removed);
    added = List.copyOf(added);
    requireNonNull(onConflict, "onConflict");
  }

  @Override
  public void close() {
    removed.forEach(Batch::close);
    added.forEach(Batch::close);
  }
}
