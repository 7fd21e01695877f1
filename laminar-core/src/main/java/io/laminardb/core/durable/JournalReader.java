package io.laminardb.core.durable;

/** Reads records back, oldest first. One thread. */
public interface JournalReader extends AutoCloseable {
  /**
   * Goes to the next record; false at the end.
   *
   * @throws io.laminardb.core.error.LaminarException STATE_CORRUPT where a record is damaged that is
   *     not the last one: it names file, position and what is lost
   */
  boolean next();

  /** Whether another record follows the current one, which stays current. */
  boolean hasNext();

  /** The position of the current record. */
  long position();

  /** The address of the current record, 8-byte aligned; valid until {@link #next}. */
  long address();

  /** The bytes of the current record. */
  int length();

  /** The address of the record behind the current one, where {@link #hasNext}; valid as that is. */
  long nextAddress();

  /** The bytes of the record behind the current one. */
  int nextLength();

  @Override
  void close();
}
