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

  /** As {@link #commit()}, of a record that became shorter than what was claimed. */
  void commit(int length);

  /**
   * Takes a record whose bytes are made on the writing thread. Until then its {@link
   * Deferred#maxLength} counts as bytes that wait.
   *
   * @return whether there was room; then it is committed, and the journal closes it when it is written
   *     or cannot be. Else it stays the caller's.
   * @throws io.laminardb.core.error.LaminarException IO_ERROR once writing has failed
   */
  boolean offer(Deferred record);

  /**
   * Whether more than half of the room is taken. Who was refused does well to come back when it is not,
   * and not for every record that finds a place.
   */
  boolean isFilling();

  /** A record that is made when it is written, of what nobody changes before. Owned by one thread. */
  interface Deferred extends AutoCloseable {
    /** So many bytes at most. */
    int maxLength();

    /**
     * Makes the record; on the writing thread.
     *
     * @param address of {@link #maxLength} bytes off the heap, 8-byte aligned
     * @return its length
     */
    int write(long address);

    @Override
    void close();
  }

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
