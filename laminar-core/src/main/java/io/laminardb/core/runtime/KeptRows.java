package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import java.util.List;

/**
 * The rows that a subscription keeps, at one moment.
 *
 * @param first the number of the first of them; where there is none, of the one to come
 * @param batches copies of the rows; the taker's to close
 */
public record KeptRows(long first, List<Batch> batches) implements AutoCloseable {
  @Override
  public void close() {
    batches.forEach(Batch::close);
  }
}
