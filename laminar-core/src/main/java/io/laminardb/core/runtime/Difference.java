package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.time.Watermark;
import java.util.ArrayDeque;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What tells the readers of a changelog that another query makes it from now on: the rows of the new one
 * less those of the former, in an order that depends on nothing but the rows. Gathered first, then given.
 */
final class Difference implements AutoCloseable {
  private final ViewContent rows;
  private final BufferAllocator allocator;
  private ArrayDeque<Batch> given; // what is left to be given; null while it is gathered
  private long watermark = Watermark.NONE;

  /**
   * @param rows that the readers have, as often as -1; owned from now on
   */
  Difference(ViewContent rows, BufferAllocator allocator) {
    this.rows = rows;
    this.allocator = allocator;
  }

  /** Changes that the new query emits. */
  void add(Batch batch) {
    rows.add(batch, 1);
  }

  /** The watermark that comes behind the rows. */
  void watermark(long watermarkNs) {
    watermark = watermarkNs;
  }

  long watermark() {
    return watermark;
  }

  /** The next batch to be given; null where there is none left. Gathering is over. */
  Batch next() {
    if (given == null) {
      given = new ArrayDeque<>(rows.changes(allocator));
    }
    return given.peek();
  }

  /** All readers have the last batch. */
  void passed() {
    given.poll().close();
  }

  @Override
  public void close() {
    if (given != null) {
      given.forEach(Batch::close);
    }
    rows.close();
  }
}
