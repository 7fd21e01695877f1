package io.laminardb.core.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.LaminarException;

/**
 * Brings rows from outside. One thread at a time drives it: a background thread, or the caller's own
 * in inline mode. It has no thread, no timer and no queue of its own; who drives it decides how
 * often to look.
 */
public interface SourceReader extends AutoCloseable {
  /** What {@link #read} answers when no row will come any more. */
  int END = -1;

  /**
   * Appends rows behind {@code into}'s row count until the batch is full, the source has nothing at
   * the moment, or enough was read to be worth passing on. {@code into} is borrowed; its text columns
   * may grow, so no other thread may read them meanwhile.
   *
   * <p>May block on a disk, but not to wait for rows that do not exist yet.
   *
   * @return rows appended; 0 if there is nothing at the moment; {@link #END}
   * @throws LaminarException BAD_RECORD if a record cannot be read and is not to be skipped: rows
   *     before it were given out by earlier calls, and the reader is of no more use; IO_ERROR
   */
  int read(Batch into);

  /**
   * Says what is wanted of the rows from the next {@link #read} on; until it is called, everything. A
   * reader that cannot make use of it does nothing. Called between two reads, at any time.
   */
  default void demand(SourceDemand demand) {}

  /** The place behind the last row given out, for {@link #seek}; opaque, versioned bytes. */
  byte[] offset();

  /**
   * The place before the rows of the last {@link #read} that gave some. Who seeks it is given the same
   * rows first, in the same order, whatever has come since; how many at a time may differ.
   */
  byte[] offsetBefore();

  /**
   * Goes on behind the place that {@code offset} names; called before the first {@link #read}.
   *
   * @return whether the rows that were given behind it come next, where any were; false where they are
   *     gone, as of a log that has been rotated, and others come
   * @throws LaminarException STATE_CORRUPT if these are not bytes of {@link #offset}; IO_ERROR if
   *     what they point at is gone
   */
  boolean seek(byte[] offset);

  /** What is read at a place that {@link #offset} has named, for people: such as a file, by its name. */
  default String describe(byte[] offset) {
    return "what its connector reads";
  }

  /** Bytes of the outside's own encoding read so far; any thread may ask. */
  long bytesRead();

  /** Bytes there are in all, or -1 if that is not known; any thread may ask. */
  long bytesTotal();

  /** Bad records skipped so far; any thread may ask. */
  long skippedRecords();

  @Override
  void close();
}
