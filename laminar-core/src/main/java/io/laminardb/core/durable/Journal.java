package io.laminardb.core.durable;

/**
 * Takes records in their order and writes them in the background, many with one call of the disk.
 * Positions count records from 1 on, for ever.
 *
 * <p>{@link #claim}, {@link #commit} and {@link #position} belong to one thread, which never waits:
 * full means refused. Everything else may come from any thread.
 */
public interface Journal {
  /** No room: a later call of {@link #claim} may find some. */
  long FULL = 0;

  /**
   * Room for one record, to be filled and then {@link #commit}ted; until then a claim of the same size
   * answers the same place. A record larger than the buffer is taken when the buffer is empty.
   *
   * @return the address of {@code length} bytes off the heap, 8-byte aligned, or {@link #FULL}
   * @throws io.laminardb.core.error.LaminarException IO_ERROR once writing has failed
   */
  long claim(int length);

  /** Ends the record that was claimed: it will be written. */
  void commit();

  /** The position of the last record that was committed; 0 before the first one ever. */
  long position();

  /** The position up to which all records are on disk, and stay there if the power fails. */
  long durable();

  /** Asks for everything up to {@code position} to be made durable soon; does not wait. */
  void request(long position);

  /**
   * Waits until everything up to {@code position} is durable.
   *
   * @throws io.laminardb.core.error.LaminarException IO_ERROR where that cannot be
   */
  void await(long position);

  /** Why writing has failed, or null. */
  io.laminardb.core.error.LaminarException failure();

  /** Calls {@code action} on the writing thread whenever {@link #durable} has moved, or it failed. */
  void onDurable(Runnable action);
}
