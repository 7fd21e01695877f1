package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.Arrays;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads rows of a source once more, a batch of its pump at a time, in the order in which they were read
 * first: a place that follows on the one before is not sought. Rows that are not what they were are
 * refused. One thread.
 */
public final class Rereader implements AutoCloseable {
  private final String name;
  private final Supplier<SourceConnector> connector;
  private final Schema schema;
  private final BufferAllocator allocator;
  private final RowsFingerprint fingerprint;
  private SourceReader reader; // null before the first place
  private byte[] at; // the place whose rows were read
  private int first; // of them in the batch
  private Batch rows; // null before the first place, or where they are lost

  /**
   * @param name of the source
   * @param connector what reads it, asked for when there is something to be read again
   */
  public Rereader(
      String name, Supplier<SourceConnector> connector, Schema schema, BufferAllocator allocator) {
    this.name = name;
    this.connector = connector;
    this.schema = schema;
    this.allocator = allocator;
    this.fingerprint = new RowsFingerprint(schema, allocator);
  }

  /** As {@link io.laminardb.core.runtime.Rereading#read}; never null. */
  public Batch read(byte[] place, long behind, int count) {
    if (rows == null || !Arrays.equals(place, at)) {
      load(place);
    }
    int from = Math.toIntExact(first + behind);
    if (from + count > rows.rowCount()) {
      throw new LaminarException(
          ErrorCode.STATE_CORRUPT, "the place of source \"" + name + "\" has fewer rows.");
    }
    Batch copy = new Batch(schema, count, allocator);
    copy.append(rows, from, from + count);
    return copy;
  }

  private void load(byte[] place) {
    ReadPlace there = ReadPlace.decode(place);
    closeRows();
    first = there.skipped();
    int count = there.skipped() + there.rows();
    Batch loaded = new Batch(schema, Math.max(1, count), allocator);
    try {
      boolean isThere = seek(there.offset()) && fill(loaded, count);
      loaded.range(there.skipped(), loaded.rowCount());
      if (!isThere || fingerprint.of(loaded) != there.fingerprint()) {
        throw lost(reader.describe(there.offset()) + " is not the one that was read before", null);
      }
    } catch (LaminarException e) {
      loaded.close();
      closeReader();
      throw e.code() == ErrorCode.STATE_CORRUPT ? e : lost(e.problem(), e);
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
    rows = loaded;
    at = place;
  }

  /** Whether the rows behind a place come next. */
  private boolean seek(byte[] offset) {
    if (reader != null && Arrays.equals(reader.offset(), offset)) {
      return true;
    }
    closeReader();
    reader = connector.get().open(schema);
    return reader.seek(offset);
  }

  private boolean fill(Batch loaded, int count) {
    while (loaded.rowCount() < count) {
      if (reader.read(loaded) <= 0) {
        return false;
      }
    }
    return true;
  }

  private LaminarException lost(String why, LaminarException cause) {
    return new LaminarException(
            ErrorCode.STATE_CORRUPT,
            "rows of source \""
                + name
                + "\" that are not in a checkpoint yet cannot be read again: "
                + why
                + (why.endsWith(".") ? "" : ".")
                + " What these rows and those behind them did is lost.",
            cause)
        .mend("Put it back as it was, or open with acceptLoss() to go on without these rows.");
  }

  private void closeRows() {
    if (rows != null) {
      rows.close();
      rows = null;
    }
  }

  private void closeReader() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  @Override
  public void close() {
    closeRows();
    closeReader();
  }
}
