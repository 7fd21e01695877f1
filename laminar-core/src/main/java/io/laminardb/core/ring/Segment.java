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
  final int base;

  /** Position of the first row. */
  long start;

  /** Position behind the last row, once it is known. */
  long end = Long.MAX_VALUE;

  /** Whether a text outgrew the usual buffers, which are not worth keeping then. */
  boolean oversized;

  Segment(Batch batch) {
    this(batch, identityView(batch), false, 0);
  }

  private Segment(Batch batch, Batch view, boolean foreign, int base) {
    this.batch = batch;
    this.view = view;
    this.foreign = foreign;
    this.base = base;
    this.columns = new Column[batch.schema().size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = batch.column(i);
    }
  }

  static Segment foreign(Batch batch, long start) {
    Segment segment = new Segment(batch, batch, true, batch.from());
    segment.start = start;
    segment.end = start + batch.size();
    return segment;
  }

  private static Batch identityView(Batch batch) {
    int[] all = new int[batch.schema().size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return Batch.view(batch.schema(), batch, all);
  }
}
