package io.laminardb.core.connector;

import io.laminardb.core.batch.Schema;
import java.util.BitSet;

/**
 * What those who read a source want of its rows at present, all of them together: some of the columns,
 * and perhaps not every row. A {@link SourceReader} may make use of it, in part or not at all.
 *
 * <p>Who drives the reader sees to the rest: it leaves out the rows the filter does not keep, and no
 * value of a column that is not wanted goes any further. So a reader
 *
 * <ul>
 *   <li>need not write a column that is not {@link #wants wanted}, not even as NULL, nor look at what
 *       is outside in its place: what is wrong there is not noticed;
 *   <li>writes the columns that are wanted {@link #first} of every row. It may then ask the {@link
 *       #filter}, and need not look at the others of a row that is not kept; it writes anything there,
 *       so that the row is complete, and ends it as any other.
 * </ul>
 *
 * <p>The bit sets are not to be changed.
 *
 * @param wanted columns that somebody reads
 * @param first of these, columns that are needed of every row: what the filter reads, event time, keys
 * @param filter which rows are kept; null for all
 */
public record SourceDemand(BitSet wanted, BitSet first, RowFilter filter) {
  /** All columns of all rows. */
  public static SourceDemand all(Schema schema) {
    BitSet columns = new BitSet();
    columns.set(0, schema.size());
    return new SourceDemand(columns, columns, null);
  }

  /** Whether somebody reads a column. */
  public boolean wants(int column) {
    return wanted.get(column);
  }
}
