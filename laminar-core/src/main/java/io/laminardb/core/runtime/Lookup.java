package io.laminardb.core.runtime;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import java.util.List;

/**
 * Which rows of a content are wanted: those that have, in some columns, the values of one of the rows
 * of {@code keys}. Where an index of these columns is there, only they are read, and possibly some
 * more: who asks filters them once more.
 *
 * @param columns of the content
 * @param keys rows of the content's columns, of which the others are of no meaning; the caller's
 */
public record Lookup(List<Integer> columns, Batch keys) {
  public Lookup {
    columns = List.copyOf(columns);
    requireNonNull(keys, "keys");
  }
}
