package io.laminardb.core.ring;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;

/**
 * A batch in a ring and the row positions it covers. The producer writes {@link #batch}; the
 * consumer reads the same columns through {@link #view}, whose range is its own.
 */
final class Segment {
  /** The batch being written, or the one handed over; closed by the ring or by the consumer. */
  final Batch batch;

  /** The consumer's window onto the columns. */
  final Batch view;

  final Column[] columns;

  /** Whether the batch was handed over whole. */
  final boolean foreign;

  /** Row of the batch where position {@link #start} lies. */
  int base;

  /** Position of the first row. */
  long start;

  /** Position behind the last row, once it is known. */
  long end = Long.MAX_VALUE;

  /** Whether a text outgrew the usual buffers, which are not worth keeping then. */
  boolean oversized;

  Segment(Batch batch) {
    this(batch, identityView(batch), false);
  }

  private Segment(Batch batch, Batch view, boolean foreign) {
    this.batch = batch;
    this.view = view;
    this.foreign = foreign;
    this.columns = new Column[batch.schema().size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = batch.column(i);
    }
  }

  static Segment foreign(Batch batch, long start) {
    Segment segment = new Segment(batch, batch, true);
    segment.cover(start);
    return segment;
  }

  /** Lets the rows of a batch that is handed over have the positions from {@code newStart} on. */
  void cover(long newStart) {
    base = batch.from();
    start = newStart;
    end = newStart + batch.size();
  }

  private static Batch identityView(Batch batch) {
    int[] all = new int[batch.schema().size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return Batch.view(batch.schema(), batch, all);
  }
}
